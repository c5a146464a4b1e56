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
from apps.engine.returns.measure import Basis, Lines, basis, gain_of, gains_by, mask_of
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


@dataclass(frozen=True, slots=True)
class _Crossings:
    """Money that crossed borders of groups, sorted by group: ``edges`` part them."""

    edges: NDArray[np.intp]
    day: NDArray[np.intp]
    inflow: Floats
    outflow: Floats


def _crossings(timeline: Timeline, groups: _Groups, found: Basis) -> _Crossings:
    events, cash = timeline.events, timeline.cash_lines
    period = (events.day > found.first) & (events.day <= found.last)
    mine = groups.of_line[events.line]
    theirs = np.where(events.peer >= 0, groups.of_line[np.maximum(events.peer, 0)], -1)
    own = np.flatnonzero(period & (mine >= 0) & (mine != theirs))
    group, day = mine[own], events.day[own]
    inflow, outflow = events.inflow[own], events.outflow[own]
    if (cash & (groups.of_line >= 0)).any():
        served = (events.peer >= 0) & cash[np.maximum(events.peer, 0)]
        across = np.flatnonzero(
            period & served & (theirs >= 0) & (mine != theirs) & ~cash[events.line]
        )
        group = np.concatenate((group, theirs[across]))
        day = np.concatenate((day, events.day[across]))
        # What a line pays out, its cash takes in.
        inflow = np.concatenate((inflow, events.outflow[across]))
        outflow = np.concatenate((outflow, events.inflow[across]))
    order = np.argsort(group, kind="stable")
    edges = np.searchsorted(group[order], np.arange(len(groups.names) + 1))
    return _Crossings(
        edges, day[order].astype(np.intp) - found.first, inflow[order], outflow[order]
    )


def _gains(timeline: Timeline, groups: _Groups, found: Basis, absolute: Floats) -> list[Gain]:
    """Gain of each group; what rates did to its cash is what no other part explains."""
    pools = timeline.line_pool
    inside = groups.of_line >= 0
    of_pool = np.full(int(pools.max(initial=-1)) + 1, -1, dtype=np.intp)
    of_pool[pools[inside]] = groups.of_line[inside]
    whole = bool((of_pool[pools[inside]] == groups.of_line[inside]).all())
    count = len(groups.names)
    if whole:
        known = np.flatnonzero(of_pool >= 0)
        found_gains = pool_gains(timeline, inside, found.first, found.last, apart=True)
        gains = gains_by(found_gains, known, of_pool[known], count)
    else:
        gains = [
            gain_of(pool_gains(timeline, groups.of_line == place, found.first, found.last), 0.0)
            for place in range(count)
        ]
    for place in np.unique(groups.of_line[inside & timeline.cash_lines]).tolist():
        gains[place] = gains[place].with_cash(float(absolute[place]) - gains[place].total)
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
    crossings = _crossings(timeline, groups, found)
    members: list[list[int]] = [[] for _ in groups.names]
    for line, group in enumerate(groups.of_line.tolist()):
        if group >= 0:
            members[group].append(line)
    weight, around = _weights(found)
    count = len(found.value)
    points = np.linspace(0, count - 1, min(SPARK_POINTS, count)).astype(np.intp)
    parts = [
        _part(timeline, found, lines_of, crossings, place, weight, around, points, irr=irr)
        for place, lines_of in enumerate(members)
    ]
    absolute = np.array([part.absolute for part in parts])
    gains = _gains(timeline, groups, found, absolute)
    whole = float(found.value[-1])
    rows = [
        GroupRow(
            key=name,
            lines=tuple(members[place]),
            start_value=part.start,
            end_value=part.end,
            inflows=part.inflow,
            outflows=part.outflow,
            gain=gains[place],
            twr=part.twr,
            irr=part.irr,
            contribution=part.contribution,
            weight=part.end / whole if whole else None,
            spark=part.spark,
        )
        for place, (name, part) in enumerate(zip(groups.names, parts, strict=True))
    ]
    return sorted(rows, key=lambda row: (-row.end_value, row.key))


@dataclass(frozen=True, slots=True)
class _Part:
    start: float
    end: float
    inflow: float
    outflow: float
    absolute: float
    twr: float
    irr: float | None
    contribution: float
    spark: Floats


def _part(
    timeline: Timeline,
    found: Basis,
    lines: list[int],
    crossings: _Crossings,
    place: int,
    weight: Floats,
    around: Floats,
    points: NDArray[np.intp],
    *,
    irr: bool,
) -> _Part:
    """One group, by itself: a row at a time stays in the processor's cache."""
    days = slice(found.first, found.last + 1)
    value = timeline.values[lines[0], days]
    if len(lines) > 1:
        value = value.copy()
        for line in lines[1:]:
            value += timeline.values[line, days]
    count = len(value)
    own = slice(int(crossings.edges[place]), int(crossings.edges[place + 1]))
    day = crossings.day[own]
    inflow = sums(day, crossings.inflow[own], count)
    outflow = sums(day, crossings.outflow[own], count)
    base = value[:-1] + inflow[1:]
    top = value[1:] + outflow[1:]
    growth = np.ones(count)
    np.divide(top, base, out=growth[1:], where=np.abs(base) > rates.NOTHING)
    index = np.cumprod(growth)
    flows = outflow - inflow
    start, end = float(value[0]), float(value[-1])
    contribution = float(np.dot(value, around) + np.dot(flows[1:], weight))
    absolute = end - start + float(flows.sum())
    rate = None
    if irr:
        flows[0] -= start
        flows[-1] += end
        rate = rates.irr_of(flows)[0]
    return _Part(
        start=start,
        end=end,
        inflow=float(inflow.sum()),
        outflow=float(outflow.sum()),
        absolute=absolute,
        twr=float(index[-1]) - 1.0,
        irr=rate,
        contribution=contribution,
        spark=np.asarray(index[points]),
    )


def _weights(found: Basis) -> tuple[Floats, Floats]:
    """How much a unit gained on a day adds to the whole's return: the index of the day before
    over what the day started with; and the same for values, each of which ends one day's gain
    and begins the next one's."""
    rate, _ = rates.day_returns(found.value, found.inflow, found.outflow)
    index = np.cumprod(1.0 + rate)
    base = found.value[:-1] + found.inflow[1:]
    weight = np.zeros(len(base))
    np.divide(index[:-1], base, out=weight, where=np.abs(base) > rates.NOTHING)
    return weight, np.concatenate(([0.0], weight)) - np.concatenate((weight, [0.0]))


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
