"""The exchange of one Holder, whole: every month in one pass over the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from apps.engine.kinds import LOSS_BUCKETS, Kind
from apps.engine.taxes.blocking import blocking_issues, withholding_unknown
from apps.engine.taxes.context import Context
from apps.engine.taxes.darf import darfs, payments_by_month
from apps.engine.taxes.explain import month_parts
from apps.engine.taxes.futures import futures_results
from apps.engine.taxes.lines import Line, lines_of
from apps.engine.taxes.model import BUCKETS, ZERO, Darf, MonthAssessment
from apps.engine.taxes.monthly import (
    Month,
    assess_months,
    by_month,
    last_day,
    month_index,
    month_name,
)
from apps.engine.taxes.prepare import Prepared
from apps.engine.taxes.small_companies import exempted
from apps.engine.taxes.withholding import premiums_paid
from apps.engine.types import Issue


@dataclass(slots=True)
class Exchange:
    """Months of the exchange by index (year x 12 + month - 1), from the first row to the last year
    asked for, and the lines outside the three buckets."""

    months: dict[int, Month]
    darfs: dict[int, Darf]
    blocking: dict[int, list[Issue]]
    outside: list[Line]
    issues: list[tuple[date | None, Issue]] = field(default_factory=list)


def opening_losses(ctx: Context) -> dict[int, dict[str, Decimal]]:
    """Losses declared by rows, by the month from which they count: that of the day after."""
    found: dict[int, dict[str, Decimal]] = {}
    if Kind.OPENING_LOSS not in ctx.kinds:
        return found
    for row in ctx.given:
        if row.kind is not Kind.OPENING_LOSS or row.amount is None:
            continue
        bucket = row.bucket or BUCKETS[0]
        month = found.setdefault(month_index(row.date + timedelta(days=1)), {})
        month[bucket] = month.get(bucket, ZERO) + abs(row.amount)
    return found


def assess_exchange(
    ctx: Context, prepared: Prepared, until: int, reckoned: date | None = None
) -> Exchange:
    """Assess the exchange up to the end of the year ``until``."""

    def institution(account: str) -> str:
        known = ctx.accounts.get(account)
        return (known.institution or account) if known else account

    start = ctx.opening.date
    results, future_issues = (
        futures_results(prepared.futures, prepared.assets, ctx.settings, institution)
        if prepared.futures
        else ([], [])
    )
    lines = lines_of(ctx.fold, prepared, results, ctx.settings, start)
    lines = exempted(lines, prepared.assets, ctx.settings, ctx.rules)
    months = by_month(lines)
    if ctx.settings.estimate_irrf:
        for line in premiums_paid(prepared.rows, prepared.assets):
            sums = months.get(month_index(line.date))
            if sums is not None:
                sums.silent.append(line)
    losses = opening_losses(ctx)
    payments, payment_issues = payments_by_month(
        ctx.given if Kind.DARF_PAYMENT in ctx.kinds else (), ctx.rules
    )
    last = until * 12 + 11
    known = [*months, *losses, *payments]
    if start is not None:
        known = [index for index in known if index >= month_index(start + timedelta(days=1))]
        known.append(month_index(start + timedelta(days=1)))
    first = min(min(known, default=last), until * 12)
    done = assess_months(
        months,
        first,
        last,
        rules=ctx.rules,
        settings=ctx.settings,
        opening=ctx.opening,
        losses=losses,
        institution=institution,
    )
    darf_issues: list[Issue] = []
    forms = darfs(
        {index: month.remaining for index, month in done.items()},
        {index: paid for index, paid in payments.items() if index in done},
        ctx.opening.darf,
        rules=ctx.rules,
        calendar=ctx.calendar,
        indexes=ctx.indexes,
        reckoned=reckoned,
        issues=darf_issues,
    )
    outside = [line for line in lines if line.bucket not in BUCKETS]
    found = [*ctx.fold.issues, *prepared.issues, *future_issues]
    blocking = blocking_issues(done, ctx.fold, found, prepared.assets)
    issues: list[tuple[date | None, Issue]] = []
    unowned = [issue for issue in prepared.issues if issue.code == "account_missing"]
    for issue in [*unowned, *future_issues]:
        day = issue.params.get("date")
        issues.append((date.fromisoformat(day) if day else None, issue))
    for row in ctx.given if losses else ():
        if row.kind is Kind.OPENING_LOSS and row.bucket not in LOSS_BUCKETS:
            params = {"bucket": row.bucket or "", "date": row.date.isoformat()}
            issues.append((row.date, Issue("bucket_unknown", row.ref, params)))
    for issue in payment_issues:
        issues.append((date.fromisoformat(issue.params["date"]), issue))
    for issue in darf_issues:
        issues.append((date.fromisoformat(f"{_month_of(issue)}-01"), issue))
    for index, month in done.items():
        day_of = last_day(index)
        for issue in withholding_unknown(month, ctx.settings.estimate_irrf):
            issues.append((day_of, issue))
    return Exchange(done, forms, blocking, outside, issues)


def _month_of(issue: Issue) -> str:
    return issue.params.get("month") or issue.where


def assessment(found: Exchange, index: int, ctx: Context) -> MonthAssessment:
    """One month in its public form."""
    month = found.months[index]
    darf = found.darfs.get(index)
    return MonthAssessment(
        month_name(index),
        month.sums.sales.get("stock", ZERO),
        month.sums.sales.get("gold", ZERO),
        month.exempt.get("stock", ZERO),
        month.exempt.get("gold", ZERO),
        month.buckets,
        month.tax_due,
        darf,
        tuple(found.blocking.get(index, ())),
        partial(month_parts, month, darf, ctx.rules),
    )


def withheld_left(found: Exchange, year: int) -> Mapping[str, Decimal]:
    """Withholding of a year that no month used, by bucket: for the annual return."""
    december = found.months.get(year * 12 + 11)
    if december is None:
        return dict.fromkeys(BUCKETS, ZERO)
    return {name: bucket.withheld_after for name, bucket in december.buckets.items()}
