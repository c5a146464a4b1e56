"""Tax withheld at source on exchange sales: what the ledger says, or what the law would take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.engine.fixed_income import round_half_up
from apps.engine.taxes.classes import COMMON, DAY_TRADE, FII
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.rules import RuleBook

_SOLD = frozenset({"sale", "short_sale", "future"})


@dataclass(slots=True)
class Withheld:
    """Tax withheld in a month, by bucket. ``unknown`` are the rows that do not say; ``estimated``
    what was put in their place."""

    by_bucket: dict[str, Decimal]
    unknown: tuple[str, ...]
    estimated: Decimal


def withheld_of_month(
    told: Mapping[str, Decimal],
    silent: Sequence[Line],
    last_day: date,
    rules: RuleBook,
    institution: Callable[[str], str],
    *,
    estimate: bool,
) -> Withheld:
    """What was withheld in one month, by bucket. With ``estimate``, lines that do not say are taken
    at the rates of the law, by institution, sums up to the waived one being nothing."""
    known = dict(told)
    estimated = ZERO
    if silent and estimate:
        for bucket, amount in _estimate(silent, last_day, rules, institution).items():
            known[bucket] += amount
            estimated += amount
    return Withheld(known, tuple(ref for line in silent for ref in line.refs), estimated)


def _place(line: Line, institution: Callable[[str], str]) -> str:
    return line.institution or (institution(line.row.account) if line.row else "")


def _estimate(
    lines: Iterable[Line], last_day: date, rules: RuleBook, institution: Callable[[str], str]
) -> dict[str, Decimal]:
    spot_rule = rules.find("VAR-IRRF", last_day)
    day_rule = rules.find("VAR-IRRF-DT", last_day)
    bases: dict[tuple[str, bool, str, date | None], Decimal] = {}
    for line in lines:
        place = _place(line, institution)
        if line.label in ("day_trade", "future_day_trade"):
            # Losses of a day lower the gains of that day at the same institution.
            key: tuple[str, bool, str, date | None] = (place, True, line.bucket, line.date)
            bases[key] = bases.get(key, ZERO) + (line.gain or ZERO)
        elif line.label == "future":
            key = (place, False, line.bucket, line.date)
            bases[key] = bases.get(key, ZERO) + (line.sales or ZERO)
        elif line.label in _SOLD:
            key = (place, False, line.bucket, None)
            bases[key] = bases.get(key, ZERO) + (line.sales or ZERO)
    sums: dict[tuple[str, bool], dict[str, Decimal]] = {}
    for (place, day_trade, bucket, _day), base in bases.items():
        rule = day_rule if day_trade else spot_rule
        if rule is None or base <= ZERO:
            continue
        buckets = sums.setdefault((place, day_trade), {})
        buckets[bucket] = buckets.get(bucket, ZERO) + base * rule.decimal("rate")
    found = {COMMON: ZERO, DAY_TRADE: ZERO, FII: ZERO}
    for (_place_name, day_trade), buckets in sums.items():
        rule = day_rule if day_trade else spot_rule
        if rule is None or sum(buckets.values(), ZERO) <= rule.decimal("waived_up_to"):
            continue
        for bucket, amount in buckets.items():
            found[bucket] += round_half_up(amount, 2)
    return found
