"""Income of a portfolio: by month, by asset, its yield and its growth."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.accounts.access import Access
from apps.engine.returns import income_by_asset, income_by_month, periodicity
from apps.engine.returns.figures import IncomeCell, IncomeRow
from apps.engine.returns.model import What
from apps.performance.query import Query
from apps.performance.selectors.scope import Scope, scope_of
from apps.performance.selectors.timelines import Building


@dataclass(frozen=True, slots=True)
class MonthIncome:
    """Income of all assets in a month, and what the same month of the year before brought (0.0
    where it brought nothing)."""

    month: dt.date
    gross: float
    withheld: float
    net: float
    year_before: float


@dataclass(frozen=True, slots=True)
class AssetIncome:
    """Income of an asset with its name and how often it pays (``NONE``, ``MONTHLY``,
    ``QUARTERLY``, ``SEMIANNUAL``, ``ANNUAL`` or ``IRREGULAR``)."""

    asset: str
    ticker: str
    row: IncomeRow
    periodicity: str
    payments: int


@dataclass(frozen=True, slots=True)
class Income:
    """Income over (start, end]. ``total`` is of everything (``None``: nothing was paid), ``months``
    has every month of the period, ``cells`` each asset's part of a month."""

    scope: Scope
    total: IncomeRow | None
    months: Sequence[MonthIncome]
    assets: Sequence[AssetIncome]
    cells: Sequence[IncomeCell]
    is_ready: bool = True


def income_analysis(*, access: Access, query: Query) -> Income | Building:
    """Income of the portfolio; the queries of :func:`scope_of` and no more."""
    scope = scope_of(access=access, query=query)
    return scope if isinstance(scope, Building) else income_of(scope)


def income_of(scope: Scope) -> Income:
    """The income of a scope."""
    timeline, lines, cash = scope.timeline, scope.lines, scope.with_cash
    # A year earlier too, to set each month beside the same one before.
    everything = income_by_month(timeline, lines=lines, end=scope.end, with_cash=cash)
    rows = income_by_asset(timeline, lines=lines, start=scope.start, end=scope.end, with_cash=cash)
    cells = income_by_month(timeline, lines=lines, start=scope.start, end=scope.end, with_cash=cash)
    paid = _payment_days(scope)
    assets = []
    for row in rows:
        if row.key:
            rhythm = periodicity(paid.get(row.key, ()))
            name = scope.names.ticker(row.key)
            assets.append(AssetIncome(row.key, name, row, str(rhythm.periodicity), rhythm.events))
    total = next((row for row in rows if not row.key), None)
    return Income(scope, total, _months(scope, cells, everything), assets, cells)


def _months(
    scope: Scope, cells: Sequence[IncomeCell], everything: Sequence[IncomeCell]
) -> list[MonthIncome]:
    gross: dict[dt.date, float] = defaultdict(float)
    withheld: dict[dt.date, float] = defaultdict(float)
    ever: dict[dt.date, float] = defaultdict(float)
    for cell in cells:
        gross[cell.month] += cell.gross
        withheld[cell.month] += cell.withheld
    for cell in everything:
        ever[cell.month] += cell.gross
    first = min(gross, default=scope.end.replace(day=1))
    months = []
    month = max(first, (scope.start + dt.timedelta(days=1)).replace(day=1))
    while month <= scope.end:
        before = ever[month.replace(year=month.year - 1)] if month.year > 1 else 0.0
        taken = withheld[month]
        months.append(MonthIncome(month, gross[month], taken, gross[month] - taken, before))
        month = (month + dt.timedelta(days=32)).replace(day=1)
    return months


def _payment_days(scope: Scope) -> dict[str, list[dt.date]]:
    """Days on which each asset paid, up to the end of the period."""
    timeline, events = scope.timeline, scope.timeline.events
    last = timeline.at(scope.end)
    paid = (events.what == What.INCOME) & scope.lines[events.line] & (events.day <= last)
    found: dict[str, list[dt.date]] = defaultdict(list)
    for at in np.flatnonzero(paid):
        asset = timeline.lines[int(events.line[at])].asset
        if asset:
            found[asset].append(timeline.date(int(events.day[at])))
    return found
