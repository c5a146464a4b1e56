"""The inner loop: runs of plain purchases, sales and income of one position.

Nearly every row of a real ledger is one of these, with all its figures, in the currency of its
position. They wait in the position's queue until something else concerns it, and are then folded
together with everything in local variables: the same arithmetic as ``Position.add`` and
``Position.remove``, several times faster than row by row. Whatever is odd stops the run and goes
through the handlers of its kind.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from apps.engine.holdings.model import ZERO
from apps.engine.holdings.position import Position
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.engine.types import Row

PLAIN_KINDS = frozenset({Kind.BUY, Kind.SELL, *INCOME_KINDS})


def run(position: Position, queue: list[Row], place: int, cash: dict[str, Decimal]) -> int:
    """Fold queued rows from ``place`` on, as far as they are plain; where it stopped.

    ``cash`` receives the money moved, by account. No state changes before a row has passed every
    check, so the row it stops at is untouched; a missing figure shows as an exception
    of arithmetic on None.
    """
    cost = position.cost
    if cost is None:
        return place
    quantity = position.quantity
    gain = position.gain
    all_fees = position.fees
    unknown = position.fees_unknown
    lots = position.lots
    add_lot, add_step, add_income = lots.append, position.steps.append, position.income.append
    account: str | None = None
    money = ZERO
    row: Any  # figures may be None: that is what the except clause is for
    is_buy, is_sell = Kind.BUY, Kind.SELL
    try:
        for place, row in enumerate(queue[place:], place):  # noqa: B007, B020 - read after
            kind = row.kind
            amount = row.amount
            if kind is is_buy:
                size = row.quantity
                if amount is None:
                    amount = size * row.unit_price
                fees = row.fees
                paid = amount + fees if fees else amount
                # the sign of a Decimal is cheaper to ask for than a comparison
                if size.is_signed() or not size or amount.is_signed() or row.tax_withheld:
                    break
                if row.account != account:
                    if account is not None:
                        cash[account] = money
                    account = row.account
                    money = cash.get(account, ZERO)
                money -= paid
                if fees:
                    all_fees += fees
                elif fees is None:
                    unknown += 1
                quantity += size
                cost += paid
                step = (row, size, paid, "buy", 1, ZERO, None)
                add_step(step)
                add_lot(step)
            elif kind is is_sell:
                size = row.quantity
                if amount is None:
                    amount = size * row.unit_price
                fees = row.fees
                proceeds = amount - fees if fees else amount
                left = quantity - size
                if left.is_signed() or size.is_signed() or not size or amount.is_signed():
                    break
                if row.account != account:
                    if account is not None:
                        cash[account] = money
                    account = row.account
                    money = cash.get(account, ZERO)
                tax = row.tax_withheld
                money += proceeds - tax if tax else proceeds
                if fees:
                    all_fees += fees
                elif fees is None:
                    unknown += 1
                if left:
                    out = cost * size / quantity
                    cost -= out
                else:
                    out = cost
                    cost = ZERO
                quantity = left
                won = proceeds - out
                gain += won
                add_step((row, size, out, "sell", -1, won, None))
            else:
                if row.fees or kind not in INCOME_KINDS:
                    break
                tax = row.tax_withheld
                net = amount - tax if tax else amount + ZERO
                if row.account != account:
                    if account is not None:
                        cash[account] = money
                    account = row.account
                    money = cash.get(account, ZERO)
                money += net
                add_income((row, amount, tax))
        else:
            place = len(queue)
    except (TypeError, AttributeError):
        pass  # a figure is missing: the row goes through its handler
    if account is not None:
        cash[account] = money
    position.quantity = quantity
    position.cost = cost
    position.gain = gain
    position.fees = all_fees
    position.fees_unknown = unknown
    return place
