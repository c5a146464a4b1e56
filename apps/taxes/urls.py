"""Taxes of a workspace."""

from django.urls import path

from apps.taxes import converters  # noqa: F401 - years and months in addresses
from apps.taxes.views import choices, darfs, meter, months, selling, sheets

app_name = "taxes"

urlpatterns = [
    path("impostos/", months.year, name="home"),
    path("impostos/<year:year>/", months.year, name="year"),
    path("impostos/<year:year>/<month:month_number>/", months.month, name="month"),
    path("impostos/<year:year>/<month:month_number>/fechar/", months.close, name="close"),
    path("impostos/<year:year>/<month:month_number>/reabrir/", months.reopen, name="reopen"),
    path(
        "impostos/<year:year>/<month:month_number>/por-que/<slug:bucket>/",
        months.explain,
        name="explain",
    ),
    path("impostos/<year:year>/arquivo/<str:document>", sheets.file, name="file"),
    path("impostos/<year:year>/declaracao/", sheets.annual, name="annual"),
    path("impostos/<year:year>/exterior/", sheets.abroad, name="abroad"),
    path("impostos/<year:year>/proventos/", sheets.income, name="income"),
    path("impostos/<year:year>/renda-fixa/", sheets.fixed, name="fixed"),
    path("impostos/<year:year>/cripto/", sheets.crypto, name="crypto"),
    path("impostos/darf/", darfs.darfs, name="darfs"),
    path("impostos/darf/<year:year>/<month:month_number>/", darfs.darf, name="darf"),
    path(
        "impostos/darf/<year:year>/<month:month_number>/darf.pdf", sheets.darf_pdf, name="darf_pdf"
    ),
    path(
        "impostos/darf/pagamentos/<uuid:payment_id>/excluir/",
        darfs.payment_delete,
        name="payment_delete",
    ),
    path("impostos/simular/", selling.simulate, name="simulate"),
    path("impostos/simular/valor/", selling.raise_cash, name="raise"),
    path("impostos/simular/prejuizos/", selling.harvest, name="harvest"),
    path("impostos/simular/liquido/", selling.after_tax, name="after_tax"),
    path("impostos/ativos/<uuid:asset_id>/", selling.asset, name="asset"),
    path("impostos/do-mes/", months.tile, name="tile"),
    path("impostos/isencao/", meter.meter, name="meter"),
    path("impostos/ajustes/", choices.settings, name="settings"),
    path("impostos/ajustes/abertura/", choices.opening, name="opening"),
    path("impostos/ajustes/abertura/apagar/", choices.opening_delete, name="opening_delete"),
    path("impostos/ajustes/regras/", choices.rules, name="rules"),
    path("impostos/ajustes/contador/", choices.links, name="links"),
    path("impostos/ajustes/enderecos/<uuid:link_id>/revogar/", choices.link_revoke, name="revoke"),
    path("impostos/calendario/", choices.calendar, name="calendar"),
]
