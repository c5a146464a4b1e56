"""Months of the exchange as stored: a year as a table, a month with its arithmetic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.closings import differences
from apps.taxes.darf_state import DarfTerms, darf_view
from apps.taxes.models import Assessment, MonthClosing
from apps.taxes.selectors.darfs import terms_of
from apps.taxes.selectors.state import (
    ZERO,
    asset_names,
    money,
    not_found,
    require_holder,
    state_of,
)

BUCKETS = ("common", "day_trade", "fii")
BUCKET_FIGURES = (
    "result",
    "loss_before",
    "loss_used",
    "loss_after",
    "base",
    "rate",
    "tax",
    "withheld",
    "withheld_used",
    "withheld_after",
)


def years_of(*, access: Access, holder: Holder) -> list[int]:
    """Years that were assessed, the newest first. One query."""
    require_holder(access, holder)
    found = Assessment.objects.filter(holder=holder).years().values_list("year", flat=True)
    return sorted(found, reverse=True)


def year_overview(
    *, access: Access, holder: Holder, year: int, today: dt.date | None = None
) -> dict[str, Any]:
    """A year as a table: one line a month with result, exempt gain, losses, tax, DARF and state;
    and the year's sums. Six queries."""
    today = today or timezone.localdate()
    state = state_of(access=access, holder=holder)
    rows = list(
        Assessment.objects.filter(holder=holder, year=year)
        .months()
        .order_by("month")
        .values_list("month", "figures")
    )
    closings = {
        c.month.month: c for c in MonthClosing.objects.filter(holder=holder, month__year=year)
    }
    terms = terms_of(holder=holder, forms=[f["darf"] for _month, f in rows], on=today)
    stored = dict(rows)
    # A ledger begins in some month: those before it had nothing.
    lines = [
        {
            **_line(year, n, stored.get(n) or _nothing(year, n), closings.get(n), terms, today),
            "is_assessed": n in stored,
        }
        for n in range(1, 13)
        if stored
    ]
    return {
        "year": year,
        "years": years_of(access=access, holder=holder),
        "is_stale": state.is_stale,
        "version": state.version,
        "built_at": state.built_at,
        "months": lines,
        "totals": _totals(lines),
    }


def months_of(
    *, access: Access, holder: Holder, year: int | None = None, today: dt.date | None = None
) -> list[dict[str, Any]]:
    """The assessed months of a year (of all, without one) in the engine's own terms, the oldest
    first, each with its state, closing and payment form as of today. Four queries."""
    require_holder(access, holder)
    today = today or timezone.localdate()
    rows = Assessment.objects.filter(holder=holder).months()
    closed = MonthClosing.objects.filter(holder=holder)
    if year is not None:
        rows, closed = rows.filter(year=year), closed.filter(month__year=year)
    stored = list(rows.order_by("year", "month").values_list("year", "month", "figures"))
    closings = {closing.month: closing for closing in closed}
    terms = terms_of(holder=holder, forms=[f["darf"] for *_month, f in stored], on=today)
    found = []
    for stored_year, month, figures in stored:
        first = dt.date(stored_year, month, 1)
        closing = closings.get(first)
        found.append(
            {
                **figures,
                "darf": darf_view(figures["darf"], terms, today),
                "state": month_state(figures, closing, first, today),
                "closing": closing_view(closing, figures),
            }
        )
    return found


def assessed_beside(
    *, access: Access, holder: Holder, first: dt.date
) -> tuple[dt.date | None, dt.date | None]:
    """The first days of the months before and after that of ``first``; None for one that nobody
    assessed. One query."""
    require_holder(access, holder)
    before = (first - dt.timedelta(days=1)).replace(day=1)
    after = (first + dt.timedelta(days=32)).replace(day=1)
    beside = Q(year=before.year, month=before.month) | Q(year=after.year, month=after.month)
    found = Assessment.objects.filter(beside, holder=holder).months()
    known = {dt.date(year, month, 1) for year, month in found.values_list("year", "month")}
    return (before if before in known else None, after if after in known else None)


