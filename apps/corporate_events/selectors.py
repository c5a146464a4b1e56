"""Reads of corporate events."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from apps.accounts.access import Access
from apps.corporate_events.models import CorporateEvent


def events_of(*, access: Access) -> QuerySet[CorporateEvent]:
    """Events the workspace can see, newest first."""
    return (
        CorporateEvent.objects.select_related("asset", "to_asset")
        .visible_to(access.workspace.pk)
        .order_by("-ex_date", "pk")
    )


def events_for_assets(
    *,
    workspace_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    until: dt.date | None = None,
) -> list[CorporateEvent]:
    """Events of ``asset_ids`` in order of ex-date; the workspace's own replace the shared. One query."""
    rows = CorporateEvent.objects.visible_to(workspace_id).filter(
        asset_id__in=set(asset_ids)
    )
    if until is not None:
        rows = rows.filter(ex_date__lte=until)
    chosen: dict[tuple[uuid.UUID, str, dt.date], CorporateEvent] = {}
    for event in rows.order_by("ex_date", "pk"):
        key = (event.asset_id, event.kind, event.ex_date)
        if key not in chosen or event.workspace_id is not None:
            chosen[key] = event
    return list(chosen.values())
