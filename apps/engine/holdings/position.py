"""One side (long or short) of a position while it is being folded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import islice
from operator import attrgetter

from apps.engine.holdings.model import (
    ZERO,
    RawIncome,
    RawLot,
    RawRun,
    RawStep,
    lots_cost,
    newest,
    part_of,
)
from apps.engine.types import Row


def _acquired(lot: RawLot) -> date:
    return lot[0].date


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
        "counted",
        "counted_steps",
        "currency",
        "fees",
        "fees_unknown",
        "fifo_delta",
        "fifo_known",
        "gain",
        "gain_known",
        "holder",
        "income",
        "issue_codes",
        "last_event",
        "lots",
        "quantity",
        "run_start",
        "runs",
        "short",
        "steps",
        "touched",
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
        self.lots: list[RawLot] = []
        self.run_start = 0
        self.counted: dict[str, Decimal] = {}  # quantity by account, as of ``counted_steps``
        self.counted_steps = 0
        self.runs: list[RawRun] = []
        self.fifo_delta = ZERO
        self.fifo_known = True
        self.fees = ZERO
        self.fees_unknown = 0
        self.steps: list[RawStep] = []
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
        rate: Decimal | None = None,
        lots: list[RawLot] | None = None,
    ) -> None:
        """Acquire ``quantity`` for ``cost``; ``lots`` when it keeps older acquisition dates."""
        if lots is not None:
            self.shift(cost, lots_cost(lots))
            self.put_lots(lots)
        self.quantity += quantity
        total = self.cost
        self.cost = None if total is None or cost is None else total + cost
        step = (row, quantity, cost, formula, 1, ZERO, rate)
        self.steps.append(step)
        if lots is None:
            self.lots.append(step)

    def remove(
        self,
        row: Row,
        formula: str,
        quantity: Decimal,
        proceeds: Decimal | None,
        rate: Decimal | None = None,
    ) -> None:
        """Dispose of ``quantity`` (at most what is held) for ``proceeds``, at average cost."""
        held = self.quantity
        total = self.cost
        self.quantity = left = held - quantity
        if not left:
            out, self.cost = total, ZERO
        elif total is None:
            out = None
        else:
            out = total * quantity / held
            self.cost = total - out
        gain = None
        if proceeds is None or out is None:
            self.gain_known = False
        else:
            gain = proceeds - out
            self.gain += gain
        self.steps.append((row, quantity, out, formula, -1, gain, rate))

    def open_lots(self) -> list[RawLot]:
        """FIFO lots still held: sales take the oldest, so what is left are the newest."""
        return newest(self.lots, self.quantity)

    def current_run(self) -> RawRun:
        """The lots since something other than a trade touched them, and the steps since then."""
        return self.lots, self.steps, self.run_start, len(self.steps)

    def settle_lots(self) -> None:
        """Let ``lots`` be only those still held, before something other than a trade touches
        them. What was sold from the others can be replayed from the run that ends here."""
        self.runs.append(self.current_run())
        self.lots = self.open_lots()
        self.run_start = len(self.steps)

    def take_lots(self, quantity: Decimal, account: str | None = None) -> list[RawLot]:
        """Lift out lots worth ``quantity``: those of ``account`` where they are exactly that
        many, else the oldest."""
        self.settle_lots()
        if quantity == self.quantity:
            taken, self.lots = self.lots, []
            return taken
        own = [lot for lot in self.lots if lot[0].account == account]
        if own and sum((lot[1] for lot in own), ZERO) == quantity:
            self.lots = [lot for lot in self.lots if lot[0].account != account]
            return own
        taken = []
        need = quantity
        for place, lot in enumerate(self.lots):
            if lot[1] > need:
                if need > ZERO:
                    taken.append(part_of(lot, need))
                    self.lots = [part_of(lot, lot[1] - need), *self.lots[place + 1 :]]
                else:
                    self.lots = self.lots[place:]
                return taken
            taken.append(lot)
            need -= lot[1]
        self.lots = []
        return taken

    def put_lots(self, lots: Iterable[RawLot]) -> None:
        """Put lots back where their acquisition dates belong; before the quantity changes."""
        self.settle_lots()
        self.lots = sorted([*lots, *self.lots], key=_acquired)

    def note(
        self,
        row: Row,
        formula: str,
        quantity: Decimal,
        cost: Decimal | None,
        gain: Decimal | None,
        rate: Decimal | None = None,
    ) -> None:
        """Record a step whose effects on quantity and cost are already in place."""
        self.steps.append((row, quantity, cost, formula, 1, gain, rate))

    def realise(self, gain: Decimal | None, fifo: Decimal | None) -> None:
        """Add to both gains; ``None`` makes them unknown."""
        if gain is None:
            self.gain_known = False
        else:
            self.gain += gain
        self.shift(fifo, gain)

    def shift(self, fifo: Decimal | None, average: Decimal | None) -> None:
        """Note by how much FIFO and average differ in something other than a sale: a gain taken
        without shares, or (negative) a cost that came in or left without one."""
        if fifo is not None and average is not None:
            self.fifo_delta += fifo - average
        elif fifo is not average:
            self.fifo_known = False

    def fifo_gain(self, open_lots: Decimal | None) -> Decimal | None:
        """Gain had the oldest shares been sold each time, given the cost of the open lots.

        Both methods take in the same costs and the same proceeds, so their gains differ by what
        is still held of those costs, apart from the shifts noted on the way: no sale need be
        computed twice.
        """
        if not self.gain_known or not self.fifo_known or open_lots is None or self.cost is None:
            return None
        return self.gain + self.fifo_delta + open_lots - self.cost

    def quantity_in(self, account: str) -> Decimal:
        """How much of the position was acquired, net of what left, through one account."""
        if len(self.accounts) <= 1:
            return self.quantity
        counted = self.counted
        for step in islice(self.steps, self.counted_steps, None):
            place, size = step[0].account, step[1]
            before = counted.get(place, ZERO)
            counted[place] = before + size if step[4] > 0 else before - size
        self.counted_steps = len(self.steps)
        return counted.get(account, ZERO)

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
        other.settle_lots()
        self.settle_lots()
        self.runs = [*other.runs, *self.runs]
        self.steps = sorted([*other.steps, *self.steps], key=lambda step: by_date(step[0]))
        self.run_start = len(self.steps)
        self.counted, self.counted_steps = {}, 0
        self.income = [*other.income, *self.income]
        self.gain += other.gain
        self.gain_known &= other.gain_known
        self.fifo_delta += other.fifo_delta
        self.fifo_known &= other.fifo_known
        self.fees += other.fees
        self.fees_unknown += other.fees_unknown
        self.issue_codes |= other.issue_codes
        if other.short is not None:
            self.short_side(other.touched).absorb(other.short)
