"""Lays a ledger over days: quantities, prices and rates become a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Days, Floats, PriceArrays, days_between
from apps.engine.holdings import fold
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.returns.columns import Columns, columns_of, copy_of
from apps.engine.returns.draft import SPLIT, Draft, Table, table_of
from apps.engine.returns.grids import (
    AssetGrid,
    asset_grid,
    rate_grids,
    stretches,
)
from apps.engine.returns.model import Events, Line, Mark, Marked, Timeline, What
from apps.engine.returns.steps import emit, emit_money
from apps.engine.types import Account, Asset, Issue, Row

_NO_INDEXES = IndexTable()
_NO_HOLIDAYS: frozenset[date] = frozenset()
# What is left of a position after rounding errors is no position.
_DUST = 1e-11


def _last_price(prices: PriceTable | PriceArrays) -> date | None:
    if isinstance(prices, PriceTable):
        return prices.last_date
    last = max((int(days[-1]) for days, _ in prices.series.values() if len(days)), default=None)
    return None if last is None else date.fromordinal(last)


def _sorted_table(draft: Draft, table: Table) -> tuple[Table, Floats]:
    """Entries by pool and day, in the order they were found within a day."""
    pools: dict[tuple[str, str, str], int] = {}
    of_line = np.array(
        [
            pools.setdefault(
                (line.holder, line.asset, "" if line.asset else line.currency), len(pools)
            )
            for line in draft.lines
        ],
        dtype=np.float64,
    )
    pool = of_line[table["line"].astype(np.intp)] * 2 + (table["side"] < 0)
    order = np.lexsort((table["day"], pool))
    return {name: column[order] for name, column in table.items()}, pool[order]


def _later_splits(table: Table, pool: Floats) -> Floats:
    """How many of today's shares one share of each entry has become."""
    later = np.ones(len(pool))
    for group in np.unique(pool[table["what"] == SPLIT]):
        inside = np.flatnonzero(pool == group)
        seen: set[tuple[float, float]] = set()
        for place in inside[table["what"][inside] == SPLIT]:
            key = (float(table["day"][place]), float(table["ratio"][place]))
            if key not in seen:
                seen.add(key)
                later[inside[inside < place]] *= table["ratio"][place]
    return later


def _levels(table: Table, lines: int, first: int, count: int) -> Floats:
    """Units each line holds on each day (shorts are negative)."""
    held = np.zeros((lines, count))
    moves = table["delta"] != 0.0
    line = table["line"][moves].astype(np.intp)
    order = np.lexsort((table["day"][moves], line))
    line = line[order]
    change = (table["delta"] * table["side"])[moves][order]
    day = table["day"][moves][order].astype(np.intp) - first
    level = np.cumsum(change)
    starts = np.flatnonzero(np.concatenate(([True], line[1:] != line[:-1])))
    if not len(line):
        return held
    before = np.concatenate(([0.0], level))[starts]
    sizes = np.diff(np.append(starts, len(line)))
    level = level - np.repeat(before, sizes)
    widest = np.maximum.reduceat(np.abs(level), starts)
    level[np.abs(level) <= np.repeat(widest, sizes) * _DUST + 1e-14] = 0.0
    stops = np.append(day[1:], count)
    stops[np.append(starts[1:] - 1, len(line) - 1)] = count
    # A line begins with nothing, then each level lasts until the next one.
    runs = np.insert(stops - day, starts, day[starts])
    values = np.insert(level, starts, 0.0)
    held[line[starts]] = np.repeat(values, runs).reshape(len(starts), count)
    return held


def _split_days(table: Table, draft: Draft) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, set[tuple[int, float]]] = {}
    for place in np.flatnonzero(table["what"] == SPLIT):
        asset = draft.lines[int(table["line"][place])].asset
        found.setdefault(asset, set()).add((int(table["day"][place]), float(table["ratio"][place])))
    return {asset: sorted(each) for asset, each in found.items()}


