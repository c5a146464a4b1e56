"""What a fold answers with. Every figure keeps the parts it is made of.

The parts are kept as plain tuples while folding (they are made by the ten thousand) and take
their named form only when somebody asks to see them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import merge
from itertools import islice
from typing import NamedTuple

from apps.engine.kinds import Kind
from apps.engine.types import Issue, Row

ZERO = Decimal(0)

# One line of a position's history: (row, quantity, cost, formula, sign, gain, rate). Quantity and
# cost are those the row moved, ``sign`` says whether it added them or took them away; the rate is
# the one that converted the row's money, None where none was needed. What was held after each
# line is replayed when asked for (``replay``), with the very same additions, so it need not be
# kept: a fold makes these by the ten thousand and memory is most of its time.
RawStep = tuple[Row, Decimal, Decimal | None, str, int, Decimal | None, Decimal | None]
# A FIFO lot has the same shape, so that a purchase is its own lot. Of it are read the row, the
# quantity, the cost (None = unknown) and, in the gain's place, the quantity that cost was for
# where the lot is only part of it: most parts are never looked at, so none is divided in advance.
RawLot = RawStep
# Lots in the order they are consumed, and the steps (a list, from, to) of a time in which only
# trades touched them.
RawRun = tuple[list[RawLot], list[RawStep], int, int]
# (row, gross, withheld; None where no exchange rate is known)
RawIncome = tuple[Row, Decimal | None, Decimal | None]

HoldingKey = tuple[str, str | None, str]
CashKey = tuple[str, str]
# (account, currency, asset or None)
PartKey = tuple[str, str, str | None]


class Step(NamedTuple):
    """One line of the explanation of a quantity, a cost and a gain.

    ``quantity``, ``cost`` and ``average`` are those after the row; short positions are negative
    in quantity and cost. ``realised`` is zero where nothing was closed and ``None`` where the
    gain is unknown. ``formula`` names the arithmetic and ``params`` holds its terms.
    """

    ref: str
    date: dt.date
    kind: Kind
    quantity_delta: Decimal
    quantity: Decimal
    cost_delta: Decimal | None
    cost: Decimal | None
    average: Decimal | None
    realised: Decimal | None
    formula: str
    params: Mapping[str, Decimal | str]


class Lot(NamedTuple):
    """Shares still held from one acquisition, first in first out. ``cost`` None = unknown."""

    ref: str
    date: dt.date
    quantity: Decimal
    cost: Decimal | None


class LotUse(NamedTuple):
    """Part of one FIFO lot consumed by a closing row (``quantity`` negative: a short)."""

    ref: str
    date: dt.date
    lot_ref: str
    lot_date: dt.date
    quantity: Decimal
    cost: Decimal | None


class IncomePart(NamedTuple):
    """One payment received. ``None`` where its exchange rate is unknown."""

    ref: str
    date: dt.date
    kind: Kind
    gross: Decimal | None
    withheld: Decimal | None


def lot_of(row: Row, quantity: Decimal, cost: Decimal | None) -> RawLot:
    """A FIFO lot that is not a purchase as it happened."""
    return row, quantity, cost, "", 1, None, None


def part_of(lot: RawLot, quantity: Decimal) -> RawLot:
    """Part of a lot, its cost left undivided until it is asked for."""
    return lot[0], quantity, lot[2], "", 1, lot[5] or lot[1], None


def lot_cost(lot: RawLot) -> Decimal | None:
    """Cost of a lot or of the part of one."""
    cost, whole = lot[2], lot[5]
    if cost is None or not whole or whole == lot[1]:
        return cost
    return cost * lot[1] / whole


def replay(steps: list[RawStep]) -> Iterator[tuple[RawStep, Decimal, Decimal | None]]:
    """Each step with the quantity held and its cost after it."""
    held = ZERO
    cost: Decimal | None = ZERO
    for step in steps:
        _row, quantity, moved, _formula, sign, _gain, _rate = step
        held = held + quantity if sign > 0 else held - quantity
        if not held:
            cost = ZERO
        elif cost is not None:
            cost = None if moved is None else cost + moved if sign > 0 else cost - moved
        yield step, held, cost


def _params(raw: RawStep, held: Decimal, cost: Decimal | None) -> dict[str, Decimal | str]:
    """Terms of the formula of a step: the row's own figures, in its own currency, the rate that
    converted them, and what was held before it."""
    row, rate = raw[0], raw[6]
    params: dict[str, Decimal | str] = {}
    amount = row.amount
    if amount is None and row.quantity is not None and row.unit_price is not None:
        amount = row.quantity * row.unit_price
    if amount is not None:
        params["amount"] = amount
    if rate is not None:
        params["rate"] = rate
        params["currency"] = row.currency
    for name in ("quantity", "unit_price", "fees", "ratio", "cost_share", "to_asset"):
        value = getattr(row, name)
        if value is not None:
            params[name] = value
    params["quantity_before"] = held
    if cost is not None:
        params["cost_before"] = cost
        if held:
            params["average_before"] = cost / held
    return params


def _steps(raws: list[RawStep], side: int) -> list[Step]:
    steps: list[Step] = []
    before = ZERO
    cost_before: Decimal | None = ZERO
    for raw, held, cost in replay(raws):
        row, quantity, moved, formula, sign, gain, _rate = raw
        average = side * cost / held if held and cost is not None else None
        steps.append(
            Step(
                row.ref,
                row.date,
                row.kind,
                side * sign * quantity,
                side * held,
                None if moved is None else sign * moved,
                cost,
                average,
                gain,
                formula,
                _params(raw, before, cost_before),
            )
        )
        before, cost_before = held, cost
    return steps


def newest(lots: list[RawLot], quantity: Decimal) -> list[RawLot]:
    """The last lots that make up ``quantity``, oldest first."""
    held: list[RawLot] = []
    need = quantity
    for lot in reversed(lots):
        if not need > ZERO:
            break
        size = lot[1]
        held.append(lot if size <= need else part_of(lot, need))
        need -= size
    held.reverse()
    return held


def _uses(runs: list[RawRun], side: int) -> Iterator[LotUse]:
    """Replay which lots the closing steps of each run consumed, first in first out."""
    for lots, steps, start, stop in runs:
        waiting = iter(lots)
        lot: RawLot | None = None
        left = ZERO
        for step in islice(steps, start, stop):
            need = step[1] if step[4] < 0 else ZERO
            while need > ZERO:
                if not left:
                    lot = next(waiting, None)
                    if lot is None:
                        break
                    left = lot[1]
                if lot is None:
                    break
                taken = min(left, need)
                part = lot if taken == lot[1] else part_of(lot, taken)
                left -= taken
                need -= taken
                row, opened = step[0], part[0]
                yield LotUse(
                    row.ref, row.date, opened.ref, opened.date, side * taken, lot_cost(part)
                )


def lots_cost(lots: Iterable[RawLot]) -> Decimal | None:
    """Cost of lots together; None when any of it is unknown."""
    total = ZERO
    for lot in lots:
        cost = lot_cost(lot) if lot[5] else lot[2]
        if cost is None:
            return None
        total += cost
    return total


@dataclass(frozen=True, slots=True)
class Holding:
    """What a holder has of an asset, in ``currency``, fees included in costs.

    ``total_cost``, ``average_cost``, the gains and the income are ``None`` where any part of
    them is unknown; the ``*_known`` figures then hold the sum of the parts that are. Shorts have
    negative quantity and cost, so that market value less cost is the gain either way.
    ``fees_unknown`` counts the trades whose fees nobody gave.
    """

    holder: str
    account: str | None
    asset: str
    currency: str
    quantity: Decimal
    total_cost: Decimal | None
    average_cost: Decimal | None
    realised_gain: Decimal | None
    realised_known: Decimal
    income: Decimal | None
    income_withheld: Decimal | None
    fees: Decimal
    fees_unknown: int
    fifo_cost: Decimal | None
    fifo_realised: Decimal | None
    first_date: dt.date
    last_date: dt.date
    issue_codes: tuple[str, ...]
    raw_steps: list[RawStep]
    raw_short_steps: list[RawStep]
    raw_lots: Collection[RawLot]
    raw_short_lots: Collection[RawLot]
    raw_runs: list[RawRun]
    raw_short_runs: list[RawRun]
    raw_income: list[RawIncome]

    @property
    def steps(self) -> list[Step]:
        """Every row that changed quantity or cost, oldest first."""
        long = _steps(self.raw_steps, 1)
        if not self.raw_short_steps:
            return long
        return list(merge(long, _steps(self.raw_short_steps, -1), key=lambda step: step.date))

    @property
    def ever_closed(self) -> bool:
        """Whether any of it was ever sold, covered, redeemed or let expire."""
        return any(step[4] < 0 for step in (*self.raw_steps, *self.raw_short_steps))

    @property
    def lots(self) -> list[Lot]:
        """Open FIFO lots; a short lot has negative quantity and cost."""
        return [
            Lot(lot[0].ref, lot[0].date, side * lot[1], lot_cost(lot))
            for lots, side in ((self.raw_lots, 1), (self.raw_short_lots, -1))
            for lot in lots
        ]

    @property
    def lot_uses(self) -> list[LotUse]:
        """Which lots each closing row consumed."""
        return [
            use
            for runs, side in ((self.raw_runs, 1), (self.raw_short_runs, -1))
            for use in _uses(runs, side)
        ]

    @property
    def income_parts(self) -> list[IncomePart]:
        """The payments that make up the income."""
        return [
            IncomePart(row.ref, row.date, row.kind, gross, withheld)
            for row, gross, withheld in self.raw_income
        ]


@dataclass(frozen=True, slots=True)
class Fold:
    """A folded ledger.

    ``holdings`` is keyed by (holder, account or None, asset) and keeps emptied positions, for
    their gains and income. ``cash`` is keyed by (account, currency); keys also in
    ``cash_incomplete`` lack a movement whose value nobody knows. ``cash_by_kind`` sums the signed
    cash effect of the rows that name no asset. ``cash_log`` has the balance at the end of each day
    it moved, where the fold was asked to log. ``cash_parts`` tells what each asset moved of a
    balance and whether all of it is known, so that one asset can be folded again by itself (a fold
    that logs does not tell them apart).
    """

    holdings: dict[HoldingKey, Holding]
    cash: dict[CashKey, Decimal]
    cash_incomplete: frozenset[CashKey]
    cash_parts: dict[PartKey, tuple[Decimal, bool]]
    cash_by_kind: dict[tuple[str, str, Kind], Decimal]
    cash_log: dict[CashKey, dict[dt.date, Decimal]]
    issues: list[Issue]
