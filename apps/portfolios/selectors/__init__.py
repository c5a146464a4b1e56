"""Reads of derived figures."""

from apps.portfolios.selectors.dashboard import dashboard_figures, evolution
from apps.portfolios.selectors.explain import explanation
from apps.portfolios.selectors.health import health_issues
from apps.portfolios.selectors.positions import figures_versions, group_positions, positions_on
from apps.portfolios.selectors.selections import (
    WHOLE,
    Chosen,
    assets_known,
    portfolio_chosen,
    portfolio_get,
    portfolios_chosen,
    portfolios_of,
    tag_names,
    tags_of,
)

__all__ = [
    "WHOLE",
    "Chosen",
    "assets_known",
    "dashboard_figures",
    "evolution",
    "explanation",
    "figures_versions",
    "group_positions",
    "health_issues",
    "portfolio_chosen",
    "portfolio_get",
    "portfolios_chosen",
    "portfolios_of",
    "positions_on",
    "tag_names",
    "tags_of",
]
