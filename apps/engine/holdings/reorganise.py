"""Events that turn one asset into another: spin-off, merger, rename."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.holdings.book import Book, Route
from apps.engine.holdings.events import converted, lower, portion, ratio_of
from apps.engine.holdings.model import ZERO, RawLot, lot_cost, lot_of, lots_cost
from apps.engine.holdings.position import Position
from apps.engine.holdings.trades import bad_quantity, subject
from apps.engine.types import Row


def _other(book: Book, row: Row, position: Position) -> Position | None:
    """Position in the other asset of an event."""
    if not row.to_asset or row.to_asset == row.asset:
        book.issue("to_asset_missing", row, position)
        return None
    return book.route(row, row.to_asset).position


def spin_off(book: Book, row: Row, route: Route) -> None:
    """Part of the cost leaves with the shares of the company that was split off."""
    position = subject(book, row, route)
    if position is None:
        return
    quantity, share = row.quantity, row.cost_share
    if quantity is None or not quantity > ZERO:
        bad_quantity(book, row, position)
        return
    target = _other(book, row, position)
    if target is None:
        return
    if share is None or not ZERO <= share <= 1:
        book.issue("cost_share_missing", row, position)
        share = None
    held = portion(position, row.account)
    if not held:
        book.issue("event_without_position", row, position)
        target.add(row, "spin_off_in", quantity, None)
        return
    # Accounts share one average: the row of each takes its part of the cost before the first.
    key = (row.date, (position.holder, position.account, position.asset), target.asset)
    whole = book.spun.setdefault(key, position.cost)
    moved = None
    if whole is not None and share is not None and position.cost is not None:
        own = whole if held == position.quantity else whole * held / position.quantity
        moved = min(own * share, position.cost)
    kept: list[RawLot] = []
    gone: list[RawLot] = []
    left = quantity
    lots = position.take_lots(held, row.account)
    for place, lot in enumerate(lots):
        opened, size, cost = lot[0], lot[1], lot_cost(lot)
        received = left if place == len(lots) - 1 else quantity * size / held
        left -= received
        out = None if cost is None or share is None else cost * share
        kept.append(lot_of(opened, size, None if cost is None or out is None else cost - out))
        gone.append(lot_of(opened, received, out))
    position.put_lots(kept)
    position.shift(lots_cost(gone), moved)
    if moved is None or position.cost is None:
        position.cost = None
    else:
        position.cost -= moved
    position.note(row, "spin_off_out", ZERO, None if moved is None else -moved, ZERO)
    target.add(row, "spin_off_in", quantity, moved, lots=gone)


def _move(
    row: Row,
    side: Position,
    target: Position,
    held: Decimal,
    ratio: Decimal,
    cash: Decimal | None,
    formula: str,
) -> None:
    """Exchange ``held`` shares of one side for ``ratio`` each of the target; money received
    lowers the cost carried over and its excess is gain. ``cash`` None is unknown."""
    cost = side.cost_of(held)
    lots = side.take_lots(held, row.account)
    side.shift(lots_cost(lots), cost)
    gain: Decimal | None = ZERO
    fifo_gain: Decimal | None = ZERO
    carried = cost
    if cash is None:
        gain = fifo_gain = carried = None
        lots = [lot_of(lot[0], lot[1], None) for lot in lots]
    elif cash:
        lots, fifo_gain = lower(lots, held, cash)
        if cost is None:
            gain = None
        else:
            carried = cost - min(cost, cash)
            gain = cash - min(cost, cash)
    whole = held == side.quantity
    side.quantity = ZERO if whole else side.quantity - held
    if whole:
        side.cost = ZERO
    elif side.cost is not None and cost is not None:
        side.cost -= cost
    side.realise(gain, fifo_gain)
    side.note(row, f"{formula}_out", -held, None if cost is None else -cost, gain)
    target.add(
        row,
        f"{formula}_in",
        held * ratio,
        carried,
        lots=[lot_of(lot[0], lot[1] * ratio, lot_cost(lot)) for lot in lots],
    )


def merger(book: Book, row: Row, route: Route) -> None:
    """Shares become ``ratio`` shares of another company, the cost goes along."""
    position = subject(book, row, route)
    if position is None:
        return
    ratio = ratio_of(book, row, position)
    target = _other(book, row, position)
    if ratio is None or target is None:
        return
    cash: Decimal | None = ZERO
    if row.amount is not None:
        book.pay(row, route, row.amount - (row.fees or ZERO) - (row.tax_withheld or ZERO))
        rate = converted(book, row, route, position)
        cash = None if rate is None else (row.amount - (row.fees or ZERO)) * rate
        if rate is not None:
            position.fees += (row.fees or ZERO) * rate
    held = portion(position, row.account)
    shorted = portion(position.short, row.account)
    if held:
        _move(row, position, target, held, ratio, cash, "merger")
    if shorted and position.short:
        _move(row, position.short, target.short_side(row), shorted, ratio, ZERO, "merger")
    target.last_event = ("merger", None)
    if not held and not shorted:
        book.issue("event_without_position", row, position)


def rename(book: Book, row: Row, route: Route) -> None:
    """The asset goes on under another code, with its past."""
    position = subject(book, row, route)
    if position is None:
        return
    if not row.to_asset or row.to_asset == row.asset:
        book.issue("to_asset_missing", row, position)
        return
    held = portion(position, row.account)
    short = position.short
    shorted = portion(short, row.account)
    if not held and not shorted:
        if not position.steps and not position.income:
            book.issue("event_without_position", row, position)
        return
    new_key = (position.holder, position.account, row.to_asset)
    existing = book.positions.get(new_key)
    if (
        held == position.quantity
        and (short is None or shorted == short.quantity)
        and (existing is None or not (existing.steps or existing.income or existing.short))
    ):
        del book.positions[(position.holder, position.account, position.asset)]
        book.forget_routes(position.asset)
        book.forget_routes(row.to_asset)
        position.asset = row.to_asset
        if short is not None:
            short.asset = row.to_asset
        book.positions[new_key] = position
        (position if held else short or position).note(row, "rename", ZERO, ZERO, ZERO)
        return
    target = _other(book, row, position)
    if target is None:
        return
    if held:
        _move(row, position, target, held, Decimal(1), ZERO, "rename")
    if shorted and short is not None:
        _move(row, short, target.short_side(row), shorted, Decimal(1), ZERO, "rename")
    if not position.quantity and not (short and short.quantity):
        target.absorb(position)
        del book.positions[(position.holder, position.account, position.asset)]
        book.forget_routes(position.asset)
