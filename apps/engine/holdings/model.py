"""What a fold answers with. Every figure keeps the parts it is made of.

The parts are kept as plain tuples while folding (they are made by the ten thousand) and take
their named form only when somebody asks to see them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from heapq import merge
from typing import NamedTuple

from apps.engine.kinds import Kind
from apps.engine.types import Issue, Row

ZERO = Decimal(0)

# (row, formula, quantity delta, quantity after, cost delta, cost after, gain, amount, fees)
RawStep = tuple[
    Row,
    str,
    Decimal,
    Decimal,
    Decimal | None,
    Decimal | None,
    Decimal | None,
    Decimal | None,
    Decimal | None,
]
# (quantity, cost or None when unknown, the row that acquired it)
RawLot = tuple[Decimal, Decimal | None, Row]
# (closing row, quantity, cost, row that opened the lot, sign: 1 long, -1 short)
RawUse = tuple[Row, Decimal, Decimal | None, Row]
# (row, gross, withheld; None where no exchange rate is known)
RawIncome = tuple[Row, Decimal | None, Decimal | None]

HoldingKey = tuple[str, str | None, str]
CashKey = tuple[str, str]


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


def _params(raw: RawStep, before: RawStep | None) -> dict[str, Decimal | str]:
    """Terms of the formula of a step: what went in, and what was held before it."""
    row, _formula, _delta, _held, _cost_delta, _cost, _gain, amount, fees = raw
    params: dict[str, Decimal | str] = {}
    if amount is not None:
        params["amount"] = amount
    if fees is not None:
        params["fees"] = fees
    for name in ("quantity", "unit_price", "ratio", "cost_share", "to_asset"):
        value = getattr(row, name)
        if value is not None:
            params[name] = value
    params["quantity_before"] = before[3] if before else ZERO
    cost_before = before[5] if before else ZERO
    if cost_before is not None:
        params["cost_before"] = cost_before
        if before and before[3]:
            params["average_before"] = cost_before / before[3]
    return params


def _steps(raws: list[RawStep], sign: int) -> list[Step]:
    steps: list[Step] = []
    before: RawStep | None = None
    for raw in raws:
        row, formula, delta, held, cost_delta, cost, gain, _amount, _fees = raw
        average = sign * cost / held if held and cost is not None else None
        steps.append(
            Step(
                row.ref,
                row.date,
                row.kind,
                sign * delta,
                sign * held,
                cost_delta,
                cost,
                average,
                gain,
                formula,
                _params(raw, before),
            )
        )
        before = raw
    return steps


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
    fifo_realised_known: Decimal
    first_date: dt.date
    last_date: dt.date
    issue_codes: tuple[str, ...]
    raw_steps: list[RawStep]
    raw_short_steps: list[RawStep]
    raw_lots: tuple[RawLot, ...]
    raw_short_lots: tuple[RawLot, ...]
    raw_uses: list[RawUse]
    raw_short_uses: list[RawUse]
    raw_income: list[RawIncome]

    @property
    def steps(self) -> list[Step]:
        """Every row that changed quantity or cost, oldest first."""
        long = _steps(self.raw_steps, 1)
        if not self.raw_short_steps:
            return long
        return list(merge(long, _steps(self.raw_short_steps, -1), key=lambda step: step.date))

    @property
    def lots(self) -> list[Lot]:
        """Open FIFO lots; a short lot has negative quantity and cost."""
        return [Lot(row.ref, row.date, qty, cost) for qty, cost, row in self.raw_lots] + [
            Lot(row.ref, row.date, -qty, cost) for qty, cost, row in self.raw_short_lots
        ]

    @property
    def lot_uses(self) -> list[LotUse]:
        """Which lots each closing row consumed."""
        return [
            LotUse(row.ref, row.date, lot.ref, lot.date, sign * qty, cost)
            for uses, sign in ((self.raw_uses, 1), (self.raw_short_uses, -1))
            for row, qty, cost, lot in uses
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
    it moved, where the fold was asked to log.
    """

    holdings: dict[HoldingKey, Holding]
    cash: dict[CashKey, Decimal]
    cash_incomplete: frozenset[CashKey]
    cash_by_kind: dict[tuple[str, str, Kind], Decimal]
    cash_log: dict[CashKey, dict[dt.date, Decimal]]
    issues: list[Issue]
