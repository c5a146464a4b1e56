"""Monthly payment forms: what is due, carried, paid, and late."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from apps.engine.fixed_income import round_half_up
from apps.engine.kinds import Bucket, Kind
from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.late import late_charges
from apps.engine.taxes.model import BUCKETS, ZERO, Darf
from apps.engine.taxes.monthly import last_day, month_index, month_name
from apps.engine.taxes.rules import RuleBook
from apps.engine.types import Issue, Row

#: Names of the codes of monthly forms in the rule of codes.
EXCHANGE, CAPITAL_GAIN, MONTHLY_INCOME = "exchange", "capital_gain", "carne_leao"

#: Payments of one code by the month they pay: day, money, row.
Payments = Mapping[int, Sequence[tuple[date, Decimal, str]]]

_MONTH = re.compile(
    r"(?P<year>\d{4})[-/](?P<month>\d{1,2})|(?P<month2>\d{1,2})[-/](?P<year2>\d{4})"
    r"|\b(?P<year3>(?:19|20)\d\d)(?P<month3>0[1-9]|1[0-2])\b"
)
# Portuguese and English names of months, by their first three letters.
_NAMES = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
_NAMED = re.compile(r"\b([a-zç]{3,9})\W*(?:de\W*|of\W*)?(\d{4})\b", re.IGNORECASE)
#: What a payment pays, by its bucket: the name of its code in the rule of codes.
_PAYS = {
    **dict.fromkeys(BUCKETS, EXCHANGE),
    Bucket.GCAP: CAPITAL_GAIN,
    Bucket.CARNE_LEAO: MONTHLY_INCOME,
    Bucket.ABROAD: "annual_quota",
}
_CODE = re.compile(r"\b\d{4}\b")
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


def month_named(note: str) -> int | None:
    """Month that a note names, None where it names none."""
    found = _MONTH.search(note)
    if found is not None:
        year = found["year"] or found["year2"] or found["year3"]
        month = found["month"] or found["month2"] or found["month3"]
        return int(year) * 12 + int(month) - 1 if 1 <= int(month) <= 12 else None
    for word, year in _NAMED.findall(note):
        start = word[:3].lower()
        start = _ENGLISH.get(start, start)
        if start in _NAMES:
            return int(year) * 12 + _NAMES.index(start)
    return None


def paid_for(bucket: str | None, note: str, day: date, rules: RuleBook) -> tuple[str, int | None]:
    """What a payment made on ``day`` pays: the name of its code (``exchange, capital_gain,
    carne_leao``...) and its month, None where the note names none.

    The bucket tells the code; without one, a code that the note names; without both it is the
    exchange's.
    """
    month = month_named(note)
    if bucket:
        return _PAYS.get(bucket, ""), month
    codes = rules.find("DARF-CODE", day)
    names = {str(code): name for name, code in codes.value.items()} if codes else {}
    named = next((names[code] for code in _CODE.findall(note) if code in names), EXCHANGE)
    return named, month


def payments_by_month(
    rows: Iterable[Row], rules: RuleBook, code: str = EXCHANGE
) -> tuple[dict[int, list[tuple[date, Decimal, str]]], list[Issue]]:
    """Payments of one code's forms by the month they pay. One that names no month pays the month
    before the day it was made, and is reported."""
    payments: dict[int, list[tuple[date, Decimal, str]]] = {}
    issues: list[Issue] = []
    for row in rows:
        if row.kind is not Kind.DARF_PAYMENT or row.amount is None:
            continue
        named, index = paid_for(row.bucket, row.note, row.date, rules)
        if named != code:
            continue
        if index is None:
            index = month_index(row.date) - 1
            params = {"month": month_name(index), "date": row.date.isoformat()}
            issues.append(Issue("darf_month_missing", row.ref, params))
        payments.setdefault(index, []).append((row.date, row.amount, row.ref))
    for found in payments.values():
        found.sort()
    return payments, issues


def darfs(
    amounts: Mapping[int, Decimal],
    payments: Payments,
    carried: Decimal = ZERO,
    *,
    rules: RuleBook,
    calendar: BankCalendar,
    indexes: IndexTable,
    reckoned: date | None,
    issues: list[Issue],
    code: str = EXCHANGE,
) -> dict[int, Darf]:
    """The form of each month that has tax to pay or to carry. ``amounts`` are the taxes of one code
    by month and ``carried`` what comes from before; ``reckoned`` is a day on which what is still
    unpaid would be paid (None: no charges on it)."""
    found: dict[int, Darf] = {}
    for index in sorted({*amounts, *payments}):
        own = round_half_up(amounts.get(index, ZERO), 2)
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
        number = codes.text(code) if codes else ""
        sums = _settle(amount, due, paid, rules, calendar, indexes, reckoned, index, issues)
        if own or paid or reached or carried != out:
            found[index] = Darf(number, day, amount, due, carried, out, *sums)
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
