"""Reads of institutions and accounts."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.brokers.models import Account, Institution, InstitutionAlias
from apps.common.errors import NotFound
from apps.common.text import normalise_name


def institutions_of(*, access: Access) -> QuerySet[Institution]:
    """The shared registry and the workspace's own."""
    return Institution.objects.visible_to(access.workspace.pk).order_by("name")


def institution_get(*, access: Access, institution_id: object) -> Institution:
    """One institution. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(institution_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = institutions_of(access=access).filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos esta instituição."))
    return found


def institution_index(*, access: Access) -> dict[str, Institution]:
    """Every visible institution by each normalised spelling; the workspace's own win.

    Two queries.
    """
    index: dict[str, Institution] = {}
    by_id: dict[uuid.UUID, Institution] = {}
    shared_first = institutions_of(access=access).order_by("workspace_id")
    for institution in sorted(shared_first, key=lambda i: i.workspace_id is not None):
        by_id[institution.pk] = institution
        index[normalise_name(institution.name)] = institution
        if institution.short_name:
            index[normalise_name(institution.short_name)] = institution
    for normalised, institution_id in InstitutionAlias.objects.filter(
        institution_id__in=by_id
    ).values_list("normalised", "institution_id"):
        index.setdefault(normalised, by_id[institution_id])
    return index


def accounts_of(*, access: Access) -> QuerySet[Account]:
    """The workspace's accounts with institution and holder."""
    return (
        Account.objects.select_related("institution", "holder")
        .filter(workspace=access.workspace)
        .order_by("name")
    )


def account_get(*, access: Access, account_id: object) -> Account:
    """One account. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(account_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = accounts_of(access=access).filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos esta conta."))
    return found