def _nothing(year: int, month: int) -> dict[str, Any]:
    sums = dict.fromkeys(("stock_sales", "gold_sales", "exempt_gain", "exempt_gain_gold"), "0")
    empty: dict[str, Any] = {"buckets": {}, "tax_due": "0", "darf": None, "issues": []}
    return {"month": f"{year}-{month:02}", **sums, **empty}


def _line(
    year: int,
    month: int,
    figures: dict[str, Any],
    closing: MonthClosing | None,
    terms: DarfTerms,
    today: dt.date,
) -> dict[str, Any]:
    first = dt.date(year, month, 1)
    buckets = {
        name: {key: money(figures["buckets"].get(name, {}).get(key)) for key in BUCKET_FIGURES}
        for name in BUCKETS
    }
    return {
        "month": figures["month"],
        "first": first,
        "stock_sales": money(figures["stock_sales"]),
        "gold_sales": money(figures["gold_sales"]),
        "exempt_gain": money(figures["exempt_gain"]) + money(figures["exempt_gain_gold"]),
        "result": sum((b["result"] for b in buckets.values()), ZERO),
        "loss_after": sum((b["loss_after"] for b in buckets.values()), ZERO),
        "buckets": buckets,
        "tax_due": money(figures["tax_due"]),
        "darf": darf_view(figures["darf"], terms, today),
        "is_empty": _is_empty(figures),
        "state": month_state(figures, closing, first, today),
        "is_incomplete": bool(figures["issues"]),
        "closing": closing_view(closing, figures),
    }


def _is_empty(figures: dict[str, Any]) -> bool:
    sums = [figures["stock_sales"], figures["gold_sales"], figures["tax_due"]]
    sums += [figures["exempt_gain"], figures["exempt_gain_gold"]]
    sums += [bucket["result"] for bucket in figures["buckets"].values()]
    return not figures["darf"] and not figures["issues"] and not any(map(money, sums))


def month_state(
    figures: dict[str, Any], closing: MonthClosing | None, first: dt.date, today: dt.date
) -> str:
    """``future, running, closed, reopened, incomplete`` or ``open``."""
    here = today.replace(day=1)
    if closing is not None:
        return "reopened" if closing.reopened_at else "closed"
    if first > here:
        return "future"
    if first == here:
        return "running"
    return "incomplete" if figures.get("issues") else "open"


def closing_view(closing: MonthClosing | None, figures: dict[str, Any]) -> dict[str, Any] | None:
    """A closing with what changed since; None where the month was never closed."""
    if closing is None:
        return None
    return {
        "closed_at": closing.closed_at,
        "closed_by": closing.closed_by_id,
        "reopened_at": closing.reopened_at,
        "differences": differences(closing.snapshot, figures),
    }


def _totals(lines: Sequence[dict[str, Any]]) -> dict[str, Any]:
    names = ("stock_sales", "gold_sales", "exempt_gain", "result", "tax_due")
    found: dict[str, Any] = {name: sum((line[name] for line in lines), ZERO) for name in names}
    forms = [line["darf"] for line in lines if line["darf"]]
    for name in ("amount", "paid", "outstanding"):
        found[f"darf_{name}"] = sum((form[name] for form in forms), ZERO)
    found["loss_after"] = lines[-1]["loss_after"] if lines else ZERO
    return found


def month_detail(
    *, access: Access, holder: Holder, year: int, month: int, today: dt.date | None = None
) -> dict[str, Any]:
    """A month down to each sale's arithmetic: ``parts`` in the order they are explained, ``names``
    of the assets they speak of. Six queries. Raises ``NotFound`` for a month nobody assessed."""
    today = today or timezone.localdate()
    state = state_of(access=access, holder=holder)
    found = Assessment.objects.filter(holder=holder, year=year, month=month).months().first()
    if found is None:
        raise not_found()
    first = dt.date(year, month, 1)
    closing = MonthClosing.objects.filter(holder=holder, month=first).first()
    terms = terms_of(holder=holder, forms=[found.figures["darf"]], on=today)
    parts = found.detail.get("parts", [])
    blocking = found.figures["issues"]
    return {
        **_line(year, month, found.figures, closing, terms, today),
        "is_stale": state.is_stale,
        "version": state.version,
        "parts": parts,
        "issues": blocking,
        "names": asset_names(access=access, holder=holder, values=[parts, blocking]),
    }
