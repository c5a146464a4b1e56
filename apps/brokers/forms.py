"""Forms of accounts: parsing and shape only."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.selectors import holders_of
from apps.brokers.selectors import institutions_of

CURRENCIES = [
    (code, code)
    for code in ("BRL", "USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "HKD", "SGD", "CNY")
]


class AccountForm(forms.Form):
    """A new account, with an institution of the list or one typed."""

    institution = forms.ModelChoiceField(
        label=_("Instituição"),
        queryset=None,
        required=False,
        empty_label=_("outra, digitada ao lado"),
    )
    new_institution = forms.CharField(
        label=_("Ou outra instituição"),
        max_length=160,
        required=False,
        help_text=_("Quando a sua não está na lista."),
    )
    holder = forms.ModelChoiceField(label=_("Titular"), queryset=None, empty_label=None)
    currency = forms.ChoiceField(label=_("Moeda da conta"), choices=CURRENCIES)
    name = forms.CharField(
        label=_("Nome da conta"),
        max_length=80,
        required=False,
        help_text=_("Em branco, o nome da instituição."),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["institution"].queryset = institutions_of(access=access)  # type: ignore[attr-defined]
        self.fields["holder"].queryset = holders_of(access=access)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Exactly one of the two ways of naming the institution."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen, typed = cleaned.get("institution"), cleaned.get("new_institution")
        if chosen and typed:
            self.add_error("new_institution", _("Escolha da lista ou digite outra, não as duas."))
        if not chosen and not typed:
            self.add_error("institution", _("Escolha a instituição ou digite o nome dela."))
        return cleaned


class AccountEditForm(forms.Form):
    """An account's name and whether it is in use."""

    name = forms.CharField(label=_("Nome da conta"), max_length=80)
    is_active = forms.BooleanField(
        label=_("Em uso: aparece ao lançar e ao importar"), required=False
    )
