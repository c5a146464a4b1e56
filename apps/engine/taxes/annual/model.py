"""What an annual return is made of. Money in BRL, in cents; None = unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.engine.taxes.abroad import AbroadYear
from apps.engine.taxes.crypto import CryptoMonth
from apps.engine.taxes.gcap import MonthlyIncome
from apps.engine.taxes.model import CapitalGain
from apps.engine.taxes.year import plain
from apps.engine.types import Issue


@dataclass(frozen=True, slots=True)
class AssetEntry:
    """One line of Bens e Direitos. ``value_before`` and ``value`` are the costs at 31/12 of the
    year before and of the year; ``text`` is the description. ``result`` and ``foreign_tax`` fill
    what the form asks of financial assets abroad. ``required`` False: under the minimum to declare;
    ``settled`` False: the sources disagree on the code."""

    group: str
    code: str
    asset: str
    country: str
    cnpj: str
    quantity_before: Decimal
    quantity: Decimal
    value_before: Decimal | None
    value: Decimal | None
    text: str
    custody: Mapping[str, Decimal]
    traded: bool
    required: bool
    settled: bool
    result: Decimal | None = None
    foreign_tax: Decimal | None = None


@dataclass(frozen=True, slots=True)
class IncomeEntry:
    """One line of income: ``section`` is ``exempt`` or ``exclusive``; exclusive income is net of
    the ``tax`` withheld."""

    section: str
    code: str
    kind: str
    payer: str
    cnpj: str
    amount: Decimal | None
    gross: Decimal | None
    tax: Decimal
    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """Common or day-trade operations of a month in the Renda Variável sheet. ``markets`` holds the
    results by market, without what is exempt."""

    markets: Mapping[str, Decimal]
    result: Decimal
    loss_before: Decimal
    base: Decimal
    loss_after: Decimal
    rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class SheetMonth:
    """A month of the Renda Variável sheet."""

    month: str
    common: SheetColumn
    day_trade: SheetColumn
    tax: Decimal
    withheld_day_trade: Decimal
    withheld_day_trade_used: Decimal
    withheld_day_trade_after: Decimal
    withheld: Decimal
    withheld_used: Decimal
    paid: Decimal
    incomplete: bool


@dataclass(frozen=True, slots=True)
class FundSheetMonth:
    """A month of the sheet of FIIs and Fiagros."""

    month: str
    result: Decimal
    loss_before: Decimal
    base: Decimal
    loss_after: Decimal
    rate: Decimal
    tax: Decimal
    withheld: Decimal
    paid: Decimal
    incomplete: bool


@dataclass(frozen=True, slots=True)
class Debt:
    """One line of Dívidas e Ônus Reais."""

    code: str
    text: str
    value_before: Decimal
    value: Decimal
    required: bool


@dataclass(frozen=True, slots=True)
class UnitCost:
    """One line of the opening sheet for the Receita's own calculator (ReVar)."""

    asset: str
    asset_class: str
    quantity: Decimal
    unit_cost: Decimal | None
    total_cost: Decimal | None


@dataclass(frozen=True, slots=True)
class AnnualReturn:
    """A year as it goes into the return filed in ``filing``. ``losses`` and ``withheld_left`` are
    what December leaves by bucket; ``revar`` and ``losses`` open the Receita's calculator."""

    year: int
    filing: int
    holder: str
    assets: tuple[AssetEntry, ...]
    exempt: tuple[IncomeEntry, ...]
    exclusive: tuple[IncomeEntry, ...]
    abroad: AbroadYear | None
    monthly_income: tuple[MonthlyIncome, ...]
    capital_gains: tuple[CapitalGain, ...]
    crypto: tuple[CryptoMonth, ...]
    sheets: tuple[SheetMonth, ...]
    fund_sheets: tuple[FundSheetMonth, ...]
    debts: tuple[Debt, ...]
    losses: Mapping[str, Decimal]
    withheld_left: Mapping[str, Decimal]
    revar: tuple[UnitCost, ...]
    totals: Mapping[str, Decimal]
    issues: tuple[Issue, ...]

    def to_plain(self) -> dict[str, Any]:
        """The return in JSON terms: decimals as text."""
        found: dict[str, Any] = plain(self)
        return found
