"""Assets, calendars and currencies in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from apps.assets.models import (
    Asset,
    Currency,
    Exchange,
    FixedIncomeTerms,
    Holiday,
    TickerHistory,
)
from apps.common.admin import ExitusAdmin


@admin.register(Currency)
class CurrencyAdmin(ExitusAdmin):
    """Currencies."""

    list_display = ("code", "name", "symbol", "decimals")
    search_fields = ("code", "name")


@admin.register(Exchange)
class ExchangeAdmin(ExitusAdmin):
    """Places of trade and their hours."""

    list_display = ("code", "name", "country", "currency", "timezone", "opens_at", "closes_at")
    list_filter = ("country", "trades_every_day")
    list_select_related = ("currency",)
    search_fields = ("code", "name")
    autocomplete_fields = ("currency",)


@admin.register(Holiday)
class HolidayAdmin(ExitusAdmin):
    """Days without trading."""

    list_display = ("date", "exchange", "name")
    list_filter = (("exchange", AutocompleteSelectFilter),)
    list_select_related = ("exchange",)
    search_fields = ("name",)
    autocomplete_fields = ("exchange",)
    date_hierarchy = "date"


class TickerHistoryInline(TabularInline):
    """Codes an asset had before."""

    model = TickerHistory
    extra = 0


class TermsInline(StackedInline):
    """How a fixed-income paper yields."""

    model = FixedIncomeTerms
    extra = 0


@admin.register(Asset)
class AssetAdmin(ExitusAdmin):
    """What can be owned. Those without a workspace are read by everyone."""

    list_display = (
        "ticker",
        "name",
        "asset_class",
        "market",
        "currency",
        "exchange",
        "workspace",
        "is_delisted",
    )
    list_filter = (
        ("asset_class", ChoicesDropdownFilter),
        ("workspace", admin.EmptyFieldListFilter),
        ("exchange", AutocompleteSelectFilter),
        "is_delisted",
        "is_demo",
    )
    list_select_related = ("exchange", "workspace")
    search_fields = ("ticker", "name", "isin", "cnpj", "former_tickers__ticker")
    autocomplete_fields = ("exchange", "underlying")
    readonly_fields = ("workspace", "is_demo", "created_at", "updated_at")
    inlines = (TickerHistoryInline, TermsInline)
    fieldsets = (
        (None, {"fields": ("ticker", "name", "asset_class", "workspace", "is_demo")}),
        (_("Negociação"), {"fields": ("market", "exchange", "currency", "quote_symbol")}),
        (_("Emissor"), {"fields": ("issuer", "cnpj", "isin", "country", "sector")}),
        (
            _("Derivativos"),
            {"fields": ("underlying", "option_type", "strike", "expiry", "multiplier")},
        ),
        (_("Impostos"), {"fields": ("tax_class", "term_days")}),
        (_("Situação"), {"fields": ("is_delisted", "created_at", "updated_at")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: an asset that no longer trades is marked as such."""
        return False
