"""The inner loop: plain purchases, sales and income, row by row.

Nearly every row of a real ledger is one of these, with all its figures, in the currency of its
position. They are folded here, with the arithmetic of ``Position.add`` and ``Position.remove``
written out; whatever is odd goes to the handler of its kind. Rows are taken in their own order and
not asset by asset, although that would need fewer instructions: they lie in memory in that order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from apps.engine.holdings.model import ZERO
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.engine.types import Row

if TYPE_CHECKING:
    from apps.engine.holdings.book import Book


def run(book: Book, ordered: Iterable[Row]) -> None:
    """Fold rows in order. No state changes before a row has passed every check; a missing figure
    shows as an exception of arithmetic on None."""
    routes, handlers = book.routes, book.handlers
    is_buy, is_sell, income_kinds = Kind.BUY, Kind.SELL, INCOME_KINDS
    row: Any  # figures may be None: that is what the except clause is for
    for row in ordered:
        route = routes.get((row.account, row.asset, row.currency))
        if route is None:
            route = book.route(row)
        kind = row.kind
        position = route.plain
        if position is not None:
            try:
                amount = row.amount
                if kind is is_buy:
                    size = row.quantity
                    if amount is None:
                        amount = size * row.unit_price
                    fees = row.fees
                    paid = amount + fees if fees else amount
                    cost = position.cost
                    # the sign of a Decimal is cheaper to ask for than a comparison
                    if not (
                        size.is_signed()
                        or not size
                        or amount.is_signed()
                        or row.tax_withheld
                        or cost is None
                    ):
                        route.cash -= paid
                        if fees:
                            position.fees += fees
                        elif fees is None:
                            position.fees_unknown += 1
                        position.quantity += size
                        position.cost = cost + paid
                        step = (row, size, paid, "buy", 1, ZERO, None)
                        position.steps.append(step)
                        position.lots.append(step)
                        continue
                elif kind is is_sell:
                    size = row.quantity
                    if amount is None:
                        amount = size * row.unit_price
                    fees = row.fees
                    proceeds = amount - fees if fees else amount
                    held = position.quantity
                    left = held - size
                    cost = position.cost
                    if not (
                        left.is_signed()
                        or size.is_signed()
                        or not size
                        or amount.is_signed()
                        or cost is None
                    ):
                        tax = row.tax_withheld
                        route.cash += proceeds - tax if tax else proceeds
                        if fees:
                            position.fees += fees
                        elif fees is None:
                            position.fees_unknown += 1
                        if left:
                            out = cost * size / held
                            position.cost = cost - out
                        else:
                            out = cost
                            position.cost = ZERO
                        position.quantity = left
                        won = proceeds - out
                        position.gain += won
                        position.steps.append((row, size, out, "sell", -1, won, None))
                        continue
                elif kind in income_kinds and not row.fees:
                    tax = row.tax_withheld
                    route.cash += amount - tax if tax else amount
                    position.income.append((row, amount, tax))
                    continue
            except (TypeError, AttributeError):
                pass
        if book.logging:
            book.today = row.date
        handlers[kind](book, row, route)
