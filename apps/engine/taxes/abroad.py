"""Financial assets abroad under the law of one tax a year: gains and income of the year in BRL,
losses carried, foreign tax credited within its limit.

Costs and proceeds are in BRL at the sale PTAX of their own dates, so what the exchange rate did to
the principal is part of each gain; foreign tax is credited at the purchase PTAX of the day it was
paid. Nothing is exempt and nothing is due by the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.holdings import Holding
from apps.engine.kinds import AssetClass, Bucket, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal, disposals, holdings_of
from apps.engine.taxes.doubts import gain_unknown, income_unknown, of_row
from apps.engine.taxes.model import ZERO, Part
from apps.engine.taxes.money import cents, decimal_of, text, total
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Asset, Issue, Row

_YEAR_END = (12, 31)


@dataclass(frozen=True, slots=True)
class AbroadLine:
    """One gain, loss or income abroad, in BRL. ``result`` None = unknown.

    ``foreign_tax`` is all the tax paid abroad, ``credit`` the part that may be used: what cannot
    be had back abroad, up to the Brazilian tax on this very income.
    """

    kind: str  # gain | income
    asset: str
    date: dt.date
    country: str
    result: Decimal | None
    foreign_tax: Decimal
    credit: Decimal
    part: Part


@dataclass(frozen=True, slots=True)
class AbroadYear:
    """The year abroad. ``base`` = gains - losses + income - loss used, floor 0; ``tax`` = base x
    rate; ``tax_due`` = tax - credit. ``incomplete`` where a line is unknown."""

    year: int
    gains: Decimal
    losses: Decimal
    income: Decimal
    foreign_tax: Decimal
    loss_before: Decimal
    loss_used: Decimal
    loss_after: Decimal
    base: Decimal
    rate: Decimal
    tax: Decimal
    credit: Decimal
    tax_due: Decimal
    incomplete: bool
    parts: tuple[Part, ...]
    lines: tuple[AbroadLine, ...] = field(repr=False)
    issues: tuple[Issue, ...] = field(repr=False)


def tax_of(
    year: int,
    lines: Iterable[AbroadLine],
    loss_before: Decimal,
    rules: RuleBook,
    issues: tuple[Issue, ...] = (),
) -> AbroadYear:
    """Settle a year from its lines and the loss carried into it."""
    settled = tuple(lines)
    end = dt.date(year, *_YEAR_END)
    rule, loss_rule = rules.on("EXT-15", end), rules.on("EXT-LOSS", end)
    rate = rule.decimal("rate")
    gains = total(each.result for each in settled if each.kind == "gain" and _positive(each))
    losses = -total(each.result for each in settled if each.kind == "gain" and not _positive(each))
    income = total(each.result for each in settled if each.kind == "income")
    net = gains - losses + income
    used = min(loss_before, max(net, ZERO))
    after = loss_before - used + max(-net, ZERO)
    base = max(net, ZERO) - used
    tax = cents(base * rate)
    credit = min(cents(total(each.credit for each in settled)), tax)
    credit_rule = rules.on("EXT-CREDIT", end)
    parts = (
        *(each.part for each in settled),
        Part("abroad_loss_used", -used, loss_rule.id, loss_rule.law),
        Part("abroad_tax", tax, rule.id, rule.law, params={"base": text(base), "rate": text(rate)}),
        Part("abroad_credit", -credit, credit_rule.id, credit_rule.law),
    )
    return AbroadYear(
        year=year,
        gains=cents(gains),
        losses=cents(losses),
        income=cents(income),
        foreign_tax=cents(total(each.foreign_tax for each in settled)),
        loss_before=cents(loss_before),
        loss_used=cents(used),
        loss_after=cents(after),
        base=cents(base),
        rate=rate,
        tax=tax,
        credit=credit,
        tax_due=tax - credit,
        incomplete=any(each.result is None for each in settled),
        lines=settled,
        parts=parts,
        issues=issues,
    )


def _positive(line: AbroadLine) -> bool:
    return line.result is not None and line.result > ZERO


def gain_in_brl(
    proceeds: Decimal, sale_rate: Decimal, costs: Iterable[tuple[Decimal, Decimal]]
) -> Decimal:
    """Gain of a sale: proceeds x sale PTAX of the sale less each (cost, sale PTAX of its day)."""
    return proceeds * sale_rate - sum((cost * rate for cost, rate in costs), ZERO)


def creditable(
    foreign_tax: Decimal,
    income: Decimal,
    country: str,
    day: dt.date,
    rules: RuleBook,
) -> Decimal:
    """The foreign tax that may be credited against the tax on one income, all in BRL.

    Nothing without a treaty or reciprocity; never what a treaty lets one ask back abroad; never
    more than the Brazilian tax on that income. A country nobody told is given its credit.
    """
    tax, limit = rules.on("EXT-15", day), rules.on("EXT-CREDIT", day)
    source = rules.find(f"WHT-{country}", day) if country else None
    cap = decimal_of(source, "treaty_cap") if source else None
    if country and cap is None and country not in limit.value.get("reciprocity", []):
        treaties = rules.find("EXT-TREATY", day)
        if treaties is None or country not in treaties.value.get("countries", []):
            return ZERO
    paid = foreign_tax if cap is None else min(foreign_tax, income * cap)
    return max(min(paid, income * tax.decimal("rate")), ZERO)


def default_withholding(asset: Asset | None, day: dt.date, rules: RuleBook) -> Decimal | None:
    """The rate a country usually withholds from a Brazilian resident's dividend, None unknown."""
    country = country_of(asset)
    rule = rules.find(f"WHT-{country}", day) if country else None
    if rule is None or asset is None:
        return None
    name = {AssetClass.REIT: "reit_rate", AssetClass.ETF_ABROAD: "fund_rate"}.get(
        asset.asset_class or AssetClass.STOCK_ABROAD, "rate"
    )
    return decimal_of(rule, name, decimal_of(rule, "rate"))


