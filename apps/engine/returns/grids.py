"""Prices and rates of every line, day by day, with what is less than certain about them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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


@lru_cache(maxsize=64)
def _fx_days(fx: FxTable, base: str, quote: str, first: int, last: int) -> Floats:
    """Rates of a stretch of days; a table never changes, and its decimals turn slowly."""
    return fx_grid(fx, base, quote, np.arange(first, last + 1, dtype=np.int64))


@lru_cache(maxsize=64)
def _fx_gap(fx: FxTable, base: str, quote: str, first: int, last: int) -> tuple[int, int] | None:
    """The longest stretch of some days, from a day with a rate to the day before the next, in which
    the rate in force is older than any chain of holidays; None where there is none."""

    def known(one: str, other: str) -> Days:
        both = [*fx.series(one, other)[0], *fx.series(other, one)[0]]
        return np.unique(np.array([day.toordinal() for day in both], dtype=np.int64))

    paths = [known(base, quote)]
    if not len(paths[0]):
        for pivot in fx.pivots(base, quote)[:1]:
            paths = [known(base, pivot), known(pivot, quote)]
    longest: tuple[int, int] | None = None
    for dates in paths:
        dates = dates[dates <= last]
        ends = np.append(dates, last + 1)[1:] - 1 if len(dates) else dates
        for since, until in zip(dates.tolist(), ends.tolist(), strict=True):
            found = until - since
            wide = longest is None or found > longest[1] - longest[0]
            if found > STALE_DAYS and until > first and wide:
                longest = since, until
    return longest


def rate_grids(
    currencies: list[str], fx: FxTable, target: str, days: Days
) -> tuple[dict[str, Floats], dict[str, int], list[Issue]]:
    """Worth of one unit of each currency on each day. The first rate stands for the days before
    it (how many: the second answer); a currency without any is worth nothing. Both are reported,
    and so is the longest time without a new rate."""
    grids: dict[str, Floats] = {}
    early: dict[str, int] = {}
    issues = []
    for code in currencies:
        grid = _fx_days(fx, code or target, target, int(days[0]), int(days[-1])).copy()
        known = np.flatnonzero(~np.isnan(grid))
        if not len(known):
            issues.append(Issue("fx_rate_missing", code, {"base": code, "quote": target}))
            early[code] = len(days)
            grid = np.zeros(len(days))
        elif known[0] > 0:
            early[code] = int(known[0])
            grid[: known[0]] = grid[known[0]]
        gap = _fx_gap(fx, code or target, target, int(days[0]), int(days[-1]))
        if gap is not None:
            params = {
                "base": code,
                "quote": target,
                "rate_date": date.fromordinal(gap[0]).isoformat(),
                "to": date.fromordinal(gap[1]).isoformat(),
                "days": str(gap[1] - gap[0]),
            }
            issues.append(Issue("fx_rate_stale", code, params))
        grids[code] = grid
    return grids, early, issues


#: Days a grid begins before its first price.
MARGIN = 31


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """Closes as traded laid over every calendar day of a stretch, each carried until the next.

    ``close[row_of[asset]]`` is 0 before grid day ``known[row]``. ``holes`` are the stretches of a
    row in which its price is older than any chain of holidays. Made once per price list: a
    timeline of any ledger within its days takes it as it is.
    """

    first: int
    close: Floats
    row_of: Mapping[str, int]
    known: NDArray[np.intp]
    holes: Mapping[int, list[tuple[int, int]]]
    series: PriceArrays

    @classmethod
    def of(
        cls, prices: PriceArrays, first: int | None = None, last: int | None = None
    ) -> PriceGrid:
        """Of all assets, over the days there are prices of, or those asked for."""
        filled = [each for each in prices.series.values() if len(each[0])]
        low = first
        if low is None:
            # A timeline opens the day before its first row, at times before the first price.
            low = max(min((int(days[0]) for days, _ in filled), default=1) - MARGIN, 1)
        high = max((int(days[-1]) for days, _ in filled), default=low) if last is None else last
        count = max(high - low + 1, 1)
        close = np.zeros((len(prices.series), count))
        known = np.full(len(prices.series), count, dtype=np.intp)
        holes: dict[int, list[tuple[int, int]]] = {}
        for row, (when, closes) in enumerate(prices.series.values()):
            stop = int(np.searchsorted(when, high, side="right"))
            begin = max(int(np.searchsorted(when, low, side="right")) - 1, 0)
            if begin >= stop:
                continue
            when = when[begin:stop] - low
            edges = np.empty(len(when) + 1, dtype=np.int64)
            edges[:-1], edges[-1] = when, count
            edges[0] = start = max(int(when[0]), 0)
            lengths = edges[1:] - edges[:-1]
            known[row] = start
            close[row, start:] = np.repeat(closes[begin:stop], lengths)
            if lengths.max() > STALE_DAYS:
                ends = edges[1:]
                for place in np.flatnonzero(ends - when > STALE_DAYS + 1).tolist():
                    since = max(int(when[place]) + STALE_DAYS + 1, 0)
                    holes.setdefault(row, []).append((since, int(ends[place]) - 1))
        rows = {name: row for row, name in enumerate(prices.series)}
        return cls(low, close, rows, known, holes, prices)

    @property
    def last(self) -> int:
        """Number of the last day."""
        return self.first + int(self.close.shape[1]) - 1


def covering(prices: PriceTable | PriceArrays | PriceGrid, first: int, last: int) -> PriceGrid:
    """A grid that has all these days: the one given, or one made for them."""
    if isinstance(prices, PriceGrid):
        if prices.first <= first and last <= prices.last:
            return prices
        return PriceGrid.of(prices.series, first, last)
    if isinstance(prices, PriceTable):
        table = prices
        prices = PriceArrays({code: closes_of(table, code) for code in table.assets()})
    return PriceGrid.of(prices, first, last)


@dataclass(frozen=True, slots=True)
class AssetGrid:
    """Price of one unit as held on each day, in the asset's currency, 0 before day ``known``; the
    days on which it is too old or accrued (None where there are none)."""

    price: Floats
    known: int
    stale: Mask | None = None
    accrued: Mask | None = None

    @property
    def unsure(self) -> bool:
        """Whether any day rests on something other than a fresh price."""
        return self.stale is not None or self.accrued is not None


def asset_grid(
    code: str,
    asset: Asset | None,
    prices: PriceGrid,
    days: Days,
    splits: list[tuple[int, float]],
    indexes: IndexTable,
    holidays: Set[date],
    issues: list[Issue],
) -> AssetGrid:
    """The last close, carried on, divided by the splits since; where it is missing or too old, the
    value by the paper's terms."""
    count, first = len(days), int(days[0])
    if asset is not None and asset.asset_class is AssetClass.FUTURE:
        return AssetGrid(np.zeros(count), 0)  # settled every day: its worth is cash
    row = prices.row_of.get(code)
    shift = first - prices.first
    stale: Mask | None = None
    if row is None:
        price, known = np.zeros(count), count
    else:
        price = prices.close[row, shift : shift + count]
        known = min(max(int(prices.known[row]) - shift, 0), count)
        for low, high in prices.holes.get(row, ()):
            if high >= shift and low < shift + count:
                stale = np.zeros(count, dtype=bool) if stale is None else stale
                stale[max(low - shift, 0) : high - shift + 1] = True
        if splits:
            price = price.copy()
            when = prices.series.series[code][0]
            for day, ratio in splits:
                # A close from before a split is worth less per share after it.
                place = int(np.searchsorted(when, day, side="left"))
                until = int(when[place]) - first if place < len(when) else count
                price[max(day - first, 0) : max(until, 0)] /= ratio
    if asset is None or asset.terms is None:
        return AssetGrid(price, known, stale)
    wanted = np.arange(count) < known
    if stale is not None:
        wanted |= stale
    if not wanted.any():
        return AssetGrid(price, known, stale)
    grown, found = accrual_grid(asset.terms, days, indexes, holidays)
    issues.extend(Issue(each.code, code, each.params) for each in found)
    accrued = wanted & ~np.isnan(grown)
    sure = np.flatnonzero(accrued | (np.arange(count) >= known))
    return AssetGrid(
        np.where(accrued, grown, price),
        int(sure[0]) if len(sure) else count,
        None if stale is None else stale & ~accrued,
        accrued,
    )


