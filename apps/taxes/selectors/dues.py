"""What a holder owes besides what others withheld, dated when it arose."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KeyTransform

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.models import Assessment
from apps.taxes.selectors.state import ZERO, money, require_holder

#: Taxes of a year's months beside the exchange: the list, and the figure of its lines.
_MONTHLY = (("crypto", "tax"), ("gcap", "tax"), ("monthly_income", "tax_due"))


@dataclass(frozen=True, slots=True)
class Due:
    """Tax in reais of a month, or of a year (``abroad``). ``kind`` is ``exchange``, ``abroad``,
    ``crypto``, ``gcap`` or ``monthly_income``; ``date`` the last day of that month or year."""

    kind: str
    date: dt.date
    amount: Decimal
    is_incomplete: bool


def dues_of(*, access: Access, holder: Holder, since: dt.date) -> list[Due]:
    """Taxes assessed for months and years that end on ``since`` or later, the earliest first:
    of the exchange less what was withheld on sales, abroad, crypto and gains outside the exchange.
    What is withheld for good (fixed income, funds, JCP) is in the ledger's own rows, and the
    minimum tax depends on income nobody told of. Two queries."""
    require_holder(access, holder)
    rows = Assessment.objects.filter(holder=holder, year__gte=since.year)
    found = []
    months = rows.months().annotate(
        buckets=KeyTransform("buckets", "figures"), pending=KeyTransform("issues", "figures")
    )
    for year, month, buckets, pending in months.values_list("year", "month", "buckets", "pending"):
        amount = sum((_left(bucket) for bucket in (buckets or {}).values()), ZERO)
        found.append(Due("exchange", _month_end(year, month), amount, bool(pending)))
    kept = {f"part_{name}": KeyTransform(name, "detail") for name, _figure in _MONTHLY}
    years = rows.years().annotate(abroad=KeyTransform("abroad", "figures"), **kept)
    for year, abroad, *lists in years.values_list("year", "abroad", *kept):
        if abroad:
            incomplete = bool(abroad.get("incomplete"))
            amount = money(abroad["tax_due"])
            found.append(Due("abroad", dt.date(year, 12, 31), amount, incomplete))
        for (kind, figure), lines in zip(_MONTHLY, lists, strict=True):
            found += [_monthly(kind, figure, line) for line in lines or ()]
    told = [due for due in found if due.date >= since and (due.amount or due.is_incomplete)]
    return sorted(told, key=lambda due: (due.date, due.kind))


def _left(bucket: dict[str, Any]) -> Decimal:
    return money(bucket["tax"]) - money(bucket["withheld_used"])


def _monthly(kind: str, figure: str, line: dict[str, Any]) -> Due:
    year, month = line["month"].split("-")
    amount, incomplete = money(line.get(figure)), bool(line.get("incomplete"))
    return Due(kind, _month_end(int(year), int(month)), amount, incomplete)


def _month_end(year: int, month: int) -> dt.date:
    first = dt.date(year, month, 1)
    return (first + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
