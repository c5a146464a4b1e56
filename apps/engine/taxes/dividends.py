"""Dividends and interest on equity of Brazilian companies.

Dividends are exempt up to a limit per payer and month, above it taxed at source on all of the
month; interest on equity is taxed at source at the rate of its payment (or credit). Distributions
of funds are neither.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import income_of, rows_of
from apps.engine.taxes.doubts import differs, far_apart, income_unknown
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.money import cents, month_of, noted_date, text, total
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.taxes.scope import Regime
from apps.engine.types import Asset, Issue, Row

_COMPANIES = frozenset({None, AssetClass.STOCK, AssetClass.UNIT, AssetClass.RIGHT})
_TICKER = re.compile(r"^([A-Z]{4})\d{1,2}F?$")


@dataclass(frozen=True, slots=True)
class Payment:
    """A dividend: ``amount`` gross in BRL, ``stated`` the tax the payer withheld (None unknown).
    ``legacy`` payments are of profits the transition keeps free."""

    ref: str
    date: dt.date
    amount: Decimal
    stated: Decimal | None = None
    legacy: bool = False


@dataclass(frozen=True, slots=True)
class DividendMonth:
    """What one payer paid in a month, and the tax the law makes it withhold. ``stated`` is what it
    did withhold, None where a payment does not tell."""

    payer: str
    month: str
    gross: Decimal
    legacy: Decimal
    rate: Decimal
    withheld: Decimal
    stated: Decimal | None
    code: str
    assets: tuple[str, ...]
    cnpj: str
    parts: tuple[Part, ...]


def month_tax(payments: Sequence[Decimal], day: dt.date, rules: RuleBook) -> list[Decimal]:
    """Tax to withhold on each payment of one payer to one person within the month of ``day``, in
    their order: nothing while the sum stays within the limit, then the rate on the whole sum less
    what was withheld before. Cents."""
    rule = rules.find("DIV-10", day)
    taxes: list[Decimal] = []
    paid = withheld = ZERO
    for amount in payments:
        paid += amount
        due = ZERO
        if rule is not None and paid > rule.decimal("threshold"):
            due = max(cents(paid * rule.decimal("rate")) - withheld, ZERO)
        withheld += due
        taxes.append(due)
    return taxes


def settle(
    payer: str,
    payments: Iterable[Payment],
    rules: RuleBook,
    assets: tuple[str, ...] = (),
    cnpj: str = "",
) -> DividendMonth:
    """Settle the payments of one payer within one month, oldest first."""
    ordered = sorted(payments, key=lambda each: each.date)
    day = ordered[0].date
    counted = [each for each in ordered if not each.legacy]
    due = month_tax([each.amount for each in counted], day, rules)
    taxes = dict(zip(map(id, counted), due, strict=True))
    rule = rules.find("DIV-10", day)
    exempt = rules.find("DIV-EX", day)
    transition = rules.find("DIV-10-TRANS", day)
    parts = []
    for each in ordered:
        tax = taxes.get(id(each), ZERO)
        applied = transition if each.legacy else rule or exempt
        params = {"date": each.date.isoformat(), "withheld": text(tax)}
        label = "dividend_taxed" if tax else "dividend_exempt"
        parts.append(_part(label, each.amount, applied, (each.ref,), params))
    stated = [each.stated for each in ordered]
    withheld = total(taxes.values())
    return DividendMonth(
        payer=payer,
        month=month_of(day),
        gross=cents(total(each.amount for each in ordered)),
        legacy=cents(total(each.amount for each in ordered if each.legacy)),
        rate=rule.decimal("rate") if rule is not None and withheld else ZERO,
        withheld=withheld,
        stated=None if None in stated else cents(total(stated)),
        code=next((each.text("code") for each in (exempt, rule) if each is not None), ""),
        assets=assets,
        cnpj=cnpj,
        parts=tuple(parts),
    )


def _part(
    label: str,
    amount: Decimal | None,
    rule: Rule | None,
    refs: tuple[str, ...],
    params: dict[str, str],
) -> Part:
    return Part(label, amount, rule.id if rule else "", rule.law if rule else "", refs, params)


def payer_of(code: str, asset: Asset | None) -> str:
    """Who pays: the issuer, else its CNPJ, else the company a B3 ticker stands for."""
    if asset is not None and (asset.issuer or asset.cnpj):
        return asset.issuer or asset.cnpj
    found = _TICKER.match(code)
    return found.group(1) if found else code


def is_legacy(ctx: Context, row: Row) -> bool:
    """Whether a dividend is of profits the transition keeps free: its note says when they were
    approved (``approved 2025-12-20``), in time, and it is paid while the transition lasts."""
    rule = ctx.rules.find("DIV-10-TRANS", row.date)
    approved = noted_date(row.note, "approved") or noted_date(row.note, "aprovado")
    if rule is None or approved is None:
        return False
    injunction = ctx.settings.profits_2025_approved_by_injunction
    name = "approved_by_injunction" if injunction else "approved_by"
    return approved <= dt.date.fromisoformat(rule.text(name))


def dividend_months(ctx: Context, year: int) -> tuple[list[DividendMonth], list[Issue]]:
    """Dividends of Brazilian companies by payer and month of a year."""
    found: dict[tuple[str, str], list[Payment]] = {}
    codes: dict[tuple[str, str], dict[str, str]] = {}
    issues: list[Issue] = []
    for holding, asset, row, gross in income_of(ctx, Regime.EXCHANGE, year):
        kind = asset.asset_class if asset else None
        if row.kind is not Kind.DIVIDEND or kind not in _COMPANIES:
            continue
        if gross is None:
            issues.append(income_unknown(row))
            continue
        key = (month_of(row.date), payer_of(holding.asset, asset))
        stated = row.tax_withheld
        found.setdefault(key, []).append(
            Payment(row.ref, row.date, gross, stated, is_legacy(ctx, row))
        )
        codes.setdefault(key, {})[holding.asset] = asset.cnpj if asset else ""
    months = []
    for key in sorted(found):
        own = codes[key]
        cnpj = next(filter(None, own.values()), "")
        settled = settle(key[1], found[key], ctx.rules, tuple(sorted(own)), cnpj)
        months.append(settled)
        _compare(settled, found[key], issues)
    paid = {(each.month, each.payer): each.gross for each in months}
    return months, issues + _bonus_dividends(ctx, year, paid)


def _compare(settled: DividendMonth, payments: Sequence[Payment], issues: list[Issue]) -> None:
    """Report a tax the payer withheld that is not the one the law asks."""
    stated = settled.stated
    if stated is None and settled.withheld:
        values = {"payer": settled.payer, "month": settled.month}
        issues.append(Issue("withheld_unknown", payments[-1].ref, values))
    elif stated is not None and far_apart(stated, settled.withheld):
        values = {
            "payer": settled.payer,
            "month": settled.month,
            "stated": text(stated),
            "expected": text(settled.withheld),
        }
        issues.append(Issue("withheld_differs", payments[-1].ref, values))


def _bonus_dividends(ctx: Context, year: int, paid: dict[tuple[str, str], Decimal]) -> list[Issue]:
    """Bonus shares are capitalised profits: where they take a payer's month above the limit, the
    company's notice must say of which profits."""
    issues = []
    for row in rows_of(ctx, year) if Kind.BONUS in ctx.kinds else ():
        if row.kind is not Kind.BONUS or not row.asset:
            continue
        rule = ctx.rules.find("DIV-10", row.date)
        if rule is None or row.quantity is None or row.unit_price is None:
            continue
        value = row.quantity * row.unit_price
        payer = payer_of(row.asset, ctx.assets.get(row.asset))
        together = value + paid.get((month_of(row.date), payer), ZERO)
        if together > rule.decimal("threshold"):
            values = {"asset": row.asset, "payer": payer, "value": text(together)}
            issues.append(Issue("bonus_may_be_dividend", row.ref, values))
    return issues


