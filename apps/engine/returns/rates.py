"""Return, risk and money-weighted return of plain arrays, by the definitions of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from math import expm1, log, log1p, sqrt

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Days, Floats
from apps.engine.returns.figures import Drawdown, Extreme
from apps.engine.types import Issue

YEAR = 365.0
TRADING_DAYS = 252.0
# What is left of a sum of money after rounding errors is no money.
NOTHING = 1e-9
# Logarithms of total growth between which a rate is looked for: e^60 times, or to nothing.
_WIDEST = 60.0
_FAR = np.geomspace(3.0, _WIDEST, 16)
_GRID = np.concatenate((-_FAR[::-1], np.arange(-2.9, 2.91, 0.1), _FAR))


def day_returns(value: Floats, inflow: Floats, outflow: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return of each day and the days that have none (they start with nothing): the first entry
    is the opening, whose return is 0. r = (V + out) / (V before + in) - 1."""
    base = value[:-1] + inflow[1:]
    top = value[1:] + outflow[1:]
    empty = np.abs(base) <= NOTHING
    rate = np.zeros(len(value))
    np.divide(top, base, out=rate[1:], where=~empty)
    rate[1:][~empty] -= 1.0
    nothing_at_all = empty & (np.abs(top) <= NOTHING)
    return rate, np.concatenate((np.zeros(1, dtype=bool), empty & ~nothing_at_all))


def annualised(rate: float, days: int) -> float | None:
    """(1 + rate)^(365 / days) - 1; None for no days, or where more than all was lost."""
    if days <= 0 or rate < -1.0:
        return None
    if rate == -1.0:
        return -1.0
    power = log(1.0 + rate) * YEAR / days
    return expm1(power) if power < 700.0 else None


def deviations(returns: Floats, include: NDArray[np.bool_] | None = None) -> tuple[float, float]:
    """Volatility and downside deviation of the whole period: sample deviation of log returns
    times the square root of their number; the downside sums only what is below the mean."""
    kept = returns if include is None else returns[include]
    kept = kept[kept > -1.0]
    count = len(kept)
    if count < 2:
        return 0.0, 0.0
    logs = np.log1p(kept)
    off = logs - logs.mean()
    off[np.abs(off) < 1e-15] = 0.0
    below = off[off < 0.0]
    scale = count / (count - 1)
    return sqrt(float(off @ off) * scale), sqrt(float(below @ below) * scale)


def weekdays(days: Days) -> NDArray[np.bool_]:
    """Monday to Friday; ordinal 1 is a Monday."""
    return np.asarray((days - 1) % 7 < 5)


def drawdown_series(index: Floats) -> Floats:
    """How far below its highest point so far the index is, as a positive fraction."""
    peak = np.maximum.accumulate(index)
    return np.asarray(1.0 - np.divide(index, peak, out=np.ones(len(index)), where=peak > 0.0))


def _summit(index: Floats) -> int:
    """The day the highest point was last climbed to. Days that stay there (without quotes, without
    positions) already belong to the fall that follows."""
    high = index >= index.max() * (1.0 - 1e-12)
    last = len(index) - 1 - int(np.argmax(high[::-1]))
    lower = np.flatnonzero(~high[:last])
    return int(lower[-1]) + 1 if len(lower) else 0


def _fall(index: Floats, days: Days, bottom: int) -> Drawdown:
    peak = _summit(index[: bottom + 1])
    high = index[peak]
    back = np.flatnonzero(index[bottom:] >= high)
    depth = 1.0 - float(index[bottom] / high) if high > 0.0 else 0.0
    recovery = date.fromordinal(int(days[bottom + int(back[0])])) if len(back) else None
    return Drawdown(
        depth,
        date.fromordinal(int(days[peak])),
        date.fromordinal(int(days[bottom])),
        recovery,
    )


def drawdowns(index: Floats, days: Days) -> tuple[Drawdown, Drawdown, int]:
    """The deepest fall, the one going on at the end, and the longest time below a peak in days
    (from the day the peak was set to the day it was passed, or the end)."""
    below = drawdown_series(index)
    worst = _fall(index, days, int(np.argmax(below)))
    peaks = np.maximum.accumulate(index)
    last = len(index) - 1 if index[-1] >= peaks[-1] else _summit(index)
    bottom = last + int(np.argmin(index[last:]))
    now = Drawdown(
        float(below[-1]),
        date.fromordinal(int(days[last])),
        date.fromordinal(int(days[bottom])),
        date.fromordinal(int(days[last])) if last == len(index) - 1 else None,
    )
    risen = np.flatnonzero(np.diff(peaks) > 0.0) + 1
    marks = np.concatenate((days[:1], days[risen], days[-1:]))
    return worst, now, int(np.diff(marks).max(initial=0))


def recovery_times(index: Floats, days: Days) -> tuple[date, date] | None:
    """The longest climb from a bottom back to its peak, as (bottom, recovery)."""
    peaks = np.maximum.accumulate(index)
    risen = np.flatnonzero((index >= peaks) & (np.arange(len(index)) > 0))
    longest: tuple[int, int] | None = None
    before = 0
    for place in map(int, risen):
        if place - before > 1:
            bottom = before + int(np.argmin(index[before:place]))
            if longest is None or days[place] - days[bottom] > days[longest[1]] - days[longest[0]]:
                longest = (bottom, place)
        before = place
    if longest is None:
        return None
    return date.fromordinal(int(days[longest[0]])), date.fromordinal(int(days[longest[1]]))


def extremes(rates: Floats, days: Days) -> tuple[Extreme | None, Extreme | None]:
    """The best and the worst of daily returns."""
    if not len(rates):
        return None, None
    found = []
    for place in (int(np.argmax(rates)), int(np.argmin(rates))):
        day = date.fromordinal(int(days[place]))
        found.append(Extreme(float(rates[place]), day, day))
    return found[0], found[1]


