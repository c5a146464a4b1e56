"""Forms of imports: parsing and shape only."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.selectors import holders_of
from apps.assets.models import AssetClass
from apps.brokers.selectors import accounts_of
from apps.imports.formats import Limits, Mapping
from apps.imports.formats.generic_csv import FIELDS
from apps.imports.models import Batch
from apps.imports.planning.build import fields_of
from apps.imports.selectors import LineView
from apps.ledger.forms.fields import DayField, NumberField
from apps.ledger.models import Kind

MAX_FILES = 24
IGNORE = "ignore"


class ManyFilesInput(forms.ClearableFileInput):
    """A file input that takes several files."""

    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files, each checked as one."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "widget", ManyFilesInput(attrs={"accept": ".xlsx,.csv,.gz,.zip", "class": "input"})
        )
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """The files. Raises ``ValidationError``."""
        given = data if isinstance(data, list | tuple) else [data]
        return [super(ManyFilesField, self).clean(item, initial) for item in given if item] or [
            super().clean(None, initial)
        ]


class UploadForm(forms.Form):
    """Files to import and where they go."""

    files = ManyFilesField(
        label=_("Arquivos"),
        help_text=_(
            "Negociação, Movimentação e Posição da B3 em Excel, qualquer CSV, ou o .zip "
            "exportado daqui."
        ),
    )
    account = forms.ModelChoiceField(
        label=_("Conta"),
        queryset=None,
        required=False,
        empty_label=_("a de cada instituição do arquivo"),
        help_text=_("Escolha só se tudo o que há no arquivo é de uma conta."),
    )
    holder = forms.ModelChoiceField(
        label=_("Titular"), queryset=None, required=False, empty_label=None
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts, holders = accounts_of(access=access), holders_of(access=access)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        self.fields["holder"].queryset = holders  # type: ignore[attr-defined]
        self.several_holders = len(holders) > 1
        if not self.several_holders:
            del self.fields["holder"]

    def clean_files(self) -> list[Any]:
        """At most as many files as fit one sitting, none beyond the limit of size."""
        files: list[Any] = self.cleaned_data["files"]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(
                _("No máximo %(count)s arquivos de uma vez."), params={"count": MAX_FILES}
            )
        limit = Limits().max_bytes
        for file in files:
            if file.size > limit:
                raise forms.ValidationError(
                    _("%(name)s passa de %(limit)s MB."),
                    params={"name": file.name, "limit": limit // (1024 * 1024)},
                )
        return files


class PositionForm(forms.Form):
    """A B3 position to compare with."""

    file = forms.FileField(
        label=_("Arquivo de posição"),
        widget=forms.FileInput(attrs={"accept": ".xlsx", "class": "input"}),
    )


class DecisionForm(forms.Form):
    """What a line was."""

    kind = forms.ChoiceField(label=_("O que foi"))
    ticker = forms.CharField(label=_("Ativo"), max_length=60, required=False)
    to_ticker = forms.CharField(label=_("Outro ativo"), max_length=60, required=False)
    trade_date = DayField(label=_("Data"), required=False)
    quantity = NumberField(label=_("Quantidade"), required=False)
    unit_price = NumberField(label=_("Preço unitário"), required=False)
    amount = NumberField(label=_("Valor total ou custo"), required=False)
    tax_withheld = NumberField(label=_("Imposto retido"), required=False)
    ratio = NumberField(
        label=_("Proporção"),
        required=False,
        help_text=_("Novas por antiga: 2 desdobra, 0,1 agrupa dez em uma."),
    )
    cost_share = NumberField(
        label=_("Fração do custo que sai"),
        required=False,
        fraction=True,
        help_text=_("0,25 ou 25%"),
    )
    alike = forms.BooleanField(label=_("Fazer o mesmo com as linhas iguais"), required=False)

    def __init__(self, *args: Any, line: LineView, alike: int = 0, **kwargs: Any) -> None:
        initial = {name: getattr(line, name) for name in ("quantity", "unit_price", "amount")}
        initial |= {"ticker": line.asset, "to_ticker": line.to_asset, "trade_date": line.date}
        ratio = line.suggested.get("ratio")
        initial |= {"tax_withheld": line.tax_withheld, "ratio": Decimal(ratio) if ratio else None}
        kwargs.setdefault("prefix", f"l{line.id}")
        super().__init__(*args, initial=initial, **kwargs)
        self.line = line
        suggested = [value for value, _label in line.choices]
        others = [(value, label) for value, label in Kind.choices if value not in suggested]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            ("", _("escolha…")),
            (_("Sugestões"), [*line.choices, (IGNORE, _("Ignorar esta linha"))]),
            (_("Outros tipos"), others),
        ]
        if alike:
            self.fields["alike"].label = _("Fazer o mesmo com outras %(count)s linhas iguais") % {
                "count": alike
            }
        else:
            del self.fields["alike"]
        wanted = {"ticker"} | {name for value in suggested for name in fields_of(value)}
        self.main = [self[name] for name in _ORDER if name in wanted]
        self.more = [self[name] for name in _ORDER if name not in wanted]

    def values(self) -> dict[str, Any]:
        """What was typed, without the kind; fields the kind does not read are left out, and so
        are those that stand as the file had them."""
        named = {*fields_of(self.cleaned_data["kind"]), "ticker", "trade_date"}
        # What the form was filled with is no word of the file until the person sends it.
        changed = {*self.changed_data, "ratio"}
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in named and name in changed and self.add_prefix(name) in self.data
        }


_ORDER = (
    "ticker",
    "to_ticker",
    "quantity",
    "unit_price",
    "amount",
    "tax_withheld",
    "ratio",
    "cost_share",
    "trade_date",
)


class ProposalsForm(forms.Form):
    """Accounts and classes for what the file names and nobody has yet."""

    def __init__(self, *args: Any, batch: Batch, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        accounts = [(str(a.pk), a.name) for a in accounts_of(access=access)]
        self.institutions: list[tuple[dict[str, Any], Any]] = []
        self.assets: list[tuple[dict[str, Any], Any]] = []
        for index, (key, part) in enumerate(_parts(batch, "institutions")):
            name = f"inst{index}"
            new = [("create", _("criar a conta"))] if part["name"] else [("", _("escolha…"))]
            self.fields[name] = forms.ChoiceField(
                label=part["name"] or _("Sem instituição no arquivo"),
                choices=[*new, *accounts],
                initial=part["choice"],
            )
            self.fields[name].key = key  # type: ignore[attr-defined]
            self.institutions.append((part, self[name]))
        classes = [("", _("escolha…")), *AssetClass.choices]
        for index, (key, part) in enumerate(_parts(batch, "assets")):
            name = f"asset{index}"
            self.fields[name] = forms.ChoiceField(
                label=part["ticker"], choices=classes, initial=part["asset_class"]
            )
            self.fields[name].key = key  # type: ignore[attr-defined]
            self.assets.append((part, self[name]))

    def answers(self, prefix: str) -> dict[str, str]:
        """Answers by the key of the proposal."""
        return {
            self.fields[name].key: value  # type: ignore[attr-defined]
            for name, value in self.cleaned_data.items()
            if name.startswith(prefix)
        }


def _parts(batch: Batch, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return list((batch.proposals.get(kind) or {}).items())


_LABELS = {
    "date": _("Data"),
    "kind": _("Operação"),
    "ticker": _("Ativo"),
    "quantity": _("Quantidade"),
    "unit_price": _("Preço unitário"),
    "amount": _("Valor total"),
    "fees": _("Taxas"),
    "tax_withheld": _("Imposto retido"),
    "currency": _("Moeda"),
    "account": _("Conta ou corretora"),
    "name": _("Nome do ativo"),
    "note": _("Observação"),
}


class MappingForm(forms.Form):
    """What each column of a CSV is."""

    decimal = forms.ChoiceField(
        label=_("Números"),
        choices=[("auto", _("pelo arquivo")), (",", "1.234,56"), (".", "1,234.56")],
    )
    date_order = forms.ChoiceField(
        label=_("Datas"),
        choices=[
            ("auto", _("pelo arquivo")),
            ("dmy", _("dia/mês/ano")),
            ("mdy", _("mês/dia/ano")),
            ("ymd", _("ano-mês-dia")),
        ],
    )
    sign = forms.ChoiceField(
        label=_("Compra ou venda"),
        choices=[
            ("kind", _("pela coluna da operação")),
            ("quantity", _("pelo sinal da quantidade (negativa = venda)")),
            ("amount", _("pelo sinal do valor (negativo = compra)")),
        ],
    )
    currency = forms.CharField(
        label=_("Moeda de quem não a diz"), max_length=3, required=False, help_text="BRL, USD"
    )
    save_as = forms.CharField(
        label=_("Guardar este mapa como"),
        max_length=80,
        required=False,
        help_text=_("Vale para os próximos arquivos com o mesmo cabeçalho."),
    )

    def __init__(self, *args: Any, batch: Batch, **kwargs: Any) -> None:
        meta = batch.proposals.get("meta") or {}
        known = Mapping.from_dict(meta.get("mapping") or {"columns": {}})
        initial = {
            "decimal": known.decimal,
            "date_order": known.date_order,
            "sign": known.sign,
            "currency": known.currency,
            "save_as": meta.get("saved_as", ""),
        }
        super().__init__(*args, initial=initial, **kwargs)
        self.lacks = [str(_LABELS.get(name, _EXTRA.get(name, name))) for name in meta["lacks"]]
        self.columns, self.sample = meta["columns"], meta.get("sample") or []
        self.sample_rows = [[row.get(name, "") for name in self.columns] for row in self.sample]
        choices = [("", _("nenhuma")), *((name, name) for name in self.columns)]
        for name in FIELDS:
            self.fields[f"col_{name}"] = forms.ChoiceField(
                label=_LABELS[name],
                choices=choices,
                required=False,
                initial=known.columns.get(name, ""),
            )
        self.column_fields = [self[f"col_{name}"] for name in FIELDS]

    def mapping(self) -> Mapping:
        """The mapping that was said."""
        cleaned = self.cleaned_data
        columns = {name: cleaned[f"col_{name}"] for name in FIELDS if cleaned[f"col_{name}"]}
        return Mapping(
            columns=columns,
            decimal=cleaned["decimal"],
            date_order=cleaned["date_order"],
            sign=cleaned["sign"],
            currency=cleaned["currency"].upper(),
        )


_EXTRA = {"decimal": _("o formato dos números"), "date_order": _("a ordem das datas")}


class UndoForm(forms.Form):
    """Whether rows changed by hand leave too."""

    edited = forms.ChoiceField(
        label=_("Lançamentos que você alterou à mão"),
        choices=[("keep", _("manter")), ("remove", _("remover também"))],
        widget=forms.RadioSelect,
        required=False,
        initial="keep",
    )
