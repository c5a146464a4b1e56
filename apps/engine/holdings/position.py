"""One side (long or short) of a position while it is being folded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter

from apps.engine.holdings.model import ZERO, RawIncome, RawLot, RawStep, RawUse
from apps.engine.types import Row


def _acquired(lot: RawLot) -> date:
    return lot[2].date


class Position:
    """Quantity, average cost, FIFO lots and gains of one holder in one asset.

    Quantities are positive here whatever the side: a short carries its proceeds as a negative
    cost, so the same arithmetic serves both. A cost of ``None`` is unknown, and stays so until
    the position is empty again.
    """

    __slots__ = (
        "account",
        "accounts",
        "asset",
        "cost",
        "currency",
        "fees",
        "fees_unknown",
        "fifo_gain",
        "fifo_known",
        "gain",
        "gain_known",
        "holder",
        "income",
        "issue_codes",
        "last_event",
        "lots",
        "quantity",
        "short",
        "steps",
        "touched",
        "uses",
    )

    def __init__(
        self, holder: str, account: str | None, asset: str, currency: str, touched: Row
    ) -> None:
        self.holder = holder
        self.account = account
        self.asset = asset
        self.currency = currency
        self.touched = touched
        self.accounts: set[str] = set()
        self.quantity = ZERO
        self.cost: Decimal | None = ZERO
        self.gain = ZERO
        self.gain_known = True
        self.lots: deque[RawLot] = deque()
        self.fifo_gain = ZERO
        self.fifo_known = True
        self.fees = ZERO
        self.fees_unknown = 0
        self.steps: list[RawStep] = []
        self.uses: list[RawUse] = []
        self.income: list[RawIncome] = []
        self.issue_codes: dict[str, None] = {}
        # Declared unit cost of the last bonus, None after a split or merger, absent at first.
        self.last_event: tuple[str, Decimal | None] | None = None
        self.short: Position | None = None

    def short_side(self, row: Row) -> Position:
        """The short half of this position, made on first use."""
        if self.short is None:
            self.short = Position(self.holder, self.account, self.asset, self.currency, row)
            self.short.accounts = self.accounts
        return self.short

    def add(
        self,
        row: Row,
        formula: str,
        quantity: Decimal,
        cost: Decimal | None,
        amount: Decimal | None = None,
        fees: Decimal | None = None,
        lots: Iterable[RawLot] | None = None,
    ) -> None:
        """Acquire ``quantity`` for ``cost``; ``lots`` when it keeps older acquisition dates."""
        held = self.quantity + quantity
        total = self.cost
        total = None if total is None or cost is None else total + cost
        self.quantity = held
        self.cost = total
        if lots is None:
            self.lots.append((quantity, cost, row))
        else:
            self.put_lots(lots)
        self.steps.append((row, formula, quantity, held, cost, total, ZERO, amount, fees))

    def remove(
        self,
        row: Row,
        formula: str,
        quantity: Decimal,
        proceeds: Decimal | None,
        amount: Decimal | None = None,
        fees: Decimal | None = None,
    ) -> None:
        """Dispose of ``quantity`` (at most what is held) for ``proceeds``, at average cost."""
        held = self.quantity
        total = self.cost
        left = held - quantity
        rest: Decimal | None
        if not left:
            out, rest = total, ZERO
        elif total is None:
            out = rest = None
        else:
            out = total * quantity / held
            rest = total - out
        fifo_out = self._use_lots(row, quantity, left)
        if proceeds is None or out is None:
            gain = None
            self.gain_known = False
        else:
            gain = proceeds - out
            self.gain += gain
        if proceeds is None or fifo_out is None:
            self.fifo_known = False
        else:
            self.fifo_gain += proceeds - fifo_out
        self.quantity = left
        self.cost = rest
        self.steps.append(
            (
                row,
                formula,
                -quantity,
                left,
                None if out is None else -out,
                rest,
                gain,
                amount,
                fees,
            )
        )

    def _use_lots(self, row: Row, quantity: Decimal, left: Decimal) -> Decimal | None:
        """Consume FIFO lots, noting each use; their cost, None when any of it is unknown."""
        lots = self.lots
        uses = self.uses
        known = True
        out = ZERO
        need = quantity
        while lots:
            size, cost, opened = lots[0]
            if size <= need or not left:
                lots.popleft()
                need -= size
                uses.append((row, size, cost, opened))
                if cost is None:
                    known = False
                else:
                    out += cost
                if not need and left:
                    break
            else:
                if need > 0:
                    if cost is None:
                        known = False
                        lots[0] = (size - need, None, opened)
                        uses.append((row, need, None, opened))
                    else:
                        part = cost * need / size
                        out += part
                        lots[0] = (size - need, cost - part, opened)
                        uses.append((row, need, part, opened))
                break
        return out if known else None

    def take_lots(self, quantity: Decimal, account: str | None = None) -> list[RawLot]:
        """Lift out lots worth ``quantity``: those of ``account`` where they are exactly that
        many, else the oldest."""
        if quantity == self.quantity:
            taken = list(self.lots)
            self.lots.clear()
            return taken
        own = [lot for lot in self.lots if lot[2].account == account]
        if own and sum((lot[0] for lot in own), ZERO) == quantity:
            self.lots = deque(lot for lot in self.lots if lot[2].account != account)
            return own
        taken = []
        need = quantity
        while self.lots and need > 0:
            size, cost, opened = self.lots[0]
            if size <= need:
                taken.append(self.lots.popleft())
                need -= size
            else:
                part = None if cost is None else cost * need / size
                rest = None if cost is None or part is None else cost - part
                self.lots[0] = (size - need, rest, opened)
                taken.append((need, part, opened))
                break
        return taken

    def put_lots(self, lots: Iterable[RawLot]) -> None:
        """Put lots back where their acquisition dates belong."""
        merged = sorted([*lots, *self.lots], key=_acquired)
        self.lots = deque(merged)

    def note(
        self,
        row: Row,
        formula: str,
        quantity: Decimal,
        cost: Decimal | None,
        gain: Decimal | None,
        amount: Decimal | None = None,
    ) -> None:
        """Record a step whose effects on quantity and cost are already in place."""
        self.steps.append(
            (row, formula, quantity, self.quantity, cost, self.cost, gain, amount, None)
        )

    def realise(self, gain: Decimal | None, fifo: Decimal | None) -> None:
        """Add to both gains; ``None`` makes them unknown."""
        if gain is None:
            self.gain_known = False
        else:
            self.gain += gain
        if fifo is None:
            self.fifo_known = False
        else:
            self.fifo_gain += fifo

    def quantity_in(self, account: str) -> Decimal:
        """How much of the position was acquired, net of what left, through one account."""
        if len(self.accounts) <= 1:
            return self.quantity
        return sum((step[2] for step in self.steps if step[0].account == account), ZERO)

    def cost_of(self, quantity: Decimal) -> Decimal | None:
        """Average cost of part of the position; the whole has exactly the whole cost."""
        if quantity == self.quantity:
            return self.cost
        if self.cost is None or not self.quantity:
            return None
        return self.cost * quantity / self.quantity

    def absorb(self, other: Position) -> None:
        """Take over the past of a position that has become part of this one."""
        by_date = attrgetter("date")
        self.steps = sorted([*other.steps, *self.steps], key=lambda step: by_date(step[0]))
        self.uses = [*other.uses, *self.uses]
        self.income = [*other.income, *self.income]
        self.gain += other.gain
        self.gain_known &= other.gain_known
        self.fifo_gain += other.fifo_gain
        self.fifo_known &= other.fifo_known
        self.fees += other.fees
        self.fees_unknown += other.fees_unknown
        self.issue_codes |= other.issue_codes
        if other.short is not None:
            self.short_side(other.touched).absorb(other.short)
