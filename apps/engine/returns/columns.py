"""A ledger made ready for its timeline: ordinary rows as arrays, all others as they are.

Purchases, sales, income, splits and bonus shares of an asset that never had anything else become
entries here, all at once and without exchange rates or prices; the assets that had more go through
the fold, which knows every kind of row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import nan

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.holdings.order import in_order
from apps.engine.kinds import INCOME_KINDS, AssetClass, Kind
from apps.engine.returns.draft import SPLIT, Draft, Table, empty_table
from apps.engine.returns.layout import Laid, lay
from apps.engine.returns.model import What
from apps.engine.types import Account, Asset, Row

_BUY, _SELL, _INCOME, _SPLIT, _BONUS, _OTHER = range(6)
_CODES: dict[Kind, int] = {
    **dict.fromkeys(Kind, _OTHER),
    Kind.BUY: _BUY,
    Kind.SELL: _SELL,
    **dict.fromkeys(INCOME_KINDS, _INCOME),
    Kind.SPLIT: _SPLIT,
    Kind.BONUS: _BONUS,
}
_WHAT = np.array([What.OPEN, What.CLOSE, What.INCOME, SPLIT, What.OPEN], dtype=np.int64)
_MONEY_KINDS = frozenset(
    {Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX, Kind.FX, Kind.INTEREST}
)
# What is left of a position after rounding errors is no position.
_DUST = 1e-11


@dataclass(frozen=True, slots=True)
class Columns:
    """``table`` has the entries of the ordinary rows, whose lines ``draft`` knows, in the order
    ``laid`` speaks of; ``others`` are
    the rows to be folded and ``money`` those about money alone. ``first`` and ``last`` are the day
    numbers of the oldest and the newest row (0: no rows)."""

    draft: Draft
    table: Table
    laid: Laid
    others: list[Row]
    money: list[Row]
    first: int
    last: int


def is_money(row: Row) -> bool:
    """Whether a row is about money alone (or a cost), not about units."""
    return row.kind in _MONEY_KINDS and (row.kind is not Kind.INTEREST or not row.asset)


def _ordinary(row: Row, code: int) -> bool:
    """Whether a row has all that an array can express."""
    if code == _OTHER or not row.account or not row.currency:
        return False
    amount = row.amount
    if amount is not None and amount < 0 and code != _INCOME:
        return False
    if code == _INCOME:
        return amount is not None
    if code == _SPLIT:
        return row.ratio is not None and row.ratio > 0
    if row.quantity is None or not row.quantity > 0:
        return False
    if code == _BONUS:
        return row.unit_price is not None or amount is not None
    return amount is not None or (row.unit_price is not None and row.unit_price >= 0)


def _extraordinary(
    rows: list[Row], assets: Mapping[str, Asset], accounts: Mapping[str, Account]
) -> set[str | None]:
    """Assets with a row the arrays cannot express, and those such rows lead to."""
    odd: set[str | None] = set()
    for row in rows:
        if (
            not _ordinary(row, _CODES[row.kind])
            or (accounts and row.account not in accounts)
            or (assets and row.asset not in assets)
        ):
            odd.add(row.asset)
            odd.add(row.to_asset)
    for code, asset in assets.items():
        if asset.asset_class is AssetClass.FUTURE:
            odd.add(code)
        if code in odd:
            odd.add(asset.underlying)
    return odd


def columns_of(
    rows: Iterable[Row], assets: Mapping[str, Asset], accounts: Mapping[str, Account]
) -> Columns:
    """A ledger made ready; ``build`` takes it in the rows' place, any number of times."""
    ordered = in_order(rows)
    money = [row for row in ordered if is_money(row)]
    units = [row for row in ordered if not is_money(row)]
    odd = _extraordinary(units, assets, accounts)
    while True:
        plain = [row for row in units if row.asset is not None and row.asset not in odd]
        draft = Draft(assets, accounts)
        table, oversold = _entries(draft, plain)
        if not oversold:
            break
        odd |= oversold
    others = [row for row in units if row.asset is None or row.asset in odd]
    days = [row.date.toordinal() for row in ordered]
    table, laid = lay(draft, table)
    return Columns(draft, table, laid, others, money, min(days, default=0), max(days, default=0))


def _number(value: object) -> float:
    return nan if value is None else float(value)  # type: ignore[arg-type]


