"""What a portfolio is compared with, laid over the days of its timeline."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections import OrderedDict
from dataclasses import replace
from typing import Generic, TypeVar

import numpy as np
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import assets_of
from apps.common.errors import Invalid
from apps.engine.grid import Floats, PriceArrays, fx_grid, ordinals
from apps.engine.prices import FxTable
from apps.engine.returns import Levels, benchmarks
from apps.engine.types import Issue
from apps.market_data.selectors import fx_table, index_table
from apps.performance.query import Benchmark
from apps.performance.selectors.payments import Paid, payments_of
from apps.performance.selectors.prices import price_series
from apps.performance.selectors.timelines import Ready

INFLATION = Benchmark("IPCA", "IPCA")
#: Points that are money of a country, for those who want them in another currency.
MONEY_OF = {"IBOV": "BRL", "IFIX": "BRL", "SP500": "USD"}
DAILY = frozenset({"CDI", "SELIC"})
MONTHLY = frozenset({"IPCA", "IGPM"})
KEPT = 96


Laid = TypeVar("Laid")


class _Laid(Generic[Laid]):
    """What this process laid last; levels are some 35 kB each."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[object, ...], Laid] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[object, ...]) -> Laid | None:
        """What was laid over this version of a timeline."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: tuple[object, ...], laid: Laid) -> None:
        """Keeps it, dropping what was not used for longest."""
        with self._lock:
            self._found[key] = laid
            while len(self._found) > KEPT:
                self._found.popitem(last=False)


_laid: _Laid[Levels] = _Laid()
_paid: _Laid[Paid] = _Laid()


def levels_of(
    *, access: Access, ready: Ready, benchmark: Benchmark, with_income: bool = False
) -> Levels:
    """One benchmark over the timeline's days; an asset ``with_income`` reinvests what it paid, on
    the day it did. At most seven queries, none once laid. Raises :class:`Invalid` for an asset
    nobody knows."""
    key = (ready.version.key, benchmark.code, with_income)
    found = _laid.get(key)
    if found is None:
        found = _asset(access, ready, benchmark) if benchmark.asset else _index(ready, benchmark)
        if with_income:
            paid = _paid_of(access, ready, benchmark)
            found = replace(found, levels=_reinvested(ready, found.levels, paid))
        _laid.put(key, found)
    return found


def tells_income(
    *, access: Access, ready: Ready, benchmark: Benchmark, start: dt.date, end: dt.date
) -> bool:
    """Whether all that an asset paid over (start, end] is known: the workspace had it on every day,
    and every row of its income says for how many shares. Two queries, none once laid."""
    if not benchmark.asset:
        return False
    paid = _paid_of(access, ready, benchmark)
    timeline = ready.timeline
    mine = timeline.where(assets={paid.asset})
    worth = timeline.values[mine, timeline.at(start) : timeline.at(end) + 1].sum(axis=0)
    whole = all(each.yields is not None for each in paid.payments if start < each.date <= end)
    return bool(mine.any() and (worth > 0.0).all() and whole)


def _paid_of(access: Access, ready: Ready, benchmark: Benchmark) -> Paid:
    key = (ready.version.key, benchmark.code)
    found = _paid.get(key)
    if found is None:
        asset = asset_named(access=access, text=benchmark.asset)
        found = Paid(str(asset.pk), payments_of(access=access, asset=asset))
        _paid.put(key, found)
    return found


def _reinvested(ready: Ready, levels: Floats, paid: Paid) -> Floats:
    grown = np.ones(len(levels))
    for each in paid.payments:
        if each.yields is not None and ready.timeline.start < each.date <= ready.timeline.end:
            grown[ready.timeline.at(each.date) :] *= 1.0 + each.yields
    return levels * grown


def _index(ready: Ready, benchmark: Benchmark) -> Levels:
    timeline, name = ready.timeline, benchmark.index
    table = index_table(names=[name])
    if name in DAILY:
        return benchmarks.daily_rate(timeline, table, name, float(benchmark.percent))
    if name in MONTHLY:
        return benchmarks.monthly_rate(timeline, table, name, float(benchmark.spread))
    levels = benchmarks.points(timeline, table, name)
    source = MONEY_OF[name]
    if benchmark.currency in ("", source):
        return levels
    return _converted(levels, ready, source, benchmark.currency)


def _converted(levels: Levels, ready: Ready, source: str, target: str) -> Levels:
    """Points that are money of one country, in the money of another."""
    grid = fx_grid(fx_table(), source, target, ready.timeline.ordinals)
    known = np.flatnonzero(~np.isnan(grid))
    if not len(known):
        issue = Issue("fx_rate_missing", source, {"base": source, "quote": target})
        return replace(levels, issues=(*levels.issues, issue))
    first = int(known[0])
    grid[:first] = grid[first]
    return replace(levels, levels=levels.levels * grid, first=max(levels.first, first))


def _asset(access: Access, ready: Ready, benchmark: Benchmark) -> Levels:
    """An asset by its closes in today's shares, in the report's currency."""
    asset = asset_named(access=access, text=benchmark.asset)
    series = price_series(workspace_id=access.workspace.pk, asset_id=asset.pk)
    arrays = PriceArrays({asset.ticker: (ordinals(series.dates), series.adjusted)})
    fx = FxTable() if asset.currency == ready.timeline.currency else fx_table()
    return benchmarks.asset(ready.timeline, arrays, asset.ticker, currency=asset.currency, fx=fx)


def asset_named(*, access: Access, text: str) -> Asset:
    """An asset by id or by code, the workspace's own first. Raises :class:`Invalid`."""
    visible = assets_of(access=access)
    try:
        found = visible.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        named = visible.filter(ticker__iexact=text)
        found = named.order_by(F("workspace").asc(nulls_last=True), "market").first()
    if found is None:
        raise Invalid(
            "unknown_benchmark",
            _("Não conhecemos a referência %(name)s.") % {"name": text},
            field="benchmarks",
        )
    return found
