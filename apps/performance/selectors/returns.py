"""Returns of a portfolio over a period: figures, comparisons, table by group, heat-map, series."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.accounts.access import Access
from apps.engine.returns import Figures, GroupRow, Levels, measure, table_by
from apps.engine.returns import heat_map as months_of
from apps.engine.returns import rolling as windows_of
from apps.engine.returns.figures import MonthReturn
from apps.engine.returns.model import Marked
from apps.engine.returns.periods import Rolling
from apps.performance.query import Benchmark, Query
from apps.performance.selectors.after_tax import AfterTax, after_tax_of
from apps.performance.selectors.benchmarks import INFLATION, levels_of, tells_income
from apps.performance.selectors.scope import Scope, group_key, group_label, scope_of
from apps.performance.selectors.timelines import Building

#: Days of the windows a rolling return is offered for.
WINDOWS = {"1m": 30, "3m": 91, "6m": 182, "12m": 365, "24m": 730, "36m": 1095}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that keeps figures of the period from being whole: ``code`` picks the words
    (``apps.common.issue_texts``), ``asset`` and ``ticker`` say of what, over which days."""

    code: str
    asset: str
    ticker: str
    first: dt.date | None
    last: dt.date | None
    days: int


@dataclass(frozen=True)
class Performance:
    """Everything about the returns of a scope. ``figures`` are the engine's: money in
    ``scope.currency``, rates as fractions, ``None`` unknown. ``price_only`` names the benchmarks
    that leave out what was paid on the way."""

    access: Access
    scope: Scope
    figures: Figures
    notes: Sequence[Note]
    price_only: frozenset[str] = frozenset()
    is_ready: bool = True

    @cached_property
    def rows(self) -> Sequence[GroupRow]:
        """The table by ``query.group_by``, the largest end value first."""
        return grouped(self.scope, self.scope.query.group_by)

    @cached_property
    def by_asset(self) -> Sequence[GroupRow]:
        """The table by asset, whatever the grouping."""
        same = self.scope.query.group_by == "asset"
        return self.rows if same else grouped(self.scope, "asset")

    @cached_property
    def after_tax(self) -> AfterTax:
        """The same after the taxes their holders owe, looked up when asked for."""
        return after_tax_of(self.access, self.scope, self.figures)

    def label(self, row: GroupRow) -> str:
        """The words for a row of ``rows``; empty for what has no group."""
        return group_label(row.key, self.scope.query.group_by, self.scope.names)


def performance(*, access: Access, query: Query) -> Performance | Building:
    """Returns, gains and risk of a portfolio over (start, end], with its comparisons.

    Queries: those of :func:`scope_of`, and those of each benchmark not laid before by this
    process. Raises ``NotFound`` and ``Invalid``.
    """
    scope = scope_of(access=access, query=query)
    return scope if isinstance(scope, Building) else measured(access, scope)


def measured(access: Access, scope: Scope) -> Performance:
    """The performance of a scope."""
    query, ready = scope.query, scope.ready
    of: dict[str, Any] = {"access": access, "ready": ready}
    told = {
        b.code
        for b in query.benchmarks
        if tells_income(**of, benchmark=b, start=scope.start, end=scope.end)
    }
    compared = {
        b.code: levels_of(**of, benchmark=b, with_income=b.code in told) for b in query.benchmarks
    }
    free = levels_of(
        access=access, ready=ready, benchmark=Benchmark(query.risk_free, query.risk_free)
    )
    inflation = levels_of(access=access, ready=ready, benchmark=INFLATION)
    figures = measure(
        scope.timeline,
        lines=scope.lines,
        start=scope.start,
        end=scope.end,
        with_cash=scope.with_cash,
        benchmarks=compared,
        risk_free=free if free.last >= 0 else None,
        inflation=inflation if inflation.last >= 0 else None,
    )
    plain = frozenset(b.code for b in query.benchmarks if b.is_price_only) - told
    return Performance(access, scope, figures, notes_of(scope, figures, compared), plain)


def grouped(scope: Scope, grouping: str) -> Sequence[GroupRow]:
    """The table of a scope by asset, class, currency, country, sector, broker, account, holder or
    tag, the largest end value first."""
    return table_by(
        scope.timeline,
        lambda line: group_key(line, grouping, scope.names),
        lines=scope.lines,
        start=scope.start,
        end=scope.end,
        with_cash=scope.with_cash,
    )


def heat_map(found: Performance) -> Sequence[MonthReturn]:
    """Returns by month and, with ``month`` 0, by year, oldest first."""
    return months_of(found.figures.daily)


def rolling_returns(found: Performance, window: str) -> Rolling:
    """Return and volatility of each window (``WINDOWS``) that ends inside the period."""
    return windows_of(found.figures.daily, WINDOWS.get(window, WINDOWS["12m"]))


@dataclass(frozen=True, slots=True)
class Windows:
    """The return of each window of ``days`` that ends inside the period; the first ends on
    ``first``."""

    days: int
    first: dt.date
    rate: NDArray[np.float64]

    def end_of(self, at: int) -> dt.date:
        """The day a window ends on."""
        return self.first + dt.timedelta(days=at)

    def start_of(self, at: int) -> dt.date:
        """The day at whose close it opens."""
        return self.end_of(at) - dt.timedelta(days=self.days)


def windows_from(scope: Scope, window: str) -> dt.date:
    """The day from which the first window that ends inside the period is measured."""
    return max(scope.start - dt.timedelta(days=WINDOWS[window]), scope.timeline.start)


def windows_ending(found: Performance, window: str) -> Windows:
    """Every window that ends inside the period, measured from before it where need be."""
    longer = replace(found.scope, start=windows_from(found.scope, window))
    rolling = rolling_returns(measured(found.access, longer), window)
    return Windows(rolling.days, rolling.start, rolling.rate)


def notes_of(scope: Scope, figures: Figures, compared: dict[str, Levels]) -> list[Note]:
    """What rests on less than a price of the day within the period, and what cannot be told."""
    timeline = scope.timeline
    first, last = timeline.at(scope.start), timeline.at(scope.end)
    stretches: dict[tuple[str, str], tuple[int, int, int]] = {}
    for mark in timeline.marks:
        low, high = max(mark.first, first), min(mark.last, last)
        if low > high or not scope.lines[mark.line] or mark.why not in MARKS:
            continue
        key = (MARKS[mark.why], timeline.lines[mark.line].asset)
        before = stretches.get(key, (low, high, 0))
        days = max(before[2], high - low + 1)
        stretches[key] = (min(before[0], low), max(before[1], high), days)
    notes = [
        Note(
            code,
            asset,
            scope.names.ticker(asset),
            timeline.date(low),
            timeline.date(high),
            days,
        )
        for (code, asset), (low, high, days) in stretches.items()
    ]
    notes += [Note(issue.code, "", "", None, None, 0) for issue in figures.issues]
    notes += [
        Note("benchmark_missing", "", name, None, None, 0)
        for name, levels in compared.items()
        if levels.last < 0
    ]
    if scope.with_cash and not scope.cash_tracked:
        notes.append(Note("cash_untracked", "", "", None, None, 0))
    return notes


MARKS = {
    Marked.COST: "valued_at_cost",
    Marked.STALE: "price_hole",
    Marked.UNKNOWN: "left_out_of_value",
    Marked.TERMS: "valued_by_terms",
    Marked.RATE: "fx_rate_before_first",
}
