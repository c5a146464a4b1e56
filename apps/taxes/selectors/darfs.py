"""Payment forms: open, paid, late; and what paying on a given day costs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.db.models.fields.json import KeyTransform
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.darf import EXCHANGE, paid_for
from apps.engine.taxes.monthly import month_index, month_name
from apps.ledger.models import Transaction
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
    each and the charges of paying the rest on ``on`` (today). ``kind`` names the code: that of the
    ``exchange``, ``capital_gain`` or ``carne_leao``. Five queries."""
    require_holder(access, holder)
    on = on or timezone.localdate()
    rows = Assessment.objects.filter(holder=holder, year__gt=0, month__lte=12)
    rows = rows.filter(Q(figures__darf__isnull=False) | Q(month=0))
    if year is not None:
        rows = rows.filter(year=year)
    stored = [
        form
        for stored_year, month, own, others in rows.values_list(
            "year",
            "month",
            KeyTransform("darf", "figures"),
            KeyTransform("other_darfs", "figures"),
        )
        for form in _forms(stored_year, month, own, others)
    ]
    stored.sort(key=lambda form: (form["month"], form["kind"] == EXCHANGE), reverse=True)
    terms = terms_of(holder=holder, forms=stored, on=on)
    payments = _payments(access, holder, terms) if stored else {}
    found = []
    for form in stored:
        view = darf_view(form, terms, on)
        if view is not None:
            named = {name: form[name] for name in ("month", "kind", "sources", "incomplete")}
            named["asked"] = "" if form["kind"] == EXCHANGE else form["code"]
            paid = payments.get((form["kind"], form["month"]), [])
            found.append({**named, **view, "payments": paid})
    return found


def _forms(
    year: int, month: int, own: dict[str, Any] | None, others: list[dict[str, Any]] | None
) -> list[dict[str, Any]]:
    """The forms a stored month or year holds, in one shape."""
    if not month:
        return others or []
    named = {"month": f"{year}-{month:02}", "kind": EXCHANGE, "sources": {}, "incomplete": False}
    return [{**own, **named}] if own else []


def _payments(
    access: Access, holder: Holder, terms: DarfTerms
) -> dict[tuple[str, str], list[Transaction]]:
    """Payments by the code and the month they pay, as the engine reads them."""
    found: dict[tuple[str, str], list[Transaction]] = {}
    for row in payments_of(access=access, holder=holder):
        kind, index = paid_for(row.bucket, row.note, row.trade_date, terms.rules)
        month = month_name(month_index(row.trade_date) - 1 if index is None else index)
        found.setdefault((kind, month), []).append(row)
    return found


def darf_get(
    *,
    access: Access,
    holder: Holder,
    year: int,
    month: int,
    on: dt.date | None = None,
    code: str = "",
) -> dict[str, Any]:
    """One form of a month as if what is left were paid on ``on``: that of ``code``, the exchange's
    without one. Raises ``NotFound``."""
    name = f"{year}-{month:02}"
    found = darfs_of(access=access, holder=holder, year=year, on=on)
    for each in found:
        if each["month"] == name and (each["code"] == code if code else not each["asked"]):
            return each
    raise not_found()
