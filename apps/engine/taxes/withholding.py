"""Tax withheld at source on exchange sales: what the ledger says, or what the law would take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.engine.fixed_income import round_half_up
from apps.engine.kinds import AssetClass
from apps.engine.taxes.classes import COMMON, DAY_TRADE, FII, MARKETS
from apps.engine.taxes.daytrade import BOUGHT, gross_of
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Asset, Row

_SOLD = frozenset({"sale", "short_sale", "future"})
_PAID = "premium_paid"


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


def premiums_paid(rows: Iterable[Row], assets: Mapping[str, Asset]) -> list[Line]:
    """Premiums paid for options, which lower the day's base of those received (Lei 11.033 art. 2
    par. 1 II). They are no results."""
    found = []
    for row in rows:
        asset = assets.get(row.asset or "")
        if row.kind not in BOUGHT or asset is None or asset.asset_class is not AssetClass.OPTION:
            continue
        paid, market = gross_of(row, assets), MARKETS[AssetClass.OPTION]
        found.append(
            Line(
                row.date,
                _PAID,
                COMMON,
                "",
                asset.code,
                market,
                "VAR-IRRF",
                row.quantity or ZERO,
                paid,
                None,
                ZERO,
                None,
                (),
                row,
            )
        )
    return found


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
        elif line.label in _SOLD or line.label == _PAID:
            # Premiums of options are summed by day, with their signs; other sales as they are.
            option = line.market == MARKETS[AssetClass.OPTION]
            key = (place, False, line.bucket, line.date if option else None)
            sign = -1 if line.label == _PAID else 1
            bases[key] = bases.get(key, ZERO) + sign * (line.sales or ZERO)
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
