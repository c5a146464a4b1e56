"""Months of the exchange: exemption, losses, tax and withholding by bucket."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apps.engine.taxes.classes import COMMON, DAY_TRADE, FII
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import BUCKETS, ZERO, BucketResult, Opening
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.taxes.withholding import Withheld, withheld_of_month
from apps.engine.types import Issue

#: Rule of each bucket's rate.
RATE_RULES = {COMMON: "VAR-15", DAY_TRADE: "VAR-DT20", FII: "VAR-FII20"}


def month_index(day: date) -> int:
    """Months since the year 0, so that months can be counted."""
    return day.year * 12 + day.month - 1


def month_name(index: int) -> str:
    """A month as ``2026-03``."""
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def first_day(index: int) -> date:
    """First day of a month."""
    return date(index // 12, index % 12 + 1, 1)


def last_day(index: int) -> date:
    """Last day of a month."""
    year, month = divmod(index, 12)
    return date(year, month + 1, monthrange(year, month + 1)[1])


@dataclass(slots=True)
class Sums:
    """What the lines of a month add up to, before any loss. ``silent`` are the lines that do not
    say what was withheld."""

    lines: list[Line] = field(default_factory=list)
    results: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BUCKETS, ZERO))
    # by limit: sales that count against it, and the net result it may exempt
    sales: dict[str, Decimal] = field(default_factory=dict)
    spot: dict[str, Decimal] = field(default_factory=dict)
    unknown: list[Line] = field(default_factory=list)
    withheld: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(BUCKETS, ZERO))
    silent: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Month:
    """A month worked out, its lines kept for whoever asks to see them."""

    index: int
    sums: Sums
    buckets: dict[str, BucketResult]
    exempt: dict[str, Decimal]
    withheld: Withheld
    lent: Decimal  # common loss used by day trades (a setting)
    issues: list[Issue]

    @property
    def tax_due(self) -> Decimal:
        """Tax of the buckets together."""
        return sum((bucket.tax for bucket in self.buckets.values()), ZERO)

    @property
    def remaining(self) -> Decimal:
        """Tax left after what was withheld."""
        return sum((each.tax - each.withheld_used for each in self.buckets.values()), ZERO)


def by_month(lines: Iterable[Line]) -> dict[int, Sums]:
    """Lines summed by month."""
    months: dict[int, Sums] = {}
    by_day: dict[date, Sums] = {}  # a date is quicker to look up than to take apart
    for line in lines:
        day, _, bucket, limit, _, _, _, _, sales, _, gain, withheld, _, _, _, exemptible = line
        sums = by_day.get(day)
        if sums is None:
            index = month_index(day)
            if index not in months:
                months[index] = Sums()
            sums = by_day[day] = months[index]
        sums.lines.append(line)
        if limit:
            if sales is not None:
                sums.sales[limit] = sums.sales.get(limit, ZERO) + sales
            if not exemptible:
                limit = ""
        results = sums.results
        if bucket not in results:
            continue
        if withheld:
            sums.withheld[bucket] += withheld
        elif withheld is None:
            sums.silent.append(line)
        if gain is None:
            sums.unknown.append(line)
        elif limit:
            sums.spot[limit] = sums.spot.get(limit, ZERO) + gain
        else:
            results[bucket] += gain
    return months


def _exempt(
    sums: Sums, rules: RuleBook, day: date, issues: list[Issue]
) -> tuple[dict[str, Decimal], Decimal]:
    """Gains the small-sales limits exempt, by limit, and the spot result that stays taxed."""
    exempt: dict[str, Decimal] = {}
    taxed = ZERO
    for limit, result in sums.spot.items():
        rule = rules.find("VAR-EX20K", day)
        if rule is None:
            if result > ZERO:
                issues.append(_missing_rule("VAR-EX20K", day))
            taxed += result
            continue
        ceiling = rule.decimal("gold_limit" if limit == "gold" else "limit")
        if result > ZERO and sums.sales.get(limit, ZERO) <= ceiling:
            exempt[limit] = result
        else:
            taxed += result
    return exempt, taxed


def _missing_rule(rule_id: str, day: date) -> Issue:
    return Issue("tax_rule_missing", month_name(month_index(day)), {"rule": rule_id})


def assess_months(
    months: Mapping[int, Sums],
    first: int,
    last: int,
    *,
    rules: RuleBook,
    settings: TaxSettings,
    opening: Opening,
    losses: Mapping[int, Mapping[str, Decimal]],
    institution: Callable[[str], str],
) -> dict[int, Month]:
    """Work out every month from ``first`` to ``last``. ``losses`` are declared opening losses by
    the month from which they count."""
    carried = {name: opening.losses.get(name, ZERO) for name in BUCKETS}
    credit = {name: opening.withheld.get(name, ZERO) for name in BUCKETS}
    done: dict[int, Month] = {}
    empty = Sums()
    for index in range(first, last + 1):
        if index % 12 == 0 and index != first:
            credit = dict.fromkeys(BUCKETS, ZERO)
        for name, amount in losses.get(index, {}).items():
            if name in carried:
                carried[name] += amount
        sums = months.get(index, empty)
        done[index] = settle_month(index, sums, carried, credit, rules, settings, institution)
        for name, bucket in done[index].buckets.items():
            carried[name] = bucket.loss_after
            credit[name] = bucket.withheld_after
    return done


def settle_month(
    index: int,
    sums: Sums,
    carried: Mapping[str, Decimal],
    credit: Mapping[str, Decimal],
    rules: RuleBook,
    settings: TaxSettings,
    institution: Callable[[str], str],
) -> Month:
    """Work out a month from its sums and from what comes from the month before: losses and unused
    withholding by bucket."""
    day = last_day(index)
    issues: list[Issue] = []
    exempt, taxed = _exempt(sums, rules, day, issues)
    results = dict(sums.results)
    results[COMMON] += taxed
    used: dict[str, Decimal] = {}
    after: dict[str, Decimal] = {}
    base: dict[str, Decimal] = {}
    for name in BUCKETS:
        result, before = results[name], carried[name]
        used[name] = min(before, result) if result > ZERO else ZERO
        base[name] = max(result, ZERO) - used[name]
        after[name] = before - used[name] - min(result, ZERO)
    lent = ZERO
    if settings.common_loss_offsets_daytrade:
        # Only what common gains of the month did not need.
        lent = min(after[COMMON], base[DAY_TRADE])
        base[DAY_TRADE] -= lent
        after[COMMON] -= lent
    withheld = withheld_of_month(
        sums.withheld, sums.silent, day, rules, institution, estimate=settings.estimate_irrf
    )
    rates, taxes = {}, {}
    for name in BUCKETS:
        rule = rules.find(RATE_RULES[name], day)
        if rule is None and base[name]:
            issues.append(_missing_rule(RATE_RULES[name], day))
        rates[name] = rule.decimal("rate") if rule else ZERO
        taxes[name] = base[name] * rates[name]
    available = {name: credit[name] + withheld.by_bucket[name] for name in BUCKETS}
    credited = {name: min(taxes[name], available[name]) for name in BUCKETS}
    left = {name: available[name] - credited[name] for name in BUCKETS}
    if settings.common_withholding_offsets_daytrade:
        extra = min(left[COMMON], taxes[DAY_TRADE] - credited[DAY_TRADE])
        credited[DAY_TRADE] += extra
        left[COMMON] -= extra
    buckets = {
        name: BucketResult(
            results[name],
            carried[name],
            used[name] + (lent if name == COMMON else ZERO),
            after[name],
            base[name],
            rates[name],
            taxes[name],
            withheld.by_bucket[name],
            credited[name],
            left[name],
        )
        for name in BUCKETS
    }
    return Month(index, sums, buckets, exempt, withheld, lent, issues)
