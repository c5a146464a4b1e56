"""Financial assets abroad under the law of one tax a year: gains and income of the year in BRL,
losses carried, foreign tax credited within its limit.

Costs and proceeds are in BRL at the sale PTAX of their own dates, so what the exchange rate did to
the principal is part of each gain; foreign tax is credited at the purchase PTAX of the day it was
paid. Nothing is exempt and nothing is due by the month.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.kinds import AssetClass
from apps.engine.taxes.model import ZERO, Part
from apps.engine.taxes.money import cents, decimal_of, text, total
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Asset, Issue

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
    rule = rules.on("EXT-15", end)
    loss_rule = rules.find("EXT-LOSS", end) or rule
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
    credit_rule = rules.find("EXT-CREDIT", end) or rule
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
    tax, limit = rules.on("EXT-15", day), rules.find("EXT-CREDIT", day)
    source = rules.find(f"WHT-{country}", day) if country else None
    cap = decimal_of(source, "treaty_cap") if source else None
    reciprocal = limit.value.get("reciprocity", []) if limit else []
    if country and cap is None and country not in reciprocal:
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
