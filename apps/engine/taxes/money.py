"""Small shared arithmetic: cents, brackets by amount, brackets by days, what a text says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from apps.engine.taxes.model import ZERO
from apps.engine.taxes.rules import Rule

CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    """Money as it is paid and shown: two decimals, half up."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def text(value: Decimal) -> str:
    """A number as a plain term of an explanation."""
    return format(value, "f") if value else "0"


def total(values: Iterable[Decimal | None]) -> Decimal:
    """Sum of what is known."""
    return sum((value for value in values if value is not None), ZERO)


def progressive(amount: Decimal, brackets: Iterable[Mapping[str, Any]]) -> Decimal:
    """Tax by marginal brackets: each ``rate`` on the slice up to ``up_to`` (null = the rest)."""
    tax = below = ZERO
    for bracket in brackets:
        top = bracket["up_to"]
        upper = amount if top is None else min(amount, Decimal(str(top)))
        if upper > below:
            tax += (upper - below) * Decimal(str(bracket["rate"]))
            below = upper
    return tax


def monthly_table(income: Decimal, brackets: Iterable[Mapping[str, Any]]) -> Decimal:
    """Tax by a table with deductions: income x ``rate`` - ``deduct`` of the bracket it falls in."""
    for bracket in brackets:
        top = bracket["up_to"]
        if top is None or income <= Decimal(str(top)):
            found = income * Decimal(str(bracket["rate"])) - Decimal(str(bracket["deduct"]))
            return max(found, ZERO)
    return ZERO


def by_days(days: int, brackets: Iterable[Mapping[str, Any]]) -> Decimal:
    """Rate of the bracket a number of days falls in (``up_to_days`` inclusive, null = beyond)."""
    rate = ZERO
    for bracket in brackets:
        rate = Decimal(str(bracket["rate"]))
        top = bracket["up_to_days"]
        if top is None or days <= int(top):
            break
    return rate


def decimal_of(rule: Rule, name: str, default: Decimal | None = None) -> Decimal | None:
    """A figure a rule may leave out."""
    return rule.decimal(name) if name in rule.value else default


def month_of(day: date) -> str:
    """``2026-03``."""
    return f"{day.year:04d}-{day.month:02d}"


def noted_date(note: str, word: str) -> date | None:
    """An ISO date a note gives after a word: ``approved 2025-12-20``."""
    found = re.search(rf"\b{word}\W+(\d{{4}}-\d{{2}}-\d{{2}})\b", note, re.IGNORECASE)
    if found is None:
        return None
    try:
        return date.fromisoformat(found.group(1))
    except ValueError:
        return None


_DAYS = re.compile(
    r"\b(\d{1,5})\s*(?:d|dias?|days?)\b"
    r"|(?<![a-z])(?:dias?|days?|prazo)\W{1,3}(\d{1,5})\b"
    r"|^\s*(\d{1,5})\s*$",
    re.IGNORECASE,
)


def noted_days(note: str) -> int | None:
    """A number of days a note gives: ``90 dias``, ``90 days``, ``days=90``, or 90 alone."""
    found = _DAYS.search(note)
    return int(next(filter(None, found.groups()))) if found else None
