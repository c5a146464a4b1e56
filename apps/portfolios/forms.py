"""Parsing of what portfolio pages ask for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.ledger.parsing import parse_decimal

CURRENCIES = [("BRL", "BRL"), ("USD", "USD")]
GROUPINGS = [
    ("class", _("Classe")),
    ("broker", _("Corretora")),
    ("currency", _("Moeda")),
    ("sector", _("Setor")),
    ("holder", _("Titular")),
]
SORTS = [
    ("value", pgettext_lazy("posição", "Valor")),
    ("ticker", _("Código")),
    ("gain", _("Resultado")),
    ("day", _("Dia")),
]
DATE_FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y"]


class ForgivingForm(forms.Form):
    """A GET form whose wrong values fall back to the defaults instead of stopping the page."""

    defaults: dict[str, Any] = {}

    def choices(self) -> dict[str, Any]:
        """The valid values given, the defaults for the rest."""
        self.is_valid()
        given = {k: v for k, v in self.cleaned_data.items() if v not in (None, "")}
        return {**self.defaults, **given}


class PositionsForm(ForgivingForm):
    """Which positions, on what day, in what currency, grouped and sorted how."""

    defaults = {
        "on": None,
        "currency": "BRL",
        "group": "class",
        "sort": "value",
        "closed": False,
        "q": "",
    }

    on = forms.DateField(
        required=False,
        label=_("Posição em"),
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    currency = forms.ChoiceField(required=False, label=_("Moeda"), choices=CURRENCIES)
    group = forms.ChoiceField(required=False, label=_("Agrupar por"), choices=GROUPINGS)
    sort = forms.ChoiceField(required=False, label=_("Ordenar por"), choices=SORTS)
    closed = forms.BooleanField(required=False, label=_("Mostrar encerradas"))
    q = forms.CharField(required=False, label=_("Filtrar"), max_length=40)

    def clean_on(self) -> dt.date | None:
        """A day in the future is today."""
        on: dt.date | None = self.cleaned_data["on"]
        return None if on is None or on >= timezone.localdate() else on


class ManualPriceForm(forms.Form):
    """A price typed by hand for an asset nobody quotes."""

    date = forms.DateField(
        label=_("Data"),
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    price = forms.CharField(
        label=_("Preço"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}),
    )

    def clean_price(self) -> Decimal:
        """The price as a number, however it was typed."""
        try:
            price = parse_decimal(self.cleaned_data["price"])
        except ValueError:
            raise forms.ValidationError(_("Escreva um número, como 1.234,56.")) from None
        if price <= 0:
            raise forms.ValidationError(_("O preço deve ser maior que zero."))
        return price
