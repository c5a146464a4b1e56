"""Positions and the page of an asset."""

from django.urls import path

from apps.portfolios import views

app_name = "portfolios"

urlpatterns = [
    path("carteira/", views.positions, name="positions"),
    path("carteira/exportar.csv", views.positions_csv, name="positions_csv"),
    path("carteira/atualizar/", views.refresh, name="refresh"),
    path("carteira/ativos/<uuid:asset_id>/", views.asset, name="asset"),
    path("carteira/ativos/<uuid:asset_id>/por-que/", views.explain, name="explain"),
    path("carteira/ativos/<uuid:asset_id>/precos.json", views.prices, name="prices"),
    path("carteira/ativos/<uuid:asset_id>/preco/", views.manual_price, name="manual_price"),
]
