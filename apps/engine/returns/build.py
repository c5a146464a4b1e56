"""Lays a ledger over days: quantities, prices and rates become a timeline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats, PriceArrays, days_between
from apps.engine.holdings import fold
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.returns.columns import Columns, columns_of, copy_of
from apps.engine.returns.costs import CostBook
from apps.engine.returns.draft import SPLIT, Draft, Table, table_of
from apps.engine.returns.grids import (
    AssetGrids,
    PriceGrid,
    covering,
    rate_grids,
    stretches,
)
from apps.engine.returns.layout import Held, Laid, held_lines, lay
from apps.engine.returns.model import Events, Line, Mark, Marked, Timeline, What, sums
from apps.engine.returns.money import emit_money
from apps.engine.returns.steps import emit
from apps.engine.types import Account, Asset, Row

Prices = PriceTable | PriceArrays | PriceGrid
_NO_INDEXES = IndexTable()
# Where there is neither a row nor a price, any day will do.
_SOME_DAY = date(2000, 1, 2).toordinal()
_NO_HOLIDAYS: frozenset[date] = frozenset()


def _last_price(prices: Prices) -> date | None:
    if isinstance(prices, PriceTable):
        return prices.last_date
    if isinstance(prices, PriceGrid):
        return date.fromordinal(prices.last) if len(prices.known) else None
    last = max((int(days[-1]) for days, _ in prices.series.values() if len(days)), default=None)
    return None if last is None else date.fromordinal(last)


def build(
    rows: Iterable[Row] | Columns,
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    prices: Prices,
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
    last = end or _last_price(prices) or date.fromordinal(ledger.last or _SOME_DAY)
    first = date.fromordinal(max((ledger.first or last.toordinal()) - 1, 1))
    if start is not None and start < first:
        first = start
    last = max(last, first)
    days = days_between(first, last)
    draft = copy_of(ledger.draft)
    table, laid, issues = ledger.table, ledger.laid, []
    if ledger.last > last.toordinal():
        kept = table["day"] <= last.toordinal()
        table = {name: column[kept] for name, column in table.items()}
        laid = laid.until(kept, last.toordinal())
    parts = [_Part(table, laid)]
    if ledger.others:
        folded = fold(ledger.others, assets, accounts, on=last, fx=fx)
        issues += folded.issues
        emit(draft, folded)
    emit_money(draft, [row for row in ledger.money if row.date <= last])
    if draft.entries:
        # Never an asset of the first part: what goes through the fold goes there whole.
        parts.append(_Part(*lay(draft, table_of(draft.entries))))
    rates, early, found = rate_grids(list(draft.currencies), fx, currency, days)
    issues += found
    grids = AssetGrids(
        draft.assets,
        covering(prices, int(days[0]), int(days[-1])),
        days,
        _split_days(parts, draft),
        indexes,
        holidays,
        issues,
    )
    work = _Work(draft, int(days[0]), len(days), currency, rates, early, grids)
    values = work.values(parts)
    for part in parts:
        work.value_moves(part)
    work.cash(parts, values)
    return Timeline(
        currency=currency,
        start=first,
        lines=tuple(draft.lines),
        values=values,
        events=work.events(parts),
        refs=tuple(draft.refs),
        rates=rates,
        marks=tuple(work.marks),
        issues=tuple(issues),
    )


@dataclass(slots=True)
class _Part:
    """Entries in order, and the places and rates that go with them."""

    table: Table
    laid: Laid


@dataclass(slots=True)
class _Work:
    """What the steps of one build share."""

    draft: Draft
    first: int
    count: int
    currency: str
    rates: Mapping[str, Floats]
    early: Mapping[str, int]
    grids: AssetGrids
    marks: list[Mark] = field(default_factory=list)
    costs: dict[int, CostBook] = field(default_factory=dict)

    def note(self, line: int, mask: NDArray[np.bool_], why: Marked) -> None:
        self.marks += [Mark(line, low, high, why) for low, high in stretches(mask)]

    def row_rates(self, part: _Part) -> tuple[Floats, Floats]:
        """Rate of each entry's currency and of its line's own, on its day."""
        table = np.array(list(self.rates.values())).reshape(len(self.rates), self.count)
        place = part.table["day"] - self.first
        codes = self.draft.currencies
        own = np.array([codes[line.currency] for line in self.draft.lines], dtype=np.intp)
        return table[part.table["currency"], place], table[own[part.table["line"]], place]

    def values(self, parts: list[_Part]) -> Floats:
        """Worth of every asset line on every day."""
        lines = self.draft.lines
        values = np.empty((len(lines), self.count))
        empty = np.ones(len(lines), dtype=bool)
        for part in parts:
            held = held_lines(part.laid, self.first, self.count)
            empty[held.line] = False
            closes, odd = [], []
            for place, (at, since) in enumerate(
                zip(held.line.tolist(), held.since.tolist(), strict=True)
            ):
                line = lines[at]
                plain = self.grids.plain(line.asset)
                early = self.early.get(line.currency, 0)
                if plain is None or since < plain[1] or since < early:
                    odd.append(place)
                else:
                    closes.append(plain[0])
            _level_by_price(values, held.from_the_first_day(odd), closes)
            for place in odd:
                self.odd_values(parts, int(held.line[place]), *held.of(place), values)
            for at in held.line.tolist():
                asset = self.draft.assets.get(lines[at].asset)
                if asset is not None and asset.multiplier != 1:
                    known = self.grids.of(lines[at].asset).known
                    values[at, known:] *= float(asset.multiplier)
                if lines[at].currency != self.currency:
                    values[at] *= self.rates[lines[at].currency]
        values[empty] = 0.0
        return values

    def odd_values(
        self,
        parts: list[_Part],
        at: int,
        levels: Floats,
        lasts: NDArray[np.int64],
        values: Floats,
    ) -> None:
        """A line whose price is not just the last close: days without one are marked."""
        line, worth = self.draft.lines[at], values[at]
        grid = self.grids.of(line.asset)
        worth[: self.count - int(lasts.sum())] = 0.0
        worth[self.count - int(lasts.sum()) :] = np.repeat(levels, lasts)
        have = worth != 0.0
        worth *= grid.price
        missing = have.copy()
        missing[grid.known :] = False
        if missing.any():
            cost = self.cost_levels(parts, at)
            worth[missing] = cost[missing]
            self.note(at, missing & (cost != 0.0), Marked.COST)
            self.note(at, missing & (cost == 0.0), Marked.UNKNOWN)
        if grid.stale is not None:
            self.note(at, grid.stale & have, Marked.STALE)
        if grid.accrued is not None:
            self.note(at, grid.accrued & have, Marked.TERMS)
        early = self.early.get(line.currency, 0)
        if early:
            have[early:] = False
            why = Marked.RATE if self.rates[line.currency].any() else Marked.UNKNOWN
            self.note(at, have, why)

    def cost_levels(self, parts: list[_Part], line: int) -> Floats:
        """What a line cost so far, day by day, in its own currency: for days without a price."""
        for number, part in enumerate(parts):
            if not (part.table["line"] == line).any():
                continue
            if number not in self.costs:
                self.costs[number] = CostBook(part.table, self.row_rates(part))
            return self.costs[number].levels(line, self.first, self.count)
        return np.zeros(self.count)

    def value_moves(self, part: _Part) -> None:
        """Worth, in the timeline's currency, of what moves without money."""
        table = part.table
        valued = np.flatnonzero(table["priced"] >= 0)
        if not len(valued):
            return
        row_rate, _ = self.row_rates(part)
        for each in valued:
            day = int(table["day"][each]) - self.first
            line = self.draft.lines[int(table["priced"][each])]
            total = self.worth(line, float(table["size"][each]), day)
            if total is None:
                total = float(table["cost"][each]) * float(row_rate[each])
            name = "outflow" if table["what"][each] == What.MOVE_OUT else "inflow"
            table[name][each] = table["gross"][each] = total

    def worth(self, line: Line, units: float, day: int) -> float | None:
        """Worth of some units of a line's asset; None without a price."""
        if line.is_cash:
            return None
        grid, asset = self.grids.of(line.asset), self.draft.assets.get(line.asset)
        if day < grid.known:
            return None
        by = 1.0 if asset is None else float(asset.multiplier)
        return float(grid.price[day]) * units * by * float(self.rates[line.currency][day])

    def cash(self, parts: list[_Part], values: Floats) -> None:
        """Balances of the cash lines: their own movements and those of the lines they serve."""
        own = np.array([line.is_cash for line in self.draft.lines], dtype=bool)
        lines = np.flatnonzero(own)
        if not len(lines):
            return
        compact = np.zeros(len(own), dtype=np.intp)
        compact[lines] = np.arange(len(lines))
        moved = np.zeros(len(lines) * self.count)
        for part in parts:
            line = part.table["line"]
            target = np.asarray(np.where(own[line], line, part.table["peer"]))
            served = np.flatnonzero((target >= 0) & (part.table["cash"] != 0.0))
            place = part.table["day"][served] - self.first
            moved += sums(
                compact[target[served]] * self.count + place,
                part.table["cash"][served],
                len(moved),
            )
        balances = np.cumsum(moved.reshape(len(lines), self.count), axis=1)
        balances[np.abs(balances) < 1e-7] = 0.0
        for at, balance in zip(lines.tolist(), balances, strict=True):
            values[at] = balance * self.rates[self.draft.lines[at].currency]

    def events(self, parts: list[_Part]) -> Events:
        """Entries converted at the rate of their day; splits are done with."""
        made = [self.converted(part) for part in parts]
        if len(made) == 1:
            return Events(**made[0])
        return Events(**{name: np.concatenate([each[name] for each in made]) for name in made[0]})

    def converted(self, part: _Part) -> dict[str, Any]:
        table, laid = part.table, part.laid
        row_rate, own_rate = self.row_rates(part)
        scale = np.where(table["priced"] >= 0, 1.0, row_rate)
        columns = {
            "line": table["line"].astype(np.int32),
            "day": (table["day"] - self.first).astype(np.int32),
            "what": table["what"].astype(np.int8),
            "side": table["side"].astype(np.int8),
            "units": table["delta"] * laid.later,
            "gross": table["gross"] * scale,
            "rate": own_rate,
            "fees": table["fees"] * scale,
            "tax": table["tax"] * scale,
            "inflow": table["inflow"] * scale,
            "outflow": table["outflow"] * scale,
            "peer": table["peer"].astype(np.int32),
            "row": table["row"].astype(np.int32),
            "pool": laid.pool.astype(np.int32),
            "part": table["part"] * laid.later,
        }
        kept = table["what"] != SPLIT
        if kept.all():
            return columns
        return {name: column[kept] for name, column in columns.items()}


# Lines valued together: as many as stay in the processor's cache.
_BLOCK = 16


def _level_by_price(values: Floats, held: Held, closes: list[Floats]) -> None:
    """Units times price of lines that are held from the first day of the grid on."""
    lines, edges = held.line.tolist(), held.edges.tolist()
    for low in range(0, len(lines), _BLOCK):
        block = lines[low : low + _BLOCK]
        cells = slice(edges[low], edges[low + len(block)])
        units = held.level[cells].repeat(held.lasts[cells]).reshape(len(block), -1)
        for at, held_units, close in zip(block, units, closes[low:], strict=False):
            np.multiply(held_units, close, out=values[at])


def _split_days(parts: list[_Part], draft: Draft) -> dict[str, list[tuple[int, float]]]:
    found: dict[str, set[tuple[int, float]]] = {}
    for part in parts:
        table = part.table
        for place in np.flatnonzero(table["what"] == SPLIT):
            asset = draft.lines[int(table["line"][place])].asset
            split = (int(table["day"][place]), float(table["ratio"][place]))
            found.setdefault(asset, set()).add(split)
    return {asset: sorted(each) for asset, each in found.items()}
