"""A year as a table of months, and what is due now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.taxes import selectors
from apps.taxes.pages.frame import Frame

ZERO = Decimal(0)
BUCKETS = ("common", "day_trade", "fii")
#: Forms that wait for money.
WAITING = ("late", "partly_paid", "due_soon", "open")


def year_page(*, frame: Frame) -> dict[str, Any]:
    """The months of the year, its sums, the exemption of this month and the next form to pay."""
    access, holder = frame.access, frame.holder
    overview = selectors.year_overview(access=access, holder=holder, year=frame.year)
    today = timezone.localdate()
    forms = [
        form
        for form in selectors.darfs_of(access=access, holder=holder)
        if form["state"] in WAITING
    ]
    months = overview["months"]
    return {
        "o": overview,
        "months": months,
        "shown": [m for m in months if not m["is_empty"] or m["state"] != "future"],
        "columns": columns_of(months),
        "totals": overview["totals"],
        "sums": {
            name: sum((m["buckets"][name]["result"] for m in months), ZERO) for name in BUCKETS
        },
        "meter": selectors.exemption_meter(access=access, holder=holder),
        "waiting": sorted(forms, key=lambda form: form["due_date"]),
        "losses": losses_of(months),
        "is_this_year": frame.year == today.year,
        "today": today,
    }


def columns_of(months: list[dict[str, Any]]) -> list[str]:
    """The buckets with something to show; the common one always."""
    used = [
        name
        for name in BUCKETS
        if any(m["buckets"][name]["result"] or m["buckets"][name]["loss_before"] for m in months)
    ]
    return used or ["common"]


def losses_of(months: list[dict[str, Any]]) -> list[tuple[str, Decimal]]:
    """Losses left at the end of the last month that is not to come, by bucket."""
    past = [m for m in months if m["state"] != "future"]
    if not past:
        return []
    last = past[-1]["buckets"]
    return [(name, last[name]["loss_after"]) for name in BUCKETS if last[name]["loss_after"]]


def tile_page(*, frame: Frame) -> dict[str, Any]:
    """The tax of this month for the overview: the main holder's."""
    access, today = frame.access, timezone.localdate()
    overview = selectors.year_overview(access=access, holder=frame.holder, year=today.year)
    months = overview["months"]
    forms = selectors.darfs_of(access=access, holder=frame.holder)
    waiting = sorted(
        (form for form in forms if form["state"] in WAITING), key=lambda form: form["due_date"]
    )
    return {
        "month": months[today.month - 1] if months else None,
        "waiting": waiting,
        "meter": selectors.exemption_meter(access=access, holder=frame.holder),
    }
