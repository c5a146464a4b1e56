"""Return, risk and money-weighted return of plain arrays, by the definitions of the contract."""

from __future__ import annotations

from datetime import date
from math import expm1, log, sqrt

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Days, Floats
from apps.engine.returns.figures import Drawdown, Extreme

YEAR = 365.0
TRADING_DAYS = 252.0
# What is left of a sum of money after rounding errors is no money.
NOTHING = 1e-9


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
