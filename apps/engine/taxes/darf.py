"""The monthly payment form of the exchange: what is due, carried, paid, and late."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.engine.fixed_income import round_half_up
from apps.engine.kinds import Kind
from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.late import late_charges
from apps.engine.taxes.model import BUCKETS, ZERO, Darf
from apps.engine.taxes.monthly import Month, last_day, month_index, month_name
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Issue, Row

_MONTH = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})|(?P<month2>\d{1,2})[-/](?P<year2>\d{4})"
    r"|\b(?P<year3>(?:19|20)\d\d)(?P<month3>0[1-9]|1[0-2])\b"
)
# Portuguese and English names of months, by their first three letters.
_NAMES = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
_NAMED = re.compile(r"\b([a-zç]{3,9})\W*(?:de\W*|of\W*)?(\d{4})\b", re.IGNORECASE)
_ENGLISH = {
    "feb": "fev",
    "apr": "abr",
    "may": "mai",
    "aug": "ago",
    "sep": "set",
    "oct": "out",
    "dec": "dez",
}


def due_date(index: int, rules: RuleBook, calendar: BankCalendar) -> date:
    """Last business day of the month after the one taxed."""
    rule = rules.find("DARF-DUE", last_day(index))
    after = index + (int(rule.value["months_after"]) if rule else 1)
    return calendar.last_business_day(after // 12, after % 12 + 1)


def month_paid_for(row: Row) -> int | None:
    """Month named by the note of a payment, None where it names none."""
    found = _MONTH.search(row.note)
    if found is not None:
        year = found["year"] or found["year2"] or found["year3"]
        month = found["month"] or found["month2"] or found["month3"]
        return int(year) * 12 + int(month) - 1 if 1 <= int(month) <= 12 else None
    for word, year in _NAMED.findall(row.note):
        start = word[:3].lower()
        start = _ENGLISH.get(start, start)
        if start in _NAMES:
            return int(year) * 12 + _NAMES.index(start)
    return None


def payments_by_month(
    rows: Iterable[Row],
) -> tuple[dict[int, list[tuple[date, Decimal, str]]], list[Issue]]:
    """Payments of the exchange's form by the month they pay. One that names no month pays the month
    before the day it was made, and is reported."""
    payments: dict[int, list[tuple[date, Decimal, str]]] = {}
    issues: list[Issue] = []
    for row in rows:
        if row.kind is not Kind.DARF_PAYMENT or row.amount is None:
            continue
        if row.bucket and row.bucket not in BUCKETS:
            continue
        index = month_paid_for(row)
        if index is None:
            index = month_index(row.date) - 1
            params = {"month": month_name(index), "date": row.date.isoformat()}
            issues.append(Issue("darf_month_missing", row.ref, params))
        payments.setdefault(index, []).append((row.date, row.amount, row.ref))
    for found in payments.values():
        found.sort()
    return payments, issues


def darfs(
    months: Mapping[int, Month],
    payments: Mapping[int, Sequence[tuple[date, Decimal, str]]],
    carried: Decimal,
    *,
    rules: RuleBook,
    calendar: BankCalendar,
    indexes: IndexTable,
    reckoned: date | None,
    issues: list[Issue],
) -> dict[int, Darf]:
    """The form of each month that has tax to pay or to carry. ``carried`` comes from before;
    ``reckoned`` is a day on which what is still unpaid would be paid (None: no charges on it)."""
    found: dict[int, Darf] = {}
    for index in sorted(months):
        own = round_half_up(months[index].remaining, 2)
        paid = payments.get(index, ())
        total = own + carried
        if not total and not paid:
            continue
        day = last_day(index)
        rule = rules.find("DARF-MIN", day)
        minimum = rule.decimal("minimum") if rule else ZERO
        reached = total >= minimum and total > ZERO
        amount = total if reached else ZERO
        out = ZERO if reached else total
        due = due_date(index, rules, calendar)
        codes = rules.find("DARF-CODE", day)
        code = codes.text("exchange") if codes else ""
        sums = _settle(amount, due, paid, rules, calendar, indexes, reckoned, index, issues)
        if own or paid or reached or carried != out:
            found[index] = Darf(code, day, amount, due, carried, out, *sums)
        carried = out
    return found


def _settle(
    amount: Decimal,
    due: date,
    payments: Sequence[tuple[date, Decimal, str]],
    rules: RuleBook,
    calendar: BankCalendar,
    indexes: IndexTable,
    reckoned: date | None,
    index: int,
    issues: list[Issue],
) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Money paid, fine and interest in it, principal left. A payment that does not cover principal
    and charges pays each in proportion."""
    left, paid, fine, interest = amount, ZERO, ZERO, ZERO
    if rules.find("DARF-LATE", due) is None:
        paid = sum((money for _day, money, _ref in payments), ZERO)
        return paid, fine, interest, max(amount - paid, ZERO)
    for day, money, ref in payments:
        paid += money
        late = late_charges(left, due, day, rules=rules, calendar=calendar, indexes=indexes)
        if late.missing and left:
            _missing_selic(late.missing, index, issues)
        if money >= late.total:
            fine += late.fine
            interest += late.interest
            if money > late.total:
                excess = money - late.total
                params = {"month": month_name(index), "excess": f"{excess:f}"}
                issues.append(Issue("darf_overpaid", ref, params))
            left = ZERO
            continue
        factor = 1 + late.fine_rate + late.interest_rate
        principal = round_half_up(money / factor, 2)
        own_fine = min(round_half_up(principal * late.fine_rate, 2), money - principal)
        fine += own_fine
        interest += money - principal - own_fine
        left -= principal
    if left and reckoned is not None and reckoned > due:
        late = late_charges(left, due, reckoned, rules=rules, calendar=calendar, indexes=indexes)
        fine += late.fine
        interest += late.interest
        if late.missing:
            _missing_selic(late.missing, index, issues)
    return paid, fine, interest, left


def _missing_selic(missing: Sequence[date], index: int, issues: list[Issue]) -> None:
    months = ", ".join(f"{month:%Y-%m}" for month in missing)
    issues.append(Issue("selic_missing", month_name(index), {"months": months}))
