"""Addresses that ask for a token and nobody's name."""

from django.urls import path

from apps.taxes import converters  # noqa: F401 - years and months in addresses
from apps.taxes.views import feed, shared

app_name = "taxes_site"
_OWN = "compartilhado/impostos/<str:token>/"

urlpatterns = [
    path("impostos/calendario/<str:token>.ics", feed.calendar, name="calendar"),
    path(_OWN, shared.year, name="home"),
    path(_OWN + "<year:year>/", shared.year, name="year"),
    path(_OWN + "<year:year>/<month:month_number>/", shared.month, name="month"),
    path(
        _OWN + "<year:year>/<month:month_number>/por-que/<slug:bucket>/",
        shared.explain,
        name="explain",
    ),
    path(_OWN + "<year:year>/arquivo/<str:document>", shared.file, name="file"),
    path(_OWN + "<year:year>/declaracao/", shared.annual, name="annual"),
    path(_OWN + "<year:year>/exterior/", shared.abroad, name="abroad"),
    path(_OWN + "<year:year>/proventos/", shared.income, name="income"),
    path(_OWN + "<year:year>/renda-fixa/", shared.fixed, name="fixed"),
    path(_OWN + "<year:year>/cripto/", shared.crypto, name="crypto"),
    path(_OWN + "darf/", shared.darfs, name="darfs"),
    path(_OWN + "darf/<year:year>/<month:month_number>/", shared.darf, name="darf"),
    path(_OWN + "darf/<year:year>/<month:month_number>/darf.pdf", shared.darf_pdf, name="darf_pdf"),
]
