"""Months beside the exchange's: coins, gains by brackets, foreign income; and their payment forms.

Taxes of one code and one month are one form: a month's coins and its other capital gains are paid
together, though each is settled by its own rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from apps.engine.kinds import Kind
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.crypto import CryptoMonth, crypto_months
from apps.engine.taxes.darf import CAPITAL_GAIN, MONTHLY_INCOME, darfs, payments_by_month
from apps.engine.taxes.gcap import MonthlyIncome, gains_before, monthly_income
from apps.engine.taxes.model import ZERO, CapitalGain, Darf
from apps.engine.taxes.monthly import month_index, month_name
from apps.engine.taxes.rules import RuleMissing
from apps.engine.taxes.source import capital_gains
from apps.engine.types import Issue


@dataclass(frozen=True, slots=True)
class Beside:
    """A year of months that the exchange's sheet does not hold."""

    crypto: tuple[CryptoMonth, ...]
    gcap: tuple[CapitalGain, ...]
    monthly_income: tuple[MonthlyIncome, ...]
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class OtherDarf:
    """A payment form of another code than the exchange's. ``kind`` names the code (``capital_gain``
    or ``carne_leao``), ``sources`` what its own month adds (``crypto, abroad, gcap,
    monthly_income``); ``incomplete`` where something of that is unknown."""

    month: str
    kind: str
    sources: Mapping[str, Decimal]
    incomplete: bool
    darf: Darf


_Found = TypeVar("_Found")


def lawful(
    part: Callable[..., tuple[list[_Found], list[Issue]]], *terms: object
) -> tuple[list[_Found], list[Issue]]:
    """A part of the year; an issue and nothing where the law of its days is unknown."""
    try:
        return part(*terms)
    except RuleMissing as missing:
        params = {"rule": missing.rule_id, "date": missing.day.isoformat()}
        return [], [Issue("tax_rule_missing", missing.rule_id, params)]


def beside(ledger: TaxLedger, year: int) -> Beside:
    """The months of a year beside the exchange's, worked out once."""
    return ledger.ctx.once(("beside", year), lambda: _beside(ledger, year))


def _beside(ledger: TaxLedger, year: int) -> Beside:
    ctx = ledger.ctx
    crypto, issues = lawful(crypto_months, ctx, year)
    before, found = lawful(gains_before, ctx, year)
    issues += found
    income, found = lawful(monthly_income, ctx, year)
    issues += found
    lines = (line for line in ledger.exchange.outside if line.date.year == year)
    gains = (*before, *capital_gains(lines, ctx.rules, ctx.calendar))
    return Beside(tuple(crypto), gains, tuple(income), tuple(issues))


def other_darfs(ledger: TaxLedger) -> tuple[tuple[OtherDarf, ...], tuple[Issue, ...]]:
    """The forms of other codes up to the end of the ledger, the oldest month first, worked out
    once. The small sums of one code wait for the months after, across years."""
    return ledger.ctx.once("other_darfs", lambda: _other_darfs(ledger))


def _other_darfs(ledger: TaxLedger) -> tuple[tuple[OtherDarf, ...], tuple[Issue, ...]]:
    ctx = ledger.ctx
    opening = ctx.opening.date
    first = opening or min((row.date for row in ctx.rows), default=None)
    if first is None:
        return (), ()
    years = [beside(ledger, year) for year in range(first.year, ledger.until + 1)]
    paying = ctx.given if Kind.DARF_PAYMENT in ctx.kinds else ()
    forms: list[OtherDarf] = []
    issues: list[Issue] = []
    for kind, months in (
        (CAPITAL_GAIN, _gains(years)),
        (MONTHLY_INCOME, _incomes(years)),
    ):
        payments, found = payments_by_month(paying, ctx.rules, kind)
        issues += found
        if opening is not None:
            payments = {i: paid for i, paid in payments.items() if i > month_index(opening)}
        made = darfs(
            {index: month.amount for index, month in months.items()},
            payments,
            rules=ctx.rules,
            calendar=ctx.calendar,
            indexes=ctx.indexes,
            reckoned=ledger.reckoned,
            issues=issues,
            code=kind,
        )
        for index, darf in made.items():
            own = months.get(index, _Month({}, False))
            forms.append(OtherDarf(month_name(index), kind, own.sources, own.incomplete, darf))
    forms.sort(key=lambda form: (form.month, form.kind))
    return tuple(forms), tuple(issues)


@dataclass(slots=True)
class _Month:
    """What a month adds to one code."""

    sources: dict[str, Decimal]
    incomplete: bool

    @property
    def amount(self) -> Decimal:
        return sum(self.sources.values(), ZERO)


def _add(months: dict[int, _Month], name: str, source: str, tax: Decimal, incomplete: bool) -> None:
    if not tax and not incomplete:
        return
    month = months.setdefault(int(name[:4]) * 12 + int(name[5:]) - 1, _Month({}, False))
    month.sources[source] = month.sources.get(source, ZERO) + tax
    month.incomplete |= incomplete


def _gains(years: Iterable[Beside]) -> dict[int, _Month]:
    months: dict[int, _Month] = {}
    for year in years:
        for coins in year.crypto:
            _add(months, coins.month, "crypto", coins.tax, coins.incomplete)
        for gain in year.gcap:
            source = "abroad" if gain.kind == "abroad" else "gcap"
            _add(months, gain.month, source, gain.tax, gain.gain is None)
    return months


def _incomes(years: Iterable[Beside]) -> dict[int, _Month]:
    months: dict[int, _Month] = {}
    for year in years:
        for each in year.monthly_income:
            _add(months, each.month, "monthly_income", each.tax_due, each.incomplete)
    return months
