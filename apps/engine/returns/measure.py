"""Figures of any part of a timeline over any period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns import rates
from apps.engine.returns.benchmarks import Levels, compare
from apps.engine.returns.figures import Daily, Extreme, Figures, Gain, Risk
from apps.engine.returns.gains import PoolGains, pool_gains
from apps.engine.returns.grids import mark_issue
from apps.engine.returns.model import Marked, Mask, Timeline, sums
from apps.engine.returns.money_weighted import irr_of
from apps.engine.types import Issue

Lines = Sequence[int] | Mask | None


def mask_of(timeline: Timeline, lines: Lines, *, with_cash: bool) -> Mask:
    """The lines chosen (default: all), without the cash ones unless asked for."""
    if lines is None:
        mask = np.ones(len(timeline.lines), dtype=bool)
    else:
        mask = np.zeros(len(timeline.lines), dtype=bool)
        chosen = np.asarray(lines)
        mask[chosen if chosen.dtype == bool else chosen.astype(np.intp)] = True
    return mask if with_cash else mask & ~timeline.cash_lines


@dataclass(frozen=True, slots=True)
class Basis:
    """What every figure starts from: the days of the period (the first is the opening) with the
    value at their close and the money that crossed the border of the mask."""

    mask: Mask
    first: int
    last: int
    value: Floats
    inflow: Floats
    outflow: Floats


#: Runs of rows up to which each is summed by itself.
_MANY_RUNS = 32


def summed(values: Floats, mask: Mask) -> Floats:
    """Sum of some rows, day by day."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    if len(edges) > 2 * _MANY_RUNS:
        # Not a matrix product: those start threads, which cost more than they save here.
        return np.asarray(np.einsum("l,ld->d", mask.astype(np.float64), values))
    total = np.zeros(values.shape[1])
    for low, high in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        total += values[low:high].sum(axis=0)
    return total


def basis(timeline: Timeline, mask: Mask, start: date | None, end: date | None) -> Basis:
    """Values and external flows of a mask over (``start``, ``end``]."""
    first = 0 if start is None else timeline.at(start)
    last = timeline.days - 1 if end is None else timeline.at(end)
    last = max(first, last)
    return timeline.once(
        ("basis", mask.tobytes(), first, last), lambda: _basis(timeline, mask, first, last)
    )


def _basis(timeline: Timeline, mask: Mask, first: int, last: int) -> Basis:
    value = summed(timeline.values[:, first : last + 1], mask)
    value[np.abs(value) < rates.NOTHING] = 0.0
    events = timeline.events
    count = last - first + 1
    period = (events.day > first) & (events.day <= last)
    mine = mask[events.line]
    theirs = (events.peer >= 0) & mask[np.maximum(events.peer, 0)]
    out = period & mine & ~theirs
    inflow = sums(events.day[out] - first, events.inflow[out], count)
    outflow = sums(events.day[out] - first, events.outflow[out], count)
    cash = timeline.cash_lines
    if (mask & cash).any():
        # What a line outside pays into a balance inside (or takes from it) crosses the border.
        served = theirs & cash[np.maximum(events.peer, 0)]
        across = period & ~mine & served & ~cash[events.line]
        inflow = inflow + sums(events.day[across] - first, events.outflow[across], count)
        outflow = outflow + sums(events.day[across] - first, events.inflow[across], count)
    return Basis(mask, first, last, value, inflow, outflow)


_PARTS = (
    ("price_realised", "realised"),
    ("price_unrealised", "unrealised"),
    ("income_gross", "income"),
    ("income_withheld", "withheld"),
    ("fees", "fees"),
    ("taxes", "taxes"),
    ("currency_realised", "currency_realised"),
    ("currency_unrealised", "currency_unrealised"),
    ("fifo_realised", "fifo_realised"),
    ("fifo_unrealised", "fifo_unrealised"),
)


def gain_of(found: PoolGains, cash_currency: float) -> Gain:
    """Sum of all pools."""
    parts = {name: float(getattr(found, pool).sum()) for name, pool in _PARTS}
    return Gain(cash_currency=cash_currency, **parts)


def gains_by(
    found: PoolGains, pools: NDArray[np.intp], group: NDArray[np.intp], count: int
) -> list[Gain]:
    """Sums of pools by group, without cash."""
    columns = {
        name: sums(group, getattr(found, pool)[pools], count).tolist() for name, pool in _PARTS
    }
    return [
        Gain(cash_currency=0.0, **{name: column[place] for name, column in columns.items()})
        for place in range(count)
    ]