def jcp_tax(gross: Decimal, day: dt.date, rules: RuleBook) -> Decimal:
    """Tax withheld on interest on equity paid (or credited) on ``day``, in cents."""
    return cents(gross * rules.on("DIV-JCP", day).decimal("rate"))


def jcp_lines(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Interest on equity of a year with its final tax. The rate is that of the payment, or of the
    credit where the Holder so chose and the note tells it (``credited 2025-12-30``)."""
    lines: list[SourceTax] = []
    issues: list[Issue] = []
    for holding, asset, row, gross in income_of(ctx, Regime.EXCHANGE, year):
        if row.kind is not Kind.JCP:
            continue
        day = row.date
        if ctx.settings.jcp_rate_date == "credit":
            credited = noted_date(row.note, "credited") or noted_date(row.note, "creditado")
            day = min(day, credited) if credited else day
        rule = ctx.rules.on("DIV-JCP", day)
        rate = rule.decimal("rate")
        expected = None if gross is None else cents(gross * rate)
        if gross is None:
            issues.append(income_unknown(row))
        params = {"asset": holding.asset, "date": row.date.isoformat(), "rate": text(rate)}
        params["payer"] = payer_of(holding.asset, asset)
        line = SourceTax(
            kind="jcp",
            asset=holding.asset,
            date=row.date,
            gross=gross,
            rate=rate,
            expected=expected,
            withheld=row.tax_withheld,
            code=rule.text("code"),
            part=Part("jcp_tax", expected, rule.id, rule.law, (row.ref,), params),
        )
        lines.append(line)
        issues += differs(row, line.withheld, expected)
    lines.sort(key=lambda each: each.date)
    return lines, issues
