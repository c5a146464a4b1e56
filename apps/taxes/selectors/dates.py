"""Dates of tax: what is due when, as rows and as a calendar feed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.common.formatting import money as shown
from apps.engine.taxes.calendar import BankCalendar
from apps.taxes.darf_state import WARN_DAYS, DarfTerms
from apps.taxes.models import Assessment
from apps.taxes.selectors.darfs import darfs_of, terms_of
from apps.taxes.selectors.state import ZERO, require_holder
from apps.taxes.words import month_words

_YEARS_BACK = 1


@dataclass(frozen=True, slots=True)
class TaxDate:
    """Something due on a day. ``key`` names it for good; ``amount`` None where none is told."""

    key: str
    kind: str  # darf (of the exchange) | capital_gain | crypto | carne_leao | annual
    date: dt.date
    month: str
    amount: Decimal | None
    state: str  # open | due_soon | late | partly_paid | paid | past
    title: str
    text: str
    code: str = ""
    asked: str = ""  # the code, where it is not the exchange's


def tax_dates(*, access: Access, holder: Holder, today: dt.date | None = None) -> list[TaxDate]:
    """Dates of the holder from last year on, the earliest first. At most seven queries."""
    require_holder(access, holder)
    today = today or timezone.localdate()
    first = dt.date(today.year - _YEARS_BACK, 1, 1)
    found = [
        date
        for form in darfs_of(access=access, holder=holder, on=today)
        if (date := _of_form(form)) and (date.date >= first or date.state == "late")
    ]
    years = Assessment.objects.filter(holder=holder, year__gte=first.year).years()
    terms = terms_of(holder=holder)
    for year in years.values_list("year", flat=True):
        annual = _annual(year, terms, today)
        found += [annual] if annual else []
    return sorted(found, key=lambda each: (each.date, each.key))


_WHAT = {
    "exchange": _lazy("Renda variável: %(amount)s"),
    "capital_gain": _lazy("Ganho de capital: %(amount)s"),
    "crypto": _lazy("Criptoativos: %(amount)s"),
    "carne_leao": _lazy("Carnê-leão: %(amount)s"),
}


def _of_form(form: dict[str, Any]) -> TaxDate | None:
    if form["amount"] <= ZERO:
        return None
    left: Decimal = form["outstanding"]
    coins = form["kind"] == "capital_gain" and set(form["sources"]) == {"crypto"}
    what = "crypto" if coins else form["kind"]
    month = month_words(form["month"])
    title = _("DARF %(code)s de %(month)s") % {"code": form["code"], "month": month}
    name = f"{form['asked']}-{form['month']}".lstrip("-")
    return TaxDate(
        f"darf-{name}",
        "darf" if what == "exchange" else what,
        form["due_date"],
        form["month"],
        left or form["amount"],
        form["state"],
        title,
        _WHAT[what] % {"amount": shown(left or form["amount"], "BRL")},
        form["code"],
        form["asked"],
    )


def _annual(year: int, terms: DarfTerms, today: dt.date) -> TaxDate | None:
    rule = terms.rules.find("DAA-DUE", dt.date(year + 1, 1, 1))
    if rule is None:
        return None
    day = terms.calendar.last_business_day(year + 1, int(rule.value["month"]))
    title = _("Declaração anual de %(year)s") % {"year": year}
    text = _("Último dia para entregar a declaração do ano-calendário %(year)s.") % {"year": year}
    state = "open" if day >= today else "past"
    return TaxDate(f"annual-{year}", "annual", day, f"{year}-12", None, state, title, text)


def calendar_feed(*, access: Access, holder: Holder, now: dt.datetime | None = None) -> str:
    """The dates as an iCalendar (RFC 5545): whole days, each with a reminder at nine in the morning
    three business days before."""
    now = now or timezone.now()
    name = _("Impostos de %(name)s") % {"name": holder.name}
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Exitus//Impostos//PT",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}",
    ]
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    calendar = terms_of(holder=holder).calendar
    for each in tax_dates(access=access, holder=holder, today=timezone.localdate(now)):
        paid = each.state == "paid"
        title = _("%(title)s (paga)") % {"title": each.title} if paid else each.title
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.key}-{holder.pk}@exitus",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{each.date:%Y%m%d}",
            f"DTEND;VALUE=DATE:{each.date + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            f"DESCRIPTION:{_escaped(each.text)}",
            "TRANSP:TRANSPARENT",
            *(() if paid else _alarm(each, calendar)),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


def _alarm(date: TaxDate, calendar: BankCalendar) -> tuple[str, ...]:
    """Counted from midnight of the day: the day of the warning, and nine hours of it."""
    before = (date.date - calendar.shift(date.date, -WARN_DAYS)).days
    return (
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(date.title)}",
        f"TRIGGER:-P{before - 1}DT15H",
        "END:VALARM",
    )


def _escaped(text: str) -> str:
    plain = "".join(letter for letter in text if letter == "\n" or letter.isprintable())
    for letter, kept in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        plain = plain.replace(letter, kept)
    return plain


def _folded(line: str) -> str:
    """Lines of at most 75 octets, continued after a space, never inside a character."""
    pieces, current = [], ""
    for letter in line:
        if len((current + letter).encode()) > 75:
            pieces.append(current)
            current = " "
        current += letter
    return "\r\n".join([*pieces, current])
