"""Tables: the same figures by asset, class, account, currency or anything else of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns import rates
from apps.engine.returns.figures import Concentration, Gain, GroupRow
from apps.engine.returns.gains import pool_gains
from apps.engine.returns.measure import Basis, Lines, basis, gain_of, mask_of
from apps.engine.returns.model import Line, Mask, Timeline, sums

Key = Callable[[Line], str]

#: What a table can be grouped by, by name. Cash stands under its own heading.
KEYS: dict[str, Key] = {
    "asset": lambda line: line.asset or f"cash {line.currency}",
    "class": lambda line: line.asset_class or "other",
    "account": lambda line: line.account,
    "currency": lambda line: line.currency,
    "holder": lambda line: line.holder,
}
SPARK_POINTS = 48


@dataclass(frozen=True, slots=True)
class _Groups:
    """Lines of a mask by group. ``of_line`` is -1 outside the mask."""

    names: list[str]
    of_line: NDArray[np.intp]


def _groups(timeline: Timeline, mask: Mask, key: Key) -> _Groups:
    names: dict[str, int] = {}
    of_line = np.full(len(timeline.lines), -1, dtype=np.intp)
    for place in np.flatnonzero(mask):
        of_line[place] = names.setdefault(key(timeline.lines[place]), len(names))
    return _Groups(list(names), of_line)


def _values(timeline: Timeline, groups: _Groups, found: Basis) -> Floats:
    """Value of each group on each day."""
    inside = np.flatnonzero(groups.of_line >= 0)
    part = timeline.values[:, found.first : found.last + 1]
    total = np.zeros((len(groups.names), part.shape[1]))
    for line in inside:
        total[groups.of_line[line]] += part[line]
    total[np.abs(total) < rates.NOTHING] = 0.0
    return total


def _flows(timeline: Timeline, groups: _Groups, found: Basis) -> tuple[Floats, Floats]:
    """Money that crossed each group's border on each day."""
    events, cash = timeline.events, timeline.cash_lines
    count, wide = found.last - found.first + 1, len(groups.names)
    period = (events.day > found.first) & (events.day <= found.last)
    mine = groups.of_line[events.line]
    theirs = np.where(events.peer >= 0, groups.of_line[np.maximum(events.peer, 0)], -1)
    day = events.day - found.first
    chosen = period & (mine >= 0) & (mine != theirs)
    at = mine[chosen] * count + day[chosen]
    inflow = sums(at, events.inflow[chosen], wide * count)
    outflow = sums(at, events.outflow[chosen], wide * count)
    if (cash & (groups.of_line >= 0)).any():
        across = period & (theirs >= 0) & (mine != theirs) & ~cash[events.line]
        across &= np.where(events.peer >= 0, cash[np.maximum(events.peer, 0)], False)
        at = theirs[across] * count + day[across]
        inflow += sums(at, events.outflow[across], wide * count)
        outflow += sums(at, events.inflow[across], wide * count)
    return inflow.reshape(wide, count), outflow.reshape(wide, count)


def _gains(timeline: Timeline, groups: _Groups, found: Basis, absolute: Floats) -> list[Gain]:
    """Gain of each group; what rates did to its cash is what no other part explains."""
    pools = timeline.line_pool
    inside = groups.of_line >= 0
    of_pool = np.full(int(pools.max(initial=-1)) + 1, -1, dtype=np.intp)
    of_pool[pools[inside]] = groups.of_line[inside]
    whole = bool((of_pool[pools[inside]] == groups.of_line[inside]).all())
    together = pool_gains(timeline, inside, found.first, found.last) if whole else None
    gains = []
    has_cash = np.zeros(len(groups.names), dtype=bool)
    has_cash[groups.of_line[inside & timeline.cash_lines]] = True
    if together is not None:
        members = np.argsort(of_pool, kind="stable")
        edges = np.searchsorted(of_pool[members], np.arange(len(groups.names) + 1))
    for place in range(len(groups.names)):
        if together is not None:
            gain = gain_of(together, members[edges[place] : edges[place + 1]], 0.0)
        else:
            mask = groups.of_line == place
            gain = gain_of(pool_gains(timeline, mask, found.first, found.last), None, 0.0)
        if has_cash[place]:
            gain = gain.with_cash(float(absolute[place]) - gain.total)
        gains.append(gain)
    return gains


