"""The end of an option: exercised, assigned or expired."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO, lot_of, lots_cost
from apps.engine.holdings.position import Position
from apps.engine.holdings.trades import bad_quantity, dispose, subject
from apps.engine.types import Row


def expiry(book: Book, row: Row, route: Route) -> None:
    """Worthless at the end: the holder loses the premium, the writer keeps it. An empty quantity
    means all of it."""
    position = subject(book, row, route)
    if position is None:
        return
    side = position if position.quantity or position.short is None else position.short
    quantity = side.quantity if row.quantity is None else row.quantity
    if row.quantity is not None and not quantity > ZERO:
        bad_quantity(book, row, position)
    elif not side.quantity:
        book.issue("event_without_position", row, position)
    else:
        dispose(book, row, side, "expiry", quantity, ZERO, None, "oversold", position)


def exercise(book: Book, row: Row, route: Route) -> None:
    """The holder uses the option: the premium paid joins the underlying trade."""
    position = subject(book, row, route)
    if position is not None:
        _settle(book, row, position, position)


def assignment(book: Book, row: Row, route: Route) -> None:
    """The writer is called upon: the premium received joins the underlying trade."""
    position = subject(book, row, route)
    if position is not None:
        _settle(book, row, position, position.short_side(row))


def _settle(book: Book, row: Row, position: Position, side: Position) -> None:
    """Close the option at its premium, without gain, and trade the underlying at the strike.

    ``premium`` is a cost of the long side and a negative cost of the short one, so one formula
    serves both: a purchase costs strike + premium, a sale brings strike - premium. A row may name
    the underlying itself (``to_asset``), else it is that of the option's terms.
    """
    quantity = row.quantity
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    held = min(quantity, side.quantity)
    if held < quantity:
        book.issue("oversold", row, position, quantity=quantity, held=held, excess=quantity - held)
    if not held:
        return
    terms = book.assets.get(row.asset or "")
    kind = (terms.option_type[:1].lower() if terms else "") or "?"
    if terms is None or not terms.underlying or terms.strike is None or kind not in "cp":
        book.issue("option_terms_missing", row, position)
        side.remove(row, str(row.kind), held, None)
        return
    premium = side.cost_of(held)
    lots = side.take_lots(held, row.account)
    fifo_premium = lots_cost(lots)
    side.shift(fifo_premium, premium)
    side.quantity -= held
    if not side.quantity:
        side.cost = ZERO
    elif side.cost is not None and premium is not None:
        side.cost -= premium
    side.note(row, str(row.kind), -held, None if premium is None else -premium, ZERO)

    units = held * terms.multiplier
    amount = units * terms.strike
    fees = row.fees or ZERO
    underlying = book.route(row, row.to_asset or terms.underlying)
    target = underlying.position
    if target is None:
        return
    rate = book.rate(row, target) if underlying.converts else Decimal(1)
    shown = rate if underlying.converts else None
    # A call held and a put written end in a purchase, the other two in a sale.
    if (kind == "c") == (side is position):
        book.pay(row, underlying, -amount - fees)
        paid = None if rate is None else (amount + fees) * rate
        cost = None if paid is None or premium is None else paid + premium
        fifo = None if paid is None or fifo_premium is None else paid + fifo_premium
        target.add(row, f"{row.kind}_in", units, cost, shown, lots=[lot_of(row, units, fifo)])
    else:
        book.pay(row, underlying, amount - fees)
        net = None if rate is None or premium is None else (amount - fees) * rate - premium
        dispose(book, row, target, f"{row.kind}_out", units, net, shown)
        target.shift(premium, fifo_premium)
