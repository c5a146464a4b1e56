"""The fold itself: rows in order, one handler per kind, holdings at the end."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from operator import itemgetter
from typing import Literal

from apps.engine.holdings import cash, events, options, reorganise, trades, transfers
from apps.engine.holdings.book import Book, LoggedCell
from apps.engine.holdings.events import Handler
from apps.engine.holdings.model import (
    ZERO,
    CashKey,
    Fold,
    Holding,
    PartKey,
    RawLot,
    lots_cost,
)
from apps.engine.holdings.order import in_order
from apps.engine.holdings.position import Position
from apps.engine.holdings.stream import run
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.engine.prices import FxTable
from apps.engine.types import Account, Asset, Issue, Row

_HANDLERS: dict[Kind, Handler] = {
    Kind.BUY: trades.buy,
    Kind.SELL: trades.sell,
    Kind.SHORT_SELL: trades.short_sell,
    Kind.COVER: trades.cover,
    Kind.SPLIT: events.market_wide(events.split),
    Kind.BONUS: events.market_wide(events.bonus),
    Kind.SPIN_OFF: events.market_wide(reorganise.spin_off),
    Kind.MERGER: events.market_wide(reorganise.merger),
    Kind.RENAME: events.market_wide(reorganise.rename),
    Kind.RETURN_OF_CAPITAL: events.market_wide(events.return_of_capital),
    Kind.FRACTION_SALE: events.market_wide(events.fraction_sale),
    Kind.SUBSCRIPTION: events.subscription,
    Kind.TRANSFER_OUT: transfers.transfer_out,
    Kind.EXERCISE: options.exercise,
    Kind.ASSIGNMENT: options.assignment,
    Kind.EXPIRY: options.expiry,
    Kind.DAILY_ADJUSTMENT: trades.daily_adjustment,
    Kind.COME_COTAS: trades.come_cotas,
    Kind.MATURITY: options.maturity,
    Kind.DEPOSIT: cash.cash,
    Kind.WITHDRAWAL: cash.cash,
    Kind.FEE: cash.cash,
    Kind.TAX: cash.cash,
    Kind.FX: cash.fx,
    Kind.OPENING_LOSS: cash.declared,
    Kind.DARF_PAYMENT: cash.declared,
    **dict.fromkeys(INCOME_KINDS, cash.income),
}


_GROSS = itemgetter(1)
_WITHHELD = itemgetter(2)
_DELIVERING = options.SETTLING | {Kind.EXPIRY, Kind.MATURITY}
_TRANSFERS = {Kind.TRANSFER_IN, Kind.TRANSFER_OUT}


def fold(
    rows: Iterable[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    *,
    by: Literal["asset", "account"] = "asset",
    on: date | None = None,
    currency: str | None = None,
    fx: FxTable | None = None,
    log_cash: bool = False,
) -> Fold:
    """Fold a ledger into holdings as of the end of ``on`` (default: all of it).

    ``by="asset"`` keeps one average per holder across accounts (the legal one in Brazil),
    ``by="account"`` one per account. With ``currency`` every row is converted at the rate of its
    own date; without it a holding stays in the asset's currency (that of its first row where the
    asset states none). Costs include fees. Nothing is rounded: divisions keep the precision of
    the decimal context. ``log_cash`` keeps the balances day by day. Never raises for what a
    ledger may hold: oddities are in ``issues``.
    """
    every = in_order(rows)
    ordered = every if on is None else [row for row in every if row.date <= on]
    kinds = {row.kind for row in every}
    handlers: dict[Kind, Handler] = {
        **_HANDLERS,
        Kind.TRANSFER_IN: partial(transfers.transfer_in, until=on),
    }

    def folded(ordered: list[Row]) -> Book:
        book = Book(
            assets, accounts, by_account=by == "account", currency=currency, fx=fx, logging=log_cash
        )
        if _TRANSFERS & kinds:
            transfers.pair_transfers(book, [row for row in every if row.kind in _TRANSFERS])
        book.handlers = handlers
        run(book, ordered)
        return book

    # Nothing made here is cyclic, and the collector would walk the whole ledger several times.
    collecting = gc.isenabled()
    gc.disable()
    try:
        book = folded(ordered)
        if _DELIVERING & kinds:
            oddities = (issue for _day, _place, issue in book.issues)
            again = options.brought_first(ordered, oddities, assets)
            book = book if again is None else folded(again)
        return _result(book)
    finally:
        if collecting:
            gc.enable()


def _result(book: Book) -> Fold:
    for route in book.routes.values():
        book.bank(route)
    holdings = {}
    for key, position in book.positions.items():
        holding = _holding(book, position)
        if holding is not None:
            holdings[key] = holding
    cash: dict[CashKey, Decimal] = {}
    parts: dict[PartKey, tuple[Decimal, bool]] = {}
    for part, cell in book.cash.items():
        if cell.touched:
            pair = part[:2]
            cash[pair] = cash.get(pair, ZERO) + cell.value
            parts[part] = (cell.value, part not in book.cash_incomplete)
    about_rows = sorted(book.issues, key=itemgetter(0, 1))
    return Fold(
        holdings=holdings,
        cash=cash,
        cash_incomplete=frozenset(part[:2] for part in book.cash_incomplete),
        cash_parts=parts,
        cash_by_kind=book.cash_by_kind,
        cash_log={
            part[:2]: cell.log for part, cell in book.cash.items() if isinstance(cell, LoggedCell)
        },
        issues=[issue for _day, _place, issue in about_rows] + book.about,
    )


def _plus(first: Decimal | None, second: Decimal | None) -> Decimal | None:
    return None if first is None or second is None else first + second


def _holding(book: Book, position: Position) -> Holding | None:
    short = position.short
    quantity, cost = position.quantity, position.cost
    gain, gain_known = position.gain, position.gain_known
    lots = position.open_lots()
    short_lots: list[RawLot] = []
    fifo_cost = lots_cost(lots)
    fifo_gain = position.fifo_gain(fifo_cost)
    touched = [step[0].date for step in position.steps[:1] + position.steps[-1:]]
    touched += [part[0].date for part in position.income[:1] + position.income[-1:]]
    average = cost / quantity if quantity and cost is not None else None
    if short is not None:
        if quantity and short.quantity:
            _about(book, position, "long_and_short", short=str(short.quantity))
        elif short.quantity and short.cost is not None:
            average = -short.cost / short.quantity
        elif short.quantity:
            average = None
        quantity = quantity - short.quantity
        cost = _plus(cost, short.cost)
        short_lots = short.open_lots()
        short_cost = lots_cost(short_lots)
        fifo_cost = _plus(fifo_cost, short_cost)
        gain += short.gain
        gain_known &= short.gain_known
        fifo_gain = _plus(fifo_gain, short.fifo_gain(short_cost))
        touched += [step[0].date for step in short.steps[:1] + short.steps[-1:]]
    if not touched and not position.issue_codes:
        return None  # only named as the other side of something that did not happen
    if position.fees_unknown:
        _about(book, position, "fees_unknown", rows=str(position.fees_unknown))
    gross: Decimal | None
    withheld: Decimal | None
    try:
        gross = sum(map(_GROSS, position.income), ZERO)
        withheld = sum(filter(None, map(_WITHHELD, position.income)), ZERO)
    except TypeError:  # a None among the gross amounts
        gross = withheld = None
    first = min(touched, default=position.touched.date)
    last = max(touched, default=position.touched.date)
    return Holding(
        holder=position.holder,
        account=position.account,
        asset=position.asset,
        currency=position.currency,
        quantity=quantity,
        total_cost=cost,
        average_cost=average,
        realised_gain=gain if gain_known else None,
        realised_known=gain,
        income=gross,
        income_withheld=withheld,
        fees=position.fees,
        fees_unknown=position.fees_unknown,
        fifo_cost=fifo_cost,
        fifo_realised=fifo_gain,
        first_date=first,
        last_date=last,
        issue_codes=tuple(position.issue_codes),
        raw_steps=position.steps,
        raw_short_steps=short.steps if short else [],
        raw_lots=lots,
        raw_short_lots=short_lots,
        raw_runs=[*position.runs, position.current_run()],
        raw_short_runs=[*short.runs, short.current_run()] if short else [],
        raw_income=position.income,
    )


def _about(book: Book, position: Position, code: str, **params: str) -> None:
    """Report an oddity of a whole position."""
    values = {"asset": position.asset, "holder": position.holder, **params}
    if position.account is not None:
        values["account"] = position.account
    book.about.append(Issue(code, position.asset, values))
    position.issue_codes[code] = None
