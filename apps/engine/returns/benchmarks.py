"""What the same days, and the same money, would have brought elsewhere."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from apps.engine.grid import Floats, PriceArrays, carried, closes_of, floats, ordinals
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.returns import rates
from apps.engine.returns.figures import Comparison
from apps.engine.returns.grids import rate_grids
from apps.engine.returns.model import Mask, Timeline
from apps.engine.returns.money_weighted import irr_of
from apps.engine.types import Issue

_NO_FX = FxTable()
# Weekends, holidays and a day until yesterday's figure is out.
PATIENCE = 8
# A month's index is out some two weeks after its end.
MONTHLY_PATIENCE = 46


@dataclass(frozen=True, slots=True)
class Levels:
    """What one unit of money grows to, on every day of a timeline's grid.

    ``first`` is the grid day from which it is known, flat before; ``last`` the one of its newest
    figure, flat after. ``patience`` is for how many days after it no newer figure is expected.
    """

    name: str
    levels: Floats
    first: int
    last: int
    issues: tuple[Issue, ...] = ()
    patience: int = PATIENCE

    def known(self, first: int, last: int) -> int:
        """The grid day up to which a period can be held against it: its end, or the newest figure
        where that is too long before."""
        return last if last - self.last <= self.patience else max(first, self.last)

    def growth(self, first: int, last: int) -> float:
        """Growth between two grid days."""
        return float(self.levels[last] / self.levels[first]) - 1.0


def _missing(name: str, count: int) -> Levels:
    return Levels(name, np.ones(count), count, -1, (Issue("benchmark_missing", name, {}),))


def daily_rate(
    timeline: Timeline, indexes: IndexTable, index: str = "CDI", percent: float = 1.0
) -> Levels:
    """CDI, Selic, or a percentage of them: each daily rate counts from the day after its own."""
    dates, values = indexes.series(index)
    days = timeline.ordinals
    name = index if percent == 1.0 else f"{percent:.0%} {index}"
    if not dates:
        return _missing(name, len(days))
    when = ordinals(dates) + 1
    kept = (when > days[0]) & (when <= days[-1])
    grown = np.cumprod(1.0 + floats(values)[kept] / 100.0 * percent)
    return _placed(name, timeline, carried(days, when[kept], grown, 1.0), int(when[0]) - 1, dates)


def _placed(name: str, timeline: Timeline, levels: Floats, first: int, dates: list[date]) -> Levels:
    start = timeline.start.toordinal()
    last = dates[-1].toordinal() - start
    return Levels(name, levels, max(first - start, 0), min(last, timeline.days - 1))


def monthly_rate(
    timeline: Timeline, indexes: IndexTable, index: str = "IPCA", spread: float = 0.0
) -> Levels:
    """IPCA (or another monthly index) and a yearly rate on top of it.

    A month's rate is spread evenly (geometrically) over its calendar days, the spread over the
    days of a year; months not published yet do not grow.
    """
    dates, values = indexes.series(index)
    days = timeline.ordinals
    name = f"{index} + {spread:.2%}" if spread else index
    if not dates:
        return _missing(name, len(days))
    months = (days.astype("datetime64[D]") - np.timedelta64(719163, "D")).astype("datetime64[M]")
    known = {
        np.datetime64(day, "M"): float(value) for day, value in zip(dates, values, strict=True)
    }
    unique, which = np.unique(months, return_inverse=True)
    lengths = ((unique + 1).astype("datetime64[D]") - unique.astype("datetime64[D]")).astype(float)
    per_day = np.array([np.log1p(known.get(month, 0.0) / 100.0) for month in unique]) / lengths
    logs = per_day[which] + np.log1p(spread) / rates.YEAR
    logs[0] = 0.0
    placed = _placed(name, timeline, np.exp(np.cumsum(logs)), dates[0].toordinal() - 1, dates)
    end = np.datetime64(dates[-1], "M") + 1
    last = int((end.astype("datetime64[D]") - np.datetime64(timeline.start)).astype(int)) - 1
    return replace(placed, last=min(last, timeline.days - 1), patience=MONTHLY_PATIENCE)


def points(
    timeline: Timeline,
    indexes: IndexTable,
    index: str,
    *,
    currency: str = "",
    fx: FxTable = _NO_FX,
) -> Levels:
    """An index in points (IBOV, IFIX, S&P 500). With ``currency`` its points are money of that
    currency and are converted; without it they are taken as they are."""
    dates, values = indexes.series(index)
    return _priced(timeline, index, ordinals(dates), floats(values), dates, currency, fx)


def asset(
    timeline: Timeline,
    prices: PriceTable | PriceArrays,
    code: str,
    *,
    currency: str = "",
    fx: FxTable = _NO_FX,
) -> Levels:
    """Any asset by its closes (give adjusted ones where it had splits or paid income)."""
    when, closes = closes_of(prices, code)
    dates = [date.fromordinal(int(day)) for day in (when[:1].tolist() + when[-1:].tolist())]
    return _priced(timeline, code, when, closes, dates, currency, fx)


def _priced(
    timeline: Timeline,
    name: str,
    when: np.typing.NDArray[np.int64],
    values: Floats,
    dates: list[date],
    currency: str,
    fx: FxTable,
) -> Levels:
    days = timeline.ordinals
    if not len(when):
        return _missing(name, len(days))
    levels = carried(days, when, values)
    issues: list[Issue] = []
    if currency and currency != timeline.currency:
        grids, _, issues = rate_grids([currency], fx, timeline.currency, days)
        levels = levels * grids[currency]
    known = np.flatnonzero(~np.isnan(levels) & (levels > 0.0))
    if not len(known):
        return _missing(name, len(days))
    levels[: known[0]] = levels[known[0]]
    placed = _placed(name, timeline, levels, int(days[0] + known[0]), dates)
    return Levels(name, placed.levels, placed.first, placed.last, tuple(issues))


def same_money(levels: Floats, value: Floats, inflow: Floats, outflow: Floats) -> Floats:
    """Worth of the same flows in the benchmark, day by day: what comes in buys at the close of
    the day before, what goes out sells at the close of its own day."""
    units = np.zeros(len(levels))
    units[0] = value[0] / levels[0]
    units[1:] = inflow[1:] / levels[:-1] - outflow[1:] / levels[1:]
    return np.asarray(np.cumsum(units) * levels)


def compare(
    name: str,
    levels: Levels,
    first: int,
    last: int,
    value: Floats,
    inflow: Floats,
    outflow: Floats,
    rate: Floats,
    counted: Mask,
) -> Comparison:
    """One benchmark against a measurement."""
    part = levels.levels[first : last + 1]
    growth = float(part[-1] / part[0]) - 1.0
    worth = same_money(part, value, inflow, outflow)
    flows = outflow - inflow
    flows[0] -= value[0]
    known = levels.known(first, last) - first
    ours = float(np.prod(1.0 + rate[: known + 1]))
    flows[-1] += worth[-1]
    theirs = np.concatenate((np.zeros(1), part[1:] / part[:-1] - 1.0))
    beta, correlation, tracking = rates.regression(rate[counted], theirs[counted])
    return Comparison(
        name=name,
        twr=growth,
        twr_annualised=rates.annualised(growth, last - first),
        excess=ours / float(part[known] / part[0]) - 1.0,
        end_value=float(worth[-1]),
        gain=float(worth[-1] - value[0] - inflow.sum() + outflow.sum()),
        irr=irr_of(flows)[0],
        beta=beta,
        correlation=correlation,
        tracking_error=tracking,
        known_from=max(levels.first - first, 0),
        known_to=known,
        levels=part / part[0],
        values=worth,
    )


def constant(timeline: Timeline, rate: float) -> Levels:
    """A fixed yearly rate, every calendar day."""
    if rate <= -1.0:
        raise ValueError(rate)
    levels = (1.0 + rate) ** (np.arange(timeline.days) / rates.YEAR)
    return Levels(f"{rate:.2%}", levels, 0, timeline.days - 1)
