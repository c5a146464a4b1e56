"""The page of income."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.templatetags.ui import class_tone
from apps.performance.asked import Asked
from apps.performance.pages.controls import answered, page_of
from apps.performance.selectors import Income, income_analysis
from apps.performance.selectors.income import AssetIncome, MonthIncome

Json = dict[str, Any]
RHYTHMS = {
    "NONE": _("não paga"),
    "MONTHLY": _("mensal"),
    "QUARTERLY": _("trimestral"),
    "SEMIANNUAL": _("semestral"),
    "ANNUAL": _("anual"),
    "IRREGULAR": _("irregular"),
}


@dataclass(frozen=True, slots=True)
class YearIncome:
    """Net income by month of a year (``None``: outside the period) and its sum, with the days at
    whose closes the part of it in the period opens and ends."""

    year: int
    months: Sequence[MonthIncome | None]
    gross: float
    net: float
    opens: dt.date
    closes: dt.date


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset's income with its colour, how often it pays and its share of all."""

    item: AssetIncome
    tone: str
    rhythm: Any
    share: float | None


def income_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of income shows."""
    found, asked = answered(income_analysis, access=access, asked=asked)
    return page_of(access=access, asked=asked, found=found, content=_content)


def _content(found: Income) -> Json:
    total = found.total
    return {
        "i": found,
        "total": total,
        "net": total.gross - total.withheld if total else None,
        "is_empty": total is None or not (total.gross or found.assets),
        "rows": asset_rows(found),
        "years": year_rows(found),
        "average": total.gross / len(found.months) if total and found.months else None,
    }


def asset_rows(found: Income) -> list[AssetRow]:
    """Assets that paid in the period, the largest payer first."""
    whole = found.total.gross if found.total else 0.0
    rows = []
    for item in found.assets:
        known = found.scope.names.assets.get(item.asset)
        tone = class_tone(known.asset_class) if known else "tone-10"
        share = item.row.gross / whole if whole > 0 else None
        rows.append(AssetRow(item, tone, RHYTHMS.get(item.periodicity, item.periodicity), share))
    return sorted(rows, key=lambda r: (-r.item.row.gross, r.item.ticker))


def year_rows(found: Income) -> list[YearIncome]:
    """The months laid by year, newest first."""
    years: dict[int, dict[int, MonthIncome]] = defaultdict(dict)
    for month in found.months:
        years[month.month.year][month.month.month] = month
    return [
        YearIncome(
            year,
            [months.get(place) for place in range(1, 13)],
            math.fsum(m.gross for m in months.values()),
            math.fsum(m.net for m in months.values()),
            max(dt.date(year - 1, 12, 31), found.scope.start),
            min(dt.date(year, 12, 31), found.scope.end),
        )
        for year, months in sorted(years.items(), reverse=True)
    ]
