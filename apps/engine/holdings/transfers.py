"""Custody transfers: shares that change account and keep their cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO, RawLot, lots_cost
from apps.engine.holdings.position import Position
from apps.engine.holdings.trades import bad_quantity, subject
from apps.engine.kinds import Kind
from apps.engine.types import Row

MATCH_DAYS = 10
_HALF_CENT = Decimal("0.005")


def pair_transfers(book: Book, transfers: Sequence[Row]) -> None:
    """Join arrivals to departures of the same holder, asset and quantity within ``MATCH_DAYS`` days
    either way, the likeliest pairs first; every departure feeds one arrival at most."""
    departures: dict[tuple[str, str | None, Decimal], list[Row]] = {}
    for row in transfers:
        if row.kind is Kind.TRANSFER_OUT and row.quantity is not None:
            key = (book.holder_of(row.account), row.asset, row.quantity)
            departures.setdefault(key, []).append(row)
    near = []
    for place, row in enumerate(transfers):
        if row.kind is not Kind.TRANSFER_IN or row.quantity is None:
            continue
        key = (book.holder_of(row.account), row.asset, row.quantity)
        for other, out in enumerate(departures.get(key, ())):
            apart = abs((row.date - out.date).days)
            if apart <= MATCH_DAYS:
                # Another account first: a round trip within one account is the rarer reading.
                # Then the arrival that needs a cost, then the shortest way.
                rank = (out.account == row.account, row.amount is not None, apart, place, other)
                near.append((rank, row, out))
    near.sort(key=lambda pair: pair[0])
    for _, row, out in near:
        if id(row) not in book.pairs and id(out) not in book.pairs:
            book.pairs[id(row)] = out
            book.pairs[id(out)] = row


def transfer_in(book: Book, row: Row, route: Route, until: date | None) -> None:
    """Shares arrive with the cost stated, else with that of the departure that feeds them.

    A matched pair moves at the earlier of its two dates, so that no share is held twice or
    nowhere on the way. Where the source does not hold the shares yet (bought the same day), the
    arrival waits for the departure.
    """
    if id(row) in book.transfers_done:
        return
    position = _checked(book, row, route)
    if position is None or row.quantity is None:
        return
    out = book.pairs.get(id(row))
    if out is None:
        _arrive(book, row, route, position, row.quantity, None, None)
        return
    source = book.route(out)
    held = source.position.quantity_in(out.account) if source.position else ZERO
    if held >= row.quantity or (until is not None and out.date > until):
        book.transfers_done.add(id(out))
        _depart(book, _moved_to(out, row.date), source, row, route)


def transfer_out(book: Book, row: Row, route: Route) -> None:
    """Shares leave at average cost, or at the cost the row states; nothing is realised."""
    if id(row) in book.transfers_done:
        return
    arrival = book.pairs.get(id(row))
    if arrival is None:
        if _checked(book, row, route) is not None:
            book.issue("transfer_out_unmatched", row, route.position, quantity=row.quantity)
            _depart(book, row, route, None, None)
        return
    book.transfers_done.add(id(arrival))
    _depart(book, row, route, _moved_to(arrival, row.date), book.route(arrival))


def _moved_to(row: Row, day: date) -> Row:
    """The half of a matched pair that takes effect on another day than its own."""
    return row if row.date == day else replace(row, date=day)


def _checked(book: Book, row: Row, route: Route) -> Position | None:
    position = subject(book, row, route)
    if position is not None and (row.quantity is None or not row.quantity > ZERO):
        bad_quantity(book, row, position)
        return None
    return position


def _stated(book: Book, row: Row | None, route: Route | None) -> Decimal | None:
    """Cost a row states, in the position's currency."""
    if row is None or route is None or row.amount is None or route.position is None:
        return None
    if not route.converts:
        return row.amount
    rate = book.rate(row, route.position)
    return None if rate is None else row.amount * rate


def _depart(
    book: Book, row: Row, route: Route, arrival: Row | None, destination: Route | None
) -> None:
    """Take shares out of one account and hand them to the arrival, if there is one."""
    position = _checked(book, row, route)
    if position is None or row.quantity is None:
        return
    if row.fees:
        book.pay(row, route, -row.fees)
    quantity = min(row.quantity, position.quantity)
    if quantity < row.quantity:
        book.issue(
            "transfer_exceeds_position",
            row,
            position,
            quantity=row.quantity,
            held=position.quantity,
        )
    stated = _stated(book, row, route)
    if stated is None:
        stated = _stated(book, arrival, destination)
    cost = position.cost_of(quantity) if quantity else None
    if stated is not None and quantity and cost is not None and position.cost is not None:
        whole = quantity == position.quantity
        if stated > position.cost or (whole and abs(stated - cost) > _HALF_CENT):
            book.issue("transfer_cost_differs", row, position, stated=stated, cost=cost)
        elif not whole:
            cost = stated
    lots = position.take_lots(quantity, row.account) if quantity else []
    if quantity:
        position.shift(lots_cost(lots), cost)
        left = position.quantity - quantity
        position.quantity = left
        if not left:
            position.cost = ZERO
        elif position.cost is not None and cost is not None:
            position.cost -= cost
        position.note(row, "transfer_out", -quantity, None if cost is None else -cost, ZERO)
    if arrival is None or destination is None or destination.position is None:
        return
    complete = quantity == row.quantity
    _arrive(
        book,
        arrival,
        destination,
        destination.position,
        row.quantity,
        cost if complete else None,
        lots if complete else None,
    )


def _arrive(
    book: Book,
    row: Row,
    route: Route,
    position: Position,
    quantity: Decimal,
    carried: Decimal | None,
    lots: list[RawLot] | None,
) -> None:
    """Put shares into an account with the cost stated, else carried, else unknown."""
    if row.fees:
        book.pay(row, route, -row.fees)
    stated = _stated(book, row, route)
    cost = carried if stated is None else stated
    if cost is None:
        book.issue("transfer_cost_unknown", row, position, quantity=quantity)
    position.add(row, "transfer_in", quantity, cost, lots=lots)
