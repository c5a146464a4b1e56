"""What a tax assessment is made of. Plain data; nothing here computes a tax."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.types import Issue

ZERO = Decimal(0)
#: The three monthly buckets of the exchange, in the order they are shown.
BUCKETS = ("common", "day_trade", "fii")


@dataclass(frozen=True, slots=True)
class Part:
    """One explained line of a figure.

    ``label`` names the arithmetic (a code the pages have words for), ``amount`` is what the line
    adds (None = unknown), ``rule`` and ``law`` say by which rule, ``refs`` are the ledger rows it
    comes from and ``params`` the plain terms of the arithmetic.
    """

    label: str
    amount: Decimal | None
    rule: str = ""
    law: str = ""
    refs: tuple[str, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OpeningCost:
    """What was held of an asset at the opening date, and its total cost in BRL."""

    asset: str
    account: str
    quantity: Decimal
    cost: Decimal | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What a Holder brings from before ``date`` (None: everything is in the ledger).

    ``losses`` by bucket (``common, day_trade, fii, abroad``), ``withheld`` unused by bucket,
    ``darf`` a sum under the minimum still carried, ``costs`` the positions held. Rows up to the
    date of an asset named in ``costs`` give way to it; months up to the date are not assessed.
    """

    date: dt.date | None = None
    losses: Mapping[str, Decimal] = field(default_factory=dict)
    withheld: Mapping[str, Decimal] = field(default_factory=dict)
    darf: Decimal = ZERO
    costs: tuple[OpeningCost, ...] = ()


@dataclass(frozen=True, slots=True)
class BucketResult:
    """A bucket in a month. ``tax`` = ``base`` x ``rate``; ``withheld`` is the month's,
    ``withheld_after`` what is left of the year's; ``result`` excludes what is exempt."""

    result: Decimal
    loss_before: Decimal
    loss_used: Decimal
    loss_after: Decimal
    base: Decimal
    rate: Decimal
    tax: Decimal
    withheld: Decimal
    withheld_used: Decimal
    withheld_after: Decimal


@dataclass(frozen=True, slots=True)
class Darf:
    """A month's payment form. ``amount`` is the principal to pay (0 while under the minimum, then
    in ``carried_out``). ``paid`` is all the money paid for the month, ``fine`` and ``interest`` the
    late charges inside it (or due on the day of reckoning), ``outstanding`` the principal left."""

    code: str
    period: dt.date
    amount: Decimal
    due_date: dt.date
    carried_in: Decimal
    carried_out: Decimal
    paid: Decimal = ZERO
    fine: Decimal = ZERO
    interest: Decimal = ZERO
    outstanding: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class MonthAssessment:
    """A month of the exchange for one Holder. ``blocking`` are the issues that keep it from being
    closed; its figures are then the best there are. ``explain`` makes the parts, on demand."""

    month: str  # 2026-03
    stock_sales: Decimal
    gold_sales: Decimal
    exempt_gain: Decimal
    exempt_gain_gold: Decimal
    buckets: Mapping[str, BucketResult]
    tax_due: Decimal
    darf: Darf | None
    blocking: tuple[Issue, ...]
    explain: Callable[[], tuple[Part, ...]] = field(repr=False, compare=False)

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every line of the month, then how tax follows from them."""
        return self.explain()

    @property
    def incomplete(self) -> bool:
        """Whether something the month needs is not known."""
        return bool(self.blocking)


@dataclass(frozen=True, slots=True)
class SourceTax:
    """Tax withheld by whoever pays, final for the individual (fixed income, fixed-income ETF,
    lending, amortisation above cost, funds). ``withheld`` None = not told; ``expected`` is what
    the law asks (None where its terms are unknown); ``code`` is that of the annual return.
    ``gross`` is the income or yield, ``iof`` what the tax on short loans took of it first,
    ``taxable`` the rest; ``days`` how long the lot was held."""

    kind: str
    asset: str
    date: dt.date
    gross: Decimal | None
    rate: Decimal | None
    expected: Decimal | None
    withheld: Decimal | None
    code: str
    part: Part
    account: str = ""
    days: int | None = None
    taxable: Decimal | None = None
    iof: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CapitalGain:
    """A gain outside the exchange, taxed by the brackets of capital gains in its month."""

    kind: str
    asset: str
    month: str
    proceeds: Decimal | None
    gain: Decimal | None
    exempt: bool
    tax: Decimal
    due_date: dt.date
    code: str
    parts: tuple[Part, ...]
