"""Corporate events in the admin."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from apps.common.admin import ExitusAdmin, price_column
from apps.corporate_events.models import CorporateEvent
from apps.corporate_events.services import shared_events_changed


@admin.register(CorporateEvent)
class CorporateEventAdmin(ExitusAdmin):
    """Facts of the market. Whoever holds the asset is recalculated after a change."""

    list_display = (
        "asset",
        "kind",
        "ex_date",
        "ratio_shown",
        "unit_amount_shown",
        "to_asset",
        "workspace",
        "source",
    )
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("workspace", admin.EmptyFieldListFilter),
        ("asset", AutocompleteSelectFilter),
    )
    list_select_related = ("asset", "to_asset", "workspace")
    search_fields = ("asset__ticker", "to_asset__ticker", "source", "note")
    autocomplete_fields = ("asset", "to_asset")
    readonly_fields = ("workspace", "created_at", "updated_at")
    date_hierarchy = "ex_date"
    ratio_shown = price_column("ratio", CorporateEvent._meta.get_field("ratio").verbose_name)
    unit_amount_shown = price_column(
        "unit_amount", CorporateEvent._meta.get_field("unit_amount").verbose_name
    )

    def save_model(
        self, request: HttpRequest, obj: CorporateEvent, form: Any, change: bool
    ) -> None:
        """Saves, and rebuilds whoever holds the asset from the earlier of the two dates."""
        before: dt.date = form.initial.get("ex_date") or obj.ex_date
        assets = {obj.asset_id, form.initial.get("asset") or obj.asset_id}
        super().save_model(request, obj, form, change)
        shared_events_changed(asset_ids=assets, since=min(before, obj.ex_date))

    def delete_model(self, request: HttpRequest, obj: CorporateEvent) -> None:
        """Deletes, and rebuilds whoever holds the asset."""
        super().delete_model(request, obj)
        shared_events_changed(asset_ids={obj.asset_id}, since=obj.ex_date)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[CorporateEvent]) -> None:
        """Deletes many, and rebuilds whoever holds the assets."""
        events = list(queryset)
        super().delete_queryset(request, queryset)
        if events:
            assets = {event.asset_id for event in events}
            shared_events_changed(asset_ids=assets, since=min(e.ex_date for e in events))
