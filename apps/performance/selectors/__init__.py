"""Reads of returns, risk, allocation and income."""

from apps.performance.selectors.after_tax import AfterTax, Sold, tax_mark
from apps.performance.selectors.allocation import Allocation, Slice, allocated, allocation
from apps.performance.selectors.assets import AssetPerformance, asset_performance, query_of_asset
from apps.performance.selectors.explain import explain, explained, explained_all
from apps.performance.selectors.explain_worth import YIELDS, worth_explained
from apps.performance.selectors.income import Income, income_analysis, income_of
from apps.performance.selectors.marked import at_cost
from apps.performance.selectors.parts import About, Block, Explained, Part
from apps.performance.selectors.prices import AssetPrices, PriceSeries, asset_prices, price_series
from apps.performance.selectors.returns import (
    WINDOWS,
    Note,
    Performance,
    grouped,
    heat_map,
    measured,
    performance,
    rolling_returns,
    windows_ending,
    windows_from,
)
from apps.performance.selectors.scope import Names, Scope, group_label, scope_of
from apps.performance.selectors.timelines import Building, Ready, timeline_of

__all__ = [
    "WINDOWS",
    "YIELDS",
    "About",
    "AfterTax",
    "Allocation",
    "AssetPerformance",
    "AssetPrices",
    "Block",
    "Building",
    "Explained",
    "Income",
    "Names",
    "Note",
    "Part",
    "Performance",
    "PriceSeries",
    "Ready",
    "Scope",
    "Slice",
    "Sold",
    "allocated",
    "allocation",
    "asset_performance",
    "asset_prices",
    "at_cost",
    "explain",
    "explained",
    "explained_all",
    "group_label",
    "grouped",
    "heat_map",
    "income_analysis",
    "income_of",
    "measured",
    "performance",
    "price_series",
    "query_of_asset",
    "rolling_returns",
    "scope_of",
    "tax_mark",
    "timeline_of",
    "windows_ending",
    "windows_from",
    "worth_explained",
]
