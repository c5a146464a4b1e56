"""Tables: the same figures by asset, class, account, currency or anything else of a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns import rates
from apps.engine.returns.figures import Concentration, Gain, GroupRow
from apps.engine.returns.gains import pool_gains
from apps.engine.returns.measure import Basis, Lines, basis, gain_of, gains_by, mask_of
from apps.engine.returns.model import Line, Mask, Timeline, sums
from apps.engine.returns.money_weighted import irr_of_each

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
    group: NDArray[np.intp]
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
    group = group[order]
    edges = np.searchsorted(group, np.arange(len(groups.names) + 1))
    return _Crossings(
        edges, group, day[order].astype(np.intp) - found.first, inflow[order], outflow[order]
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
    parts = _parts(timeline, found, members, crossings, irr=irr)
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
    contribution: float
    spark: Floats
    irr: float | None


def _parts(
    timeline: Timeline,
    found: Basis,
    members: list[list[int]],
    crossings: _Crossings,
    *,
    irr: bool,
) -> list[_Part]:
    """Each group by itself. Between two days on which money crossed its border, a group's return
    is the ratio of its values: only those days, and the ones drawn, are looked at."""
    groups, last = len(members), len(found.value) - 1
    weight, around = _weights(found)
    points = np.linspace(0, last, min(SPARK_POINTS, last + 1)).astype(np.intp)
    seen = _looked_at(timeline, found, members, crossings, around, points)
    at = np.searchsorted(seen.key, crossings.group * (last + 1) + crossings.day)
    inflow = sums(at, crossings.inflow, len(seen.key))
    outflow = sums(at, crossings.outflow, len(seen.key))
    flows = outflow - inflow
    start, end = seen.shown[:, 0], seen.shown[:, -1]
    index = _indexes(seen, inflow, outflow, points, last + 1)
    moved = sums(seen.group, flows, groups)
    contribution = seen.dot + sums(seen.group, flows * weight[seen.day - 1], groups)
    columns = (
        start,
        end,
        sums(seen.group, inflow, groups),
        sums(seen.group, outflow, groups),
        end - start + moved,
        index[:, -1] - 1.0,
        contribution,
    )
    money = _money_rates(seen, flows, last) if irr else [None] * groups
    return [
        _Part(*each)
        for each in zip(*(column.tolist() for column in columns), index, money, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Looked:
    """Values of groups on the days that tell their return: those on which money crossed their
    border, or on which there came to be something or nothing, with the close of the day ``before``
    (``key`` numbers group and day, rising); and on the days drawn. ``dot`` is each group's values
    times weights given."""

    key: NDArray[np.intp]
    group: NDArray[np.intp]
    day: NDArray[np.intp]
    before: Floats
    close: Floats
    shown: Floats
    dot: Floats


# Rows of groups looked at together: as many as stay in the processor's cache.
_BLOCK = 16


def _looked_at(
    timeline: Timeline,
    found: Basis,
    members: list[list[int]],
    crossings: _Crossings,
    around: Floats,
    points: NDArray[np.intp],
) -> _Looked:
    days = slice(found.first, found.last + 1)
    count = len(found.value)
    rows = np.empty((min(_BLOCK, len(members)), count))
    parts = []
    for low in range(0, len(members), _BLOCK):
        block = rows[: len(members) - low]
        for row, lines in zip(block, members[low : low + _BLOCK], strict=True):
            row[:] = timeline.values[lines[0], days]
            for line in lines[1:]:
                row += timeline.values[line, days]
        there = np.abs(block) > rates.NOTHING
        turns = np.zeros(block.shape, dtype=bool)
        np.not_equal(there[:, 1:], there[:, :-1], out=turns[:, 1:])
        own = slice(*crossings.edges[[low, low + len(block)]].tolist())
        turns[crossings.group[own] - low, crossings.day[own]] = True
        group, day = np.nonzero(turns)
        parts.append(
            (
                (group + low) * count + day,
                group + low,
                day,
                block[group, day - 1],
                block[group, day],
                block[:, points],
                np.einsum("gd,d->g", block, around),
            )
        )
    return _Looked(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _indexes(
    seen: _Looked, inflow: Floats, outflow: Floats, points: NDArray[np.intp], count: int
) -> Floats:
    """The return index of each group on the days drawn, 1 on the first."""
    groups = len(seen.shown)
    base = seen.before + inflow
    growth = np.ones(len(base))
    np.divide(seen.close + outflow, base, out=growth, where=np.abs(base) > rates.NOTHING)
    # Stretches: the opening of each group, then one from each of its days' close on.
    openings = np.searchsorted(seen.group, np.arange(groups))
    worth = np.insert(seen.close, openings, seen.shown[:, 0])
    holds = np.abs(worth) > rates.NOTHING
    places = np.arange(len(base)) + seen.group
    held = holds[places]
    growth[held] *= seen.before[held] / worth[places][held]
    level = np.insert(growth, openings, 1.0)
    edges = np.append(openings + np.arange(groups), len(level)).tolist()
    for low, high in pairwise(edges):
        np.cumprod(level[low:high], out=level[low:high])
    each = np.arange(groups)[:, None]
    stretch = np.searchsorted(seen.key, each * count + points, side="right") + each
    ratio = np.ones(stretch.shape)
    np.divide(seen.shown, worth[stretch], out=ratio, where=holds[stretch])
    return np.asarray(level[stretch] * ratio)


def _money_rates(seen: _Looked, flows: Floats, last: int) -> list[float | None]:
    """Money-weighted return of each group: what was there counts as paid, what is left as
    received."""
    groups = np.arange(len(seen.shown))
    edges = np.searchsorted(seen.group, np.repeat(groups, 2) + np.tile([0, 1], len(groups)))
    ends = np.stack((-seen.shown[:, 0], seen.shown[:, -1]), axis=1)
    borders = groups[:, None] * (last + 1) + np.array([0, last])
    # What is left may stand on a day money moved: one amount for each day.
    key = np.insert(seen.key, edges, borders.ravel())
    days = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1])))
    amounts = np.add.reduceat(np.insert(flows, edges, ends.ravel()), days)
    group, when = np.divmod(key[days], last + 1)
    return irr_of_each(amounts, when, np.bincount(group, minlength=len(groups)))[0]


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
