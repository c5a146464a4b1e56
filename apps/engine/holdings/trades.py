"""Purchases and sales, long and short, futures, redemptions."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO
from apps.engine.holdings.position import Position
from apps.engine.kinds import Kind
from apps.engine.types import Row


def gross_of(row: Row, multiplier: Decimal | None = None) -> Decimal | None:
    """Gross value of a row: the amount where given, else quantity times price."""
    if row.amount is not None:
        return row.amount
    if row.unit_price is None or row.quantity is None:
        return None
    gross = row.quantity * row.unit_price
    return gross if multiplier is None else gross * multiplier


def subject(book: Book, row: Row, route: Route) -> Position | None:
    """The position a row concerns; a row without asset is reported."""
    if route.position is None:
        book.issue("asset_missing", row)
    return route.position


def bad_quantity(book: Book, row: Row, position: Position) -> None:
    """Report a quantity that is missing, zero or negative."""
    if row.quantity is None:
        book.issue("quantity_missing", row, position)
    else:
        book.issue("quantity_not_positive", row, position, quantity=row.quantity)


def buy(book: Book, row: Row, route: Route) -> None:
    """Cost rises by gross plus fees."""
    position = route.position
    quantity = row.quantity
    if position is None or quantity is None or not quantity > ZERO or route.future:
        _odd_trade(book, row, route)
        return
    value = settle(book, row, route, position, -1)
    if value is not None:
        net, rate = value
        position.add(row, "buy", quantity, None if net is None else -net, rate)


def sell(book: Book, row: Row, route: Route) -> None:
    """Proceeds are gross less fees; cost leaves at average."""
    position = route.position
    quantity = row.quantity
    if position is None or quantity is None or not quantity > ZERO or route.future:
        _odd_trade(book, row, route)
        return
    value = settle(book, row, route, position, 1)
    if value is not None:
        net, rate = value
        dispose(book, row, position, "sell", quantity, net, rate)


def dispose(
    book: Book,
    row: Row,
    side: Position,
    formula: str,
    quantity: Decimal,
    proceeds: Decimal | None,
    rate: Decimal | None = None,
    code: str = "oversold",
    owner: Position | None = None,
) -> None:
    """Remove what is held; anything sold beyond it stays out of the position and is reported.

    The gain of the excess is unknown (its cost is), so the position's gain becomes unknown too,
    while the part that was held keeps its own.
    """
    held = side.quantity
    if quantity > held:
        excess = quantity - held
        book.issue(code, row, owner or side, quantity=quantity, held=held, excess=excess)
        side.realise(None, None)
        if not held:
            side.note(row, code, ZERO, ZERO, None, rate)
            return
        proceeds = None if proceeds is None else proceeds * held / quantity
        quantity = held
    side.remove(row, formula, quantity, proceeds, rate)


def _odd_trade(book: Book, row: Row, route: Route) -> None:
    position = subject(book, row, route)
    if position is None:
        return
    if row.quantity is None or not row.quantity > ZERO:
        bad_quantity(book, row, position)
    else:
        _future(book, row, route, position, row.quantity)


def settle(
    book: Book, row: Row, route: Route, position: Position, sign: int, *, trade: bool = True
) -> tuple[Decimal | None, Decimal | None] | None:
    """Settle a trade in cash (``sign`` 1 receives, -1 pays) and answer its net value, fees
    included, in the position's currency, with the rate that converted it; both None when the
    value is unknown, no tuple at all when the row is refused. Only a ``trade`` is expected to
    state its fees."""
    gross = gross_of(row, route.multiplier)
    fees = row.fees
    if gross is None:
        book.issue("value_missing", row, position)
        book.pay_unknown(row, route)
        return None, None
    if gross < ZERO:
        book.issue("amount_negative", row, position, amount=gross)
        return None
    if fees is None and trade:
        position.fees_unknown += 1
    net = sign * gross - (fees or ZERO)
    book.pay(row, route, net - (row.tax_withheld or ZERO))
    rate = None
    if route.converts:
        rate = book.rate(row, position)
        if rate is None:
            return None, None
        net *= rate
        fees = fees * rate if fees else fees
    if fees:
        position.fees += fees
    return net, rate


def short_sell(book: Book, row: Row, route: Route) -> None:
    """Opens a short: its net proceeds are carried as a negative cost."""
    position = route.position
    quantity = row.quantity
    if position is None or quantity is None or not quantity > ZERO or route.future:
        _odd_trade(book, row, route)
        return
    value = settle(book, row, route, position, 1)
    if value is not None:
        net, rate = value
        cost = None if net is None else -net
        position.short_side(row).add(row, "short_sell", quantity, cost, rate)


def cover(book: Book, row: Row, route: Route) -> None:
    """Closes a short: gain = average proceeds less what the cover cost."""
    position = route.position
    quantity = row.quantity
    if position is None or quantity is None or not quantity > ZERO or route.future:
        _odd_trade(book, row, route)
        return
    value = settle(book, row, route, position, -1)
    if value is not None:
        net, rate = value
        side = position.short_side(row)
        dispose(book, row, side, "cover", quantity, net, rate, "cover_without_short", position)


def _future(book: Book, row: Row, route: Route, position: Position, quantity: Decimal) -> None:
    """Contracts bought or sold, netted against the other side. They cost nothing: the result
    is what the daily adjustments bring."""
    book.issue_once("future_result_by_adjustments", row, position.asset)
    position.issue_codes["future_result_by_adjustments"] = None
    fees = row.fees
    if fees is None:
        position.fees_unknown += 1
    if fees:
        book.pay(row, route, -fees)
        rate = book.rate(row, position) if route.converts else Decimal(1)
        if rate is None:
            position.realise(None, None)
        else:
            position.fees += fees * rate
            position.realise(-fees * rate, -fees * rate)
    bought = row.kind in (Kind.BUY, Kind.COVER)
    short = position.short_side(row)
    closing, opening = (short, position) if bought else (position, short)
    closed = min(closing.quantity, quantity)
    if closed:
        closing.remove(row, "future", closed, ZERO)
    if quantity > closed:
        opening.add(row, "future", quantity - closed, ZERO)


def daily_adjustment(book: Book, row: Row, route: Route) -> None:
    """Futures: the day's adjustment, signed, is gain and cash at once."""
    position = subject(book, row, route)
    if position is None:
        return
    amount = row.amount
    if amount is None:
        book.issue("amount_missing", row, position)
        book.pay_unknown(row, route)
        position.realise(None, None)
        return
    net = amount - (row.fees or ZERO)
    book.pay(row, route, net - (row.tax_withheld or ZERO))
    rate = book.rate(row, position) if route.converts else Decimal(1)
    gain = None if rate is None else net * rate
    if rate is not None and row.fees:
        position.fees += row.fees * rate
    position.realise(gain, gain)
    position.note(row, "daily_adjustment", ZERO, ZERO, gain, rate if route.converts else None)


def maturity(book: Book, row: Row, route: Route) -> None:
    """Redemption in full of what the account holds."""
    position = subject(book, row, route)
    if position is None:
        return
    value = settle(book, row, route, position, 1, trade=False)
    if value is None:
        return
    held = min(position.quantity_in(row.account), position.quantity)
    if held <= ZERO:
        book.issue("event_without_position", row, position)
        position.realise(None, None)
        return
    position.remove(row, "maturity", held, *value)


def come_cotas(book: Book, row: Row, route: Route) -> None:
    """Fund units taken as advance tax: they leave at average cost for the tax they paid."""
    position = subject(book, row, route)
    if position is None:
        return
    quantity, amount = row.quantity, gross_of(row)
    if quantity is None and amount is not None and row.unit_price:
        quantity = amount / row.unit_price
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    rate = None
    if amount is None:
        book.issue("amount_missing", row, position)
    elif route.converts:
        rate = book.rate(row, position)
        amount = None if rate is None else amount * rate
    dispose(book, row, position, "come_cotas", quantity, amount, rate)
