"""Every answer as tables to take away."""

from apps.performance.exports.returns import (
    contribution_tables,
    heat_map_tables,
    performance_tables,
    pick,
    risk_tables,
    rolling_tables,
    series_tables,
)
from apps.performance.exports.worth import (
    allocation_tables,
    asset_tables,
    explained_tables,
    income_tables,
)

__all__ = [
    "allocation_tables",
    "asset_tables",
    "contribution_tables",
    "explained_tables",
    "heat_map_tables",
    "income_tables",
    "performance_tables",
    "pick",
    "risk_tables",
    "rolling_tables",
    "series_tables",
]
