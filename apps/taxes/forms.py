"""What pages of taxes ask, and how it is typed."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.http import QueryDict
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.brokers.models import Account
from apps.brokers.selectors import accounts_of
from apps.ledger.forms.fields import DayField, NumberField
from apps.ledger.models import LOSS_BUCKETS
from apps.ledger.parsing import parse_decimal
from apps.taxes.selectors import Sale


class DayForm(forms.Form):
    """A day in the address; what is not one is left out."""

    em = DayField(required=False)

    def day(self) -> dt.date | None:
        """The day, where one was understood."""
        self.is_valid()
        found: dt.date | None = self.cleaned_data.get("em")
        return found


def day_of(given: QueryDict) -> dt.date | None:
    """The day that ``em`` names."""
    return DayForm(given).day()


def code_of(given: QueryDict) -> str:
    """The code of a payment form that ``codigo`` names; none is the exchange's."""
    return given.get("codigo", "").strip()[:4]


class PaymentForm(forms.Form):
    """A payment of a form: when, how much, from which account."""

    date = DayField(label=_("Pago em"))
    amount = NumberField(
        label=_("Valor pago"),
        places=2,
        help_text=_("O total do comprovante, multa e juros dentro."),
    )
    account = forms.ModelChoiceField(
        queryset=Account.objects.none(),
        required=False,
        label=_("Conta"),
        empty_label=_("Nenhuma em particular"),
        help_text=_("Só para lembrar de onde saiu: o saldo da conta não muda."),
    )

    def __init__(self, *args: Any, access: Access, holder: Holder, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = accounts_of(access=access).filter(holder=holder)


class MeterForm(forms.Form):
    """A sale being typed, as the ledger's form names its fields; anything unreadable is left
    out."""

    kind = forms.CharField(required=False)
    account = forms.UUIDField(required=False)
    asset = forms.CharField(required=False, max_length=80)
    trade_date = DayField(required=False)
    quantity = NumberField(required=False)
    unit_price = NumberField(required=False)

    def typed(self) -> dict[str, Any]:
        """What was understood."""
        self.is_valid()
        return self.cleaned_data


class LongSelect(forms.Select):
    """A choice among hundreds, written at once: a template for each takes most of the page."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The element with its options."""
        chosen = self.format_value(value) or [""]
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            (
                (key, SafeString(" selected") if key in chosen else "", label)
                for key, label in self.choices
            ),
        )
        own = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}</select>', name, own, options)


class SaleForm(forms.Form):
    """A sale to suppose."""

    ativo = forms.ChoiceField(label=_("Ativo"), widget=LongSelect)
    quantidade = NumberField(label=_("Quantidade"))
    preco = NumberField(
        required=False, label=_("Preço"), help_text=_("Em branco: a última cotação.")
    )

    def __init__(
        self, *args: Any, choices: list[tuple[str, str]], needed: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["ativo"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "—"), *choices]
        field.required = self.fields["quantidade"].required = needed

    def clean(self) -> dict[str, Any]:
        """An asset asks for its quantity."""
        found: dict[str, Any] = self.cleaned_data
        if found.get("ativo") and "quantidade" in found and found["quantidade"] is None:
            self.add_error("quantidade", _("Quanto vender?"))
        return found

    def sale(self) -> Sale | None:
        """The sale, where this row names one."""
        found = self.cleaned_data
        if not found.get("ativo") or not found.get("quantidade"):
            return None
        return Sale(uuid.UUID(found["ativo"]), found["quantidade"], found["preco"])


#: How many sales the page asks at once.
SALES = 3


def sale_forms(*, given: QueryDict, choices: list[tuple[str, str]]) -> list[SaleForm]:
    """The rows of the form; empty where nothing was asked."""
    asked = any(given.get(f"{n}-ativo") for n in range(1, SALES + 1))
    return [
        SaleForm(given if asked else None, prefix=str(n), choices=choices, needed=n == 1)
        for n in range(1, SALES + 1)
    ]


def sales_asked(rows: list[SaleForm]) -> list[Sale]:
    """The sales of the rows; none while any of them has something to mend."""
    valid = [row.is_bound and row.is_valid() for row in rows]
    return [sale for row in rows if (sale := row.sale()) is not None] if all(valid) else []


class RaiseForm(forms.Form):
    """An amount to have after tax."""

    valor = NumberField(label=_("Quanto você precisa, em reais, já sem o imposto"), places=2)

    def clean_valor(self) -> Any:
        """More than nothing."""
        value = self.cleaned_data["valor"]
        if value is not None and value <= 0:
            raise forms.ValidationError(_("Deve ser maior que zero."))
        return value


class OpeningForm(forms.Form):
    """What a holder brings from before the first recorded month."""

    date = DayField(label=_("Até que dia"), help_text=_("O último dia antes do que está lançado."))
    darf = NumberField(
        required=False, places=2, label=_("Imposto abaixo de R$ 10 que ficou acumulado")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, label in (("losses", _("Prejuízo")), ("withheld", _("IRRF a compensar"))):
            for bucket in LOSS_BUCKETS:
                name = f"{label}: {bucket.label}"
                self.fields[f"{kind}_{bucket.value}"] = NumberField(
                    required=False, places=2, label=name
                )

    def of(self, kind: str) -> list[forms.BoundField]:
        """The fields of losses, or of withholding."""
        return [self[name] for name in self.fields if name.startswith(f"{kind}_")]

    @property
    def losses(self) -> list[forms.BoundField]:
        """Fields of losses by bucket."""
        return self.of("losses")

    @property
    def withheld(self) -> list[forms.BoundField]:
        """Fields of withholding by bucket."""
        return self.of("withheld")

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        found = self.cleaned_data
        return {
            "date": found["date"],
            "darf": found["darf"] or Decimal(0),
            **{
                kind: {
                    bucket.value: found[f"{kind}_{bucket.value}"]
                    for bucket in LOSS_BUCKETS
                    if found[f"{kind}_{bucket.value}"] is not None
                }
                for kind in ("losses", "withheld")
            },
        }


class LinkForm(forms.Form):
    """A secret address: for whom and until when."""

    name = forms.CharField(label=_("Para quem"), max_length=80, required=False)
    expires_on = DayField(
        required=False, label=_("Vale até"), help_text=_("Em branco: 30 dias. No máximo um ano.")
    )


def settings_posted(given: QueryDict, described: list[dict[str, Any]]) -> dict[str, Any]:
    """The choices of a posted page by name; an unticked box is a no, an empty field the default."""
    values: dict[str, Any] = {}
    for each in described:
        name, text = each["name"], given.get(each["name"], "").strip()
        if each["kind"] == "boolean":
            values[name] = name in given
        elif each["kind"] == "decimal" and text:
            values[name] = _number(text)
        else:
            values[name] = text or None
    return values


def _number(text: str) -> Any:
    try:
        return parse_decimal(text)
    except ValueError:
        return text  # the service says what is wrong with it
