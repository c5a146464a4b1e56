"""Corporate events. They touch what the row's account holds, in the cost of the whole position."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.model import ZERO, RawLot, lot_cost, lot_of, lots_cost
from apps.engine.holdings.position import Position
from apps.engine.holdings.trades import bad_quantity, dispose, gross_of, subject
from apps.engine.kinds import Kind
from apps.engine.types import Row

Handler = Callable[[Book, Row, Route], None]

# Events that state a ratio can be applied to everyone who holds; the rest state a total.
BY_RATIO = frozenset({Kind.SPLIT, Kind.RENAME, Kind.MERGER})


def market_wide(handler: Handler) -> Handler:
    """Let an event without account reach every account that holds the asset."""

    def wrapped(book: Book, row: Row, route: Route) -> None:
        position = route.position
        if row.account or not row.asset or (position and _held_in(position, "")):
            handler(book, row, route)
            return
        targets = [
            account
            for place in list(book.positions.values())
            if place.asset == row.asset
            for account in sorted(place.accounts)
            if _held_in(place, account)
        ]
        if not targets:
            handler(book, row, route)
        shares = [Decimal(1)] * len(targets)
        if len(targets) > 1 and (row.kind not in BY_RATIO or row.amount is not None):
            if len({book.holder_of(account) for account in targets}) > 1:
                book.issue("account_missing", row, position)
                return
            # One holder's total, in proportion to what each account keeps.
            sizes = [_size_in(book, row.asset, account) for account in targets]
            whole = sum(sizes, ZERO)
            shares = [size / whole for size in sizes]
            if row.quantity and any(row.quantity * size % whole for size in sizes):
                book.issue("account_missing", row, position)
        for account, share in zip(targets, shares, strict=True):
            own = _share_of(replace(row, account=account), share)
            handler(book, own, book.route(own))

    return wrapped


def _size_in(book: Book, asset: str, account: str) -> Decimal:
    """How much of an asset an account holds, on either side."""
    found = ZERO
    for place in book.positions.values():
        if place.asset == asset and account in place.accounts:
            found += portion(place, account) + portion(place.short, account)
    return found


def _share_of(row: Row, share: Decimal) -> Row:
    if share == 1:
        return row

    def part(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * share

    return replace(
        row,
        quantity=part(row.quantity),
        amount=part(row.amount),
        fees=part(row.fees),
        tax_withheld=part(row.tax_withheld),
    )


def _held_in(position: Position, account: str) -> bool:
    if account not in position.accounts:
        return False
    short = position.short
    return bool(
        position.quantity_in(account) > ZERO or (short and short.quantity_in(account) > ZERO)
    )


def portion(side: Position | None, account: str) -> Decimal:
    """How much of one side the account holds, never more than there is."""
    if side is None:
        return ZERO
    return max(min(side.quantity_in(account), side.quantity), ZERO)


def ratio_of(book: Book, row: Row, position: Position) -> Decimal | None:
    """Ratio of an event; one missing or not positive is reported."""
    if row.ratio is None or not row.ratio > ZERO:
        book.issue("ratio_missing", row, position)
        return None
    return row.ratio


def converted(book: Book, row: Row, route: Route, position: Position) -> Decimal | None:
    """Exchange rate to apply to the row's money; 1 where it is in the position's currency."""
    return book.rate(row, position) if route.converts else Decimal(1)


def split(book: Book, row: Row, route: Route) -> None:
    """New quantity = old times ratio; the total cost and the acquisition dates stay."""
    position = subject(book, row, route)
    if position is None:
        return
    ratio = ratio_of(book, row, position)
    if ratio is None:
        return
    found = False
    for side in (position, position.short):
        held = portion(side, row.account)
        if side is None or not held:
            continue
        found = True
        lots = side.take_lots(held, row.account)
        grown = held * ratio
        side.quantity += grown - held
        side.put_lots([lot_of(lot[0], lot[1] * ratio, lot_cost(lot)) for lot in lots])
        side.note(row, "split", grown - held, ZERO, ZERO)
    position.last_event = ("split", None)
    if not found:
        book.issue("event_without_position", row, position)


def bonus(book: Book, row: Row, route: Route) -> None:
    """Shares received at the unit cost the company declares (none declared: 0, reported)."""
    position = subject(book, row, route)
    if position is None:
        return
    quantity = row.quantity
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    if position.quantity <= ZERO:
        book.issue("event_without_position", row, position)
    cost = gross_of(row)
    if cost is None:
        book.issue("bonus_cost_missing", row, position)
        cost = ZERO
    elif route.converts:
        rate = book.rate(row, position)
        cost = None if rate is None else cost * rate
    position.add(row, "bonus", quantity, cost)
    position.last_event = ("bonus", None if cost is None else cost / quantity)


def fraction_sale(book: Book, row: Row, route: Route) -> None:
    """A fraction sold in auction: of a bonus it has the declared cost and was never in the
    position, of a reverse split it leaves at average cost."""
    position = subject(book, row, route)
    if position is None:
        return
    quantity = row.quantity
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    amount = gross_of(row)
    proceeds: Decimal | None = None
    if amount is None:
        book.issue("value_missing", row, position)
        book.pay_unknown(row, route)
    else:
        book.pay(row, route, amount - (row.fees or ZERO) - (row.tax_withheld or ZERO))
        rate = converted(book, row, route, position)
        if rate is not None:
            position.fees += (row.fees or ZERO) * rate
            proceeds = (amount - (row.fees or ZERO)) * rate
            amount = amount * rate
    event = position.last_event
    if event is not None and event[0] == "bonus":
        unit = event[1]
        gain = None if proceeds is None or unit is None else proceeds - quantity * unit
        position.realise(gain, gain)
        position.note(row, "fraction_of_bonus", ZERO, ZERO, gain)
        if position.quantity % 1:
            book.issue("fraction_left_in_position", row, position, quantity=position.quantity)
        return
    if event is None:
        book.issue("fraction_origin_unknown", row, position)
    dispose(book, row, position, "fraction_sale", quantity, proceeds)


def return_of_capital(book: Book, row: Row, route: Route) -> None:
    """Money back from capital lowers the cost; what exceeds the cost is gain."""
    position = subject(book, row, route)
    if position is None:
        return
    amount = gross_of(row)
    if amount is None:
        book.issue("amount_missing", row, position)
        book.pay_unknown(row, route)
        position.realise(None, None)
        return
    book.pay(row, route, amount - (row.fees or ZERO) - (row.tax_withheld or ZERO))
    rate = converted(book, row, route, position)
    if rate is None:
        position.cost = None if position.quantity else ZERO
        lots = position.take_lots(position.quantity)
        position.put_lots([lot_of(lot[0], lot[1], None) for lot in lots])
        position.realise(None, None)
        position.note(row, "return_of_capital", ZERO, None, None)
        return
    if row.fees:
        position.fees += row.fees * rate
    amount = (amount - (row.fees or ZERO)) * rate
    if position.quantity <= ZERO:
        book.issue("event_without_position", row, position)
        position.realise(amount, amount)
        position.note(row, "return_of_capital", ZERO, ZERO, amount)
        return
    cost = position.cost
    lots, fifo_gain = lower(position.take_lots(position.quantity), position.quantity, amount)
    position.put_lots(lots)
    if cost is None:
        position.realise(None, fifo_gain)
        position.note(row, "return_of_capital", ZERO, None, None)
        return
    lowered = min(cost, amount)
    position.cost = cost - lowered
    # Money taken and cost lowered add up to the same amount either way: no shift but an unknown.
    position.gain += amount - lowered
    position.fifo_known &= fifo_gain is not None
    position.note(row, "return_of_capital", ZERO, -lowered, amount - lowered)


def lower(
    lots: list[RawLot], quantity: Decimal, amount: Decimal
) -> tuple[list[RawLot], Decimal | None]:
    """Spread money received over lots by quantity; their lower costs and the excess over them
    (None where a lot's cost is unknown)."""
    lowered: list[RawLot] = []
    excess: Decimal | None = ZERO
    left = amount
    for place, lot in enumerate(lots):
        opened, size, cost = lot[0], lot[1], lot_cost(lot)
        share = left if place == len(lots) - 1 else amount * size / quantity
        left -= share
        if cost is None:
            excess = None
            lowered.append(lot_of(opened, size, None))
            continue
        cut = min(cost, share)
        lowered.append(lot_of(opened, size, cost - cut))
        if excess is not None:
            excess += share - cut
    return lowered, excess


def subscription(book: Book, row: Row, route: Route) -> None:
    """Shares bought by exercising rights: the price paid plus what the rights had cost."""
    position = subject(book, row, route)
    if position is None:
        return
    quantity = row.quantity
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    gross = gross_of(row)
    cost: Decimal | None = None
    if gross is None:
        book.issue("value_missing", row, position)
        book.pay_unknown(row, route)
    else:
        fees = row.fees or ZERO
        book.pay(row, route, -(gross + fees))
        rate = converted(book, row, route, position)
        if rate is not None:
            cost, gross = (gross + fees) * rate, gross * rate
            position.fees += fees * rate
    if row.to_asset:
        rights = book.route(row, row.to_asset).position
        if rights is not None:
            moved = _consume_rights(book, row, rights, quantity)
            cost = None if cost is None or moved is None else cost + moved
    position.add(row, "subscription", quantity, cost)


def _consume_rights(book: Book, row: Row, rights: Position, quantity: Decimal) -> Decimal | None:
    """Take the rights used out of their position; the cost they bring along."""
    held = min(portion(rights, row.account), quantity)
    if held < quantity:
        book.issue("rights_short", row, rights, quantity=quantity, held=held)
    if not held:
        return ZERO
    cost = rights.cost_of(held)
    rights.shift(lots_cost(rights.take_lots(held, row.account)), cost)
    whole = held == rights.quantity
    rights.quantity = ZERO if whole else rights.quantity - held
    if whole:
        rights.cost = ZERO
    elif rights.cost is not None and cost is not None:
        rights.cost -= cost
    rights.note(row, "rights_used", -held, None if cost is None else -cost, ZERO)
    return cost
