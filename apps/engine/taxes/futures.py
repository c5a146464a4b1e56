"""Futures: the result is the sum of daily adjustments, taken when contracts are closed.

Contracts opened and closed on one day at one institution are day trades. Where a ledger has no
adjustment of an asset at all, the result comes from the prices of its trades: the same sum.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

from apps.engine.holdings.order import in_order
from apps.engine.kinds import Kind
from apps.engine.taxes.daytrade import (
    BOUGHT,
    SOLD,
    Piece,
    allot,
    in_day_order,
    uses_fifo,
    value_of,
)
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset, Issue, Row

_ENDS = frozenset({Kind.EXPIRY, Kind.MATURITY, Kind.EXERCISE, Kind.ASSIGNMENT})


class FutureResult(NamedTuple):
    """A result of futures on a day. ``result`` None = a value is missing."""

    date: dt.date
    asset: str
    institution: str
    day_trade: bool
    quantity: Decimal
    result: Decimal | None
    adjustments: Decimal
    fees: Decimal
    withheld: Decimal
    withheld_known: bool
    refs: tuple[str, ...]


@dataclass(slots=True)
class _Open:
    """Contracts of an asset at an institution, and what they brought since they were opened."""

    quantity: Decimal = ZERO  # negative: sold
    pending: Decimal = ZERO
    adjustments: Decimal = ZERO
    fees: Decimal = ZERO
    withheld: Decimal = ZERO
    value: Decimal = ZERO  # signed value of the trades that opened it
    known: bool = True  # whether every value is
    told: bool = False  # whether tax withheld was stated
    refs: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Day:
    """What happened to an asset at an institution on a day."""

    bought: list[Row]
    sold: list[Row]
    adjusted: list[Row]
    ended: list[Row]

    @property
    def rows(self) -> list[Row]:
        return [*self.bought, *self.sold, *self.adjusted, *self.ended]


def futures_results(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    settings: TaxSettings,
    institution: Callable[[str], str],
) -> tuple[list[FutureResult], list[Issue]]:
    """Results of the futures of a ledger, day by day, and what is missing."""
    results: list[FutureResult] = []
    issues: list[Issue] = []
    adjusted = {row.asset for row in rows if row.kind is Kind.DAILY_ADJUSTMENT}
    for code in sorted({row.asset for row in rows if row.asset}):
        places: dict[str, _Open] = {}
        own = [row for row in rows if row.asset == code]
        for day, group in groupby(in_order(own), key=lambda row: row.date):
            here: dict[str, list[Row]] = {}
            for row in group:
                here.setdefault(institution(row.account), []).append(row)
            for place, found in here.items():
                state = places.setdefault(place, _Open())
                results += _day(
                    state, day, code, place, found, assets, settings, code not in adjusted, issues
                )
    return results, issues


def _size(row: Row) -> Decimal:
    return row.quantity if row.quantity is not None and row.quantity > ZERO else ZERO


def _total(rows: Sequence[Row]) -> Decimal:
    return sum((_size(row) for row in rows), ZERO)


def _adjustment(rows: Sequence[Row], issues: list[Issue]) -> tuple[Decimal, bool]:
    total, known = ZERO, True
    for row in rows:
        if row.amount is None:
            known = False
            issues.append(
                Issue(
                    "amount_missing",
                    row.ref,
                    {"asset": row.asset or "", "date": row.date.isoformat()},
                )
            )
        else:
            total += row.amount
    return total, known


def _day(
    state: _Open,
    day: dt.date,
    code: str,
    place: str,
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    settings: TaxSettings,
    by_price: bool,
    issues: list[Issue],
) -> list[FutureResult]:
    """Fold one day of an asset at an institution into its state; the results it brings."""
    trades = [row for row in rows if row.kind in BOUGHT or row.kind in SOLD]
    today = _Day(
        in_day_order(row for row in trades if row.kind in BOUGHT and _size(row)),
        in_day_order(row for row in trades if row.kind in SOLD and _size(row)),
        [row for row in rows if row.kind is Kind.DAILY_ADJUSTMENT],
        [row for row in rows if row.kind in _ENDS],
    )
    adjustment, known = _adjustment(today.adjusted, issues)
    buys, sells = _total(today.bought), _total(today.sold)
    matched = min(buys, sells)
    fifo = uses_fifo(trades, settings)
    purchases = allot(today.bought, matched, fifo, assets)
    sales = allot(today.sold, matched, fifo, assets)
    fees = sum((row.fees or ZERO for row in rows), ZERO)
    withheld = sum((row.tax_withheld or ZERO for row in rows), ZERO)
    told = any(row.tax_withheld is not None for row in rows)
    refs = tuple(row.ref for row in today.rows)
    found: list[FutureResult] = []
    if matched:
        cost, proceeds = value_of(purchases, -1), value_of(sales, 1)
        net = None if cost is None or proceeds is None else proceeds - cost
        own_fees = _fees((*purchases, *sales))
        whole = not state.quantity and buys == sells
        if whole:
            own_fees = fees
            if today.adjusted:
                net = adjustment - fees if known else None
        gross = ZERO if net is None else net + own_fees
        own = withheld if whole else ZERO
        found.append(
            FutureResult(
                day, code, place, True, matched, net, gross, own_fees, own, told or not whole, refs
            )
        )
        if whole:
            return found
        if today.adjusted:
            adjustment -= gross
        fees -= own_fees
        withheld -= own
    before = state.quantity
    moved = buys - sells
    closed = min(abs(before), abs(moved)) if before * moved < ZERO else ZERO
    flow: Decimal | None = _flow((*purchases, *sales))
    for row in today.ended:
        left = before + moved
        size = abs(left) if row.quantity is None else min(_size(row), abs(left))
        closed = min(closed + size, abs(before))
        moved += -size if left > ZERO else size
        if by_price and size:
            flow = None if flow is None or row.amount is None else flow + row.amount
    closing = closed / abs(before) if before else ZERO
    if by_price:
        into = closed / abs(moved) if moved else ZERO
        known = known and flow is not None
        flow = flow or ZERO
        adjustment = flow * into + state.value * closing
        state.value += flow * (1 - into) - state.value * closing
    state.pending += adjustment - fees
    state.adjustments += adjustment
    state.fees += fees
    state.withheld += withheld
    state.known = state.known and known
    state.told = state.told or told
    state.refs += refs
    state.quantity = before + moved
    if not state.quantity or settings.futures_recognition == "daily":
        share = Decimal(1)
    else:
        share = closing
    if not share:
        return found
    part = state.pending * share
    adjusted, paid = state.adjustments * share, state.fees * share
    if by_price and state.quantity:
        part, adjusted = adjustment - paid, adjustment
    found.append(
        FutureResult(
            day,
            code,
            place,
            False,
            closed,
            part if state.known else None,
            adjusted,
            paid,
            state.withheld,
            state.told,
            tuple(state.refs),
        )
    )
    state.pending -= part
    state.adjustments -= adjusted
    state.fees -= paid
    state.withheld = ZERO
    if share == 1:
        state.known, state.told, state.refs = True, False, []
    return found


def _fees(pieces: Sequence[Piece]) -> Decimal:
    return sum(((piece.row.fees or ZERO) * piece.share for piece in pieces if piece.used), ZERO)


def _flow(pieces: Sequence[Piece]) -> Decimal | None:
    """Signed value of the trades of a day beyond those matched."""
    total = ZERO
    for piece in pieces:
        left = 1 - piece.share
        if not left:
            continue
        if piece.gross is None:
            return None
        total += piece.gross * left * (1 if piece.row.kind in SOLD else -1)
    return total