def _cost_levels(table: Table, line: int, first: int, count: int, factor: Floats) -> Floats:
    """What a line cost so far, day by day, in its own currency: for days without a price."""
    cost = held = 0.0
    grid = np.zeros(count)
    place = np.flatnonzero(table["line"] == line)
    for each in place[np.argsort(table["day"][place], kind="stable")]:
        what, delta = int(table["what"][each]), float(table["delta"][each] * table["side"][each])
        if delta == 0.0 and what not in (What.LOWER, What.MOVE_IN):
            continue
        if what == SPLIT:
            held += delta
        elif what in (What.OPEN, What.MOVE_IN):
            sign = float(table["side"][each])
            came = float(table["gross"][each]) if what == What.OPEN else float(table["cost"][each])
            cost += sign * abs(came) * factor[each]
            held += delta
        elif what in (What.CLOSE, What.MOVE_OUT):
            cost *= 1.0 - min(1.0, abs(delta / held)) if held else 0.0
            held += delta
        elif what == What.LOWER:
            cost -= float(table["gross"][each]) * factor[each]
        grid[int(table["day"][each]) - first :] = cost
    return grid


def build(
    rows: Iterable[Row] | Columns,
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    prices: PriceTable | PriceArrays,
    fx: FxTable,
    *,
    currency: str,
    start: date | None = None,
    end: date | None = None,
    indexes: IndexTable = _NO_INDEXES,
    holidays: Set[date] = _NO_HOLIDAYS,
) -> Timeline:
    """The timeline of a ledger in ``currency``, from the day before its first row (or ``start``
    where that is earlier) to ``end`` (default: the last price). Rows after ``end`` are left out.

    Values are in the currency at the rate of each day; a price is carried until the next one, and
    what rests on something less is in ``marks`` and ``issues``. Never raises for what a ledger may
    hold.
    """
    ledger = rows if isinstance(rows, Columns) else columns_of(rows, assets, accounts)
    last = end or _last_price(prices) or date.fromordinal(ledger.last or 1)
    first = date.fromordinal(ledger.first or last.toordinal()) - timedelta(days=1)
    if start is not None and start < first:
        first = start
    last = max(last, first)
    days = days_between(first, last)
    draft = copy_of(ledger.draft)
    table, issues = ledger.table, []
    if ledger.last > last.toordinal():
        kept = table["day"] <= last.toordinal()
        table = {name: column[kept] for name, column in table.items()}
    if ledger.others:
        folded = fold(ledger.others, assets, accounts, on=last, fx=fx)
        issues += folded.issues
        emit(draft, folded)
    emit_money(draft, [row for row in ledger.money if row.date <= last])
    if draft.entries:
        more = table_of(draft.entries)
        table = {name: np.concatenate((column, more[name])) for name, column in table.items()}
    table, pool = _sorted_table(draft, table)
    return assemble(draft, table, pool, prices, fx, currency, days, indexes, holidays, issues)


def assemble(
    draft: Draft,
    table: Table,
    pool: Floats,
    prices: PriceTable | PriceArrays,
    fx: FxTable,
    currency: str,
    days: Days,
    indexes: IndexTable,
    holidays: Set[date],
    issues: list[Issue],
) -> Timeline:
    """Values of every line and events in the timeline's currency."""
    first, count = int(days[0]), len(days)
    codes = list(draft.currencies)
    rates, early, found = rate_grids(codes, fx, currency, days)
    issues += found
    rate_table = np.array([rates[code] for code in codes]).reshape(len(codes), count)
    splits = _split_days(table, draft)
    held = _levels(table, len(draft.lines), first, count)

    grids: dict[str, AssetGrid] = {}
    values = np.zeros((len(draft.lines), count))
    place = table["day"].astype(np.intp) - first
    line_of = table["line"].astype(np.intp)
    line_currency = np.array([draft.currencies[line.currency] for line in draft.lines], np.intp)
    row_rate = rate_table[table["currency"].astype(np.intp), place]
    own_rate = rate_table[line_currency[line_of], place]
    local = np.divide(row_rate, own_rate, out=np.ones(len(place)), where=own_rate != 0.0)
    marks: list[Mark] = []

    def note(at: int, mask: NDArray[np.bool_], why: Marked) -> None:
        for low, high in stretches(mask):
            marks.append(Mark(at, low, high, why))

    for at, line in enumerate(draft.lines):
        if line.is_cash:
            continue
        grid = grids.get(line.asset)
        asset = draft.assets.get(line.asset)
        if grid is None:
            grid = grids[line.asset] = asset_grid(
                line.asset,
                asset,
                prices,
                days,
                splits.get(line.asset, []),
                indexes,
                holidays,
                issues,
            )
        have = held[at] != 0.0
        if not have.any():
            continue
        worth = held[at] * grid.price
        if asset is not None and asset.multiplier != 1:
            worth *= float(asset.multiplier)
        missing = np.isnan(worth) & have
        if missing.any():
            cost = _cost_levels(table, at, first, count, local)
            worth = np.where(missing, cost, worth)
            note(at, missing & (cost != 0.0), Marked.COST)
            note(at, missing & (cost == 0.0), Marked.UNKNOWN)
        if grid.stale is not None:
            note(at, grid.stale & have, Marked.STALE)
        if grid.accrued is not None:
            note(at, grid.accrued & have, Marked.TERMS)
        values[at] = np.where(have, worth, 0.0) * rates[line.currency]
        if line.currency in early and have[: early[line.currency]].any():
            marked = have.copy()
            marked[early[line.currency] :] = False
            note(at, marked, Marked.RATE)

    _value_moves(draft, table, grids, place, rates, row_rate)
    _cash(draft, table, values, place, rates)
    events = _events(draft, table, pool, place, row_rate, own_rate)
    return Timeline(
        currency=currency,
        start=date.fromordinal(first),
        lines=tuple(draft.lines),
        values=values,
        events=events,
        refs=tuple(draft.refs),
        rates=rates,
        marks=tuple(marks),
        issues=tuple(issues),
    )


