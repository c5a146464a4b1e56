"""Income at source that no other module owns: distributions of funds of the exchange, other income
of companies, interest of accounts at home."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import income_of, rows_of
from apps.engine.taxes.doubts import differs, income_unknown
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.money import cents, text
from apps.engine.taxes.rules import Rule
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Asset, Issue, Row

_REAL_ESTATE = frozenset({AssetClass.FII, AssetClass.FIAGRO})
_ENTITIES = frozenset({AssetClass.ETF, AssetClass.ETF_FIXED_INCOME})
_COMPANIES = frozenset({AssetClass.STOCK, AssetClass.UNIT})
_PAID = frozenset({Kind.DISTRIBUTION, Kind.DIVIDEND, Kind.INTEREST})
_PAID_BY_COMPANIES = frozenset({Kind.DISTRIBUTION, Kind.INTEREST})


@dataclass(frozen=True, slots=True)
class _Treatment:
    """How one payment is taxed. ``rate`` None = the law's terms are unknown."""

    kind: str
    code: str
    rate: Decimal | None
    rule: Rule | None


def _treatment(ctx: Context, asset: Asset | None, row: Row) -> _Treatment | None:
    kind, day = (asset.asset_class if asset else None), row.date
    if kind in _REAL_ESTATE and row.kind in _PAID:
        if not row.tax_withheld:
            exempt = ctx.rules.find("FII-DIST-EX", day)
            return _Treatment("fii_distribution", _exempt(ctx, day), ZERO, exempt)
        rule = ctx.rules.find("FII-DIST-TAX", day)
        rate = rule.decimal("rate") if rule else None
        return _Treatment("fii_distribution_taxed", _exclusive(ctx, day), rate, rule)
    if kind is AssetClass.FI_INFRA and row.kind in _PAID:
        rule = ctx.rules.find("VAR-FIINFRA", day)
        return _Treatment("infra_distribution", _exempt(ctx, day), ZERO, rule)
    if kind in _ENTITIES and row.kind in _PAID:
        rule = ctx.rules.find("FUND-ENTITY", day)
        rate = rule.decimal("rate") if rule else None
        return _Treatment("etf_distribution", _exclusive(ctx, day), rate, rule)
    if kind in _COMPANIES and row.kind in _PAID_BY_COMPANIES:
        return _Treatment("company_income", _exclusive(ctx, day), None, ctx.rules.on("RF-IR", day))
    return None


def distribution_lines(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Distributions of funds of the exchange, and income of companies that is neither dividend nor
    interest on equity. Those of FIIs and Fiagros are exempt, unless the administrator withheld tax:
    it knows how many hold the fund and how much this Holder does."""
    lines: list[SourceTax] = []
    issues: list[Issue] = []
    for holding, asset, row, gross in income_of(ctx, Regime.EXCHANGE, year):
        found = _treatment(ctx, asset, row)
        if found is None:
            continue
        if gross is None:
            issues.append(income_unknown(row))
        rate, rule = found.rate, found.rule
        expected = None if gross is None or rate is None else cents(gross * rate)
        params = {"asset": holding.asset, "date": row.date.isoformat()}
        if rate is not None:
            params["rate"] = text(rate)
        id_, law = (rule.id, rule.law) if rule else ("", "")
        lines.append(
            SourceTax(
                kind=found.kind,
                asset=holding.asset,
                date=row.date,
                gross=gross,
                rate=rate,
                expected=expected,
                withheld=row.tax_withheld,
                code=found.code,
                part=Part("distribution", gross, id_, law, (row.ref,), params),
                account=row.account,
            )
        )
        issues += differs(row, row.tax_withheld, expected)
    lines.sort(key=lambda each: each.date)
    return lines, issues


def _exempt(ctx: Context, day: dt.date) -> str:
    chosen = ctx.settings.exempt_others_code
    if chosen != "auto":
        return chosen
    rule = ctx.rules.find("FII-DIST-CODE", day)
    return rule.text("code") if rule else ""


def _exclusive(ctx: Context, day: dt.date) -> str:
    rule = ctx.rules.find("RF-CODE", day)
    return rule.text("exclusive") if rule else ""


def account_interest(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Interest credited by accounts at home, with the tax their statements say was withheld; how
    long the money had been there is not in the ledger."""
    lines = []
    for row in rows_of(ctx, year):
        if row.kind is not Kind.INTEREST or row.asset:
            continue
        if row.currency not in ("", HOME) or row.amount is None or row.amount <= ZERO:
            continue
        rule = ctx.rules.on("RF-IR", row.date)
        lines.append(
            SourceTax(
                kind="account_interest",
                asset="",
                date=row.date,
                gross=row.amount,
                rate=None,
                expected=None,
                withheld=row.tax_withheld,
                code=_exclusive(ctx, row.date),
                part=Part("account_interest", row.amount, rule.id, rule.law, (row.ref,)),
                account=row.account,
            )
        )
    return lines, []
