"""Returns by month and year, and over windows that move along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

from apps.engine.grid import Floats
from apps.engine.returns import rates
from apps.engine.returns.figures import Daily, MonthReturn
from apps.engine.returns.measure import month_edges


def _days(daily: Daily) -> np.typing.NDArray[np.int64]:
    first = daily.start.toordinal()
    return np.arange(first, first + len(daily.index), dtype=np.int64)


def heat_map(daily: Daily) -> list[MonthReturn]:
    """Return of every month and (``month`` 0) year, oldest first. Months before there was
    anything are left out."""
    days = _days(daily)
    edges = month_edges(days)
    cells: list[MonthReturn] = []
    known = np.flatnonzero((daily.value != 0.0) | (daily.inflow != 0.0) | (daily.outflow != 0.0))
    if len(edges) < 2 or not len(known):
        return cells
    by_year: dict[int, list[tuple[int, int]]] = {}
    for low, high in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if high < known[0]:
            continue
        last = date.fromordinal(int(days[high]))
        cells.append(_cell(daily, days, low, high, last.month))
        by_year.setdefault(last.year, []).append((low, high))
    for months in by_year.values():
        cells.append(_cell(daily, days, months[0][0], months[-1][1], 0))
    return sorted(cells, key=lambda cell: (cell.year, cell.month))


def _cell(
    daily: Daily, days: np.typing.NDArray[np.int64], low: int, high: int, month: int
) -> MonthReturn:
    first, last = date.fromordinal(int(days[low]) + 1), date.fromordinal(int(days[high]))
    before = float(daily.index[low])
    after_last = date.fromordinal(last.toordinal() + 1)
    whole = first.day == 1 and after_last.day == 1
    if month == 0:
        whole = whole and first.month == 1 and last.month == 12
    return MonthReturn(
        year=last.year,
        month=month,
        rate=float(daily.index[high]) / before - 1.0 if before > 0.0 else 0.0,
        first=first,
        last=last,
        complete=whole,
    )


@dataclass(frozen=True, slots=True)
class Rolling:
    """A window of ``days`` calendar days ending on each day from ``start``: its return and its
    annualised volatility."""

    days: int
    start: date
    rate: Floats
    volatility: Floats


def rolling(daily: Daily, window: int = 365) -> Rolling:
    """Moving windows; empty where the period is shorter than one."""
    index = daily.index
    if window < 1 or len(index) <= window:
        return Rolling(window, daily.start, np.empty(0), np.empty(0))
    low = index[:-window]
    rate = np.divide(index[window:], low, out=np.ones(len(low)), where=low > 0.0) - 1.0
    days = _days(daily)
    counted = rates.weekdays(days) & (daily.rate > -1.0)
    counted[1:] &= daily.value[:-1] > 0.0
    counted[0] = False
    logs = np.where(counted, np.log1p(np.where(counted, daily.rate, 0.0)), 0.0)
    number = np.cumsum(counted).astype(np.float64)
    total, squares = np.cumsum(logs), np.cumsum(logs * logs)
    n = number[window:] - number[:-window]
    mean = np.divide(total[window:] - total[:-window], n, out=np.zeros(len(n)), where=n > 0.0)
    spread = np.maximum(squares[window:] - squares[:-window] - n * mean * mean, 0.0)
    deviation = np.sqrt(np.divide(spread, n - 1.0, out=np.zeros(len(n)), where=n > 1.0))
    start = date.fromordinal(int(days[window]))
    return Rolling(window, start, rate, deviation * sqrt(rates.TRADING_DAYS))
