"""What the addresses of the overview may ask: lenient, a wrong value is the default."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.portfolios.forms import CURRENCIES, DATE_FORMATS, ForgivingForm

PERIODS = [
    ("1m", _("1M")),
    ("6m", _("6M")),
    ("ytd", pgettext_lazy("período", "Ano")),
    ("12m", _("12M")),
    ("5y", _("5A")),
    ("all", _("Tudo")),
]


class OverviewForm(ForgivingForm):
    """Currency and day of the overview, period of its chart."""

    defaults = {"currency": None, "on": None, "period": "12m", "start": None, "end": None}

    currency = forms.ChoiceField(choices=CURRENCIES, required=False)
    on = forms.DateField(required=False, input_formats=DATE_FORMATS)
    period = forms.ChoiceField(choices=PERIODS, required=False)
    start = forms.DateField(required=False, input_formats=DATE_FORMATS)
    end = forms.DateField(required=False, input_formats=DATE_FORMATS)


class SearchForm(ForgivingForm):
    """What is looked for."""

    defaults = {"q": ""}

    q = forms.CharField(max_length=60, required=False)
