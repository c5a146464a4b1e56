"""How a verdict is written on a line, and the arithmetic every trade shares."""

from __future__ import annotations

from decimal import Decimal

from apps.engine.kinds import Kind
from apps.imports.formats.types import Action, ParsedLine

PRICE_STEP = Decimal("0.0000000001")


def decide(line: ParsedLine, reason: str, /, *choices: str, **params: str) -> None:
    """Leave a line to the person."""
    line.action = Action.DECIDE
    line.reason = reason
    line.params = {"movement": line.movement, **params}
    line.choices = tuple(str(choice) for choice in choices)


def ignore(line: ParsedLine, reason: str, /, **params: str) -> None:
    """A line without effect, with the reason."""
    line.action = Action.IGNORE
    line.kind = None
    line.reason = reason
    line.params = params


def settle_amount(line: ParsedLine) -> bool:
    """Fill amount and unit price of a trade: the value wins, the printed price is rounded."""
    if not line.quantity:
        decide(line, "missing_quantity", line.kind or Kind.BUY)
        return False
    if line.amount is None and line.unit_price is not None:
        line.amount = line.quantity * line.unit_price
    if line.amount is None:
        decide(line, "missing_value", line.kind or Kind.BUY)
        return False
    line.unit_price = unit_price(line.amount, line.quantity)
    return True


def unit_price(amount: Decimal, quantity: Decimal) -> Decimal:
    """Price = value / quantity, to ten decimals."""
    exact = amount / quantity
    rounded = exact.quantize(PRICE_STEP)
    return rounded.normalize() + 0 if rounded else rounded
