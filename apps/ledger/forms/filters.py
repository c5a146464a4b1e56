"""What the list narrows by."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.brokers.selectors import accounts_of
from apps.ledger.forms.fields import DayField
from apps.ledger.kinds import GROUPS, kinds_of
from apps.ledger.models import Kind
from apps.ledger.selectors import TransactionFilters


def _kind_choices() -> list[tuple[Any, Any]]:
    choices: list[tuple[Any, Any]] = [("", _("todos"))]
    for key, (label, kinds) in GROUPS.items():
        options: list[tuple[str, Any]] = []
        if len(kinds) > 1:
            options = [(key, _("%(group)s: todos") % {"group": label})]
        options += [(str(kind), Kind(kind).label) for kind in kinds]
        choices.append((label, options))
    return choices


def _day_input() -> forms.TextInput:
    attrs = {"size": "10", "autocomplete": "off", "placeholder": "22/11/2026", "maxlength": "20"}
    return forms.TextInput(attrs=attrs)


class FilterForm(forms.Form):
    """The filters of the list; what cannot be read narrows nothing and says so."""

    q = forms.CharField(
        label=_("Ativo"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"size": "12", "autocomplete": "off"}),
    )
    tipo = forms.ChoiceField(label=_("Tipo"), required=False, choices=_kind_choices)
    conta: Any = forms.ModelChoiceField(
        label=_("Conta"), required=False, queryset=None, empty_label=_("todas")
    )
    de = DayField(label=_("De"), required=False, widget=_day_input())
    ate = DayField(label=_("Até"), required=False, widget=_day_input())
    lote = forms.UUIDField(required=False, widget=forms.HiddenInput)
    sem_taxas = forms.BooleanField(label=_("Só sem taxas"), required=False)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["conta"].queryset = accounts_of(access=access)  # type: ignore[attr-defined]

    def filters(self) -> TransactionFilters:
        """What was asked for, wrong fields left out."""
        self.is_valid()
        values = self.cleaned_data
        account = values.get("conta")
        return TransactionFilters(
            text=values.get("q", ""),
            kinds=kinds_of(values.get("tipo", "")),
            account_id=account.pk if account else None,
            start=values.get("de"),
            end=values.get("ate"),
            batch_id=values.get("lote"),
            fees_unknown=values.get("sem_taxas", False),
        )
