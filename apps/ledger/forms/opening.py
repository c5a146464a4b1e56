"""Opening positions, typed or pasted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.accounts.access import Access
from apps.assets.models import AssetClass
from apps.brokers.selectors import accounts_of
from apps.common.errors import DomainError
from apps.ledger.declared import MAX_LINES, DeclaredLine, parse_declared
from apps.ledger.forms.fields import AssetEntry, DayField, NumberField
from apps.ledger.parsing import write_decimal, write_money
from apps.ledger.selectors import AssetLookup
from apps.ledger.services import OpeningPosition

PREFIX = "linha"
BLANK_ROWS = 4
ROW_FIELDS = ("asset", "asset_class", "quantity", "total_cost", "source")


def opening_date(first: dt.date | None) -> dt.date:
    """31 December of the year before the ledger's first row (before this year when empty)."""
    year = (first or timezone.localdate()).year
    return dt.date(year - 1, 12, 31)


class OpeningForm(forms.Form):
    """Where and when, and the text pasted."""

    account: Any = forms.ModelChoiceField(label=_("Conta"), queryset=None, empty_label=None)
    date = DayField(
        label=_("Posição em"),
        help_text=_("O dia da situação declarada, antes do primeiro lançamento."),
    )
    pasted = forms.CharField(
        label=_("Colar dos Bens e Direitos"),
        required=False,
        max_length=100_000,
        help_text=_(
            "Uma posição por linha: código, quantidade e custo, ou a própria discriminação."
        ),
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "spellcheck": "false",
                "placeholder": "PETR4 100 2.850,00\n40 COTAS KNRI11 ... R$ 5.653,20",
            }
        ),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = accounts_of(access=access).filter(is_active=True)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.lines: list[DeclaredLine] = []

    def clean_pasted(self) -> str:
        """Reads the lines; too many are refused rather than cut."""
        text: str = self.cleaned_data["pasted"]
        self.lines = parse_declared(text)
        if text.strip() and not self.lines:
            raise forms.ValidationError(_("Não encontramos nenhuma posição neste texto."))
        if len(self.lines) > MAX_LINES:
            raise forms.ValidationError(
                ngettext_lazy(
                    "No máximo %(count)s linha por vez.",
                    "No máximo %(count)s linhas por vez.",
                    MAX_LINES,
                )
                % {"count": MAX_LINES}
            )
        return text


class OpeningRowForm(forms.Form):
    """One position; a wholly blank row is no position."""

    asset = forms.CharField(
        label=_("Ativo"),
        required=False,
        max_length=60,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    asset_class = forms.ChoiceField(
        label=_("Classe do ativo novo"),
        required=False,
        choices=lambda: [("", _("escolha…")), *AssetClass.choices],
    )
    quantity = NumberField(label=_("Quantidade"), required=False)
    total_cost = NumberField(label=_("Custo total"), required=False, places=10)
    source = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access: Access, lookup: AssetLookup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        self.lookup = lookup
        self.entry: AssetEntry | None = None
        self.position: OpeningPosition | None = None

    def clean(self) -> dict[str, Any]:
        """Finds the asset and puts the position together."""
        values = super().clean() or {}
        typed = [values.get(n) for n in ("asset", "quantity", "total_cost", "source")]
        if all(value in (None, "") for value in typed) and not self.errors:
            return values
        self.entry = AssetEntry(
            access=self.access,
            text=values.get("asset") or "",
            asset_class=values.get("asset_class") or "",
            lookup=self.lookup,
        )
        if not self.entry.text and "asset" not in self.errors:
            self.add_error("asset", _("Falta o código do ativo."))
        elif self.entry.unknown:
            self.add_error("asset", _("Código desconhecido: confira, ou escolha a classe."))
        quantity, cost = values.get("quantity"), values.get("total_cost")
        if quantity is None and "quantity" not in self.errors:
            self.add_error("quantity", _("Falta a quantidade."))
        elif quantity is not None and quantity <= 0:
            self.add_error("quantity", _("Deve ser maior que zero."))
        if cost is not None and cost < 0:
            self.add_error("total_cost", _("Não pode ser negativo."))
        if not self.errors and self.entry.asset is not None and quantity is not None:
            self.position = OpeningPosition(self.entry.asset, quantity, cost)
        return values


class BaseRows(forms.BaseFormSet):  # type: ignore[type-arg]
    """The rows of the table."""

    def clean(self) -> None:
        """The same asset on two lines is one position too many."""
        seen: set[object] = set()
        for form in self.forms:
            if form.position is None:
                continue
            asset = form.position.asset
            key = (asset.ticker.upper(), asset.market)
            if key in seen:
                form.add_error("asset", _("Este ativo está em duas linhas."))
            seen.add(key)

    @property
    def positions(self) -> list[OpeningPosition]:
        """What the rows say, blank ones left out."""
        return [form.position for form in self.forms if form.position is not None]

    def add_domain_errors(self, error: DomainError) -> None:
        """Shows a service's refusal on the rows it names (``positions.<index>.<field>``)."""
        filled = [form for form in self.forms if form.position is not None]
        for item in error.errors:
            _positions, _dot, rest = item.field.partition(".")
            index, _dot, name = rest.partition(".")
            form = filled[int(index)] if index.isdigit() else self.forms[0]
            name = "total_cost" if name == "amount" else name
            form.add_error(name if name in form.fields else None, str(item.message))


OpeningRows = forms.formset_factory(OpeningRowForm, formset=BaseRows, extra=BLANK_ROWS)


def rows_data(typed: Mapping[str, Any] | None, lines: list[DeclaredLine]) -> dict[str, str]:
    """The table's data: rows already typed, then those just pasted, then a blank one."""
    rows: list[dict[str, str]] = []
    total = str((typed or {}).get(f"{PREFIX}-TOTAL_FORMS", "0"))
    for index in range(min(int(total), 2 * MAX_LINES) if total.isdigit() else 0):
        row = {n: str((typed or {}).get(f"{PREFIX}-{index}-{n}", "")).strip() for n in ROW_FIELDS}
        if any(row.values()):
            rows.append(row)
    rows += [
        {
            "asset": line.ticker,
            "quantity": write_decimal(line.quantity),
            "total_cost": write_money(line.total_cost),
            "source": line.text,
        }
        for line in lines
    ]
    rows.append({})
    data = {f"{PREFIX}-TOTAL_FORMS": str(len(rows)), f"{PREFIX}-INITIAL_FORMS": "0"}
    for index, row in enumerate(rows):
        for name in ROW_FIELDS:
            data[f"{PREFIX}-{index}-{name}"] = row.get(name, "")
    return data
