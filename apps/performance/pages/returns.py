"""The page of returns: figures, comparisons, heat-map, table by group."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.access import Access
from apps.common.templatetags.ui import class_tone
from apps.engine.returns import GroupRow
from apps.engine.returns.figures import Comparison
from apps.performance.asked import Asked
from apps.performance.pages.controls import (
    CASH_LABEL,
    NO_GROUP,
    answered,
    compared_label,
    page_of,
)
from apps.performance.query import Benchmark
from apps.performance.selectors import Performance, at_cost, heat_map, performance
from apps.performance.selectors.benchmarks import DAILY, MONTHLY, levels_of
from apps.performance.selectors.scope import CASH, Scope

NOTHING = 0.005
# More rows than these are written when asked for: nobody reads 250 at once, and writing takes long.
FIRST_ROWS = 40
MOST_NAMES = 4
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
    """One group of the table; ``asset_id`` is empty for what is no asset."""

    row: GroupRow
    label: str
    tone: str
    asset_id: str


def returns_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of returns shows."""
    found, asked = answered(performance, access=access, asked=asked)
    return page_of(
        access=access,
        asked=asked,
        found=found,
        content=lambda known: _content(access, known, asked),
    )


def _content(access: Access, found: Any, asked: Asked) -> Json:
    figures, compared = found.figures, comparison_rows(access, found)
    rows = table_rows(found, asked.sort)
    return {
        "f": figures,
        "taxed": found.after_tax,
        "split": {"fees": -figures.gain.fees, "taxes": -figures.gain.taxes},
        "is_empty": not len(figures.flows),
        "comparisons": compared,
        "spans": known_spans(compared),
        "inflation_until": inflation_until(found),
        "years": heat_years(found),
        "months": month_rows(found),
        "rows": rows if asked.rows else rows[:FIRST_ROWS],
        "row_count": len(rows),
        "sort": asked.sort,
        "at_cost": cost_notes(found.scope),
        "contributions": math.fsum(item.row.contribution for item in rows),
        "under_a_year": (figures.end - figures.start).days < 365,
    }


@dataclass(frozen=True, slots=True)
class AtCost:
    """What counts at its cost at the end of the period, since nobody knows a price of it."""

    value: float
    tickers: str
    more: int


def cost_notes(scope: Scope) -> AtCost | None:
    """What of the end value is a cost and no price; ``None`` where nothing is."""
    bare = at_cost(scope, scope.end)
    if not bare:
        return None
    names = [scope.names.ticker(asset) for asset, _value in bare]
    shown = ", ".join(names[:MOST_NAMES])
    return AtCost(math.fsum(value for _a, value in bare), shown, max(len(names) - MOST_NAMES, 0))


@dataclass(frozen=True, slots=True)
class Compared:
    """A benchmark with its name. ``since`` and ``until`` are set where its figures begin after the
    period does, or end long before; ``is_rate`` where it hardly moves from day to day, so that
    nothing is told by moving with it; ``is_price_only`` where it leaves income out, ``has_income``
    for an asset that does not."""

    code: str
    label: Any
    c: Comparison
    is_rate: bool
    is_missing: bool
    is_price_only: bool
    has_income: bool
    since: dt.date | None
    until: dt.date | None


def comparison_rows(access: Access, found: Performance) -> list[Compared]:
    """Each benchmark of the question, and over which days it is known."""
    return [_compared(access, found, b) for b in found.scope.query.benchmarks]


def _compared(access: Access, found: Performance, benchmark: Benchmark) -> Compared:
    scope = found.scope
    levels = levels_of(access=access, ready=scope.ready, benchmark=benchmark)
    first = scope.timeline.date(levels.first)
    compared = found.figures.comparisons[benchmark.code]
    is_missing = levels.last < 0 or compared.known_to == 0 < (scope.end - scope.start).days
    last = scope.start + dt.timedelta(days=compared.known_to)
    return Compared(
        code=benchmark.code,
        label=compared_label(benchmark.code),
        c=compared,
        is_rate=benchmark.index in DAILY | MONTHLY,
        is_missing=is_missing,
        is_price_only=benchmark.code in found.price_only,
        has_income=bool(benchmark.asset) and benchmark.code not in found.price_only,
        since=first if not is_missing and first > scope.start else None,
        until=last if not is_missing and last < scope.end else None,
    )


def known_spans(rows: Sequence[Compared]) -> str:
    """Over which days each benchmark is known, as JSON for the charts."""
    spans = {
        row.code: [
            row.since.isoformat() if row.since else "",
            "0000" if row.is_missing else row.until.isoformat() if row.until else "9999",
        ]
        for row in rows
    }
    return json.dumps(spans)


def inflation_until(found: Performance) -> dt.date | None:
    """The last day the inflation of the period is known for, where that is long before its end."""
    last = found.figures.inflation_to
    return last if last is not None and last < found.scope.end else None


@dataclass(frozen=True, slots=True)
class MonthRow:
    """The last day of a month in the period: worth, money put in so far, what is beyond it, and
    the return since the start."""

    day: dt.date
    value: float
    invested: float
    gain: float
    rate: float


def month_rows(found: Performance) -> list[MonthRow]:
    """The charts as a table, newest first."""
    daily = found.figures.daily
    last: dict[tuple[int, int], int] = {}
    for place in range(len(daily.value)):
        day = daily.start + dt.timedelta(days=place)
        last[(day.year, day.month)] = place
    return [
        MonthRow(
            daily.start + dt.timedelta(days=at),
            float(daily.value[at]),
            float(daily.invested[at]),
            float(daily.value[at] - daily.invested[at]),
            float(daily.index[at]) - 1.0,
        )
        for at in reversed(last.values())
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
    rows = [row_of(found, row) for row in found.rows if _took_part(row)]
    return sorted(rows, key=SORT_KEYS[sort])


def _took_part(row: GroupRow) -> bool:
    """Whether anything of the group was held or moved in the period."""
    figures = (row.start_value, row.end_value, row.inflows, row.outflows, row.gain.total)
    return any(abs(figure) > NOTHING for figure in figures)


def row_of(found: Performance, row: GroupRow) -> TableRow:
    """A group with its words and colour."""
    names, grouping = found.scope.names, found.scope.query.group_by
    if row.key.startswith(CASH):
        currency = row.key.partition(":")[2]
        return TableRow(row, f"{CASH_LABEL} {currency}".strip(), "tone-10", "")
    label = found.label(row) or str(NO_GROUP)
    if grouping == "asset":
        known = names.assets.get(row.key)
        tone = class_tone(known.asset_class) if known else "tone-10"
        return TableRow(row, label, tone, row.key if known else "")
    return TableRow(row, label, class_tone(row.key) if grouping == "class" else "", "")


SORT_KEYS: dict[str, Callable[[TableRow], Any]] = {
    "value": lambda r: (-r.row.end_value, r.label),
    "gain": lambda r: (-r.row.gain.total, r.label),
    "return": lambda r: (-r.row.twr, r.label),
    "contribution": lambda r: (-r.row.contribution, r.label),
    "name": lambda r: r.label,
}
