"""Crypto in domestic custody: the month's disposals against the limit, gains by brackets, and when
operations outside domestic exchanges must be reported.

Sales, swaps and payments are all disposals; losses compensate nothing. Coins held or traded at
institutions abroad fall under the yearly tax of the module ``abroad``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.holdings.trades import gross_of
from apps.engine.kinds import TRADE_KINDS, TRANSFER_KINDS, AssetClass
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal, disposals_of, rows_of, self_kept
from apps.engine.taxes.doubts import gain_unknown, rule_missing
from apps.engine.taxes.gcap import due_date, month_of_gains, tax_part
from apps.engine.taxes.model import ZERO, Part
from apps.engine.taxes.money import cents, month_of, text
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Issue

_REPORTED_KINDS = TRADE_KINDS | TRANSFER_KINDS


@dataclass(frozen=True, slots=True)
class CryptoMonth:
    """A month of crypto. ``disposals`` is the gross value of everything disposed of at home,
    ``gain`` what may be taxed, ``loss`` what compensates nothing; ``reported`` the value of the
    operations outside domestic exchanges, to be reported where ``must_report``."""

    month: str
    disposals: Decimal
    gain: Decimal
    loss: Decimal
    exempt: bool
    tax: Decimal
    due_date: dt.date | None
    code: str
    reported: Decimal
    report_limit: Decimal | None
    must_report: bool
    incomplete: bool
    parts: tuple[Part, ...]


def crypto_months(ctx: Context, year: int) -> tuple[list[CryptoMonth], list[Issue]]:
    """Months of a year with disposals at home, or with operations abroad that must be reported."""
    sales: dict[str, list[Disposal]] = {}
    opening = ctx.opening.date
    wallets = self_kept(ctx)
    elsewhere = wallets if ctx.settings.self_custody == "abroad" else frozenset()
    for each, _asset in disposals_of(ctx, Regime.CRYPTO, year):
        day = each.row.date
        if each.row.account in elsewhere and ctx.rules.find("CRY-EXT", day) is not None:
            continue
        if opening is None or day > opening:
            sales.setdefault(month_of(day), []).append(each)
    abroad = _operations_abroad(ctx, year, wallets)
    issues: list[Issue] = []
    months = []
    for month in sorted({*sales, *abroad}):
        found = _month(ctx, month, sales.get(month, []), abroad.get(month, ZERO), issues)
        if found is not None:
            months.append(found)
    return months, issues


def _operations_abroad(ctx: Context, year: int, wallets: frozenset[str]) -> dict[str, Decimal]:
    """Value of the month's operations outside domestic exchanges (abroad, or from the Holder's own
    wallets), at the sale PTAX of each day. Moves between wallets are no operations."""
    values: dict[str, Decimal] = {}
    classes = {
        code: asset.asset_class
        for code, asset in ctx.assets.items()
        if asset.asset_class in (AssetClass.CRYPTO, AssetClass.CRYPTO_ABROAD)
    }
    if not classes:
        return values
    for row in rows_of(ctx, year):
        kind = classes.get(row.asset or "")
        if kind is None or row.kind not in _REPORTED_KINDS:
            continue
        in_wallet = row.account in wallets and row.kind in TRADE_KINDS
        if kind is AssetClass.CRYPTO_ABROAD or in_wallet:
            gross = gross_of(row)
            rate = ctx.fx.rate(row.currency, HOME, row.date)
            if gross is not None and rate is not None:
                month = month_of(row.date)
                values[month] = values.get(month, ZERO) + gross * rate
    return values


def _month(
    ctx: Context, month: str, sales: list[Disposal], reported: Decimal, issues: list[Issue]
) -> CryptoMonth | None:
    day = dt.date.fromisoformat(f"{month}-01")
    limit = ctx.rules.find("CRY-REPORT", day)
    threshold = None if limit is None else limit.decimal("threshold")
    must_report = threshold is not None and reported > threshold
    parts: list[Part] = []
    results: list[Decimal] = []
    value = ZERO
    complete = True
    rule = ctx.rules.find("CRY-GC", day)
    if rule is None and sales:
        issues.append(rule_missing("CRY-GC", month, day.isoformat()))
    if (rule is None or not sales) and not must_report:
        return None
    for each in sorted(sales, key=lambda each: each.row.date):
        if each.gain is None:
            issues.append(gain_unknown(each.row))
            complete = False
        else:
            results.append(each.gain)
        complete &= each.gross is not None
        value += each.gross or ZERO
        parts.append(_part(each, rule.id if rule else "", rule.law if rule else ""))
    gain = loss = tax = ZERO
    exempt = True
    due: dt.date | None = None
    code = ""
    if rule is not None and sales:
        settled = month_of_gains(value, results, day, rule.id, ctx.rules)
        gain, loss, exempt, tax = settled.gain, settled.loss, settled.exempt, settled.tax
        parts.append(tax_part(settled, day, ctx.rules))
        due = due_date(ctx, day)
        code = ctx.rules.on("DARF-CODE", day).text("capital_gain")
    if must_report and limit is not None:
        terms = {"limit": limit.text("threshold")}
        parts.append(Part("crypto_report", cents(reported), limit.id, limit.law, params=terms))
    return CryptoMonth(
        month=month,
        disposals=cents(value),
        gain=cents(gain),
        loss=cents(loss),
        exempt=exempt,
        tax=tax,
        due_date=due,
        code=code,
        reported=cents(reported),
        report_limit=threshold,
        must_report=must_report,
        incomplete=not complete,
        parts=tuple(parts),
    )


def _part(each: Disposal, rule: str, law: str) -> Part:
    params = {"asset": each.asset, "date": each.row.date.isoformat()}
    params["quantity"] = text(each.quantity)
    for name, value in (("sales", each.gross), ("proceeds", each.proceeds), ("cost", each.cost)):
        if value is not None:
            params[name] = text(value)
    return Part("crypto_disposal", each.gain, rule, law, (each.row.ref,), params)
