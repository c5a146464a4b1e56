"""Gains outside the exchange by the brackets of capital gains, and foreign income by the month.

Both are how assets abroad were taxed before one tax a year: sales of a month up to a limit exempt,
gains above it by brackets without compensation of losses, dividends in the monthly table. The
brackets also serve crypto in domestic custody, the table the dividends of BDRs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.kinds import AssetClass
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal, Payment, disposals_of, income_of
from apps.engine.taxes.doubts import gain_unknown, income_unknown, of_row, rule_missing
from apps.engine.taxes.model import ZERO, CapitalGain, Part
from apps.engine.taxes.money import (
    cents,
    decimal_of,
    month_of,
    monthly_table,
    progressive,
    text,
)
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Asset, Issue, Row


@dataclass(frozen=True, slots=True)
class MonthOfGains:
    """Sales of one kind of goods in a month. ``gain`` is what may be taxed (losses apart, they
    compensate nothing); ``exempt`` when the sales stay within the limit."""

    sales: Decimal
    gain: Decimal
    loss: Decimal
    exempt: bool
    tax: Decimal
    rule: Rule


def gains_tax(gain: Decimal, day: dt.date, rules: RuleBook, brackets: str = "GCAP") -> Decimal:
    """Tax on a gain by the marginal brackets in force on ``day``, in cents."""
    return cents(progressive(max(gain, ZERO), rules.on(brackets, day).value["brackets"]))


def month_of_gains(
    sales: Decimal, results: Iterable[Decimal], day: dt.date, rule_id: str, rules: RuleBook
) -> MonthOfGains:
    """Settle the sales of a month under a rule with a limit and brackets. ``day`` is any day of the
    month; ``results`` are the gains and losses of its sales."""
    rule = rules.on(rule_id, day)
    found = list(results)
    gain = sum((each for each in found if each > ZERO), ZERO)
    loss = -sum((each for each in found if each < ZERO), ZERO)
    exempt = sales <= rule.decimal("exempt_up_to")
    tax = ZERO if exempt else gains_tax(gain, day, rules, rule.text("brackets"))
    return MonthOfGains(sales, gain, loss, exempt, tax, rule)


def due_date(ctx: Context, day: dt.date) -> dt.date:
    """Last business day of the month after ``day``."""
    year, month = divmod(day.year * 12 + day.month, 12)
    return ctx.calendar.last_business_day(year, month + 1)


def _at_buying(ctx: Context, each: Disposal) -> tuple[Decimal | None, Decimal | None, bool]:
    """Sales value and gain of a sale abroad, its money at the purchase PTAX of its day, and
    whether only the sale PTAX was known."""
    if each.rate is None or each.proceeds is None:
        return each.gross, each.gain, False
    own = ctx.fx.buy.rate(each.row.currency, HOME, each.row.date) if ctx.fx.buy else None
    rate = each.rate if own is None else own
    proceeds = each.proceeds / each.rate * rate
    gross = None if each.gross is None else each.gross / each.rate * rate
    gain = None if each.cost is None or each.gain is None else each.gain + proceeds - each.proceeds
    return gross, gain, own is None


def gains_before(ctx: Context, year: int) -> tuple[list[CapitalGain], list[Issue]]:
    """Months of a year with sales abroad under the old law, by nature of the asset."""
    months: dict[tuple[str, str], list[Disposal]] = {}
    issues: list[Issue] = []
    for each, asset in disposals_of(ctx, Regime.ABROAD, year):
        day = each.row.date
        if _settled_before(ctx, day):
            continue
        if ctx.rules.find("EXT-15", day) is None and ctx.rules.find("EXT-PRE24", day):
            nature = str(asset.asset_class) if asset and asset.asset_class else "abroad"
            months.setdefault((month_of(day), nature), []).append(each)
    return [
        _month(ctx, month, nature, sales, issues)
        for (month, nature), sales in sorted(months.items())
    ], issues


def _settled_before(ctx: Context, day: dt.date) -> bool:
    return ctx.opening.date is not None and day <= ctx.opening.date


def _month(
    ctx: Context, month: str, nature: str, sales: Sequence[Disposal], issues: list[Issue]
) -> CapitalGain:
    parts: list[Part] = []
    results: list[Decimal] = []
    value = ZERO
    complete = True
    day = sales[0].row.date
    rule = ctx.rules.on("EXT-PRE24", day)
    for each in sorted(sales, key=lambda each: each.row.date):
        gross, gain, approximate = _at_buying(ctx, each)
        if approximate and each.row.currency != HOME:
            issues.append(of_row("ptax_buy_missing", each.row))
        if gain is None:
            issues.append(gain_unknown(each.row))
            complete = False
        else:
            results.append(gain)
        value += gross or ZERO
        parts.append(_sale_part(each, gross, gain, rule))
    settled = month_of_gains(value, results, day, "EXT-PRE24", ctx.rules)
    parts.append(tax_part(settled, day, ctx.rules))
    return CapitalGain(
        kind="abroad",
        asset=nature,
        month=month,
        proceeds=cents(value),
        gain=cents(settled.gain) if complete else None,
        exempt=settled.exempt,
        tax=settled.tax,
        due_date=due_date(ctx, day),
        code=ctx.rules.on("DARF-CODE", day).text("capital_gain"),
        parts=tuple(parts),
    )


def _sale_part(each: Disposal, gross: Decimal | None, gain: Decimal | None, rule: Rule) -> Part:
    params = {"asset": each.asset, "date": each.row.date.isoformat()}
    params["quantity"] = text(each.quantity)
    params["currency"] = each.row.currency
    for name, value in (("sales", gross), ("cost", each.cost)):
        if value is not None:
            params[name] = text(value)
    return Part("capital_gain", gain, rule.id, rule.law, (each.row.ref,), params)


def tax_part(settled: MonthOfGains, day: dt.date, rules: RuleBook) -> Part:
    """The line that says why a month of gains is exempt, or what its tax is."""
    limit = {"sales": text(settled.sales), "limit": settled.rule.text("exempt_up_to")}
    limit["gain"] = text(settled.gain)
    if settled.exempt:
        return Part("capital_gain_exempt", ZERO, settled.rule.id, settled.rule.law, params=limit)
    rule = rules.on(settled.rule.text("brackets"), day)
    return Part("capital_gain_tax", settled.tax, rule.id, rule.law, params=limit)


@dataclass(frozen=True, slots=True)
class MonthlyIncome:
    """Income from abroad of a month in the monthly table (carnê-leão), as if there were no other.

    ``credit`` is the foreign tax used, up to the tax itself. ``incomplete`` where an amount or a
    rate is unknown.
    """

    month: str
    income: Decimal
    foreign_tax: Decimal
    tax: Decimal
    credit: Decimal
    tax_due: Decimal
    due_date: dt.date
    code: str
    incomplete: bool
    parts: tuple[Part, ...]


def monthly_income_tax(income: Decimal, day: dt.date, rules: RuleBook) -> Decimal:
    """Tax of the monthly table on an income, after the reduction of small ones where in force."""
    tax = monthly_table(income, rules.on("CARNE-LEAO", day).value["brackets"])
    reduction = rules.find("CARNE-LEAO-REDUCTION", day)
    if reduction is not None:
        if income <= reduction.decimal("full_up_to"):
            tax -= min(tax, reduction.decimal("full"))
        elif income <= reduction.decimal("partial_up_to"):
            part = reduction.decimal("constant") - reduction.decimal("factor") * income
            tax -= min(tax, max(part, ZERO))
    return cents(tax)


def monthly_income(ctx: Context, year: int) -> tuple[list[MonthlyIncome], list[Issue]]:
    """Months of a year with income of the monthly table: that of assets abroad under the old law,
    and dividends of BDRs where the Holder so chose."""
    months: dict[str, list[tuple[Row, Asset | None]]] = {}
    issues: list[Issue] = []
    for _holding, asset, row, _gross in _payments(ctx, year):
        if _settled_before(ctx, row.date):
            continue
        if _is_bdr(asset) or ctx.rules.find("EXT-DIV", row.date) is None:
            months.setdefault(month_of(row.date), []).append((row, asset))
    found = [
        _income_month(ctx, month, sorted(rows, key=lambda each: each[0].date), issues)
        for month, rows in sorted(months.items())
    ]
    return [each for each in found if each is not None], issues


def _is_bdr(asset: Asset | None) -> bool:
    return asset is not None and asset.asset_class is AssetClass.BDR


def _payments(ctx: Context, year: int) -> list[Payment]:
    found = income_of(ctx, Regime.ABROAD, year)
    if ctx.settings.bdr_dividends == "carne_leao":
        home = income_of(ctx, Regime.EXCHANGE, year)
        found = found + [each for each in home if _is_bdr(each.asset)]
    return found


def _income_month(
    ctx: Context, month: str, rows: Sequence[tuple[Row, Asset | None]], issues: list[Issue]
) -> MonthlyIncome | None:
    day = rows[0][0].date
    table = ctx.rules.find("CARNE-LEAO", day)
    if table is None:
        issues.append(rule_missing("CARNE-LEAO", month, day.isoformat()))
        return None
    parts: list[Part] = []
    income = foreign = ZERO
    complete = True
    for row, _asset in rows:
        rate = _income_rate(ctx, row, issues)
        gross = None if row.amount is None or rate is None else row.amount * rate
        if gross is None:
            complete = False
            issues.append(income_unknown(row))
        withheld = (row.tax_withheld or ZERO) * (rate or ZERO)
        income += gross or ZERO
        foreign += withheld
        params = {"asset": row.asset or "", "date": row.date.isoformat()}
        params |= {"currency": row.currency, "foreign_tax": text(withheld)}
        if rate is not None:
            params["rate"] = text(rate)
        parts.append(Part("foreign_income", gross, table.id, table.law, (row.ref,), params))
    tax = monthly_income_tax(max(income, ZERO), day, ctx.rules)
    credit = min(cents(foreign), tax)
    terms = {"income": text(income), "credit": text(credit)}
    parts.append(Part("monthly_table_tax", tax, table.id, table.law, params=terms))
    return MonthlyIncome(
        month=month,
        income=cents(income),
        foreign_tax=cents(foreign),
        tax=tax,
        credit=credit,
        tax_due=tax - credit,
        due_date=due_date(ctx, day),
        code=ctx.rules.on("DARF-CODE", day).text("carne_leao"),
        incomplete=not complete,
        parts=tuple(parts),
    )


def _income_rate(ctx: Context, row: Row, issues: list[Issue]) -> Decimal | None:
    """Rate for income of a month: the quote of the last business day of the first half of the
    month before."""
    if row.currency == HOME:
        return Decimal(1)
    rule = ctx.rules.on("CARNE-LEAO-RATE", row.date)
    months = row.date.year * 12 + row.date.month - 1 - int(decimal_of(rule, "months_before") or 0)
    day = dt.date(months // 12, months % 12 + 1, int(rule.decimal("until_day")))
    rate = ctx.fx.buy.rate(row.currency, HOME, day) if ctx.fx.buy else None
    if rate is None:
        rate = ctx.fx.rate(row.currency, HOME, day)
        if rate is not None:
            issues.append(of_row("ptax_buy_missing", row))
    return rate