def cash_flows(found: Basis) -> Floats:
    """Flows as the money-weighted return wants them, one entry per day: what was there and what
    came in count as paid, what went out and what is left as received."""
    flows = found.outflow - found.inflow
    flows[0] -= found.value[0]
    flows[-1] += found.value[-1]
    return flows


def measure(
    timeline: Timeline,
    *,
    lines: Lines = None,
    start: date | None = None,
    end: date | None = None,
    with_cash: bool = False,
    benchmarks: Mapping[str, Levels] | None = None,
    risk_free: Levels | None = None,
    inflation: Levels | None = None,
) -> Figures:
    """Every figure of some lines (default: all) over (``start``, ``end``] (default: the whole
    timeline).

    Without ``with_cash`` cash lines are left out and purchases are money put in; with it only what
    crosses the border of the lines is (deposits, withdrawals, and trades of lines left out).
    ``benchmarks``, ``risk_free`` and ``inflation`` are levels made by ``benchmarks``.
    """
    mask = mask_of(timeline, lines, with_cash=with_cash)
    found = basis(timeline, mask, start, end)
    days = found.last - found.first
    ordinals = timeline.ordinals[found.first : found.last + 1]
    rate, empty = rates.day_returns(found.value, found.inflow, found.outflow)
    index: Floats = np.cumprod(1.0 + rate, dtype=np.float64)
    issues = mark_issues(timeline, mask, found.first, found.last)
    if empty.any():
        issues.append(_empty_days(timeline, found.first, empty))
    flows = cash_flows(found)
    irr, why = irr_of(flows)
    if why is not None:
        issues.append(why)
    pools = pool_gains(timeline, mask, found.first, found.last)
    inflows, outflows = float(found.inflow.sum()), float(found.outflow.sum())
    start_value, end_value = float(found.value[0]), float(found.value[-1])
    absolute = end_value - start_value - inflows + outflows
    gain = gain_of(pools, 0.0)
    if with_cash:
        gain = gain.with_cash(_cash_part(absolute, gain.total, inflows))
    twr = float(index[-1]) - 1.0
    yearly = rates.annualised(twr, days)
    drawdown = rates.drawdown_series(index)
    # Prices of months not published yet say nothing of inflation: both stop where it does.
    known = found.last if inflation is None else inflation.known(found.first, found.last)
    unknown = inflation is None or known <= found.first < found.last
    worth = None if inflation is None or unknown else inflation.growth(found.first, known)
    counted = _counted(found, rate, ordinals)
    return Figures(
        start=timeline.date(found.first),
        end=timeline.date(found.last),
        currency=timeline.currency,
        start_value=start_value,
        end_value=end_value,
        inflows=inflows,
        outflows=outflows,
        absolute_gain=absolute,
        twr=twr,
        twr_annualised=yearly,
        irr=irr,
        gain=gain,
        risk=_risk(found, rate, index, ordinals, counted, yearly, risk_free),
        real_twr=None if worth is None else float(index[known - found.first]) / (1.0 + worth) - 1.0,
        real_gain=None if inflation is None or unknown else _real_gain(found, inflation),
        inflation=worth,
        inflation_to=None if worth is None else timeline.date(known),
        comparisons={
            name: compare(
                name,
                levels,
                found.first,
                found.last,
                found.value,
                found.inflow,
                found.outflow,
                rate,
                counted,
            )
            for name, levels in (benchmarks or {}).items()
        },
        daily=Daily(
            start=timeline.date(found.first),
            value=found.value,
            inflow=found.inflow,
            outflow=found.outflow,
            rate=rate,
            index=index,
            drawdown=drawdown,
            invested=start_value + np.cumsum(found.inflow - found.outflow),
        ),
        money=flows,
        issues=tuple(issues),
    )


def _counted(found: Basis, rate: Floats, ordinals: NDArray[np.int64]) -> Mask:
    """Weekdays that start with something: those deviations are taken of."""
    counted = rates.weekdays(ordinals)
    counted[1:] &= found.value[:-1] > 0.0
    counted[0] = False
    return counted & (rate > -1.0)


