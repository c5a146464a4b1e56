"""Endpoints of positions, of the overview, of portfolios and of tags."""

from apps.portfolios.api.figures import DashboardViewSet, EvolutionViewSet, PositionViewSet, answer
from apps.portfolios.api.selections import AssetTagViewSet, PortfolioViewSet

routes = [
    ("positions", PositionViewSet, "position"),
    ("dashboard", DashboardViewSet, "dashboard"),
    ("dashboard-evolution", EvolutionViewSet, "dashboard-evolution"),
    ("portfolios", PortfolioViewSet, "portfolio"),
    ("asset-tags", AssetTagViewSet, "asset-tag"),
]

__all__ = ["answer", "routes"]
