"""Forms of the settings pages: parsing and shape only."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Role, User

CURRENCIES = [("BRL", _("Real (BRL)")), ("USD", _("Dólar (USD)"))]


class PreferencesForm(forms.Form):
    """How one person sees Exitus."""

    language = forms.ChoiceField(label=_("Idioma"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Tema"), choices=User.Theme.choices)


class WorkspaceForm(forms.Form):
    """A workspace's name and the currency its figures are shown in at first."""

    name = forms.CharField(label=_("Nome do espaço"), max_length=120)
    base_currency = forms.ChoiceField(
        label=_("Moeda de referência"),
        choices=CURRENCIES,
        help_text=_("Em que moeda o resumo abre. O imposto é sempre em reais."),
    )


class MemberForm(forms.Form):
    """Someone who already has an account here, and what they may do."""

    username = forms.CharField(
        label=_("Nome de usuário"),
        max_length=150,
        help_text=_("A pessoa precisa já ter conta nesta instalação."),
    )
    role = forms.ChoiceField(label=_("Papel"), choices=Role.choices, initial=Role.VIEWER)


class RoleForm(forms.Form):
    """A member's new role."""

    role = forms.ChoiceField(label=_("Papel"), choices=Role.choices)


class HolderForm(forms.Form):
    """A taxpayer. An empty CPF on an existing one leaves what is stored."""

    name = forms.CharField(label=_("Nome do titular"), max_length=120)
    cpf = forms.CharField(
        label="CPF",
        required=False,
        max_length=14,
        help_text=_("Guardado cifrado; só serve para preencher seus próprios documentos."),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "000.000.000-00"}
        ),
    )
