"""Dates of tax: what is due when, as rows and as a calendar feed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTransform
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.common.formatting import money as shown
from apps.taxes.darf_state import DarfTerms
from apps.taxes.models import Assessment
from apps.taxes.selectors.darfs import darfs_of, terms_of
from apps.taxes.selectors.state import ZERO, money, require_holder

#: Brackets outside the exchange and the limit of reports: months of the last years only.
_YEARS_BACK = 1
_LISTS = ("gcap", "crypto")


@dataclass(frozen=True, slots=True)
class TaxDate:
    """Something due on a day. ``key`` names it for good; ``amount`` None where none is told."""

    key: str
    kind: str  # darf | capital_gain | crypto | crypto_report | annual
    date: dt.date
    month: str
    amount: Decimal | None
    state: str  # open | due_soon | late | partly_paid | paid
    title: str
    text: str


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
    lists = [KeyTransform(name, "detail") for name in _LISTS]
    for year, *kept in years.values_list("year", *lists):
        found += _of_year(dict(zip(_LISTS, kept, strict=True)), today)
        annual = _annual(year, terms, today)
        found += [annual] if annual else []
    return sorted(found, key=lambda each: (each.date, each.key))


def _of_form(form: dict[str, Any]) -> TaxDate | None:
    if form["amount"] <= ZERO:
        return None
    left: Decimal = form["outstanding"]
    title = _("DARF %(code)s de %(month)s") % {"code": form["code"], "month": form["month"]}
    text = _("Renda variável: %(amount)s") % {"amount": shown(left or form["amount"], "BRL")}
    return TaxDate(
        f"darf-{form['month']}",
        "darf",
        form["due_date"],
        form["month"],
        left or form["amount"],
        form["state"],
        title,
        text,
    )


def _of_year(detail: dict[str, Any], today: dt.date) -> list[TaxDate]:
    found = []
    for name, kind in (("gcap", "capital_gain"), ("crypto", "crypto")):
        for line in detail.get(name) or ():
            tax, due = money(line.get("tax")), line.get("due_date")
            if tax <= ZERO or not due:
                continue
            values = {"code": line["code"], "month": line["month"]}
            what = f"{kind}-{line['month']}-{line.get('asset', '')}".rstrip("-")
            day = dt.date.fromisoformat(due)
            title = _("DARF %(code)s de %(month)s") % values
            text = _("Ganho de capital: %(amount)s") % {"amount": shown(tax, "BRL")}
            # Nothing records whether these were paid.
            state = "open" if day >= today else "past"
            found.append(TaxDate(what, kind, day, line["month"], tax, state, title, text))
    return found


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
    """The dates as an iCalendar (RFC 5545): whole days, each with a reminder three days before."""
    now = now or timezone.now()
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Exitus//Impostos//PT",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(_('Impostos de %(name)s') % {'name': holder.name})}",
    ]
    stamp = now.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    for each in tax_dates(access=access, holder=holder, today=timezone.localdate(now)):
        title = (
            each.title if each.state != "paid" else _("%(title)s (paga)") % {"title": each.title}
        )
        lines += [
            "BEGIN:VEVENT",
            f"UID:{each.key}-{holder.pk}@exitus",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{each.date:%Y%m%d}",
            f"DTEND;VALUE=DATE:{each.date + dt.timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(title)}",
            f"DESCRIPTION:{_escaped(each.text)}",
            "TRANSP:TRANSPARENT",
            *(_ALARM if each.state != "paid" else ()),
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) + "\r\n" for line in lines)


_ALARM = (
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    "DESCRIPTION:Exitus",
    "TRIGGER:-P3D",
    "END:VALARM",
)


def _escaped(text: str) -> str:
    for plain, kept in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(plain, kept)
    return text


def _folded(line: str) -> str:
    """Lines of at most 75 octets, continued after a space, never inside a character."""
    pieces, current = [], ""
    for letter in line:
        if len((current + letter).encode()) > 75:
            pieces.append(current)
            current = " "
        current += letter
    return "\r\n".join([*pieces, current])