def table_by(
    timeline: Timeline,
    key: str | Key,
    *,
    lines: Lines = None,
    start: date | None = None,
    end: date | None = None,
    with_cash: bool = False,
    irr: bool = True,
) -> list[GroupRow]:
    """One row per group over (``start``, ``end``], the largest first. Contributions add up to the
    ``twr`` of the whole (``measure`` with the same arguments) exactly."""
    mask = mask_of(timeline, lines, with_cash=with_cash)
    found = basis(timeline, mask, start, end)
    groups = _groups(timeline, mask, KEYS[key] if isinstance(key, str) else key)
    if not groups.names:
        return []
    value = _values(timeline, groups, found)
    inflow, outflow = _flows(timeline, groups, found)
    base = value[:, :-1] + inflow[:, 1:]
    growth = np.ones_like(base)
    np.divide(value[:, 1:] + outflow[:, 1:], base, out=growth, where=np.abs(base) > rates.NOTHING)
    index = np.cumprod(growth, axis=1) if base.shape[1] else np.ones((len(value), 1))
    flows = outflow - inflow
    absolute = value[:, -1] - value[:, 0] + flows.sum(axis=1)
    parts = _contributions(found, value, flows)
    gains = _gains(timeline, groups, found, absolute)
    whole = float(found.value[-1])
    spark = np.linspace(0, index.shape[1] - 1, min(SPARK_POINTS, index.shape[1])).astype(np.intp)
    rows = []
    members: list[list[int]] = [[] for _ in groups.names]
    for line, group in enumerate(groups.of_line.tolist()):
        if group >= 0:
            members[group].append(line)
    for place, name in enumerate(groups.names):
        rate = None
        if irr:
            money = flows[place]
            money[0] -= value[place, 0]
            money[-1] += value[place, -1]
            rate = rates.irr_of(money)[0]
        rows.append(
            GroupRow(
                key=name,
                lines=tuple(members[place]),
                start_value=float(value[place, 0]),
                end_value=float(value[place, -1]),
                inflows=float(inflow[place].sum()),
                outflows=float(outflow[place].sum()),
                gain=gains[place],
                twr=float(index[place, -1]) - 1.0,
                irr=rate,
                contribution=float(parts[place]),
                weight=float(value[place, -1]) / whole if whole else None,
                spark=index[place, spark],
            )
        )
    return sorted(rows, key=lambda row: (-row.end_value, row.key))


def _contributions(found: Basis, value: Floats, flows: Floats) -> Floats:
    """Part of each group in the whole's return: its gain of each day over what the whole started
    that day with, carried on by the index of the days before."""
    rate, _ = rates.day_returns(found.value, found.inflow, found.outflow)
    index = np.cumprod(1.0 + rate)
    base = found.value[:-1] + found.inflow[1:]
    weight = np.zeros(len(base))
    np.divide(index[:-1], base, out=weight, where=np.abs(base) > rates.NOTHING)
    # sum of w_t (V_t - V_(t-1)), with the values taken out once each
    around = np.concatenate(([0.0], weight)) - np.concatenate((weight, [0.0]))
    return np.asarray(
        np.einsum("gd,d->g", value, around) + np.einsum("gd,d->g", flows[:, 1:], weight)
    )


def concentration(rows: list[GroupRow], tops: tuple[int, ...] = (1, 3, 5, 10)) -> Concentration:
    """How few groups hold how much of the end value; negative positions count by their size."""
    sizes = [(row.key, abs(row.end_value)) for row in rows if row.end_value]
    whole = sum(size for _, size in sizes)
    shares = sorted(((key, size / whole) for key, size in sizes), key=lambda each: -each[1])
    hhi = sum(share * share for _, share in shares)
    return Concentration(
        hhi=hhi,
        effective=1.0 / hhi if hhi else 0.0,
        top={count: sum(share for _, share in shares[:count]) for count in tops},
        shares=tuple(shares),
    )