def country_of(asset: Asset | None) -> str:
    """Where an asset's income is taxed at source: its country, else its ISIN's, else its market."""
    if asset is None:
        return ""
    for told in (asset.country, asset.isin[:2], asset.market):
        if len(told) == 2 and told.isalpha() and told.upper() != "BR":
            return {"UK": "GB"}.get(told.upper(), told.upper())
    return ""


@dataclass(frozen=True, slots=True)
class IdleCash:
    """A foreign balance over a year: what the exchange rate did, and how much of it is taxed."""

    fx_result: Decimal
    taxable: Decimal
    loss_deductible: bool
    part: Part


def idle_cash(
    balance: Decimal,
    opening_rate: Decimal,
    closing_rate: Decimal,
    day: dt.date,
    rules: RuleBook,
    *,
    remunerated: bool = False,
) -> IdleCash:
    """Exchange variation of an account that yields nothing: neither taxed nor deductible. A
    remunerated one is a financial investment, taxed on what it gains."""
    rule = rules.on("EXT-CASH", day)
    result = balance * (closing_rate - opening_rate)
    taxable = max(result, ZERO) if remunerated else ZERO
    params = {"balance": text(balance), "from": text(opening_rate), "to": text(closing_rate)}
    part = Part("abroad_idle_cash", result, rule.id, rule.law, params=params)
    return IdleCash(result, taxable, remunerated, part)


def abroad_years(ctx: Context, until: int) -> list[AbroadYear]:
    """Every year under this law up to ``until``, oldest first, losses carried along."""
    lines, issues = _lines(ctx)
    opening = ctx.opening.date
    lines = [each for each in lines if opening is None or each.date > opening]
    carried = ctx.opening.losses.get(Bucket.ABROAD, ZERO)
    declared = _declared(ctx)
    first = min(
        [each.date.year for each in lines] + [day.year for day, _amount in declared] + [until]
    )
    by_year: dict[int, list[AbroadLine]] = {}
    for each in lines:
        by_year.setdefault(each.date.year, []).append(each)
    years = []
    for year in range(first, until + 1):
        end = dt.date(year, *_YEAR_END)
        carried += total(amount for day, amount in declared if day.year == year and day != end)
        if ctx.rules.find("EXT-15", end) is not None:
            own = tuple(issue for day, issue in issues if day.year == year)
            settled = tax_of(year, by_year.get(year, ()), carried, ctx.rules, own)
            years.append(settled)
            carried = settled.loss_after
        carried += total(amount for day, amount in declared if day == end)
    return years


def abroad_year(ctx: Context, year: int) -> AbroadYear | None:
    """One year; None before this law."""
    years = abroad_years(ctx, year)
    return years[-1] if years and years[-1].year == year else None


def _declared(ctx: Context) -> list[tuple[dt.date, Decimal]]:
    return [
        (row.date, abs(row.amount))
        for row in ctx.rows
        if row.kind is Kind.OPENING_LOSS and row.bucket == Bucket.ABROAD and row.amount is not None
    ]


def _lines(ctx: Context) -> tuple[list[AbroadLine], list[tuple[dt.date, Issue]]]:
    issues: list[tuple[dt.date, Issue]] = []
    lines: list[AbroadLine] = []
    for holding, asset in holdings_of(ctx, Regime.ABROAD):
        lines += _gains(ctx, holding, asset, issues)
        for row, gross, _withheld in holding.raw_income:
            lines += _income(ctx, row, gross, asset, issues)
    if ctx.settings.bdr_dividends == "abroad":
        for holding, asset in holdings_of(ctx, Regime.EXCHANGE):
            if asset is not None and asset.asset_class is AssetClass.BDR:
                for row, gross, _withheld in holding.raw_income:
                    lines += _income(ctx, row, gross, asset, issues)
    for row in ctx.rows:
        if row.kind is Kind.INTEREST and not row.asset and row.currency not in ("", HOME):
            rate = ctx.fx.rate(row.currency, HOME, row.date)
            known = row.amount is not None and rate is not None
            gross = row.amount * rate if row.amount is not None and rate is not None else None
            if not known or (gross is not None and gross > ZERO):  # interest paid is no deduction
                lines += _income(ctx, row, gross, None, issues)
    lines.sort(key=lambda each: each.date)
    return lines, issues


