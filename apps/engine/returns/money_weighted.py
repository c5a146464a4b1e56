"""Money-weighted returns: of one list of flows, or of many at once.

A rate is looked for as the logarithm of the growth over all the flows' time, which runs from 0 to
1. Newton's steps find one; Soper's condition (the money never changes sides) proves it the only
one; where it does not hold, a grid of rates shows every change of sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import expm1

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns.rates import NOTHING, YEAR
from apps.engine.types import Issue

# Logarithms of total growth between which a rate is looked for: e^60 times, or to nothing.
_WIDEST = 60.0
_FAR = np.geomspace(3.0, _WIDEST, 16)
_STEP = 0.1
_NEAR = np.arange(-2.9, 2.91, _STEP)
_GRID = np.concatenate((-_FAR[::-1], _NEAR, _FAR))
# A yearly rate beyond e^700 is no number.
_LARGEST = 700.0

Places = NDArray[np.intp]


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
    when = np.flatnonzero(amounts)
    rates, roots = irr_of_each(amounts[when], when, np.array([len(when)], dtype=np.intp))
    if roots[0] == 1 and rates[0] is not None:
        return rates[0], None
    several = {"roots": str(roots[0])} if roots[0] > 1 else {}
    return None, Issue("irr_several" if several else "irr_none", "", several)


def irr_of_each(
    amounts: Floats, when: Places, sizes: Places
) -> tuple[list[float | None], list[int]]:
    """The rate of each of several lists of flows laid end to end, ``sizes`` long each, their days
    rising; and how many rates each has. A list with more than one, or none, has the rate None."""
    kept = np.abs(amounts) > NOTHING
    if not kept.all():
        sizes = np.bincount(np.arange(len(sizes)).repeat(sizes)[kept], minlength=len(sizes))
        amounts, when = amounts[kept], when[kept]
    rates: list[float | None] = [None] * len(sizes)
    counts = [0] * len(sizes)
    asked, flows, span = _able(amounts, when, sizes)
    if not len(asked):
        return rates, counts
    root = _newton(flows)
    sure = ~np.isnan(root)
    sure[sure] = _only(flows.of(sure), root[sure])
    found: list[list[float]] = [[each] for each in root.tolist()]
    unsure = np.flatnonzero(~sure)
    if len(unsure):
        rest = flows.of(~sure)
        for at, each, now in zip(unsure.tolist(), rest.each(), _grid_worth(rest), strict=True):
            known = None if np.isnan(root[at]) else float(root[at])
            found[at] = _all_roots(*each, known, now)
    for place, roots, days in zip(asked.tolist(), found, span.tolist(), strict=True):
        counts[place] = len(roots)
        if len(roots) == 1:
            power = roots[0] * YEAR / days
            rates[place] = expm1(power) if power < _LARGEST else None
    return rates, counts


@dataclass(frozen=True, slots=True)
class _Flows:
    """Lists laid end to end: money (the largest of each list 1) and time (0 to 1)."""

    cash: Floats
    time: Floats
    sizes: Places
    starts: Places

    def of(self, chosen: NDArray[np.bool_]) -> _Flows:
        """Some of the lists."""
        if chosen.all():
            return self
        kept = chosen.repeat(self.sizes)
        return _laid(self.cash[kept], self.time[kept], self.sizes[chosen])

    def each(self) -> list[tuple[Floats, Floats]]:
        """Money and time of each list."""
        stops = self.starts + self.sizes
        return [
            (self.cash[low:high], self.time[low:high])
            for low, high in zip(self.starts.tolist(), stops.tolist(), strict=True)
        ]

    def worth(self, discount: Floats) -> Floats:
        """Present worth of each list."""
        return np.asarray(np.add.reduceat(self.cash * discount, self.starts))


def _laid(cash: Floats, time: Floats, sizes: Places) -> _Flows:
    return _Flows(cash, time, sizes, np.cumsum(sizes) - sizes)


def _able(amounts: Floats, when: Places, sizes: Places) -> tuple[Places, _Flows, Floats]:
    """The lists that may have a rate (money went both ways, on more than one day), and the days
    each spans."""
    asked = np.flatnonzero(sizes)
    sizes = sizes[asked]
    flows = _laid(amounts, when.astype(np.float64), sizes)
    if not len(asked):
        return asked, flows, flows.cash
    starts = flows.starts
    able = (np.maximum.reduceat(amounts, starts) > 0.0) & (
        np.minimum.reduceat(amounts, starts) < 0.0
    )
    flows, asked = flows.of(able), asked[able]
    if not len(asked):
        return asked, flows, flows.cash
    begin = flows.time[flows.starts]
    span = flows.time[flows.starts + flows.sizes - 1] - begin
    largest = np.maximum.reduceat(np.abs(flows.cash), flows.starts)
    time = (flows.time - begin.repeat(flows.sizes)) / span.repeat(flows.sizes)
    cash = flows.cash / largest.repeat(flows.sizes)
    return asked, _laid(cash, time, flows.sizes), span


def _newton(flows: _Flows) -> Floats:
    """A rate of each list, NaN where the steps lead nowhere."""
    gain = np.add.reduceat(flows.cash, flows.starts)
    capital = np.add.reduceat(flows.cash * flows.time, flows.starts) - gain
    # From the gain over the mean capital, which is near the answer where anything ordinary is.
    near = (capital > 0.0) & (gain > -0.99 * capital)
    ratio = np.divide(gain, capital, out=np.zeros(len(gain)), where=near)
    found = np.full(len(gain), np.nan)
    going, root = np.arange(len(gain)), np.log1p(ratio)
    for _ in range(40):
        now = flows.cash * np.exp(-root.repeat(flows.sizes) * flows.time)
        slope = -np.add.reduceat(now * flows.time, flows.starts)
        there = np.add.reduceat(now, flows.starts)
        step = np.divide(there, slope, out=np.full(len(root), np.nan), where=slope != 0.0)
        root = root - np.clip(step, -2.0, 2.0)
        inside = np.abs(root) <= _WIDEST
        done = inside & (np.abs(step) < 1e-13 * np.maximum(1.0, np.abs(root)))
        found[going[done]] = root[done]
        on = inside & ~done
        if not on.any():
            break
        if not on.all():
            flows, going, root = flows.of(on), going[on], root[on]
    return found


def _only(flows: _Flows, root: Floats) -> NDArray[np.bool_]:
    """Whether the money never changes sides at this rate: then no other rate can do (Soper)."""
    if not len(root):
        return np.zeros(0, dtype=bool)
    now = flows.cash * np.exp(-root.repeat(flows.sizes) * flows.time)
    balance = np.cumsum(now)
    balance -= (balance[flows.starts] - now[flows.starts]).repeat(flows.sizes)
    balance[flows.starts + flows.sizes - 1] = 0.0
    slack = 1e-9
    return np.asarray(
        (np.maximum.reduceat(balance, flows.starts) <= slack)
        | (np.minimum.reduceat(balance, flows.starts) >= -slack)
    )


def _grid_worth(flows: _Flows) -> Floats:
    """Present worth of each list (a row) at each rate of the grid."""
    worth = np.empty((len(flows.sizes), len(_GRID)))
    away = len(_FAR)
    for place, rate in enumerate(_GRID):
        if not away < place < away + len(_NEAR):
            discount = np.exp(-rate * flows.time)
            if place == away:
                onward = np.exp(-_STEP * flows.time)
        else:
            discount *= onward
        worth[:, place] = flows.worth(discount)
    return worth


def _all_roots(cash: Floats, time: Floats, known: float | None, now: Floats) -> list[float]:
    """Every rate at which the present value changes sign, from a grid of rates (``now`` is the
    worth at each) that is refined where it comes near nothing without crossing it; ``known`` is one
    found otherwise."""

    def worth(rates: Floats) -> Floats:
        # Not a matrix product: those start threads, which cost more than they save here.
        return np.asarray(np.einsum("rt,t->r", np.exp(-np.outer(rates, time)), cash))

    size = np.abs(now)
    dips = np.flatnonzero(
        (size[1:-1] < size[:-2])
        & (size[1:-1] < size[2:])
        & (np.sign(now[:-2]) == np.sign(now[1:-1]))
        & (np.sign(now[2:]) == np.sign(now[1:-1]))
    )
    finer = [np.linspace(_GRID[place], _GRID[place + 2], 65) for place in dips.tolist()]
    grid = np.unique(np.concatenate([_GRID, *finer])) if finer else _GRID
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
