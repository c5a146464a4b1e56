"""The parts of a month: its lines, then how tax and payment follow from them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from operator import attrgetter

from apps.engine.taxes.classes import COMMON, DAY_TRADE, EXEMPT
from apps.engine.taxes.lines import Line, shown
from apps.engine.taxes.model import ZERO, Darf, Part
from apps.engine.taxes.monthly import RATE_RULES, Month, last_day
from apps.engine.taxes.rules import RuleBook


def _terms(**values: Decimal | str | None) -> Mapping[str, str]:
    return {
        name: f"{value:f}" if isinstance(value, Decimal) else value
        for name, value in values.items()
        if value is not None
    }


def _line(line: Line, exempt: bool, rules: RuleBook) -> Part:
    rule = rules.find(line.rule, line.date)
    row = line.row
    fees = row.fees if row is not None else None
    proceeds = None if line.gain is None or line.cost is None else line.gain + line.cost
    average = line.cost / line.quantity if line.cost is not None and line.quantity else None
    if line.label.startswith("future"):
        fees, proceeds, average = line.cost, None, None
    return Part(
        line.label,
        line.gain,
        line.rule,
        rule.law if rule else "",
        line.refs,
        _terms(
            date=line.date.isoformat(),
            asset=shown(line.asset),
            bucket=EXEMPT if exempt else line.bucket,
            market=line.market,
            quantity=line.quantity,
            sales=line.sales or None,
            fees=fees or None,
            proceeds=proceeds,
            cost=None if line.label.startswith("future") else line.cost,
            average=average,
            withheld=line.withheld or None,
            institution=line.institution or None,
        ),
    )


def month_parts(month: Month, darf: Darf | None, rules: RuleBook) -> tuple[Part, ...]:
    """Every line of a month by date, then exemption, losses, tax, withholding and payment."""
    day = last_day(month.index)
    lines = sorted(month.sums.lines, key=attrgetter("date"))
    parts = [
        _line(line, bool(line.limit and line.exemptible and line.limit in month.exempt), rules)
        for line in lines
    ]

    def add(label: str, amount: Decimal, rule_id: str, **terms: Decimal | str | None) -> None:
        rule = rules.find(rule_id, day)
        parts.append(Part(label, amount, rule_id, rule.law if rule else "", (), _terms(**terms)))

    for limit, gain in month.exempt.items():
        ceiling = rules.on("VAR-EX20K", day).decimal("gold_limit" if limit == "gold" else "limit")
        sold = month.sums.sales.get(limit, ZERO)
        add("exempt_gain", gain, "VAR-EX20K", market=limit, sales=sold, limit=ceiling)
    for name, bucket in month.buckets.items():
        if bucket.result or bucket.loss_before:
            add("result", bucket.result, "VAR-COSTS", bucket=name)
        if bucket.loss_used:
            add(
                "loss_used",
                -bucket.loss_used,
                "VAR-LOSS",
                bucket=name,
                loss_before=bucket.loss_before,
                loss_after=bucket.loss_after,
                lent_to_day_trade=month.lent or None if name in (COMMON, DAY_TRADE) else None,
            )
        if bucket.tax:
            rule_id = RATE_RULES[name]
            add("tax", bucket.tax, rule_id, bucket=name, base=bucket.base, rate=bucket.rate)
        if bucket.withheld_used:
            rule_id = "VAR-IRRF-DT" if name == DAY_TRADE else "VAR-IRRF"
            add(
                "withheld_used",
                -bucket.withheld_used,
                rule_id,
                bucket=name,
                withheld=bucket.withheld,
                withheld_after=bucket.withheld_after,
            )
    if darf is not None:
        if darf.carried_in:
            add("darf_carried_in", darf.carried_in, "DARF-MIN")
        if darf.carried_out:
            add("darf_carried_out", -darf.carried_out, "DARF-MIN")
        if darf.amount:
            add("darf", darf.amount, "DARF-DUE", code=darf.code, due=darf.due_date.isoformat())
        if darf.fine or darf.interest:
            add(
                "late",
                darf.fine + darf.interest,
                "DARF-LATE",
                fine=darf.fine,
                interest=darf.interest,
            )
    return tuple(parts)