def _empty_days(timeline: Timeline, first: int, empty: Mask) -> Issue:
    places = np.flatnonzero(empty)
    params = {
        "from": timeline.date(first + int(places[0])).isoformat(),
        "to": timeline.date(first + int(places[-1])).isoformat(),
        "days": str(len(places)),
    }
    return Issue("return_without_base", "", params)


def _cash_part(absolute: float, explained: float, inflows: float) -> float:
    """What no other part explains; rounding errors are nothing."""
    rest = absolute - explained
    return rest if abs(rest) > 1e-12 * (abs(absolute) + abs(explained) + inflows) else 0.0


def mark_issues(timeline: Timeline, mask: Mask, first: int, last: int) -> list[Issue]:
    """What the values of some lines rest on between two days, other than prices of those days:
    an issue per stretch of an asset, whichever accounts it is in."""
    found: dict[tuple[str, int, int, Marked], None] = {}
    for mark in timeline.marks:
        low, high = max(mark.first, first), min(mark.last, last)
        if mask[mark.line] and low <= high and mark.why is not Marked.TERMS:
            found[(timeline.lines[mark.line].asset, low, high, mark.why)] = None
    return [
        mark_issue(asset, timeline.date(low), timeline.date(high), high - low + 1, why)
        for asset, low, high, why in found
    ]


def _real_gain(found: Basis, inflation: Levels) -> float:
    """Gain in money of the last day: every flow grown by the inflation since."""
    level = inflation.levels[found.first : found.last + 1]
    since = level[-1] / level
    flows = found.outflow - found.inflow
    # Money that came in bought at the prices of the day before's close.
    return float(found.value[-1] - found.value[0] * since[0] + (flows * since).sum())


def _risk(
    found: Basis,
    rate: Floats,
    index: Floats,
    ordinals: NDArray[np.int64],
    counted: Mask,
    yearly: float | None,
    risk_free: Levels | None,
) -> Risk:
    used = rate[counted]
    count = len(used)
    whole, below = rates.deviations(used)
    per_year = sqrt(rates.TRADING_DAYS / count) if count else 0.0
    free = None
    if risk_free is not None:
        known = risk_free.known(found.first, found.last)
        free = rates.annualised(risk_free.growth(found.first, known), known - found.first)
    excess = None if free is None or yearly is None else yearly - free
    worst, now, longest = rates.drawdowns(index, ordinals)
    best_day, worst_day = rates.extremes(used, ordinals[counted])
    best_month, worst_month = _months(index, ordinals)

    def over(deviation: float) -> float | None:
        return None if excess is None or deviation <= 0.0 else excess / deviation

    return Risk(
        days=count,
        volatility=whole,
        volatility_annualised=whole * per_year,
        downside_deviation=below,
        downside_annualised=below * per_year,
        risk_free=free,
        sharpe=over(whole * per_year),
        sortino=over(below * per_year),
        max_drawdown=worst,
        current_drawdown=now,
        longest_drawdown_days=longest,
        best_day=best_day,
        worst_day=worst_day,
        best_month=best_month,
        worst_month=worst_month,
        var_95=rates.value_at_risk(used, 0.95),
        var_99=rates.value_at_risk(used, 0.99),
    )


def month_edges(ordinals: NDArray[np.int64]) -> NDArray[np.intp]:
    """Places of the opening, of each month's last day, and of the end."""
    if len(ordinals) < 2:
        return np.zeros(1, dtype=np.intp)
    days = ordinals.astype("datetime64[D]") - np.timedelta64(719163, "D")
    months = days.astype("datetime64[M]").astype(np.int64)
    closing = np.flatnonzero(months[1:] != months[:-1])
    return np.unique(np.concatenate(([0], closing, [len(ordinals) - 1])))


def _months(index: Floats, ordinals: NDArray[np.int64]) -> tuple[Extreme | None, Extreme | None]:
    edges = month_edges(ordinals)
    if len(edges) < 2:
        return None, None
    low = index[edges[:-1]]
    grown = np.divide(index[edges[1:]], low, out=np.ones(len(low)), where=low > 0.0) - 1.0
    found = []
    for place in (int(np.argmax(grown)), int(np.argmin(grown))):
        found.append(
            Extreme(
                float(grown[place]),
                date.fromordinal(int(ordinals[edges[place]]) + 1),
                date.fromordinal(int(ordinals[edges[place + 1]])),
            )
        )
    return found[0], found[1]
