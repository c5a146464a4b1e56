"""Income: by month and asset, its yield and its growth; how often something pays."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

import numpy as np

from apps.engine.returns.figures import IncomeCell, IncomeRow
from apps.engine.returns.gains import pool_gains
from apps.engine.returns.measure import Lines, mask_of
from apps.engine.returns.model import Mask, Timeline, What


def _paid(timeline: Timeline, mask: Mask, first: int, last: int) -> np.typing.NDArray[np.intp]:
    events = timeline.events
    chosen = (events.what == What.INCOME) & mask[events.line]
    return np.flatnonzero(chosen & (events.day > first) & (events.day <= last))


def _span(timeline: Timeline, start: date | None, end: date | None) -> tuple[int, int]:
    first = 0 if start is None else timeline.at(start)
    return first, timeline.days - 1 if end is None else timeline.at(end)


def income_by_month(
    timeline: Timeline,
    *,
    lines: Lines = None,
    start: date | None = None,
    end: date | None = None,
    with_cash: bool = False,
) -> list[IncomeCell]:
    """Gross and withheld income of each asset in each month (dated its first day) in which there
    was any, oldest first; interest on cash has an empty key."""
    mask = mask_of(timeline, lines, with_cash=with_cash)
    events = timeline.events
    found: dict[tuple[date, str], list[float]] = {}
    for place in _paid(timeline, mask, *_span(timeline, start, end)):
        day = timeline.date(int(events.day[place]))
        key = (day.replace(day=1), timeline.lines[int(events.line[place])].asset)
        cell = found.setdefault(key, [0.0, 0.0])
        cell[0] += float(events.gross[place])
        cell[1] += float(events.tax[place])
    return [IncomeCell(month, key, *cell) for (month, key), cell in sorted(found.items())]


def income_by_asset(
    timeline: Timeline,
    *,
    lines: Lines = None,
    start: date | None = None,
    end: date | None = None,
    with_cash: bool = False,
) -> list[IncomeRow]:
    """Income of each asset that paid in the period, the largest first, after one row (empty key)
    for all of it together. Yields compare the last twelve months before ``end``, whatever the
    start of the period, with the value and the average cost (without fees) on that day."""
    mask = mask_of(timeline, lines, with_cash=with_cash)
    first, last = _span(timeline, start, end)
    day = timeline.date(last)
    year = timeline.at(_years_before(day, 1)) if _years_before(day, 1) > timeline.start else -1
    older = timeline.at(_years_before(day, 2)) if _years_before(day, 2) > timeline.start else -1
    events = timeline.events
    sums: dict[str, list[float]] = {}
    for place in _paid(timeline, mask, min(first, older), last):
        at, gross = int(events.day[place]), float(events.gross[place])
        asset = timeline.lines[int(events.line[place])].asset
        for key in (asset, "") if asset else ("",):
            cell = sums.setdefault(key, [0.0] * 4)
            if at > first:
                cell[0] += gross
                cell[1] += float(events.tax[place])
            if at > year:
                cell[2] += gross
            elif at > older:
                cell[3] += gross
    value, cost = _worth(timeline, mask, last)
    rows = [
        IncomeRow(
            key=key,
            gross=cell[0],
            withheld=cell[1],
            last_year=cell[2],
            year_before=cell[3],
            yield_on_value=cell[2] / value[key] if value.get(key, 0.0) > 0.0 else None,
            yield_on_cost=cell[2] / cost[key] if cost.get(key, 0.0) > 0.0 else None,
            growth=cell[2] / cell[3] - 1.0 if cell[3] > 0.0 else None,
        )
        for key, cell in sums.items()
    ]
    return sorted(rows, key=lambda row: (row.key != "", -row.gross, row.key))


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _worth(timeline: Timeline, mask: Mask, day: int) -> tuple[dict[str, float], dict[str, float]]:
    """Value and average cost of each asset, and (empty key) of all of them."""
    gains = pool_gains(timeline, mask & ~timeline.cash_lines, 0, day)
    names = {
        int(pool): line.asset
        for pool, line in zip(timeline.line_pool, timeline.lines, strict=True)
        if line.asset
    }
    value: dict[str, float] = {"": 0.0}
    cost: dict[str, float] = {"": 0.0}
    for pool, name in names.items():
        for figures, found in ((gains.end_value, value), (gains.cost, cost)):
            found[name] = found.get(name, 0.0) + float(figures[pool])
            found[""] += float(figures[pool])
    return value, cost


class Periodicity(StrEnum):
    """How often something pays."""

    NONE = "NONE"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    SEMIANNUAL = "SEMIANNUAL"
    ANNUAL = "ANNUAL"
    IRREGULAR = "IRREGULAR"


@dataclass(frozen=True, slots=True)
class Payments:
    """How something pays: its rhythm and how many times it paid."""

    periodicity: Periodicity
    events: int


_RHYTHMS = (
    (20, 45, Periodicity.MONTHLY),
    (70, 115, Periodicity.QUARTERLY),
    (150, 220, Periodicity.SEMIANNUAL),
    (320, 410, Periodicity.ANNUAL),
)


def periodicity(dates: Sequence[date]) -> Payments:
    """The rhythm of payments, from the median of the days between them (payments within ten days
    of each other are one); a skipped payment does not change it. Fewer than two have none."""
    days = sorted(set(dates))
    kept: list[date] = []
    for day in days:
        if not kept or day - kept[-1] > timedelta(days=10):
            kept.append(day)
    if len(kept) < 2:
        return Payments(Periodicity.NONE, len(kept))
    gap = median((after - before).days for before, after in itertools.pairwise(kept))
    for low, high, name in _RHYTHMS:
        if low <= gap <= high:
            return Payments(name, len(kept))
    return Payments(Periodicity.IRREGULAR, len(kept))
