"""One year of a Holder's taxes, every part together, and its JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from apps.engine.taxes.abroad import AbroadYear
from apps.engine.taxes.abroad_book import abroad_year
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.beside import OtherDarf, beside, lawful, other_darfs
from apps.engine.taxes.crypto import CryptoMonth
from apps.engine.taxes.dividends import DividendMonth, dividend_months, jcp_lines
from apps.engine.taxes.fixed_income import source_lines
from apps.engine.taxes.fund_book import fund_lines
from apps.engine.taxes.gcap import MonthlyIncome
from apps.engine.taxes.irpfm import MinimumTax, estimate
from apps.engine.taxes.model import CapitalGain, MonthAssessment, Part, SourceTax
from apps.engine.taxes.small_companies import exempt_gains
from apps.engine.taxes.source import amortised_in_full, final_taxes, lending_taxes
from apps.engine.taxes.withheld import account_interest, distribution_lines
from apps.engine.types import Issue


@dataclass(frozen=True, slots=True)
class TaxYear:
    """Everything a year's taxes are made of. ``other_darfs`` are the forms of other codes than the
    exchange's; ``withheld_left`` is what no month used of the tax withheld on sales, by bucket."""

    year: int
    holder: str
    months: tuple[MonthAssessment, ...]
    abroad: AbroadYear | None
    crypto: tuple[CryptoMonth, ...]
    gcap: tuple[CapitalGain, ...]
    monthly_income: tuple[MonthlyIncome, ...]
    other_darfs: tuple[OtherDarf, ...]
    dividends: tuple[DividendMonth, ...]
    withheld_at_source: tuple[SourceTax, ...]
    irpfm: MinimumTax | None
    withheld_left: Mapping[str, Decimal]
    issues: tuple[Issue, ...]


def _unique(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], Issue] = {}
    for issue in issues:
        found.setdefault((issue.code, issue.where, tuple(sorted(issue.params.items()))), issue)
    return tuple(found.values())


def _of_year(issues: Iterable[Issue], year: int) -> list[Issue]:
    """Issues of a year, and those of no date."""
    start = f"{year:04d}-"
    return [issue for issue in issues if issue.params.get("date", start).startswith(start)]


def tax_year(ledger: TaxLedger, year: int) -> TaxYear:
    """Gather one year of an assessed ledger."""
    ctx, exchange = ledger.ctx, ledger.exchange
    lines = [line for line in exchange.outside if line.date.year == year]
    sources: list[SourceTax] = []
    found: list[Issue] = []
    for taxes, issues in (
        lawful(final_taxes, ctx, lines, ctx.assets),
        lawful(lending_taxes, ctx, year),
        lawful(source_lines, ctx, year),
        lawful(fund_lines, ctx, year),
        lawful(jcp_lines, ctx, year),
        lawful(distribution_lines, ctx, year),
        lawful(account_interest, ctx, year),
    ):
        sources += taxes
        found += issues
    sources += amortised_in_full(
        ctx, (row for row in ledger.prepared.amortised if row.date.year == year)
    )
    sources += exempt_gains(lines, ctx.rules, ctx.settings.exempt_others_code)
    sources.sort(key=lambda each: each.date)
    months_beside = beside(ledger, year)
    crypto, gcap, income = months_beside.crypto, months_beside.gcap, months_beside.monthly_income
    found += months_beside.issues
    forms, form_issues = other_darfs(ledger)
    found += [
        i for i in form_issues if (i.params.get("month") or i.where).startswith(f"{year:04d}")
    ]
    dividends, issues = lawful(dividend_months, ctx, year)
    found += issues
    abroad = abroad_year(ctx, year)
    if abroad is not None:
        found += abroad.issues
    months = ledger.months(year)
    blocking = [issue for month in months for issue in month.blocking]
    own = [issue for day, issue in exchange.issues if day is None or day.year == year]
    return TaxYear(
        year,
        ctx.holder,
        tuple(months),
        abroad,
        crypto,
        gcap,
        income,
        tuple(form for form in forms if form.darf.period.year == year),
        tuple(dividends),
        tuple(sources),
        estimate(
            ctx,
            year,
            months=months,
            abroad=abroad,
            crypto=crypto,
            gcap=gcap,
            dividends=dividends,
            sources=sources,
        ),
        ledger.withheld_left(year),
        _unique([*blocking, *own, *_of_year(ctx.fold.issues, year), *found]),
    )


def plain(value: Any) -> Any:
    """A figure, date, part or record in JSON terms: decimals as text without exponent."""
    if value is None or isinstance(value, (str, bool, int)):
        return str(value) if isinstance(value, Enum) else value
    if isinstance(value, Decimal):
        return format(value, "f") if value else "0"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (field.name for field in dataclasses.fields(value) if field.repr)
        return {name: plain(getattr(value, name)) for name in fields}
    if hasattr(value, "_asdict"):
        return {name: plain(each) for name, each in value._asdict().items()}
    return [plain(each) for each in value]


def part_json(part: Part) -> dict[str, Any]:
    """One explained line."""
    return {
        "label": part.label,
        "amount": plain(part.amount),
        "rule": part.rule,
        "law": part.law,
        "refs": list(part.refs),
        "params": dict(part.params),
    }


def month_json(month: MonthAssessment) -> dict[str, Any]:
    """A month in the form the commands and the API promise."""
    darf = month.darf
    found: dict[str, Any] = {
        name: plain(getattr(month, name))
        for name in ("month", "stock_sales", "gold_sales", "exempt_gain", "exempt_gain_gold")
    }
    found["buckets"] = plain(month.buckets)
    found["tax_due"] = plain(month.tax_due)
    found["darf"] = plain(darf)
    found["incomplete"] = month.incomplete
    found["issues"] = [plain(issue) for issue in month.blocking]
    found["parts"] = [part_json(part) for part in month.parts]
    return found


def other_darf_json(form: OtherDarf) -> dict[str, Any]:
    """A form of another code: the fields of a month's ``darf``, its month and what it is of."""
    return {
        "month": form.month,
        "kind": form.kind,
        **plain(form.darf),
        "sources": plain(form.sources),
        "incomplete": form.incomplete,
    }


def year_json(found: TaxYear) -> dict[str, Any]:
    """A year in the form the ``taxes`` command promises."""
    return {
        "year": found.year,
        "holder": found.holder,
        "months": [month_json(month) for month in found.months],
        "withheld_left": plain(found.withheld_left),
        "abroad": plain(found.abroad),
        "crypto": plain(found.crypto),
        "gcap": plain(found.gcap),
        "monthly_income": plain(found.monthly_income),
        "other_darfs": [other_darf_json(form) for form in found.other_darfs],
        "dividends": plain(found.dividends),
        "withheld_at_source": plain(found.withheld_at_source),
        "irpfm": plain(found.irpfm),
        "issues": plain(found.issues),
    }