def _value_moves(
    draft: Draft,
    table: Table,
    grids: Mapping[str, AssetGrid],
    place: NDArray[np.intp],
    rates: Mapping[str, Floats],
    row_rate: Floats,
) -> None:
    """Worth, in the timeline's currency, of what moves without money."""

    def worth(line: Line, units: float, day: int) -> float:
        grid, asset = grids.get(line.asset), draft.assets.get(line.asset)
        if grid is None:
            return float("nan")
        by = 1.0 if asset is None else float(asset.multiplier)
        return float(grid.price[day]) * units * by * float(rates[line.currency][day])

    for each in np.flatnonzero(table["priced"] >= 0):
        size, day = float(table["size"][each]), int(place[each])
        total = worth(draft.lines[int(table["priced"][each])], size, day)
        if np.isnan(total):
            total = float(table["cost"][each]) * float(row_rate[each])
        name = "outflow" if table["what"][each] == What.MOVE_OUT else "inflow"
        table[name][each] = total
        table["gross"][each] = total


def _cash(
    draft: Draft,
    table: Table,
    values: Floats,
    place: NDArray[np.intp],
    rates: Mapping[str, Floats],
) -> None:
    """Balances of the cash lines: their own movements and those of the lines they serve."""
    moved = np.flatnonzero(table["cash"] != 0.0)
    lines = table["line"].astype(np.intp)[moved]
    own = np.array([line.is_cash for line in draft.lines], dtype=bool)
    target = np.where(own[lines], lines, table["peer"].astype(np.intp)[moved])
    deltas = np.zeros_like(values)
    np.add.at(deltas, (target, place[moved]), table["cash"][moved])
    for at, line in enumerate(draft.lines):
        if line.is_cash:
            balance = np.cumsum(deltas[at])
            balance[np.abs(balance) < 1e-7] = 0.0
            values[at] = balance * rates[line.currency]


def _events(
    draft: Draft,
    table: Table,
    pool: Floats,
    place: NDArray[np.intp],
    row_rate: Floats,
    own_rate: Floats,
) -> Events:
    later = _later_splits(table, pool)
    valued = table["priced"] >= 0
    scale = np.where(valued, 1.0, row_rate)
    kept = table["what"] != SPLIT
    return Events(
        line=table["line"][kept].astype(np.int32),
        day=place[kept].astype(np.int32),
        what=table["what"][kept].astype(np.int8),
        side=table["side"][kept].astype(np.int8),
        units=(table["delta"] * later)[kept],
        gross=(table["gross"] * scale)[kept],
        rate=own_rate[kept],
        fees=(table["fees"] * scale)[kept],
        tax=(table["tax"] * scale)[kept],
        inflow=(table["inflow"] * scale)[kept],
        outflow=(table["outflow"] * scale)[kept],
        peer=table["peer"][kept].astype(np.int32),
        row=table["row"][kept].astype(np.int32),
        pool=pool[kept].astype(np.int32),
    )
