"""Reads of corporate events."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.corporate_events.models import CorporateEvent


def events_of(*, access: Access) -> QuerySet[CorporateEvent]:
    """Events the workspace can see, newest first."""
    return (
        CorporateEvent.objects.select_related("asset", "to_asset")
        .visible_to(access.workspace.pk)
        .order_by("-ex_date", "pk")
    )


def event_get(*, access: Access, event_id: object) -> CorporateEvent:
    """One event. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(event_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = events_of(access=access).filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos este evento."))
    return found


def events_for_assets(
    *,
    workspace_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    until: dt.date | None = None,
) -> list[CorporateEvent]:
    """Events of ``asset_ids`` by ex-date; the workspace's own replace the shared. One query."""
    rows = CorporateEvent.objects.visible_to(workspace_id).filter(asset_id__in=set(asset_ids))
    if until is not None:
        rows = rows.filter(ex_date__lte=until)
    chosen: dict[tuple[uuid.UUID, str, dt.date], CorporateEvent] = {}
    for event in rows.order_by("ex_date", "pk"):
        key = (event.asset_id, event.kind, event.ex_date)
        if key not in chosen or event.workspace_id is not None:
            chosen[key] = event
    return list(chosen.values())
