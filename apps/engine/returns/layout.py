"""Entries put in order: position by position, then day by day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns.draft import SPLIT, Draft, Table
from apps.engine.returns.model import pool_numbers

# What is left of a position after rounding errors is no position.
_DUST = 1e-11


@dataclass(frozen=True, slots=True)
class Laid:
    """Of a table in order: the pool of each entry, how many of today's shares one of its has
    become, and the levels of units: ``line``, from ``day`` on, holds ``level``."""

    pool: NDArray[np.int64]
    later: Floats
    line: NDArray[np.int64]
    day: NDArray[np.int64]
    level: Floats

    def until(self, kept: NDArray[np.bool_], last: int) -> Laid:
        """The same of a part of the table, without what comes after a day."""
        here = self.day <= last
        return Laid(
            self.pool[kept], self.later[kept], self.line[here], self.day[here], self.level[here]
        )


def lay(draft: Draft, table: Table) -> tuple[Table, Laid]:
    """The table by pool and day, in the order its entries were found within a day."""
    of_line = pool_numbers(draft.lines)
    pool = of_line[table["line"]] * 2 + (table["side"] < 0)
    order = np.lexsort((table["day"], pool))
    table = {name: column[order] for name, column in table.items()}
    pool = pool[order]
    return table, Laid(pool, _later_splits(table, pool), *_levels(table))


def _later_splits(table: Table, pool: NDArray[np.int64]) -> Floats:
    """How many of today's shares one share of each entry has become. The same split met in
    several accounts counts once."""
    later = np.ones(len(pool))
    if not len(pool):
        return later
    starts = np.flatnonzero(np.concatenate(([True], pool[1:] != pool[:-1])))
    begin = starts[np.searchsorted(starts, np.arange(len(pool)), side="right") - 1]
    seen: set[tuple[int, int, float]] = set()
    for place in np.flatnonzero(table["what"] == SPLIT).tolist():
        key = (int(pool[place]), int(table["day"][place]), float(table["ratio"][place]))
        if key not in seen:
            seen.add(key)
            later[begin[place] : place] *= key[2]
    return later


def _levels(table: Table) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Units of each line after each day they changed on; shorts are negative."""
    moves = np.flatnonzero(table["delta"])
    order = moves[np.lexsort((table["day"][moves], table["line"][moves]))]
    line, day = table["line"][order], table["day"][order]
    if not len(line):
        return line, day, np.empty(0)
    change = table["delta"][order] * table["side"][order]
    starts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
    sizes = np.diff(np.append(starts, len(line)))
    largest = np.maximum.reduceat(np.abs(change), starts)
    # Scaled by a power of two, which loses nothing, so that lines of any size share one sum.
    scale = np.exp2(-np.ceil(np.log2(largest))).repeat(sizes)
    scaled = change * scale
    level = np.cumsum(scaled)
    level -= (level[starts] - scaled[starts]).repeat(sizes)
    level[np.abs(level) <= _DUST] = 0.0
    last = np.concatenate((line[1:] != line[:-1], [True])) | np.concatenate(
        (day[1:] != day[:-1], [True])
    )
    return line[last], day[last], (level / scale)[last]


@dataclass(frozen=True, slots=True)
class Held:
    """The lines that ever hold units: from day ``since`` of the grid on, the levels between two of
    the ``edges``, each for ``lasts`` days."""

    line: NDArray[np.int64]
    since: NDArray[np.int64]
    edges: NDArray[np.intp]
    level: Floats
    lasts: NDArray[np.int64]

    def of(self, place: int) -> tuple[Floats, NDArray[np.int64]]:
        """Levels of one of them, and how many days each lasts."""
        own = slice(int(self.edges[place]), int(self.edges[place + 1]))
        return self.level[own], self.lasts[own]

    def from_the_first_day(self, without: list[int]) -> Held:
        """All but some, the days before they hold anything as a first level of nothing."""
        chosen = np.ones(len(self.line), dtype=bool)
        chosen[without] = False
        sizes = np.diff(self.edges)
        kept = chosen.repeat(sizes)
        sizes, since = sizes[chosen], self.since[chosen]
        heads = np.cumsum(sizes) - sizes
        return Held(
            self.line[chosen],
            since,
            np.append(heads, sizes.sum()) + np.arange(len(heads) + 1),
            np.insert(self.level[kept], heads, 0.0),
            np.insert(self.lasts[kept], heads, since),
        )


def held_lines(part: Laid, first: int, count: int) -> Held:
    """What a part holds on a grid of ``count`` days from ``first``."""
    line, day = part.line, part.day - first
    starts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1]))[: len(line)])
    edges = np.append(starts, len(line))
    stops = np.append(day[1:], count)[: len(line)]
    stops[edges[1:] - 1] = count
    return Held(line[starts], day[starts], edges, part.level, stops - day)
