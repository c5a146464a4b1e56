"""The shapes of derived figures that pages and the API show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Money:
    """One position's figures in one currency. ``None`` is unknown, never zero."""

    currency: str
    cost: Decimal | None
    value: Decimal | None
    unrealised: Decimal | None
    realised: Decimal | None
    income: Decimal | None
    day_change: Decimal | None

    @property
    def unrealised_share(self) -> Decimal | None:
        """Unrealised gain as a fraction of the cost."""
        if self.unrealised is None or not self.cost:
            return None
        return self.unrealised / abs(self.cost)

    @property
    def income_share(self) -> Decimal | None:
        """Income received as a fraction of the cost."""
        return self.income / self.cost if self.income is not None and self.cost else None


@dataclass(frozen=True, slots=True)
class PositionView:
    """A position with its price, in the asset's currency and in the one asked for."""

    holder_id: str
    holder: str
    account_id: str | None
    account: str
    institution: str
    asset_id: str
    ticker: str
    name: str
    asset_class: str
    market: str
    sector: str
    country: str
    quantity: Decimal
    average_cost: Decimal | None
    price: Decimal | None
    price_as_of: dt.datetime | dt.date | None
    price_source: str
    price_stale: bool
    native: Money
    report: Money
    issues: tuple[str, ...]
    first_date: dt.date | None
    last_date: dt.date | None
    weight: Decimal | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything is still held."""
        return self.quantity != 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over positions in one currency. Each sum counts what is known; the ``missing`` figures
    say how many open positions it had to leave out."""

    currency: str
    value: Decimal
    cost: Decimal
    unrealised: Decimal
    realised: Decimal
    income: Decimal
    day_change: Decimal
    value_missing: int
    cost_missing: int
    realised_missing: int
    income_missing: int
    day_change_missing: int
    unrealised_missing: int
    value_known: int
    unrealised_known: int

    @property
    def value_shown(self) -> Decimal | None:
        """The worth, or ``None`` when nothing of what is held has one: that is no zero."""
        return None if self.value_missing and not self.value_known else self.value

    @property
    def unrealised_shown(self) -> Decimal | None:
        """The unrealised gain, or ``None`` when it is known of nothing that is held."""
        return None if self.unrealised_missing and not self.unrealised_known else self.unrealised

    @property
    def is_complete(self) -> bool:
        """Whether every open position entered the worth."""
        return self.value_missing == 0

    @property
    def day_change_share(self) -> Decimal | None:
        """Change of the day as a fraction of the worth before it."""
        before = self.value - self.day_change
        return self.day_change / before if before > 0 and self.value_missing == 0 else None

    @property
    def unrealised_share(self) -> Decimal | None:
        """Unrealised gain as a fraction of the cost of what is held."""
        whole = self.cost > 0 and self.cost_missing == 0 and self.unrealised_missing == 0
        return self.unrealised / self.cost if whole else None


def total_of(positions: Iterable[PositionView], currency: str) -> Totals:
    """The totals of ``positions`` in their report currency."""
    sums = dict.fromkeys(("value", "cost", "unrealised", "realised", "income", "day_change"), ZERO)
    missing = dict.fromkeys(sums, 0)
    known = dict.fromkeys(sums, 0)
    for position in positions:
        for name in sums:
            amount: Decimal | None = getattr(position.report, name)
            if amount is not None:
                sums[name] += amount
                known[name] += position.is_open
            elif position.is_open or name in ("realised", "income"):
                missing[name] += 1
    return Totals(
        currency=currency,
        value_missing=missing["value"],
        cost_missing=missing["cost"],
        realised_missing=missing["realised"],
        income_missing=missing["income"],
        day_change_missing=missing["day_change"],
        unrealised_missing=missing["unrealised"],
        value_known=known["value"],
        unrealised_known=known["unrealised"],
        **sums,
    )


@dataclass(frozen=True, slots=True)
class CashView:
    """Cash of an account in a currency, and in the report currency where a rate is known."""

    account_id: str
    account: str
    currency: str
    amount: Decimal
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Group:
    """Positions that share something, with their totals."""

    key: str
    label: str
    positions: Sequence[PositionView]
    totals: Totals
    weight: Decimal | None


@dataclass(frozen=True, slots=True)
class Positions:
    """Everything a workspace holds on a day, valued."""

    on: dt.date
    currency: str
    rows: Sequence[PositionView]
    cash: Sequence[CashView]
    totals: Totals
    built_version: int
    ledger_version: int
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def is_stale(self) -> bool:
        """Whether the ledger changed after these figures were built."""
        return self.built_version != self.ledger_version

    @property
    def open_rows(self) -> list[PositionView]:
        """What is still held."""
        return [row for row in self.rows if row.is_open]

    @property
    def cash_value(self) -> Decimal:
        """Cash in the report currency, as far as rates are known."""
        return sum((c.value for c in self.cash if c.value is not None), ZERO)

    @property
    def worth(self) -> Decimal:
        """Positions and cash, as far as they are known."""
        return self.totals.value + self.cash_value

    @property
    def worth_shown(self) -> Decimal | None:
        """The worth, or ``None`` when neither a position nor cash has a known value."""
        return None if self.totals.value_shown is None and not self.cash else self.worth
