"""Payment forms: open, paid, late; and what paying on a given day costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.taxes.choices import parsed
from apps.taxes.darf_state import DarfTerms, darf_view
from apps.taxes.law import rule_book, selic_since
from apps.taxes.models import Assessment, HolderTaxSettings
from apps.taxes.selectors.payments import payments_of
from apps.taxes.selectors.state import ZERO, money, not_found, require_holder


def terms_of(
    *, holder: Holder, forms: Iterable[Mapping[str, Any] | None] = (), on: dt.date | None = None
) -> DarfTerms:
    """The law and the bank days by the holder's choices, with the Selic that the late ones among
    ``forms`` need on a day. Two queries, three where one is late."""
    chosen = HolderTaxSettings.objects.filter(pk=holder.pk).values_list("values", flat=True).first()
    settings, rules = parsed(chosen or {}), rule_book()
    calendar = BankCalendar(
        rules, carnival=settings.bank_closed_carnival, year_end=settings.bank_closed_year_end
    )
    on = on or timezone.localdate()
    late = [
        dt.date.fromisoformat(form["due_date"])
        for form in forms
        if form and money(form["outstanding"]) > ZERO
    ]
    first = min((day for day in late if day < on), default=None)
    return DarfTerms(rules, calendar, selic_since(first) if first else IndexTable())


def darfs_of(
    *,
    access: Access,
    holder: Holder,
    year: int | None = None,
    on: dt.date | None = None,
) -> list[dict[str, Any]]:
    """Forms of the months of a year (all, without one), the newest first, with what was paid of
    each and the charges of paying the rest on ``on`` (today). Five queries."""
    require_holder(access, holder)
    on = on or timezone.localdate()
    rows = Assessment.objects.filter(holder=holder, figures__darf__isnull=False).months()
    if year is not None:
        rows = rows.filter(year=year)
    stored = list(rows.order_by("-year", "-month").values_list("year", "month", "figures__darf"))
    terms = terms_of(holder=holder, forms=[form for *_month, form in stored], on=on)
    payments: dict[str, list[Any]] = {}
    for payment in payments_of(access=access, holder=holder):
        payments.setdefault(payment.note[:7], []).append(payment)
    found = []
    for stored_year, month, form in stored:
        view = darf_view(form, terms, on)
        if view is not None:
            name = f"{stored_year}-{month:02}"
            found.append({"month": name, **view, "payments": payments.get(name, [])})
    return found


def darf_get(
    *, access: Access, holder: Holder, year: int, month: int, on: dt.date | None = None
) -> dict[str, Any]:
    """One month's form as if what is left were paid on ``on``. Raises ``NotFound``."""
    name = f"{year}-{month:02}"
    found = darfs_of(access=access, holder=holder, year=year, on=on)
    for each in found:
        if each["month"] == name:
            return each
    raise not_found()
