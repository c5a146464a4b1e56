"""The minimum tax of high incomes (IRPFM): its rate, its estimate for a year, the reducer for
profits already taxed in the company.

An estimate: what a person earns outside the ledger comes from the settings.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.taxes.abroad import AbroadYear
from apps.engine.taxes.context import Context
from apps.engine.taxes.crypto import CryptoMonth
from apps.engine.taxes.dividends import DividendMonth
from apps.engine.taxes.model import ZERO, CapitalGain, MonthAssessment, Part, SourceTax
from apps.engine.taxes.money import cents, text, total
from apps.engine.taxes.rules import Rule, RuleBook


@dataclass(frozen=True, slots=True)
class MinimumTax:
    """The year's estimate. ``base`` = income - excluded; ``gross`` = base x rate; ``credits`` are
    the taxes already borne by the base; ``due`` = gross - credits - reducer, floor 0; ``balance``
    = due - tax withheld on dividends (negative: to be given back). ``applies`` when the income
    passes the limit."""

    year: int
    income: Decimal
    excluded: Decimal
    base: Decimal
    rate: Decimal
    gross: Decimal
    credits: Decimal
    reducer: Decimal
    due: Decimal
    dividend_withheld: Decimal
    balance: Decimal
    applies: bool
    incomplete: bool
    parts: tuple[Part, ...]


def rate(base: Decimal, rules: RuleBook, day: dt.date) -> Decimal:
    """Rate as a fraction: zero up to the lower limit, rising in a line to the top rate; it applies
    to the whole base. Not rounded."""
    rule = rules.on("IRPFM", day)
    if base <= rule.decimal("from_income"):
        return ZERO
    if base >= rule.decimal("full_income"):
        return rule.decimal("top_rate")
    percent = base / rule.decimal("divisor") - rule.decimal("offset")
    return percent / 100


def gross_tax(base: Decimal, rules: RuleBook, day: dt.date) -> Decimal:
    """Rate times base, in cents."""
    return cents(base * rate(base, rules, day))


def reducer(
    dividends: Decimal,
    company_rate: Decimal,
    person_rate: Decimal,
    rules: RuleBook,
    day: dt.date,
    kind: str = "",
) -> Decimal:
    """What comes off for the dividends of one payer, in cents: dividends x the excess of its
    effective rate plus the person's over the limit of its kind (empty, ``insurer``, ``bank``)."""
    rule = rules.on("IRPFM-REDUCER", day)
    limit = rule.decimal(f"{kind}_limit" if kind else "limit")
    return cents(dividends * max(company_rate + person_rate - limit, ZERO))


def minimum_tax(
    year: int,
    included: Mapping[str, Decimal],
    excluded: Mapping[str, Decimal],
    credits: Mapping[str, Decimal],
    rules: RuleBook,
    *,
    dividend_withheld: Decimal = ZERO,
    reduction: Decimal = ZERO,
    incomplete: bool = False,
) -> MinimumTax | None:
    """Settle a year from its incomes, those left out, and the taxes borne, by name. None before the
    law."""
    day = dt.date(year, 12, 31)
    rule = rules.find("IRPFM", day)
    if rule is None:
        return None
    base = total(included.values())
    left_out = total(excluded.values())
    income = base + left_out
    applies = income > rule.decimal("from_income")
    share = rate(base, rules, day) if applies else ZERO
    gross = cents(base * share)
    borne = total(credits.values())
    due = max(gross - borne - reduction, ZERO) if applies else ZERO
    parts = (
        *_parts("irpfm_income", included, rule, 1),
        *_parts("irpfm_excluded", excluded, rule, 1),
        Part("irpfm_gross", gross, rule.id, rule.law, params={"rate": text(share)}),
        *_parts("irpfm_credit", credits, rule, -1),
        Part("irpfm_dividend_withheld", -dividend_withheld, rule.id, rule.law),
    )
    return MinimumTax(
        year,
        cents(income),
        cents(left_out),
        cents(base),
        share,
        gross,
        cents(borne),
        reduction,
        cents(due),
        dividend_withheld,
        cents(due - dividend_withheld),
        applies,
        incomplete,
        parts,
    )


def _parts(label: str, sums: Mapping[str, Decimal], rule: Rule, sign: int) -> list[Part]:
    return [
        Part(label, sign * cents(amount), rule.id, rule.law, params={"of": name})
        for name, amount in sums.items()
        if amount
    ]


def estimate(
    ctx: Context,
    year: int,
    *,
    months: Iterable[MonthAssessment],
    abroad: AbroadYear | None,
    crypto: Iterable[CryptoMonth],
    gcap: Iterable[CapitalGain],
    dividends: Iterable[DividendMonth],
    sources: Iterable[SourceTax],
) -> MinimumTax | None:
    """Estimate a year from its other assessments and the Holder's settings for what is outside the
    ledger. Gains of the exchange count, exempt ones too; other capital gains do not; exempt papers
    and (a setting) distributions of FIIs do not."""
    settings = ctx.settings
    incomplete = False
    included = {
        "other_taxable": settings.other_taxable_income,
        "other_exclusive": settings.other_exclusive_income,
        "other_exempt": settings.other_exempt_income,
    }
    excluded: dict[str, Decimal] = {}
    credits = {"annual_tax": settings.other_tax, "other_exclusive": settings.other_exclusive_tax}
    exchange = tax = ZERO
    for month in months:
        incomplete |= month.incomplete
        exchange += month.exempt_gain + month.exempt_gain_gold
        exchange += total(max(bucket.result, ZERO) for bucket in month.buckets.values())
        tax += month.tax_due
    included["exchange"], credits["exchange"] = exchange, tax
    if abroad is not None:
        incomplete |= abroad.incomplete
        included["abroad"] = max(abroad.gains - abroad.losses + abroad.income, ZERO)
        credits["abroad"] = abroad.tax
    excluded["off_exchange_gains"] = total(
        [each.gain for each in crypto] + [each.gain for each in gcap]
    )
    withheld = ZERO
    for month_paid in dividends:
        withheld += month_paid.withheld
        included["dividends"] = included.get("dividends", ZERO) + month_paid.gross
        included["dividends"] -= month_paid.legacy
        excluded["transition_dividends"] = (
            excluded.get("transition_dividends", ZERO) + month_paid.legacy
        )
    for source in sources:
        incomplete |= source.gross is None
        earned = max(source.gross or ZERO, ZERO)
        if source.kind in ("exempt_paper", "infra_distribution"):
            excluded["exempt_papers"] = excluded.get("exempt_papers", ZERO) + earned
        elif source.kind == "fii_distribution" and settings.irpfm_exempts_fii:
            excluded["fii_distributions"] = excluded.get("fii_distributions", ZERO) + earned
        else:
            included["at_source"] = included.get("at_source", ZERO) + earned
            borne = source.expected if source.withheld is None else source.withheld
            credits["at_source"] = credits.get("at_source", ZERO) + (borne or ZERO)
    left_out = ctx.rules.find("IRPFM-EXCLUDED", dt.date(year, 12, 31))
    for name in set(excluded).difference(left_out.value["kinds"] if left_out else ()):
        included[name] = excluded.pop(name)
    return minimum_tax(
        year,
        included,
        excluded,
        credits,
        ctx.rules,
        dividend_withheld=withheld,
        incomplete=incomplete,
    )