def value_at_risk(returns: Floats, level: float) -> float | None:
    """Historical: the loss not exceeded on ``level`` of the days, never negative; None where
    there are too few days to tell (20 at 95 %)."""
    if len(returns) * (1.0 - level) < 1.0 - 1e-9:
        return None
    return max(0.0, -float(np.quantile(returns, 1.0 - level, method="lower")))


def regression(ours: Floats, theirs: Floats) -> tuple[float | None, float | None, float | None]:
    """Beta, correlation and annualised tracking error of log returns."""
    sound = (ours > -1.0) & (theirs > -1.0)
    if int(sound.sum()) < 2:
        return None, None, None
    x, y = np.log1p(theirs[sound]), np.log1p(ours[sound])
    apart = x.std(ddof=1), y.std(ddof=1)
    covariance = float(((x - x.mean()) * (y - y.mean())).sum() / (len(x) - 1))
    tracking = float((y - x).std(ddof=1)) * sqrt(TRADING_DAYS)
    beta = covariance / float(apart[0] ** 2) if apart[0] > 1e-15 else None
    both = float(apart[0] * apart[1])
    return beta, covariance / both if both > 1e-15 else None, tracking


def irr(flows: Sequence[tuple[date, float]]) -> tuple[float | None, Issue | None]:
    """Money-weighted return of dated flows (negative = put in): the one rate at which they are
    worth nothing together; None, with an issue, where there is no such rate or more than one."""
    if not flows:
        return None, Issue("irr_none", "", {"reason": "no flows"})
    first = min(day for day, _ in flows).toordinal()
    days = np.array([day.toordinal() - first for day, _ in flows], dtype=np.int64)
    amounts = np.zeros(int(days.max()) + 1)
    np.add.at(amounts, days, np.array([amount for _, amount in flows]))
    return irr_of(amounts)


def irr_of(amounts: Floats) -> tuple[float | None, Issue | None]:
    """The same for an array with one entry per day."""
    when = np.flatnonzero(np.abs(amounts) > NOTHING)
    cash = amounts[when]
    if len(cash) < 2 or (cash > 0.0).all() or (cash < 0.0).all():
        return None, Issue("irr_none", "", {})
    # Time runs from 0 to 1 over the flows, so the unknown is the log of the whole growth.
    span = float(when[-1] - when[0])
    time = (when - when[0]) / span
    root = _newton(cash, time)
    if root is None or not _only(cash, time, root):
        roots = _all_roots(cash, time, root)
        if len(roots) != 1:
            code = "irr_several" if roots else "irr_none"
            return None, Issue(code, "", {"roots": str(len(roots))} if roots else {})
        root = roots[0]
    power = root * YEAR / span
    return (expm1(power), None) if power < 700.0 else (None, Issue("irr_none", "", {}))


def _newton(cash: Floats, time: Floats) -> float | None:
    weighted = cash * time
    # From the gain over the mean capital, which is near the answer where anything ordinary is.
    gain = float(cash.sum())
    capital = float(weighted.sum()) - gain
    root = log1p(gain / capital) if capital > 0.0 and gain > -0.99 * capital else 0.0
    for _ in range(40):
        now = np.exp(-root * time)
        slope = -float(weighted.dot(now))
        if slope == 0.0:
            return None
        step = float(cash.dot(now)) / slope
        root -= max(-2.0, min(2.0, step))
        if abs(root) > _WIDEST:
            return None
        if abs(step) < 1e-13 * max(1.0, abs(root)):
            return root
    return None


def _only(cash: Floats, time: Floats, root: float) -> bool:
    """Whether the money never changes sides at this rate: then no other rate can do (Soper)."""
    balance = np.cumsum(cash * np.exp(-root * time))[:-1]
    slack = 1e-9 * float(np.abs(cash).max())
    return bool((balance <= slack).all() or (balance >= -slack).all())


def _all_roots(cash: Floats, time: Floats, known: float | None) -> list[float]:
    """Every rate at which the present value changes sign, from a grid of rates that is refined
    where it comes near nothing without crossing it; ``known`` is one found otherwise."""

    def worth(rates: Floats) -> Floats:
        # Not a matrix product: those start threads, which cost more than they save here.
        return np.asarray(np.einsum("rt,t->r", np.exp(-np.outer(rates, time)), cash))

    now = worth(_GRID)
    size = np.abs(now)
    dips = np.flatnonzero(
        (size[1:-1] < size[:-2])
        & (size[1:-1] < size[2:])
        & (np.sign(now[:-2]) == np.sign(now[1:-1]))
        & (np.sign(now[2:]) == np.sign(now[1:-1]))
    )
    finer = [np.linspace(_GRID[place], _GRID[place + 2], 65) for place in dips.tolist()]
    grid = np.unique(np.concatenate([_GRID, *finer]))
    signs = np.sign(worth(grid) if finer else now)
    roots = [float(grid[place]) for place in np.flatnonzero(signs == 0.0)]
    for place in np.flatnonzero(signs[:-1] * signs[1:] < 0.0).tolist():
        low, high = float(grid[place]), float(grid[place + 1])
        if known is not None and low < known < high:
            roots.append(known)
            continue
        for _ in range(9):
            # Each round keeps one of 64 parts.
            cut = np.linspace(low, high, 65)
            kept = int(np.argmax(np.sign(worth(cut)) != signs[place]))
            low, high = float(cut[max(kept - 1, 0)]), float(cut[kept])
        roots.append((low + high) / 2.0)
    return roots
