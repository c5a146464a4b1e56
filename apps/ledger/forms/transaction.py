"""One form for every kind of row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import AssetClass
from apps.brokers.selectors import accounts_of
from apps.ledger.forms.fields import CURRENCIES, AssetEntry, DayField, NumberField
from apps.ledger.kinds import GROUPS, ORDER, SPECS, Spec
from apps.ledger.models import Bucket, Kind, Transaction
from apps.ledger.services import TransactionInput

ALL_FIELDS = "todos"
_ASSETS = ("asset", "to_asset")
_MONEY_PLACES = 10


def _kinds() -> list[tuple[Any, Any]]:
    return [
        (label, [(str(kind), Kind(kind).label) for kind in kinds])
        for label, kinds in GROUPS.values()
    ]


def _asset_attrs(name: str) -> dict[str, str]:
    return {
        "list": f"{name}-options",
        "autocomplete": "off",
        "autocapitalize": "characters",
        "spellcheck": "false",
        "maxlength": "60",
    }


def _class_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("Classe do ativo novo"),
        required=False,
        choices=lambda: [("", _("escolha…")), *AssetClass.choices],
    )


def _currency_field(label: Any, empty: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=lambda: [("", empty), *((c, c) for c in CURRENCIES)],
    )


class TransactionForm(forms.Form):
    """A row as a person types it. ``transaction_input`` holds it once valid.

    The fields of the kind are shown; a value in a field the kind does not use is refused rather
    than dropped, except one the row already had.
    """

    kind = forms.ChoiceField(label=_("Tipo"), choices=_kinds, initial=Kind.BUY)
    trade_date = DayField(
        label=_("Data"), help_text=_("hoje, ontem, 22/11 ou 22/11/2026"), initial=_("hoje")
    )
    account: Any = forms.ModelChoiceField(label=_("Conta"), queryset=None, empty_label=None)
    asset = forms.CharField(
        label=_("Ativo"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=_asset_attrs("asset")),
    )
    asset_class = _class_field()
    asset_currency = _currency_field(_("Moeda do ativo novo"), _("a da classe"))
    quantity = NumberField(label=_("Quantidade"), required=False)
    unit_price = NumberField(label=_("Preço unitário"), required=False, places=_MONEY_PLACES)
    amount = NumberField(label=_("Valor bruto"), required=False, places=_MONEY_PLACES)
    fees = NumberField(
        label=_("Taxas"),
        required=False,
        places=_MONEY_PLACES,
        help_text=_("Em branco: não se sabe. Sem taxas: 0."),
    )
    tax_withheld = NumberField(
        label=_("Imposto retido"),
        required=False,
        places=_MONEY_PLACES,
        help_text=_("Em branco: não se sabe. Sem retenção: 0."),
    )
    ratio = NumberField(
        label=_("Ações novas por antiga"),
        required=False,
        help_text=_("2: cada uma vira duas. 0,1: dez viram uma."),
    )
    to_asset = forms.CharField(
        label=_("Outro ativo"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs=_asset_attrs("to_asset")),
    )
    to_asset_class = _class_field()
    to_asset_currency = _currency_field(_("Moeda do ativo novo"), _("a da classe"))
    to_currency = forms.ChoiceField(
        label=_("Moeda recebida"),
        required=False,
        choices=lambda: [("", _("escolha…")), *((c, c) for c in CURRENCIES)],
    )
    cost_share = NumberField(
        label=_("Parte do custo que sai"),
        required=False,
        fraction=True,
        help_text=_("Como fração ou porcentagem: 0,25 ou 25%."),
    )
    bucket = forms.ChoiceField(
        label=_("Grupo fiscal"),
        required=False,
        choices=lambda: [("", _("escolha…")), *Bucket.choices],
    )
    trade_time = forms.TimeField(
        label=_("Hora"), required=False, widget=forms.TimeInput(attrs={"placeholder": "10:30"})
    )
    currency = _currency_field(_("Moeda"), _("a do ativo ou da conta"))
    fx_rate = NumberField(
        label=_("Câmbio da corretora"),
        required=False,
        help_text=_("Unidades da moeda da conta por unidade da moeda do lançamento."),
    )
    note = forms.CharField(label=_("Observação"), required=False, max_length=500)
    unchanged_since = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        access: Access,
        row: Transaction | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        values = {**(row_initial(row) if row is not None else {}), **(initial or {})}
        super().__init__(data, initial=values)
        self.access = access
        self.row = row
        self.transaction_input: TransactionInput | None = None
        self.entries: dict[str, AssetEntry] = {}
        usable = Q(is_active=True) | Q(pk=row.account_id) if row else Q(is_active=True)
        accounts = accounts_of(access=access).filter(usable)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.all_fields = bool(values.get("campos") == ALL_FIELDS or (data or {}).get("campos"))
        for name, label in self.spec.labels.items():
            if not self.all_fields:
                self.fields[name].label = str(label)
        if not self.all_fields:
            for name in self.spec.required:
                self.fields[name].required = True
        if self.spec.either and not self.all_fields:
            self.fields["unit_price"].help_text = _("Ou o valor total: basta um dos dois.")

    @property
    def current_kind(self) -> str:
        """The kind chosen, a purchase when there is none."""
        chosen = str(self["kind"].value() or Kind.BUY)
        return chosen if chosen in SPECS else str(Kind.BUY)

    @property
    def spec(self) -> Spec:
        """The fields of the kind chosen."""
        return SPECS[self.current_kind]

    def _kept(self) -> set[str]:
        """Fields the kind does not use but the row has."""
        if self.row is None:
            return set()
        return {name for name in ORDER if name not in self.spec.names and self.initial.get(name)}

    def main_fields(self) -> list[dict[str, Any]]:
        """The fields in sight, with what the template must know of each."""
        shown = ORDER if self.all_fields else self.spec.names
        names = [n for n in shown if self.all_fields or n not in self.spec.extra]
        names += [n for n in ORDER if n in self._kept() and n not in names]
        return [self._shown(name) for name in names]

    def asset_fields(self) -> list[dict[str, Any]]:
        """The codes of assets in sight."""
        shown = ORDER if self.all_fields else self.spec.names
        return [self._shown(name) for name in _ASSETS if name in shown]

    def extra_fields(self) -> list[dict[str, Any]]:
        """The fields folded under "more"."""
        return (
            []
            if self.all_fields
            else [self._shown(n) for n in self.spec.names if n in self.spec.extra]
        )

    def extra_open(self) -> bool:
        """Whether a folded field says something."""
        return any(self[name].value() or self[name].errors for name in self.spec.extra)

    def _shown(self, name: str) -> dict[str, Any]:
        is_asset = name in _ASSETS
        return {
            "bound": self[name],
            "name": name,
            "is_asset": is_asset,
            "required": name in self.spec.required,
            "entry": self.entries.get(name) if is_asset else None,
            "class_bound": self[f"{name}_class"] if is_asset else None,
            "currency_bound": self[f"{name}_currency"] if is_asset else None,
        }

    def clean(self) -> dict[str, Any]:
        """Finds the assets meant and puts the row together."""
        values = super().clean() or {}
        for name in _ASSETS:
            self._clean_asset(name, values)
        either = self.spec.either
        if either and all(values.get(n) is None and n not in self.errors for n in either):
            self.add_error(either[0], _("Informe o preço ou o valor total."))
        used = {*self.spec.names, *self._kept()}
        for name in ORDER:
            if name not in used and values.get(name) not in (None, ""):
                self.add_error(name, _("Este tipo não usa este campo; deixe em branco."))
        if not self.errors:
            self.transaction_input = self._input(values)
        return values

    def _clean_asset(self, name: str, values: dict[str, Any]) -> None:
        entry = AssetEntry(
            access=self.access,
            text=values.get(name) or "",
            asset_class=values.get(f"{name}_class") or "",
            currency=values.get(f"{name}_currency") or "",
        )
        self.entries[name] = entry
        if entry.unknown:
            message = _("Não conhecemos este código. Confira, ou escolha a classe para cadastrar.")
            self.add_error(name, message)

    def _input(self, values: dict[str, Any]) -> TransactionInput:
        assets: dict[str, Any] = {name: self.entries[name].asset for name in _ASSETS}
        plain: dict[str, Any] = {name: values.get(name) for name in ORDER if name not in _ASSETS}
        for name in ("currency", "to_currency", "bucket"):
            plain[name] = plain[name] or ""
        return TransactionInput(
            kind=values["kind"],
            trade_date=values["trade_date"],
            account=values["account"],
            note=values.get("note") or "",
            **assets,
            **plain,
        )


def row_initial(row: Transaction) -> dict[str, Any]:
    """A stored row as the form shows it."""
    plain = {name: getattr(row, name) for name in ORDER if name not in _ASSETS}
    own = row.asset.currency if row.asset is not None else row.account.currency
    if row.currency == own:  # the default: leave it to follow the asset
        plain["currency"] = ""
    return {
        **plain,
        "kind": row.kind,
        "trade_date": row.trade_date,
        "account": row.account_id,
        "asset": asset_text(row.asset),
        "to_asset": asset_text(row.to_asset),
        "note": row.note,
        "unchanged_since": row.updated_at.isoformat(),
    }


def asset_text(asset: Any) -> str:
    """What to type to mean ``asset``: its code, with the market outside Brazil."""
    if asset is None:
        return ""
    return asset.ticker if asset.market == "BR" else f"{asset.ticker}:{asset.market}"
