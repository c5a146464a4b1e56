"""Exempt and exclusive income of a year, by payer and code."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.engine.taxes.annual.model import IncomeEntry
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import rows_of
from apps.engine.taxes.dividends import payer_of
from apps.engine.taxes.model import ZERO, SourceTax
from apps.engine.taxes.money import cents
from apps.engine.taxes.small_companies import KIND
from apps.engine.taxes.year import TaxYear
from apps.engine.types import Issue, Row

EXEMPT, EXCLUSIVE = "exempt", "exclusive"
_EXEMPT_KINDS = frozenset({"exempt_paper", "fii_distribution", "infra_distribution", KIND})
# Only the payer knows the tax of these; without it they are shown gross.
_TERMS_UNKNOWN = frozenset({"account_interest", "company_income", "etf_distribution"})


@dataclass(slots=True)
class _Sum:
    gross: Decimal = ZERO
    tax: Decimal = ZERO
    known: bool = True
    cnpj: str = ""
    assets: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class _Sums:
    """Incomes by (section, code, kind, payer)."""

    ctx: Context
    by_line: dict[tuple[str, str, str, str], _Sum] = field(default_factory=dict)

    def add(
        self,
        section: str,
        code: str,
        kind: str,
        gross: Decimal | None,
        *,
        asset: str = "",
        payer: str = "",
        cnpj: str = "",
        tax: Decimal = ZERO,
    ) -> None:
        known = self.ctx.assets.get(asset)
        name = payer or (payer_of(asset, known) if asset else "")
        found = self.by_line.setdefault((section, code, kind, name), _Sum())
        found.gross += gross or ZERO
        found.tax += tax
        found.known &= gross is not None
        found.cnpj = found.cnpj or cnpj or (known.cnpj if known else "")
        if asset:
            found.assets[asset] = None

    def entries(self) -> list[IncomeEntry]:
        found = []
        for (section, code, kind, payer), each in sorted(self.by_line.items()):
            net = each.gross - each.tax if section == EXCLUSIVE else each.gross
            if each.known and not each.gross:
                continue
            found.append(
                IncomeEntry(
                    section=section,
                    code=code,
                    kind=kind,
                    payer=payer,
                    cnpj=each.cnpj,
                    amount=cents(net) if each.known else None,
                    gross=cents(each.gross) if each.known else None,
                    tax=cents(each.tax),
                    assets=tuple(sorted(each.assets)),
                )
            )
        return found


def income_entries(ctx: Context, found: TaxYear) -> tuple[list[IncomeEntry], list[Issue]]:
    """Exempt and exclusive income of an assessed year."""
    sums = _Sums(ctx)
    issues: list[Issue] = []
    _exchange(sums, found)
    for month in found.crypto:
        if month.exempt and month.gain:
            rule = ctx.rules.find("CRY-GC", _first(month.month))
            sums.add(EXEMPT, rule.text("code") if rule else "", "small_crypto_gain", month.gain)
    for gain in found.gcap:
        if gain.exempt and gain.gain:
            rule = ctx.rules.find("EXT-PRE24", _first(gain.month))
            sums.add(EXEMPT, rule.text("code") if rule else "", "small_gain_abroad", gain.gain)
    for paid in found.dividends:
        sums.add(
            EXEMPT,
            paid.code,
            "dividend",
            paid.gross,
            payer=paid.payer,
            cnpj=paid.cnpj,
            tax=paid.withheld if paid.stated is None else paid.stated,
        )
        if paid.withheld:
            where = {"payer": paid.payer, "month": paid.month}
            issues.append(Issue("annual_dividend_place_unknown", paid.payer, where))
    for source in found.withheld_at_source:
        _source(sums, source)
    for row in rows_of(ctx, found.year):
        if row.kind is Kind.BONUS and row.asset:
            rule = ctx.rules.find("VAR-BONUS", row.date)
            sums.add(
                EXEMPT, rule.text("code") if rule else "", "bonus", _bonus(row), asset=row.asset
            )
    return sums.entries(), issues


def _first(month: str) -> dt.date:
    return dt.date.fromisoformat(f"{month}-01")


def _exchange(sums: _Sums, found: TaxYear) -> None:
    """Gains the small-sales limits exempt."""
    for month in found.months:
        rule = sums.ctx.rules.find("VAR-EX20K", _first(month.month))
        for name, gain in (("code", month.exempt_gain), ("gold_code", month.exempt_gain_gold)):
            if rule is not None and gain:
                kind = "small_sales" if name == "code" else "small_sales_gold"
                sums.add(EXEMPT, rule.text(name), kind, gain)


def _bonus(row: Row) -> Decimal | None:
    if row.amount is not None:
        return row.amount
    if row.quantity is None or row.unit_price is None:
        return None
    return row.quantity * row.unit_price


def _source(sums: _Sums, source: SourceTax) -> None:
    """Income taxed at source, net of what was withheld (of what the law asks, where nobody said),
    IOF apart: it is a cost of the yield."""
    earned = None if source.gross is None else max(source.gross, ZERO)
    if source.kind in _EXEMPT_KINDS:
        sums.add(EXEMPT, source.code, source.kind, earned, asset=source.asset)
        return
    if earned is not None and source.iof:
        earned -= source.iof
    tax = source.expected if source.withheld is None else source.withheld
    if tax is None and source.kind not in _TERMS_UNKNOWN:
        earned = None
    sums.add(EXCLUSIVE, source.code, source.kind, earned, asset=source.asset, tax=tax or ZERO)
