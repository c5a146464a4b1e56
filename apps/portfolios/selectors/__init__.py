"""Reads of derived figures."""

from apps.portfolios.selectors.dashboard import dashboard_figures, evolution
from apps.portfolios.selectors.explain import explanation
from apps.portfolios.selectors.health import health_issues
from apps.portfolios.selectors.positions import group_positions, positions_on

__all__ = [
    "dashboard_figures",
    "evolution",
    "explanation",
    "group_positions",
    "health_issues",
    "positions_on",
]
