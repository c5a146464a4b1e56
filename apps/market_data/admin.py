"""Providers, prices and rates in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldBooleanSwitchWidget

from apps.common.admin import ExitusAdmin, ReadOnlyAdmin, money_column, price_column
from apps.common.crypto import encrypt
from apps.market_data.models import (
    DataSource,
    FxRate,
    HistoryCoverage,
    IndexValue,
    MarketState,
    Price,
    Quote,
)


class DataSourceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A provider. Its key is written and never read back."""

    token = forms.CharField(
        label=_("Chave"),
        required=False,
        max_length=400,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Guardada cifrada e nunca mostrada. Vazio: fica como está."),
    )
    forget_token = forms.BooleanField(
        label=_("Esquecer a chave"), required=False, widget=UnfoldBooleanSwitchWidget
    )

    class Meta:
        model = DataSource
        exclude = ("token_encrypted", "last_ok_at", "last_error")

    def save(self, commit: bool = True) -> Any:
        """Encrypts the key that was typed, or drops it when asked to."""
        if self.cleaned_data.get("forget_token"):
            self.instance.token_encrypted = ""
        elif self.cleaned_data.get("token"):
            self.instance.token_encrypted = encrypt(self.cleaned_data["token"].strip())
        return super().save(commit)


@admin.register(DataSource)
class DataSourceAdmin(ExitusAdmin):
    """Providers: order, limits and keys."""

    form = DataSourceForm
    list_display = (
        "name",
        "code",
        "enabled",
        "priority",
        "has_token",
        "per_minute",
        "per_day",
        "last_ok_at",
        "last_error",
    )
    list_filter = ("enabled",)
    search_fields = ("code", "name")
    fieldsets = (
        (None, {"fields": ("code", "name", "enabled", "priority")}),
        (_("Acesso"), {"fields": ("base_url", "has_token", "token", "forget_token")}),
        (
            _("Limites"),
            {"fields": ("timeout_seconds", "per_minute", "per_day", "batch_size", "options")},
        ),
        (_("Situação"), {"fields": ("last_ok_at", "last_error", "created_at", "updated_at")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What the application itself writes; the code once given."""
        fixed = ("has_token", "last_ok_at", "last_error", "created_at", "updated_at")
        return ("code", *fixed) if obj else fixed

    @admin.display(boolean=True, description=_("chave guardada"))
    def has_token(self, source: DataSource) -> bool:
        """Whether a key is kept."""
        return bool(source.token_encrypted)


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Latest prices."""

    list_display = ("asset", "price_shown", "previous_shown", "as_of", "fetched_at", "source")
    list_filter = ("source", "currency")
    list_select_related = ("asset",)
    search_fields = ("asset__ticker", "asset__name")
    date_hierarchy = "as_of"
    price_shown = money_column("price", _("preço"))
    previous_shown = money_column("previous_close", _("fechamento anterior"))


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    """Daily closes as traded. Those with a workspace were typed there."""

    list_display = ("date", "asset", "close_shown", "factor_shown", "source", "workspace")
    list_filter = (
        ("asset", AutocompleteSelectFilter),
        ("workspace", admin.EmptyFieldListFilter),
    )
    list_select_related = ("asset", "workspace")
    search_fields = ("asset__ticker",)
    date_hierarchy = "date"
    ordering = ("-date", "asset_id")
    close_shown = price_column("close", _("fechamento"))
    factor_shown = price_column("adjustment_factor", _("fator de ajuste"))


@admin.register(FxRate)
class FxRateAdmin(ReadOnlyAdmin):
    """Exchange rates."""

    list_display = ("date", "base", "quote", "rate_shown", "rate_buy_shown", "source")
    list_filter = ("source", "base", "quote")
    search_fields = ("base", "quote")
    date_hierarchy = "date"
    ordering = ("-date", "base", "quote")
    rate_shown = price_column("rate", _("taxa"))
    rate_buy_shown = price_column("rate_buy", _("taxa de compra"))


@admin.register(IndexValue)
class IndexValueAdmin(ReadOnlyAdmin):
    """CDI, Selic, IPCA and the rest."""

    list_display = ("date", "index", "value_shown", "source")
    list_filter = ("index", "source")
    search_fields = ("index",)
    date_hierarchy = "date"
    ordering = ("-date", "index")
    value_shown = price_column("value", _("valor"))


@admin.register(HistoryCoverage)
class HistoryCoverageAdmin(ReadOnlyAdmin):
    """Which days vendors were asked for, and how many they had no value of."""

    list_display = ("series", "start", "end", "missing", "source", "checked_at", "last_error")
    list_filter = ("source",)
    search_fields = ("series", "last_error")
    date_hierarchy = "checked_at"


@admin.register(MarketState)
class MarketStateAdmin(ReadOnlyAdmin):
    """How many times market data changed."""

    list_display = ("id", "version", "updated_at")
