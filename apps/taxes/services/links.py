"""Secret addresses: an accountant's reading of one holder's taxes, and the calendar feed."""

from __future__ import annotations

import datetime as dt
import secrets

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_get
from apps.accounts.services import refuse_shared
from apps.common.errors import Invalid
from apps.taxes.models import TaxLink
from apps.taxes.selectors.links import link_get, token_hash

LONGEST = dt.timedelta(days=366)
USUAL = dt.timedelta(days=30)
_REST = dt.timedelta(minutes=10)


@transaction.atomic
def link_create(
    *,
    access: Access,
    holder: Holder,
    purpose: str = TaxLink.Purpose.PAGES,
    name: str = "",
    expires_on: dt.date | None = None,
) -> tuple[TaxLink, str]:
    """Makes a secret address and tells its token, this once.

    Pages open until the end of ``expires_on`` (30 days when not said, a year at most); a calendar
    until it is revoked, unless a day is given. Raises :class:`Invalid`.
    """
    access.require_editor()
    refuse_shared(access.user)
    holder = holder_get(access=access, holder_id=holder.pk)
    if purpose not in TaxLink.Purpose.values:
        raise Invalid("invalid_choice", _("Escolha desconhecida."), field="purpose")
    now = timezone.now()
    today = timezone.localdate()
    if expires_on is None and purpose == TaxLink.Purpose.PAGES:
        expires_on = today + USUAL
    if expires_on is not None and not today <= expires_on <= today + LONGEST:
        raise Invalid("out_of_range", _("Use uma data de hoje a um ano."), field="expires_on")
    token = secrets.token_urlsafe(32)
    link = TaxLink.objects.create(
        workspace=access.workspace,
        holder=holder,
        purpose=purpose,
        name=name.strip()[:80],
        token_hash=token_hash(token),
        created_by=access.user,
        expires_at=_end_of(expires_on, now) if expires_on else None,
    )
    return link, token


def _end_of(day: dt.date, now: dt.datetime) -> dt.datetime:
    zone = timezone.get_current_timezone()
    return max(dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone), now)


@transaction.atomic
def link_revoke(*, access: Access, link_id: object) -> TaxLink:
    """Closes an address for good. Raises ``NotFound``."""
    access.require_editor()
    link = link_get(access=access, link_id=link_id)
    if link.revoked_at is None:
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at", "updated_at"])
    return link


def link_used(*, link: TaxLink) -> None:
    """Notes that an address was opened, at most every ten minutes."""
    now = timezone.now()
    TaxLink.objects.filter(pk=link.pk).filter(
        Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _REST)
    ).update(last_used_at=now)
