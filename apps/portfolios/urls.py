"""Positions, the page of an asset, portfolios and tags."""

from django.urls import path

from apps.portfolios.views import positions, selections

app_name = "portfolios"

urlpatterns = [
    path("carteira/", positions.positions, name="positions"),
    path(
        "carteira/exportar.csv", positions.positions_export, {"form": "csv"}, name="positions_csv"
    ),
    path(
        "carteira/exportar.xlsx",
        positions.positions_export,
        {"form": "xlsx"},
        name="positions_xlsx",
    ),
    path("carteira/por-que/<slug:figure>/", positions.explain_total, name="explain_total"),
    path("carteira/atualizar/", positions.refresh, name="refresh"),
    path("carteira/ativos/<uuid:asset_id>/", positions.asset, name="asset"),
    path("carteira/ativos/<uuid:asset_id>/por-que/", positions.explain, name="explain"),
    path("carteira/ativos/<uuid:asset_id>/preco/", positions.manual_price, name="manual_price"),
    path("carteira/ativos/<uuid:asset_id>/etiquetas/", selections.asset_tags, name="asset_tags"),
    path("carteira/carteiras/", selections.portfolios, name="portfolios"),
    path("carteira/carteiras/nova/", selections.portfolio_new, name="portfolio_new"),
    path(
        "carteira/carteiras/<uuid:portfolio_id>/", selections.portfolio_edit, name="portfolio_edit"
    ),
    path(
        "carteira/carteiras/<uuid:portfolio_id>/metas/",
        selections.portfolio_targets,
        name="portfolio_targets",
    ),
    path(
        "carteira/carteiras/<uuid:portfolio_id>/excluir/",
        selections.portfolio_delete,
        name="portfolio_delete",
    ),
]
