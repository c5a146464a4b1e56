"""Analyses of a workspace."""

from django.urls import path

from apps.performance.views import data, pages

app_name = "performance"

urlpatterns = [
    path("analises/", pages.returns, name="returns"),
    path("analises/risco/", pages.risk, name="risk"),
    path("analises/alocacao/", pages.allocation, name="allocation"),
    path("analises/proventos/", pages.income, name="income"),
    path("analises/ativos/<uuid:asset_id>/", pages.asset, name="asset"),
    path("analises/por-que/<slug:code>/", pages.explain, name="explain"),
    path("analises/estado/", pages.state, name="state"),
    path("analises/dados/<slug:answer_kind>.json", data.data, name="data"),
    path("analises/dados/ativos/<uuid:asset_id>.json", data.asset_data, name="asset_data"),
]
