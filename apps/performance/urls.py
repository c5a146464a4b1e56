"""Analyses of a workspace."""

from django.urls import path

from apps.performance.views import data

app_name = "performance"

urlpatterns = [
    path("analises/dados/<slug:answer_kind>.json", data.data, name="data"),
    path("analises/dados/ativos/<uuid:asset_id>.json", data.asset_data, name="asset_data"),
]