def _gains(
    ctx: Context, holding: Holding, asset: Asset | None, issues: list[tuple[dt.date, Issue]]
) -> Iterator[AbroadLine]:
    fifo: dict[str, Decimal | None] | None = None
    for each in disposals(holding, asset):
        rule = ctx.rules.find("EXT-15", each.row.date)
        if rule is None:
            continue
        gain, cost = each.gain, each.cost
        if ctx.settings.abroad_cost == "fifo" and gain is not None and cost is not None:
            fifo = fifo if fifo is not None else _fifo_costs(holding)
            first_in = fifo.get(each.row.ref, cost)
            gain = None if first_in is None else gain + cost - first_in
            cost = first_in
        if gain is None:
            issues.append((each.row.date, gain_unknown(each.row)))
        yield AbroadLine(
            "gain",
            each.asset,
            each.row.date,
            country_of(asset),
            gain,
            ZERO,
            ZERO,
            _gain_part(each, gain, cost, rule),
        )


def _fifo_costs(holding: Holding) -> dict[str, Decimal | None]:
    costs: dict[str, Decimal | None] = {}
    for use in holding.lot_uses:
        so_far = costs.get(use.ref, ZERO)
        costs[use.ref] = None if so_far is None or use.cost is None else so_far + use.cost
    return costs


def _gain_part(each: Disposal, gain: Decimal | None, cost: Decimal | None, rule: Rule) -> Part:
    params = {"asset": each.asset, "date": each.row.date.isoformat()}
    params["quantity"] = text(each.quantity)
    params["currency"] = each.row.currency
    for name, value in (("proceeds", each.proceeds), ("cost", cost), ("rate", each.rate)):
        if value is not None:
            params[name] = text(value)
    label = "abroad_loss" if gain is not None and gain < ZERO else "abroad_gain"
    return Part(label, gain, rule.id, rule.law, (each.row.ref,), params)


def _income(
    ctx: Context,
    row: Row,
    gross: Decimal | None,
    asset: Asset | None,
    issues: list[tuple[dt.date, Issue]],
) -> Iterator[AbroadLine]:
    rule = ctx.rules.find("EXT-DIV", row.date)
    if rule is None:
        return
    if gross is None:
        issues.append((row.date, income_unknown(row)))
    withheld = row.tax_withheld
    if withheld is None and row.asset and row.amount is not None:
        usual = default_withholding(asset, row.date, ctx.rules)
        if ctx.settings.estimate_foreign_tax and usual is not None:
            withheld = row.amount * usual
        elif row.kind is not Kind.INTEREST and usual != ZERO:
            issues.append((row.date, of_row("foreign_tax_unknown", row)))
    country = country_of(asset)
    foreign, rate = _foreign_tax(ctx, row, withheld, issues)
    credit = creditable(foreign, gross or ZERO, country, row.date, ctx.rules)
    params = {"asset": row.asset or "", "date": row.date.isoformat(), "kind": str(row.kind)}
    params |= {"currency": row.currency, "country": country}
    if row.amount is not None:
        params["amount"] = text(row.amount)
    if gross is not None and row.amount:
        params["rate"] = text(gross / row.amount)
    if withheld:
        params["withheld"] = text(withheld)
        params["buy_rate"] = text(rate) if rate is not None else ""
        params["foreign_tax"] = text(cents(foreign))
        params["credit"] = text(cents(credit))
    part = Part("abroad_income", gross, rule.id, rule.law, (row.ref,), params)
    yield AbroadLine("income", row.asset or "", row.date, country, gross, foreign, credit, part)


def _foreign_tax(
    ctx: Context,
    row: Row,
    withheld: Decimal | None,
    issues: list[tuple[dt.date, Issue]],
) -> tuple[Decimal, Decimal | None]:
    """Foreign tax in BRL at the purchase PTAX of its day (the sale one, reported, where only that
    is known)."""
    if not withheld:
        return ZERO, None
    rate = ctx.fx.buy.rate(row.currency, HOME, row.date) if ctx.fx.buy else None
    if rate is None and row.currency != HOME:
        issues.append((row.date, of_row("ptax_buy_missing", row)))
        rate = ctx.fx.rate(row.currency, HOME, row.date)
    if row.currency == HOME:
        rate = Decimal(1)
    return (ZERO if rate is None else withheld * rate), rate
