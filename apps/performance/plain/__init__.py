"""Answers as plain JSON: decimals as text, dates as ISO, unknown as null."""

from apps.performance.plain.basics import MAX_POINTS, building_json, money, points, rate, scope_json
from apps.performance.plain.explained import explained_json
from apps.performance.plain.returns import (
    contributions_json,
    heat_map_json,
    performance_json,
    risk_json,
    rolling_json,
    series_json,
)
from apps.performance.plain.worth import allocation_json, asset_json, income_json

__all__ = [
    "MAX_POINTS",
    "allocation_json",
    "asset_json",
    "building_json",
    "contributions_json",
    "explained_json",
    "heat_map_json",
    "income_json",
    "money",
    "performance_json",
    "points",
    "rate",
    "risk_json",
    "rolling_json",
    "scope_json",
    "series_json",
]
