"""Reads of secret addresses."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder, Role, User
from apps.common.errors import NotFound
from apps.taxes.models import TaxLink


def _not_found() -> NotFound:
    return NotFound("not_found", _("Não encontramos o que você procura."))


def token_hash(token: str) -> str:
    """A token as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Opened:
    """What a secret address opens: a reading of one holder, and nobody's person."""

    link: TaxLink
    access: Access
    holder: Holder


def link_open(*, token: str, purpose: str) -> Opened:
    """What a token opens now. Raises :class:`NotFound` for one that is unknown, revoked, expired
    or made for something else. One query.

    The access reads as a viewer and belongs to nobody: give it only to selectors of this app,
    with the holder beside it.
    """
    return _opened(_live(purpose).filter(token_hash=token_hash(token)).first())


def link_of_id(*, link_id: uuid.UUID, purpose: str) -> Opened:
    """The same of a link whose token was shown before: only whoever proved that may ask. One
    query. Raises :class:`NotFound`."""
    return _opened(_live(purpose).filter(pk=link_id).first())


def _live(purpose: str) -> QuerySet[TaxLink]:
    return (
        TaxLink.objects.select_related("workspace", "holder", "created_by")
        .filter(purpose=purpose, revoked_at__isnull=True)
        .filter(Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()))
    )


def _opened(link: TaxLink | None) -> Opened:
    if link is None:
        raise _not_found()
    return Opened(link, Access(link.workspace, Role.VIEWER, User()), link.holder)


def links_of(*, access: Access, holder: Holder | None = None) -> QuerySet[TaxLink]:
    """The workspace's secret addresses that were not revoked, the newest first. Editors only."""
    access.require_editor()
    found = TaxLink.objects.select_related("holder", "created_by").filter(
        workspace=access.workspace, revoked_at__isnull=True
    )
    found = found.order_by("-created_at", "pk")
    return found.filter(holder=holder) if holder else found


def link_get(*, access: Access, link_id: object) -> TaxLink:
    """One address. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(link_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = TaxLink.objects.filter(workspace=access.workspace, pk=key).first()
    if found is None:
        raise _not_found()
    return found
