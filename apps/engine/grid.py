"""Prices, rates and accruals laid over a grid of calendar days, in float64."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from apps.engine.fixed_income import monthly_anniversaries, unit_price
from apps.engine.kinds import Indexer
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.types import FixedIncomeTerms, Issue

Floats = NDArray[np.float64]
Days = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PriceArrays:
    """Closes as a time series wants them: day numbers and float64 closes by asset, oldest first.

    Stands for a ``PriceTable`` where a million decimals would only be turned into floats.
    """

    series: Mapping[str, tuple[Days, Floats]]


def closes_of(prices: PriceTable | PriceArrays, asset: str) -> tuple[Days, Floats]:
    """Day numbers and closes of an asset, oldest first; both empty when it has none."""
    if isinstance(prices, PriceArrays):
        return prices.series.get(asset, (np.empty(0, np.int64), np.empty(0)))
    dates, closes = prices.series(asset)
    return ordinals(dates), floats(closes)


def days_between(start: date, end: date) -> Days:
    """Ordinals of every calendar day from ``start`` to ``end``, both included."""
    return np.arange(start.toordinal(), end.toordinal() + 1, dtype=np.int64)


def ordinals(dates: Sequence[date]) -> Days:
    """Dates as day numbers."""
    return np.fromiter((day.toordinal() for day in dates), np.int64, len(dates))


def floats(values: Sequence[Decimal]) -> Floats:
    """Decimals as float64, for time series only."""
    return np.fromiter(map(float, values), np.float64, len(values))


def carried(days: Days, dates: Days, values: Floats, before: float = np.nan) -> Floats:
    """The last value on or before each day; ``before`` where there is none yet."""
    place = np.searchsorted(dates, days, side="right")
    return np.concatenate((np.array([before]), values))[place]


def carried_day(days: Days, dates: Days) -> Days:
    """The day that value is from; -1 where there is none yet."""
    place = np.searchsorted(dates, days, side="right")
    return np.concatenate((np.array([-1], dtype=np.int64), dates))[place]


def _direct(fx: FxTable, base: str, quote: str, days: Days) -> Floats:
    best = np.full(len(days), np.nan)
    newest = np.full(len(days), -1, dtype=np.int64)
    for pair, inverse in (((base, quote), False), ((quote, base), True)):
        dates, rates = fx.series(*pair)
        if not dates:
            continue
        when, numbers = ordinals(dates), floats(rates)
        found = carried(days, when, 1.0 / numbers if inverse else numbers)
        of = carried_day(days, when)
        newer = of > newest
        best = np.where(newer, found, best)
        newest = np.where(newer, of, newest)
    return best


def fx_grid(fx: FxTable, base: str, quote: str, days: Days) -> Floats:
    """Exchange rate in force on each day, NaN where there is none; as ``FxTable.rate``."""
    if base == quote:
        return np.ones(len(days))
    rates = _direct(fx, base, quote, days)
    for pivot in fx.pivots(base, quote):
        missing = np.isnan(rates)
        if not missing.any():
            break
        crossed = _direct(fx, base, pivot, days) * _direct(fx, pivot, quote, days)
        rates = np.where(missing, crossed, rates)
    return rates


def _business(days: Days, holidays: Set[date]) -> NDArray[np.bool_]:
    # Ordinal 1 (0001-01-01) is a Monday.
    weekday = (days - 1) % 7
    closed = ordinals(sorted(holidays))
    return (weekday < 5) & ~np.isin(days, closed)


def accrual_grid(
    terms: FixedIncomeTerms, days: Days, indexes: IndexTable, holidays: Set[date]
) -> tuple[Floats, list[Issue]]:
    """Unit value by the paper's terms on each day, NaN where unknown; agrees with
    ``fixed_income.unit_price`` (the issues are those of the last day)."""
    start = terms.issue_date
    last = date.fromordinal(int(days[-1]))
    end = last if terms.maturity is None else min(last, terms.maturity)
    values = np.full(len(days), np.nan)
    _price, issues = unit_price(terms, last, indexes, holidays)
    if end < start or any(issue.code == "index_missing" for issue in issues):
        return values, issues
    life = days_between(start, end)
    open_days = _business(life, holidays)
    # Number of business days from the start inclusive to each day exclusive.
    elapsed: Floats = np.concatenate((np.zeros(1), np.cumsum(open_days)[:-1].astype(np.float64)))
    growth = np.ones(len(life))
    unit = float(terms.unit_value)
    if terms.indexer in (Indexer.CDI, Indexer.SELIC):
        dates, rates = indexes.series(terms.indexer.value)
        when, numbers = ordinals(dates), floats(rates)
        kept = (when >= life[0]) & (when < life[-1])
        when = when[kept]
        daily = np.cumprod(1.0 + numbers[kept] / 100.0 * float(terms.percent))
        # Each rate counts from the day after its own.
        growth = carried(life, when + 1, daily, before=1.0)
        if not holidays or any(issue.code == "index_stale" for issue in issues):
            elapsed = np.searchsorted(when, life, side="left").astype(np.float64)
    elif terms.indexer is Indexer.IPCA:
        growth = _ipca(terms, life, elapsed, indexes, holidays)
    accrued = unit * growth * (1.0 + float(terms.rate)) ** (elapsed / 252.0)
    place = days - life[0]
    inside = (place >= 0) & (place < len(life))
    values[inside] = accrued[place[inside]]
    values[place >= len(life)] = accrued[-1]
    return values, issues


def _ipca(
    terms: FixedIncomeTerms, life: Days, elapsed: Floats, indexes: IndexTable, holidays: Set[date]
) -> Floats:
    """Monthly index spread over the business days of each period between anniversaries."""
    growth = np.ones(len(life))
    factor = 1.0
    first = int(life[0])
    done = False
    beyond = date.fromordinal(int(life[-1]) + 1)
    for opened, closed in monthly_anniversaries(terms.issue_date, beyond):
        low = opened.toordinal() - first
        high = min(closed.toordinal() - first, len(life))
        year, month = divmod(opened.year * 12 + opened.month - 1 - terms.index_lag, 12)
        value = None if done else indexes.exact("IPCA", date(year, month + 1, 1))
        if value is None:
            done = True
            growth[low:high] = factor
            continue
        rate = 1.0 + float(value) / 100.0
        inside = elapsed[low:high] - elapsed[low]
        if closed.toordinal() - first < len(life):
            whole = elapsed[closed.toordinal() - first] - elapsed[low]
        else:
            whole = np.count_nonzero(_business(days_between(opened, closed)[:-1], holidays))
        growth[low:high] = factor * rate ** (inside / whole) if whole else factor
        factor *= rate
    return growth
