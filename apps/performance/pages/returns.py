"""The page of returns: figures, comparisons, heat-map, table by group."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.access import Access
from apps.common.templatetags.ui import class_tone
from apps.engine.returns import GroupRow
from apps.performance.forms import Asked
from apps.performance.pages.controls import (
    CASH_LABEL,
    NO_GROUP,
    answered,
    compared_label,
    page_of,
)
from apps.performance.selectors import Performance, heat_map, performance
from apps.performance.selectors.scope import CASH

ONE_DAY = dt.timedelta(days=1)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HeatCell:
    """The return of a month or year; ``start`` is the day at whose close it opens."""

    rate: float
    start: dt.date
    end: dt.date
    complete: bool


@dataclass(frozen=True, slots=True)
class HeatYear:
    """Twelve months (``None``: nothing was held) and the whole year."""

    year: int
    months: Sequence[HeatCell | None]
    whole: HeatCell | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """One group of the table. ``narrow`` is the parameter that asks of it alone, where there is
    one; ``asset_id`` is empty for what is no asset."""

    row: GroupRow
    label: str
    tone: str
    asset_id: str
    narrow: tuple[str, str] | None


NARROW = {
    "asset": "assets",
    "class": "classes",
    "currency": "currencies",
    "account": "accounts",
    "holder": "holder",
}


def returns_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of returns shows."""
    found, asked = answered(performance, access=access, asked=asked)
    return page_of(
        access=access, asked=asked, found=found, content=lambda known: _content(known, asked)
    )


def _content(found: Any, asked: Asked) -> Json:
    figures = found.figures
    rows = table_rows(found, asked.sort)
    return {
        "f": figures,
        "split": {"fees": -figures.gain.fees, "taxes": -figures.gain.taxes},
        "is_empty": not len(figures.flows),
        "comparisons": comparison_rows(found),
        "years": heat_years(found),
        "rows": rows,
        "sort": asked.sort,
        "contributions": math.fsum(item.row.contribution for item in rows),
        "under_a_year": (figures.end - figures.start).days < 365,
    }


def comparison_rows(found: Performance) -> list[Json]:
    """Each benchmark with its name."""
    return [
        {"code": code, "label": compared_label(code), "c": comparison}
        for code, comparison in found.figures.comparisons.items()
    ]


def heat_years(found: Performance) -> list[HeatYear]:
    """The heat-map, newest year first."""
    years: dict[int, dict[int, HeatCell]] = defaultdict(dict)
    for cell in heat_map(found):
        years[cell.year][cell.month] = HeatCell(
            cell.rate, cell.first - ONE_DAY, cell.last, cell.complete
        )
    return [
        HeatYear(year, [cells.get(month) for month in range(1, 13)], cells.get(0))
        for year, cells in sorted(years.items(), reverse=True)
    ]


def table_rows(found: Performance, sort: str) -> list[TableRow]:
    """The table by group, in the order asked for."""
    rows = [row_of(found, row) for row in found.rows]
    return sorted(rows, key=SORT_KEYS[sort])


def row_of(found: Performance, row: GroupRow) -> TableRow:
    """A group with its words and colour."""
    names, grouping = found.scope.names, found.scope.query.group_by
    if row.key.startswith(CASH):
        currency = row.key.partition(":")[2]
        return TableRow(row, f"{CASH_LABEL} {currency}".strip(), "tone-10", "", None)
    label = found.label(row) or str(NO_GROUP)
    narrow = (NARROW[grouping], row.key) if grouping in NARROW and row.key else None
    if grouping == "asset":
        known = names.assets.get(row.key)
        tone = class_tone(known.asset_class) if known else "tone-10"
        return TableRow(row, label, tone, row.key if known else "", narrow)
    return TableRow(row, label, class_tone(row.key) if grouping == "class" else "", "", narrow)


SORT_KEYS: dict[str, Callable[[TableRow], Any]] = {
    "value": lambda r: (-r.row.end_value, r.label),
    "gain": lambda r: (-r.row.gain.total, r.label),
    "return": lambda r: (-r.row.twr, r.label),
    "contribution": lambda r: (-r.row.contribution, r.label),
    "name": lambda r: r.label,
}
