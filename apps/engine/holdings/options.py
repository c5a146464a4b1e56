"""The end of an option or a term: exercised, assigned, expired or settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO, lot_of, lots_cost
from apps.engine.holdings.position import Position
from apps.engine.holdings.trades import bad_quantity, dispose, subject
from apps.engine.holdings.trades import maturity as redemption
from apps.engine.kinds import AssetClass, Kind
from apps.engine.types import Asset, Issue, Row

# call and put, compra and venda
_RIGHTS = {"c": "c", "p": "p", "v": "p"}
SETTLING = frozenset({Kind.EXERCISE, Kind.ASSIGNMENT})


def terms_of(asset: Asset | None) -> tuple[str, str, Decimal] | None:
    """Underlying, ``c`` or ``p``, and strike; None where they are not known. A term is a call that
    costs its whole price when made and nothing more at settlement."""
    if asset is None or not asset.underlying:
        return None
    if asset.asset_class is AssetClass.TERM:
        return asset.underlying, "c", ZERO
    kind = _RIGHTS.get(asset.option_type[:1].lower())
    if kind is None or asset.strike is None:
        return None
    return asset.underlying, kind, asset.strike


def is_settled_term(row: Row, asset: Asset | None) -> bool:
    """Whether a row ends a term by delivery: its expiry, or a maturity without money."""
    if asset is None or asset.asset_class is not AssetClass.TERM or not asset.underlying:
        return False
    return row.kind is Kind.EXPIRY or (row.kind is Kind.MATURITY and row.amount is None)


def brought_first(
    ordered: Sequence[Row], issues: Iterable[Issue], assets: Mapping[str, Asset]
) -> list[Row] | None:
    """The rows with those settlements moved that brought what a sale of the same day lacked, before
    that sale; None where there are none. Times, where given, are left alone."""
    lacking = {
        (issue.params.get("date"), issue.params.get("asset"))
        for issue in issues
        if issue.code == "oversold" and issue.params.get("kind") == Kind.SELL
    }
    moved: dict[tuple[date, str], list[Row]] = {}
    for row in ordered if lacking else ():
        settles = row.kind in SETTLING or is_settled_term(row, assets.get(row.asset or ""))
        terms = terms_of(assets.get(row.asset or "")) if settles and row.time is None else None
        if terms is None or (terms[1] == "p") != (row.kind is Kind.ASSIGNMENT):
            continue
        if (row.date.isoformat(), terms[0]) in lacking:
            moved.setdefault((row.date, terms[0]), []).append(row)
    if not moved:
        return None
    gone = {id(row) for rows in moved.values() for row in rows}
    found: list[Row] = []
    for row in ordered:
        if row.kind is Kind.SELL and row.asset:
            found += moved.pop((row.date, row.asset), ())
        if id(row) not in gone:
            found.append(row)
    return found


def expiry(book: Book, row: Row, route: Route) -> None:
    """Worthless at the end: the holder loses the premium, the writer keeps it. An empty quantity
    means all of it."""
    position = subject(book, row, route)
    if position is None:
        return
    if is_settled_term(row, book.assets.get(row.asset or "")):
        settle_term(book, row, position)
        return
    side = position if position.quantity or position.short is None else position.short
    quantity = side.quantity if row.quantity is None else row.quantity
    if row.quantity is not None and not quantity > ZERO:
        bad_quantity(book, row, position)
    elif not side.quantity:
        book.issue("event_without_position", row, position)
    else:
        dispose(book, row, side, "expiry", quantity, ZERO, None, "oversold", position)


def maturity(book: Book, row: Row, route: Route) -> None:
    """Redemption in full, or a term's delivery."""
    position = route.position
    if position is not None and is_settled_term(row, book.assets.get(row.asset or "")):
        settle_term(book, row, position)
    else:
        redemption(book, row, route)


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


def settle_term(book: Book, row: Row, position: Position) -> None:
    """A term is delivered, all of it where the row names no quantity."""
    side = position if position.quantity or position.short is None else position.short
    if row.quantity is None and side.quantity:
        row = replace(row, quantity=side.quantity)
    _settle(book, row, position, side)


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
    asset = book.assets.get(row.asset or "")
    terms = terms_of(asset)
    if asset is None or terms is None:
        book.issue("option_terms_missing", row, position)
        side.remove(row, str(row.kind), held, None)
        return
    code, kind, strike = terms
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

    units = held * asset.multiplier
    amount = units * strike
    fees = row.fees or ZERO
    underlying = book.route(row, row.to_asset or code)
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
