"""Portfolios as people keep them, and derived figures; here all of them are only read."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.common.admin import ReadOnlyAdmin, money_column, quantity_column
from apps.portfolios.models import (
    AssetTag,
    Build,
    CashBalance,
    Portfolio,
    PortfolioItem,
    PortfolioTarget,
    Position,
)


@admin.register(Build)
class BuildAdmin(ReadOnlyAdmin):
    """From which ledger a workspace's figures were built."""

    list_display = (
        "workspace",
        "ledger_version",
        "current_version",
        "built_at",
        "took_ms",
        "rows",
        "issue_count",
    )
    list_select_related = ("workspace",)
    search_fields = ("workspace__name",)
    date_hierarchy = "built_at"

    @admin.display(description=_("versão atual"))
    def current_version(self, build: Build) -> int:
        """The ledger's version now; larger than the built one while stale."""
        return build.workspace.ledger_version

    @admin.display(description=_("pendências"))
    def issue_count(self, build: Build) -> int:
        """How many issues the build found."""
        return len(build.issues)


@admin.register(Position)
class PositionAdmin(ReadOnlyAdmin):
    """What a holder has of an asset; with an account, what is there."""

    list_display = (
        "asset",
        "holder",
        "account",
        "workspace",
        "quantity_shown",
        "cost_shown",
        "realised_shown",
        "income_shown",
    )
    list_filter = (
        ("workspace", AutocompleteSelectFilter),
        ("asset", AutocompleteSelectFilter),
        ("account", admin.EmptyFieldListFilter),
        "currency",
    )
    list_select_related = ("asset", "holder", "account", "workspace")
    search_fields = ("asset__ticker", "holder__name", "workspace__name")
    date_hierarchy = "last_date"
    quantity_shown = quantity_column("quantity", _("quantidade"))
    cost_shown = money_column("total_cost", _("custo"))
    realised_shown = money_column("realised_gain", _("resultado realizado"))
    income_shown = money_column("income", _("proventos"))


@admin.register(CashBalance)
class CashBalanceAdmin(ReadOnlyAdmin):
    """What an account holds, as far as the ledger tells."""

    list_display = ("account", "workspace", "currency", "amount_shown")
    list_filter = (("workspace", AutocompleteSelectFilter), "currency")
    list_select_related = ("account", "workspace")
    search_fields = ("account__name", "workspace__name")
    amount_shown = money_column("amount", _("saldo"))


class ItemInline(TabularInline):
    """What a portfolio selects."""

    model = PortfolioItem
    extra = 0


class TargetInline(TabularInline):
    """The weights a portfolio aims at."""

    model = PortfolioTarget
    extra = 0


@admin.register(Portfolio)
class PortfolioAdmin(ReadOnlyAdmin):
    """Selections people saved."""

    list_display = ("name", "workspace", "by_account", "by_asset", "target_by", "updated_at")
    list_filter = (("workspace", AutocompleteSelectFilter), "by_account", "by_asset", "target_by")
    list_select_related = ("workspace",)
    search_fields = ("name", "workspace__name")
    date_hierarchy = "created_at"
    inlines = (ItemInline, TargetInline)


@admin.register(AssetTag)
class AssetTagAdmin(ReadOnlyAdmin):
    """Words people gave to assets."""

    list_display = ("name", "asset", "workspace")
    list_filter = (("workspace", AutocompleteSelectFilter), ("asset", AutocompleteSelectFilter))
    list_select_related = ("asset", "workspace")
    search_fields = ("name", "asset__ticker", "workspace__name")