def _entries(draft: Draft, plain: list[Row]) -> tuple[Table, set[str | None]]:
    """Entries of ordinary rows, and the assets of which more left than there was."""
    count = len(plain)
    lines: dict[tuple[str, str | None], int] = {}
    settled: dict[tuple[str, str, bool], int] = {}
    line, peer, booked = [], [], []
    for row in plain:
        key = (row.account, row.asset)
        place = lines.get(key)
        if place is None:
            place = lines[key] = draft.line(row.account, row.asset or "", row.currency)
        line.append(place)
        pay = (row.account, row.currency, row.fx_rate is None)
        place = settled.get(pay)
        if place is None:
            place = settled[pay] = draft.booked(row)[0]
        peer.append(place)
        booked.append(
            1.0
            if row.fx_rate is None or draft.lines[place].currency == row.currency
            else float(row.fx_rate)
        )
    code = np.array([_CODES[row.kind] for row in plain], dtype=np.intp)
    trade = (code == _BUY) | (code == _SELL)
    by = np.array(
        [
            float(draft.assets[each.asset].multiplier) if each.asset in draft.assets else 1.0
            for each in draft.lines
        ]
    )
    at = np.array(line, dtype=np.intp)
    quantity = np.array([_number(row.quantity) for row in plain])
    amount = np.array([_number(row.amount) for row in plain])
    price = np.array([_number(row.unit_price) for row in plain])
    gross = (
        np.where(np.isnan(amount), quantity * price * np.where(trade, by[at], 1.0), amount)
        if count
        else amount
    )
    gross = np.where((code == _BONUS) | (code == _SPLIT), 0.0, gross)
    charged = code != _SPLIT
    fees = np.where(charged, np.nan_to_num(np.array([_number(row.fees) for row in plain])), 0.0)
    tax = np.where(
        charged, np.nan_to_num(np.array([_number(row.tax_withheld) for row in plain])), 0.0
    )
    free = code == _BONUS
    fees, tax = np.where(free, 0.0, fees), np.where(free, 0.0, tax)
    ratio = np.where(code == _SPLIT, np.array([_number(row.ratio) for row in plain]), 1.0)
    moved = np.where(trade | free, quantity, 0.0)
    moved = np.where(code == _SELL, -moved, moved)
    delta, short = unit_changes(at, moved, ratio, code)
    inflow = np.where(code == _BUY, gross + fees + tax, 0.0)
    outflow = np.where((code == _SELL) | (code == _INCOME), gross - fees - tax, 0.0)
    table = empty_table(count)
    table.update(
        line=at.astype(np.int64),
        day=np.array([row.date.toordinal() for row in plain], dtype=np.int64),
        what=_WHAT[code],
        side=np.ones(count, dtype=np.int64),
        delta=delta,
        gross=gross,
        fees=fees,
        tax=tax,
        inflow=inflow,
        outflow=outflow,
        currency=np.array([draft.currency(row.currency) for row in plain], dtype=np.int64),
        peer=np.array(peer, dtype=np.int64),
        cash=(outflow - inflow) * np.array(booked),
        row=np.array([draft.ref(row) for row in plain], dtype=np.int64),
        ratio=ratio,
        priced=np.full(count, -1),
    )
    return table, {plain[place].asset for place in np.flatnonzero(short).tolist()}


def unit_changes(
    line: NDArray[np.intp], moved: Floats, ratio: Floats, code: NDArray[np.intp]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Change of units each row makes, splits included, and the rows that cannot be: more leaves
    than there is, or something happens to nothing."""
    order = np.argsort(line, kind="stable")
    count = len(order)
    if not count:
        return moved.copy(), np.zeros(0, dtype=bool)
    own, change, kind = line[order], moved[order], code[order]
    starts = np.flatnonzero(np.concatenate(([True], own[1:] != own[:-1])))
    sizes = np.diff(np.append(starts, count))
    stops = (starts + sizes).repeat(sizes)
    grown = np.ones(count)
    for place in np.flatnonzero(kind == _SPLIT).tolist():
        grown[place : stops[place]] *= ratio[order[place]]
    change = change / grown
    # Scaled by a power of two, which loses nothing, so that lines of any size share one sum.
    largest = np.maximum.reduceat(np.abs(change), starts)
    scale = np.exp2(-np.ceil(np.log2(np.where(largest > 0.0, largest, 1.0)))).repeat(sizes)
    change = change * scale
    level = np.cumsum(change)
    level -= (level[starts] - change[starts]).repeat(sizes)
    dust = np.maximum.accumulate(np.abs(level)).max(initial=1.0) * _DUST
    level[np.abs(level) <= dust] = 0.0
    before = np.concatenate(([0.0], level[:-1]))
    before[starts] = 0.0
    bad = (level < 0.0) | ((before == 0.0) & ((kind == _SPLIT) | (kind == _BONUS)))
    held = level / scale * grown
    old = np.concatenate(([0.0], held[:-1]))
    old[starts] = 0.0
    delta, short = np.empty(count), np.empty(count, dtype=bool)
    delta[order], short[order] = held - old, bad
    return delta, short


def copy_of(draft: Draft) -> Draft:
    """A draft to which more can be added without the first one knowing."""
    return replace(
        draft,
        lines=draft.lines.copy(),
        line_of=draft.line_of.copy(),
        currencies=draft.currencies.copy(),
        entries=[],
        refs=draft.refs.copy(),
        ref_of=draft.ref_of.copy(),
    )
