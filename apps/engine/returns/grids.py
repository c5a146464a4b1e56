"""Prices and rates of every line, day by day, with what is less than certain about them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

import numpy as np

from apps.engine.grid import (
    Days,
    Floats,
    PriceArrays,
    accrual_grid,
    closes_of,
    fx_grid,
)
from apps.engine.kinds import AssetClass
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.returns.model import Marked, Mask
from apps.engine.types import Asset, Issue
from apps.engine.valuation import STALE_DAYS


def rate_grids(
    currencies: list[str], fx: FxTable, target: str, days: Days
) -> tuple[dict[str, Floats], dict[str, int], list[Issue]]:
    """Worth of one unit of each currency on each day. The first rate stands for the days before
    it (how many: the second answer); a currency without any is worth nothing. Both reported."""
    grids: dict[str, Floats] = {}
    early: dict[str, int] = {}
    issues = []
    for code in currencies:
        grid = fx_grid(fx, code, target, days) if code else np.ones(len(days))
        known = np.flatnonzero(~np.isnan(grid))
        if not len(known):
            issues.append(Issue("fx_rate_missing", code, {"base": code, "quote": target}))
            early[code] = len(days)
            grid = np.zeros(len(days))
        elif known[0] > 0:
            early[code] = int(known[0])
            grid[: known[0]] = grid[known[0]]
        grids[code] = grid
    return grids, early, issues


@dataclass(frozen=True, slots=True)
class AssetGrid:
    """Price of one unit as held on each day, in the asset's currency (NaN where unknown), and the
    days on which it is too old or accrued (None where there are none)."""

    price: Floats
    stale: Mask | None
    accrued: Mask | None


def asset_grid(
    code: str,
    asset: Asset | None,
    prices: PriceTable | PriceArrays,
    days: Days,
    splits: list[tuple[int, float]],
    indexes: IndexTable,
    holidays: Set[date],
    issues: list[Issue],
) -> AssetGrid:
    """The last close, carried on, divided by the splits since; where it is missing or too old, the
    value by the paper's terms."""
    count = len(days)
    if asset is not None and asset.asset_class is AssetClass.FUTURE:
        return AssetGrid(np.zeros(count), None, None)  # settled every day: its worth is cash
    when, closes = closes_of(prices, code)
    first = int(days[0])
    stop = int(np.searchsorted(when, days[-1], side="right"))
    begin = max(int(np.searchsorted(when, first, side="right")) - 1, 0)
    when, closes = when[begin:stop], closes[begin:stop]
    price = np.full(count, np.nan)
    stale: Mask | None = None
    if len(when):
        edges = np.append(np.maximum(when - first, 0), count)
        price[edges[0] :] = np.repeat(closes, np.diff(edges))
        gaps = np.diff(np.append(when, first + count))
        for place in np.flatnonzero(gaps > STALE_DAYS + 1):
            if stale is None:
                stale = np.zeros(count, dtype=bool)
            low = int(when[place]) - first + STALE_DAYS + 1
            stale[max(low, 0) : int(edges[place + 1])] = True
        for day, ratio in splits:
            # A close from before a split is worth less per share after it.
            place = int(np.searchsorted(when, day, side="left"))
            until = int(edges[place]) if place < len(when) else count
            price[max(day - first, 0) : until] /= ratio if place else 1.0
    accrued: Mask | None = None
    if asset is not None and asset.terms is not None:
        wanted = np.isnan(price) if stale is None else np.isnan(price) | stale
        if wanted.any():
            grown, found = accrual_grid(asset.terms, days, indexes, holidays)
            issues.extend(Issue(each.code, code, each.params) for each in found)
            accrued = wanted & ~np.isnan(grown)
            price = np.where(accrued, grown, price)
            stale = None if stale is None else stale & ~accrued
    return AssetGrid(price, stale, accrued)


def stretches(mask: Mask) -> list[tuple[int, int]]:
    """First and last place of each run of true ones."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(low), int(high) - 1) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def mark_issue(asset: str, first: date, last: date, days: int, why: Marked) -> Issue:
    """The issue that reports a mark."""
    code = {
        Marked.COST: "valued_at_cost",
        Marked.STALE: "price_hole",
        Marked.UNKNOWN: "left_out_of_value",
        Marked.TERMS: "valued_by_terms",
        Marked.RATE: "fx_rate_before_first",
    }[why]
    params: Mapping[str, str] = {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "days": str(days),
    }
    return Issue(code, asset, params)
