"""Parsing of what portfolio pages ask for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.common.formatting import is_portuguese
from apps.ledger.parsing import parse_decimal

CURRENCIES = [("BRL", "BRL"), ("USD", "USD")]
GROUPINGS = [
    ("class", _("Classe")),
    ("broker", _("Corretora")),
    ("currency", _("Moeda")),
    ("sector", _("Setor")),
    ("holder", _("Titular")),
    ("portfolio", _("Carteira")),
]
SORTS = [
    ("value", pgettext_lazy("posição", "Valor")),
    ("ticker", pgettext_lazy("ativo", "Código")),
    ("gain", pgettext_lazy("posição", "Resultado")),
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


Choices = Sequence[tuple[str, str | Promise]]


class PortfolioForm(forms.Form):
    """What a portfolio is called and what it is made from."""

    name = forms.CharField(label=_("Nome"), max_length=80)
    description = forms.CharField(label=_("Para que serve"), max_length=300, required=False)
    accounts = forms.MultipleChoiceField(
        label=_("Contas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    classes = forms.MultipleChoiceField(
        label=_("Classes"), required=False, widget=forms.CheckboxSelectMultiple
    )
    tags = forms.MultipleChoiceField(
        label=_("Etiquetas"), required=False, widget=forms.CheckboxSelectMultiple
    )
    assets = forms.MultipleChoiceField(
        label=_("Ativos"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, choices: Any, **kwargs: Any) -> None:
        """``choices`` offers ``accounts``, ``classes``, ``tags`` and ``assets``."""
        super().__init__(*args, **kwargs)
        self.held_classes = choices.held_classes
        for name in ("accounts", "classes", "tags", "assets"):
            self.fields[name].choices = getattr(choices, name)  # type: ignore[attr-defined]


class WeightField(forms.CharField):
    """A weight typed in per cent; empty is none. Gives a fraction."""

    def __init__(self, label: Any) -> None:
        attrs = {"inputmode": "decimal", "class": "num", "autocomplete": "off", "data-weight": ""}
        super().__init__(
            label=label, required=False, max_length=12, widget=forms.TextInput(attrs=attrs)
        )

    def clean(self, value: Any) -> Any:
        """The fraction."""
        text = str(super().clean(value)).strip().removesuffix("%").strip()
        if not text:
            return None
        try:
            weight = parse_decimal(text) / 100
        except ValueError:
            raise forms.ValidationError(_("Escreva um número, como 12,5.")) from None
        if not 0 <= weight <= 1:
            raise forms.ValidationError(_("Cada meta fica de 0 a 100 %."))
        return weight or None


class TargetsForm(forms.Form):
    """A weight for each line, and for what the spare lines name."""

    def __init__(
        self, *args: Any, lines: Iterable[Any], others: Choices, spare: int, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = list(lines)
        self.spare = range(1, spare + 1)
        for line in self.lines:
            self.fields[f"w-{line.key}"] = WeightField(line.label)
            if line.target is not None:
                self.initial[f"w-{line.key}"] = _percent_text(line.target)
        for at in self.spare:
            name: forms.Field = forms.CharField(label=_("Ativo"), required=False, max_length=40)
            if others:
                offered = [("", "—"), *others]
                name = forms.ChoiceField(label=_("Classe"), required=False, choices=offered)
            self.fields[f"extra-{at}"] = name
            self.fields[f"extra-weight-{at}"] = WeightField(_("Meta"))

    @property
    def rows(self) -> list[tuple[Any, forms.BoundField]]:
        """Lines with their fields."""
        return [(line, self[f"w-{line.key}"]) for line in self.lines]

    @property
    def spare_rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The spare lines."""
        return [(self[f"extra-{at}"], self[f"extra-weight-{at}"]) for at in self.spare]

    @property
    def weights(self) -> dict[str, Decimal]:
        """The weights given to lines, as fractions."""
        found = {line.key: self.cleaned_data[f"w-{line.key}"] for line in self.lines}
        return {key: weight for key, weight in found.items() if weight is not None}

    @property
    def extra(self) -> dict[str, Decimal]:
        """The weights given in spare lines, by what they name."""
        pairs = [
            (self.cleaned_data[f"extra-{at}"], self.cleaned_data[f"extra-weight-{at}"])
            for at in self.spare
        ]
        return {name: weight for name, weight in pairs if name and weight is not None}


def _percent_text(weight: Decimal) -> str:
    text = f"{(weight * 100).normalize():f}"
    return text.replace(".", ",") if is_portuguese() else text


class TagsForm(forms.Form):
    """Words for an asset, separated by commas."""

    tags = forms.CharField(
        label=_("Etiquetas"),
        required=False,
        max_length=400,
        help_text=_("Separadas por vírgula: longo prazo, filhos."),
    )

    @property
    def names(self) -> list[str]:
        """The words."""
        return [part.strip() for part in self.cleaned_data["tags"].split(",") if part.strip()]
