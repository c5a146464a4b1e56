"""Income taxed at source that no other module owns: distributions of real-estate funds that are
not exempt, interest of accounts at home."""

from __future__ import annotations

import datetime as dt

from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import holdings_of, rows_of
from apps.engine.taxes.doubts import differs, income_unknown
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.money import cents, text
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Issue

_FUNDS = frozenset({AssetClass.FII, AssetClass.FIAGRO})
_PAID = frozenset({Kind.DISTRIBUTION, Kind.DIVIDEND, Kind.INTEREST})


def distribution_lines(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Distributions of FIIs and Fiagros. Exempt, unless the administrator withheld tax: it knows
    how many hold the fund and how much this Holder does."""
    lines: list[SourceTax] = []
    issues: list[Issue] = []
    for holding, asset in holdings_of(ctx, Regime.EXCHANGE):
        if asset is None or asset.asset_class not in _FUNDS:
            continue
        for row, gross, _withheld in holding.raw_income:
            if row.date.year != year or row.kind not in _PAID:
                continue
            if gross is None:
                issues.append(income_unknown(row))
            taxed = bool(row.tax_withheld)
            rule = ctx.rules.find("FII-DIST-TAX" if taxed else "FII-DIST-EX", row.date)
            rate = rule.decimal("rate") if rule and taxed else ZERO
            expected = None if gross is None else cents(gross * rate)
            params = {"asset": holding.asset, "date": row.date.isoformat(), "rate": text(rate)}
            lines.append(
                SourceTax(
                    kind="fii_distribution_taxed" if taxed else "fii_distribution",
                    asset=holding.asset,
                    date=row.date,
                    gross=gross,
                    rate=rate,
                    expected=expected,
                    withheld=row.tax_withheld,
                    code=_exclusive(ctx, row.date) if taxed else _exempt(ctx, row.date),
                    part=Part(
                        "fii_distribution",
                        gross,
                        rule.id if rule else "",
                        rule.law if rule else "",
                        (row.ref,),
                        params,
                    ),
                    account=row.account,
                )
            )
            if taxed:
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
