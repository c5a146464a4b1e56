"""The ledger in the admin: read here, written by its services only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from apps.common.admin import ReadOnlyAdmin, money_column, price_column, quantity_column
from apps.ledger.models import (
    BrokerageNote,
    CashMovement,
    Income,
    Kind,
    Trade,
    Transaction,
)


class RowsAdmin(ReadOnlyAdmin):
    """Ledger rows of some kinds."""

    kinds: tuple[str, ...] = ()
    list_filter = (
        ("kind", ChoicesDropdownFilter),
        ("workspace", AutocompleteSelectFilter),
        ("account", AutocompleteSelectFilter),
        ("asset", AutocompleteSelectFilter),
        "origin",
        "edited_by_hand",
    )
    list_select_related = ("workspace", "account", "asset", "to_asset")
    search_fields = ("asset__ticker", "account__name", "workspace__name", "note")
    date_hierarchy = "trade_date"
    ordering = ("-trade_date", "-sequence")
    quantity_shown = quantity_column("quantity", _("quantidade"))
    price_shown = price_column("unit_price", _("preço unitário"))
    amount_shown = money_column("amount", _("valor bruto"))
    fees_shown = money_column("fees", _("taxas"))
    withheld_shown = money_column("tax_withheld", _("imposto retido"))
    fieldsets = (
        (None, {"fields": ("kind", "trade_date", "trade_time", "workspace", "account", "asset")}),
        (
            _("Valores"),
            {
                "fields": (
                    "quantity_shown",
                    "price_shown",
                    "amount_shown",
                    "fees_shown",
                    "withheld_shown",
                    "currency",
                    "fx_rate",
                )
            },
        ),
        (
            _("Evento e câmbio"),
            {"fields": ("ratio", "to_asset", "to_currency", "cost_share", "bucket")},
        ),
        (
            _("Origem"),
            {
                "fields": (
                    "origin",
                    "batch_id",
                    "brokerage_note",
                    "edited_by_hand",
                    "sequence",
                    "note",
                    "created_at",
                    "updated_at",
                )
            },
        ),
    )
    readonly_fields = (
        "quantity_shown",
        "price_shown",
        "amount_shown",
        "fees_shown",
        "withheld_shown",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows of this table's kinds."""
        rows = super().get_queryset(request)
        return rows.filter(kind__in=self.kinds) if self.kinds else rows


@admin.register(Transaction)
class TransactionAdmin(RowsAdmin):
    """Every row."""

    list_display = (
        "trade_date",
        "kind",
        "asset",
        "account",
        "workspace",
        "quantity_shown",
        "price_shown",
        "amount_shown",
        "origin",
    )


@admin.register(Trade)
class TradeAdmin(RowsAdmin):
    """Purchases and sales."""

    kinds = (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER)
    list_display = (
        "trade_date",
        "kind",
        "asset",
        "account",
        "workspace",
        "quantity_shown",
        "price_shown",
        "amount_shown",
        "fees_shown",
    )


@admin.register(Income)
class IncomeAdmin(RowsAdmin):
    """Dividends, JCP, FII income, interest and lending."""

    kinds = (Kind.DIVIDEND, Kind.JCP, Kind.DISTRIBUTION, Kind.INTEREST, Kind.LENDING_INCOME)
    list_display = (
        "trade_date",
        "kind",
        "asset",
        "account",
        "workspace",
        "amount_shown",
        "withheld_shown",
    )


@admin.register(CashMovement)
class CashMovementAdmin(RowsAdmin):
    """Deposits, withdrawals, fees, taxes and exchange."""

    kinds = (Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX, Kind.FX)
    list_display = ("trade_date", "kind", "account", "workspace", "amount_shown", "note")


@admin.register(BrokerageNote)
class BrokerageNoteAdmin(ReadOnlyAdmin):
    """Fees of a note, spread over its trades."""

    list_display = ("trade_date", "number", "account", "workspace", "fees_shown", "irrf_shown")
    list_filter = (("workspace", AutocompleteSelectFilter), ("account", AutocompleteSelectFilter))
    list_select_related = ("workspace", "account")
    search_fields = ("number", "account__name", "workspace__name")
    date_hierarchy = "trade_date"
    fees_shown = money_column("fees", _("taxas"), currency="account.currency")
    irrf_shown = money_column("irrf", "IRRF", currency="account.currency")