class AssetGrids:
    """The grids of a ledger's assets, each made when it is first asked for."""

    def __init__(
        self,
        assets: Mapping[str, Asset],
        prices: PriceGrid,
        days: Days,
        splits: Mapping[str, list[tuple[int, float]]],
        indexes: IndexTable,
        holidays: Set[date],
        issues: list[Issue],
    ) -> None:
        self._assets, self._prices, self._days, self._splits = assets, prices, days, splits
        self._indexes, self._holidays, self._issues = indexes, holidays, issues
        self._made: dict[str, AssetGrid] = {}
        shift = int(days[0]) - prices.first
        self._close = prices.close[:, shift : shift + len(days)]
        self._known = (prices.known - shift).tolist()

    def of(self, code: str) -> AssetGrid:
        """The grid of an asset."""
        found = self._made.get(code)
        if found is None:
            found = self._made[code] = asset_grid(
                code,
                self._assets.get(code),
                self._prices,
                self._days,
                self._splits.get(code, []),
                self._indexes,
                self._holidays,
                self._issues,
            )
        return found

    def plain(self, code: str) -> tuple[Floats, int] | None:
        """The prices of an asset and the day they are known from; None where any of them after it
        is not a fresh one."""
        row, asset = self._prices.row_of.get(code), self._assets.get(code)
        told = asset is None or (asset.terms is None and asset.asset_class is not AssetClass.FUTURE)
        if told and row is not None and code not in self._splits and row not in self._prices.holes:
            return self._close[row], self._known[row]
        grid = self.of(code)
        return None if grid.unsure else (grid.price, grid.known)


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
