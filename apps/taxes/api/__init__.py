"""Endpoints of the taxes."""

from django.urls import path

from apps.taxes.api.choices import LinkView, OpeningView, SettingsView
from apps.taxes.api.months import DarfView, MonthView, PaymentView
from apps.taxes.api.selling import (
    AfterTaxView,
    HarvestView,
    MeterView,
    RaiseCashView,
    SimulateView,
)
from apps.taxes.api.years import AbroadView, AnnualView, DateView, RuleView, YearView

routes = [
    ("taxes/months", MonthView, "tax-month"),
    ("taxes/darfs", DarfView, "tax-darf"),
    ("taxes/payments", PaymentView, "tax-payment"),
    ("taxes/annual", AnnualView, "tax-annual"),
    ("taxes/years", YearView, "tax-year"),
    ("taxes/abroad", AbroadView, "tax-abroad"),
    ("taxes/rules", RuleView, "tax-rule"),
    ("taxes/dates", DateView, "tax-date"),
    ("taxes/meter", MeterView, "tax-meter"),
    ("taxes/simulate", SimulateView, "tax-simulate"),
    ("taxes/raise-cash", RaiseCashView, "tax-raise-cash"),
    ("taxes/harvest", HarvestView, "tax-harvest"),
    ("taxes/after-tax", AfterTaxView, "tax-after-tax"),
    ("taxes/links", LinkView, "tax-link"),
]

urlpatterns = [
    path(
        "taxes/settings/",
        SettingsView.as_view({"get": "get", "patch": "patch"}),
        name="tax-settings",
    ),
    path(
        "taxes/opening/",
        OpeningView.as_view({"get": "get", "put": "put", "delete": "delete"}),
        name="tax-opening",
    ),
]

__all__ = ["routes", "urlpatterns"]
