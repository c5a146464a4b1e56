"""A payment form as pages show it: what is open, late, paid, and what paying it on a day costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.late import late_charges, monthly_selic
from apps.engine.taxes.monthly import first_day, month_index
from apps.engine.taxes.rules import RuleBook, RuleMissing

WARN_DAYS = 3
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class DarfTerms:
    """The law, bank days and Selic by which charges are counted."""

    rules: RuleBook
    calendar: BankCalendar
    indexes: IndexTable
    selic: dict[dt.date, Decimal | None] = field(default_factory=dict, compare=False)

    def selic_between(self, due: dt.date, on: dt.date) -> dict[dt.date, Decimal]:
        """The Selic of the months from one day to another, each worked out once for all forms."""
        found = {}
        for index in range(month_index(due), month_index(on) + 1):
            first = first_day(index)
            if first not in self.selic:
                self.selic[first] = monthly_selic(first, self.indexes)
            known = self.selic[first]
            if known is not None:
                found[first] = known
        return found


@dataclass(frozen=True, slots=True)
class Charges:
    """Paying ``principal`` on ``on``: fine and interest beside it. ``missing`` are the months
    whose Selic is unknown and left out."""

    on: dt.date
    principal: Decimal
    days: int
    fine_rate: Decimal
    fine: Decimal
    interest_rate: Decimal
    interest: Decimal
    total: Decimal
    missing: tuple[dt.date, ...]


def charges_on(principal: Decimal, due: dt.date, on: dt.date, terms: DarfTerms) -> Charges | None:
    """What paying ``principal`` on a day costs; None where the law says nothing of it."""
    try:
        late = late_charges(
            principal,
            due,
            on,
            rules=terms.rules,
            calendar=terms.calendar,
            selic=terms.selic_between(due, on),
        )
    except RuleMissing:
        return None
    return Charges(
        on,
        principal,
        late.days,
        late.fine_rate,
        late.fine,
        late.interest_rate,
        late.interest,
        late.total,
        late.missing,
    )


def darf_view(
    form: Mapping[str, Any] | None, terms: DarfTerms, on: dt.date
) -> dict[str, Any] | None:
    """A stored form with its state and the charges of paying what is left on a day.

    ``fine`` and ``interest`` are inside what was paid; ``charges`` are those still to come.
    """
    if not form:
        return None
    figures = ("amount", "carried_in", "carried_out", "paid", "fine", "interest", "outstanding")
    view: dict[str, Any] = {name: Decimal(form[name]) for name in figures}
    due = dt.date.fromisoformat(form["due_date"])
    left: Decimal = view["outstanding"]
    return {
        **view,
        "code": form["code"],
        "period": dt.date.fromisoformat(form["period"]),
        "due_date": due,
        "state": _state(view, due, on, terms),
        "charges": charges_on(left, due, on, terms) if left > ZERO else None,
    }


def _state(form: Mapping[str, Any], due: dt.date, on: dt.date, terms: DarfTerms) -> str:
    """``carried, none, paid, late, partly_paid, due_soon`` or ``open``."""
    if form["amount"] == ZERO:
        if form["carried_out"] > ZERO:
            return "carried"
        return "paid" if form["paid"] > ZERO else "none"
    if form["outstanding"] <= ZERO:
        return "paid"
    if on > due:
        return "late"
    if form["paid"] > ZERO:
        return "partly_paid"
    return "due_soon" if on >= terms.calendar.shift(due, -WARN_DAYS) else "open"
