"""Exchange lines taxed outside the monthly sheet: final at source, or as capital gains."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from apps.engine.fixed_income import round_half_up
from apps.engine.kinds import Kind
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.classes import FINAL
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import rows_of
from apps.engine.taxes.lines import Line
from apps.engine.taxes.model import ZERO, CapitalGain, Part, SourceTax
from apps.engine.taxes.money import by_days, noted_days, progressive
from apps.engine.taxes.monthly import last_day, month_index, month_name
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Asset, Issue, Row

#: Line of the annual return for income taxed only at source.
_EXCLUSIVE = "12"


def fixed_income_etf_rate(
    term_days: int | None, rules: RuleBook, day_of: Line | None = None
) -> Decimal | None:
    """Rate by the average term of the fund's portfolio; the highest where nobody knows it."""
    rule = rules.find("VAR-ETFRF", day_of.date) if day_of else None
    if rule is None:
        return None
    brackets = rule.value["brackets"]
    return by_days(term_days if term_days is not None else 0, brackets)


def lending_tax(fee: Decimal, days: int, day_of: Row, rules: RuleBook) -> Decimal | None:
    """Tax withheld on a lender's fee: the fixed-income brackets by the days of the loan (0: the
    highest)."""
    rule = rules.find("VAR-LEND", day_of.date)
    if rule is None:
        return None
    table = rules.find(rule.text("brackets"), day_of.date)
    if table is None:
        return None
    return round_half_up(fee * by_days(days, table.value["brackets"]), 2)


def final_taxes(
    ctx: Context, lines: Iterable[Line], assets: Mapping[str, Asset]
) -> tuple[list[SourceTax], list[Issue]]:
    """Results of fixed-income funds of the exchange and of amortisation above cost."""
    found: list[SourceTax] = []
    issues: list[Issue] = []
    for line in lines:
        if line.bucket != FINAL:
            continue
        asset = assets.get(line.asset)
        rate: Decimal | None
        if line.label == "capital_above_cost":
            rule = ctx.rules.find("VAR-AMORT", line.date)
            rate = rule.decimal("rate") if rule else None
        else:
            term = asset.term_days if asset else None
            if term is None:
                params = {"asset": line.asset, "date": line.date.isoformat()}
                issues.append(Issue("etf_term_unknown", line.asset, params))
            rate = fixed_income_etf_rate(term, ctx.rules, line)
            rule = ctx.rules.find("VAR-ETFRF", line.date)
        expected = (
            None
            if line.gain is None or rate is None
            else round_half_up(max(line.gain, ZERO) * rate, 2)
        )
        part = Part(
            line.label,
            expected,
            rule.id if rule else line.rule,
            rule.law if rule else "",
            line.refs,
            {
                "gain": "" if line.gain is None else f"{line.gain:f}",
                "rate": "" if rate is None else f"{rate:f}",
            },
        )
        found.append(
            SourceTax(
                line.label,
                line.asset,
                line.date,
                line.gain,
                rate,
                expected,
                line.withheld,
                _EXCLUSIVE,
                part,
            )
        )
    return found, issues


def amortised_in_full(ctx: Context, rows: Iterable[Row]) -> list[SourceTax]:
    """Amortisation taxed as a gain without touching the cost (a setting)."""
    found = []
    for row in rows:
        rule = ctx.rules.find("VAR-AMORT", row.date)
        if rule is None or row.amount is None:
            continue
        rate = rule.decimal("rate")
        expected = round_half_up(row.amount * rate, 2)
        part = Part("amortisation", expected, rule.id, rule.law, (row.ref,), {"rate": f"{rate:f}"})
        found.append(
            SourceTax(
                "amortisation",
                row.asset or "",
                row.date,
                row.amount,
                rate,
                expected,
                row.tax_withheld,
                _EXCLUSIVE,
                part,
            )
        )
    return found


def lending_taxes(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Fees received for lending shares. The days of the loan are read from the row's note; where
    neither they nor the tax are told, the highest rate stands."""
    found: list[SourceTax] = []
    issues: list[Issue] = []
    for row in rows_of(ctx, year) if Kind.LENDING_INCOME in ctx.kinds else ():
        if row.kind is not Kind.LENDING_INCOME or row.amount is None:
            continue
        rule = ctx.rules.find("VAR-LEND", row.date)
        days = noted_days(row.note)
        expected = None
        if days is not None or row.tax_withheld is None:
            expected = lending_tax(row.amount, days or 0, row, ctx.rules)
        if days is None and row.tax_withheld is None:
            params = {"asset": row.asset or "", "date": row.date.isoformat()}
            issues.append(Issue("lending_days_unknown", row.ref, params))
        rate = expected / row.amount if expected is not None and row.amount else None
        part = Part(
            "lending",
            expected if row.tax_withheld is None else row.tax_withheld,
            "VAR-LEND",
            rule.law if rule else "",
            (row.ref,),
            {"gross": f"{row.amount:f}"} | ({"days": str(days)} if days is not None else {}),
        )
        found.append(
            SourceTax(
                "lending",
                row.asset or "",
                row.date,
                row.amount,
                rate,
                expected,
                row.tax_withheld,
                rule.text("code") if rule else "",
                part,
            )
        )
    return found, issues


def capital_gains(
    lines: Iterable[Line], rules: RuleBook, calendar: BankCalendar
) -> list[CapitalGain]:
    """Money above cost in capital reductions and mergers: gains outside the exchange."""
    groups: dict[tuple[int, str, str], list[Line]] = {}
    for line in lines:
        if line.bucket == "capital_gain":
            key = (month_index(line.date), line.asset, line.label)
            groups.setdefault(key, []).append(line)
    found = []
    for (index, asset, label), own in sorted(groups.items()):
        day = last_day(index)
        gains = [line.gain for line in own]
        gain = None if None in gains else sum((each for each in gains if each is not None), ZERO)
        rule = rules.find("GCAP", day)
        tax = (
            round_half_up(progressive(gain, rule.value["brackets"]), 2)
            if rule is not None and gain is not None and gain > ZERO
            else ZERO
        )
        due = calendar.last_business_day((index + 1) // 12, (index + 1) % 12 + 1)
        parts = tuple(
            Part(
                line.label,
                line.gain,
                line.rule,
                rule.law if rule else "",
                line.refs,
                {"date": line.date.isoformat(), "asset": line.asset},
            )
            for line in own
        )
        codes = rules.find("DARF-CODE", day)
        code = codes.text("capital_gain") if codes else ""
        found.append(
            CapitalGain(label, asset, month_name(index), gain, gain, False, tax, due, code, parts)
        )
    return found
