"""Writes of timelines: load the ledger and the market, lay them over days, keep the result."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from dataclasses import replace

import numpy as np
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.models import Workspace
from apps.assets.selectors import holidays_of
from apps.engine.grid import Days, Floats, PriceArrays
from apps.engine.returns import Timeline, build
from apps.market_data.selectors import index_table, latest_prices, price_arrays
from apps.performance import store
from apps.performance.selectors.timelines import progress_key, used_key, version_now
from apps.performance.store import Version
from apps.portfolios.loading import Ledger, ledger_load
from apps.portfolios.pricing import BANK_CALENDAR, INDEXES
from apps.portfolios.series import cash_is_tracked

LOG = logging.getLogger(__name__)
#: How long a build may take before somebody else may try.
FLIGHT_SECONDS = 180
#: Many changes of the market within so long count as one.
REFRESH_SECONDS = 30


def timeline_build(*, workspace_id: uuid.UUID, currency: str) -> bool:
    """Builds and keeps a workspace's timeline in a currency; tells whether it had to.

    The versions noted before reading are those it is kept under: a write that comes meanwhile
    leaves it older than the ledger, and whoever looks next asks again.
    """
    version = version_now(workspace_id=workspace_id, currency=currency)
    flight = f"timeline-flight:{version.key}"
    if store.has(version) or not cache.add(flight, 1, FLIGHT_SECONDS):
        return False
    started = time.perf_counter()
    try:
        store.save(version, _timeline(version))
    finally:
        cache.delete(flight)
        cache.delete(progress_key(workspace_id, currency))
    LOG.info("timeline built in %d ms", (time.perf_counter() - started) * 1000)
    return True


def _timeline(version: Version) -> Timeline:
    _advance(version, 1)
    ledger = ledger_load(workspace_id=version.workspace_id)
    _advance(version, 2)
    prices = _prices(version, ledger)
    indexes = index_table(names=INDEXES)
    _advance(version, 3)
    first = min((row.date for row in ledger.rows), default=version.day)
    extra = {"cash_tracked": "1" if ledger.rows and cash_is_tracked(ledger) else ""}
    built = build(
        ledger.rows,
        ledger.assets,
        ledger.accounts,
        prices,
        ledger.fx,
        currency=version.currency,
        start=min(first, version.day) - dt.timedelta(days=1),
        end=version.day,
        indexes=indexes,
        holidays=holidays_of(exchange_code=BANK_CALENDAR),
    )
    _advance(version, 4)
    return replace(built, extra=extra)


def _prices(version: Version, ledger: Ledger) -> PriceArrays:
    """Every close known, and the day's quotes after them: the last point is the worth that the
    overview shows."""
    ids = {uuid.UUID(code) for code in ledger.assets}
    arrays = price_arrays(workspace_id=version.workspace_id, asset_ids=ids, until=version.day)
    for asset_id, latest in latest_prices(workspace_id=version.workspace_id, asset_ids=ids).items():
        day = latest.as_of
        if isinstance(day, dt.datetime):
            day = timezone.localdate(day)
        if day <= version.day:
            arrays[str(asset_id)] = _with_point(
                arrays.get(str(asset_id)), day.toordinal(), float(latest.price)
            )
    return PriceArrays(arrays)


def _with_point(series: tuple[Days, Floats] | None, day: int, price: float) -> tuple[Days, Floats]:
    """The series with ``price`` on ``day``, unless it knows a later one."""
    if series is None or not len(series[0]):
        return np.array([day], dtype=np.int64), np.array([price])
    days, closes = series
    if days[-1] > day:
        return series
    kept = len(days) - (1 if days[-1] == day else 0)
    return np.append(days[:kept], day), np.append(closes[:kept], price)


def _advance(version: Version, step: int) -> None:
    key = progress_key(version.workspace_id, version.currency)
    cache.set(key, step, FLIGHT_SECONDS)


def timelines_refresh(*, workspace_id: uuid.UUID) -> int:
    """Builds what a workspace wants after its figures changed: its main currency ahead of anybody
    asking, and every currency somebody looked at lately. Tells how many were built."""
    base = Workspace.objects.values_list("base_currency", flat=True).get(pk=workspace_id)
    wanted = {base} | set(cache.get(used_key(workspace_id)) or ())
    return sum(timeline_build(workspace_id=workspace_id, currency=code) for code in sorted(wanted))


def timelines_used() -> list[tuple[uuid.UUID, str]]:
    """Workspaces and currencies whose figures somebody looked at lately. One query."""
    ids = list(Workspace.objects.values_list("pk", flat=True))
    found = cache.get_many([used_key(pk) for pk in ids])
    return [(pk, code) for pk in ids for code in sorted(found.get(used_key(pk), ()))]


def refresh_due() -> bool:
    """Whether used timelines should be queued now: many changes within seconds count as one."""
    return bool(cache.add("timelines:refresh-queued", 1, REFRESH_SECONDS))


def timelines_forget() -> int:
    """Removes files that nothing names any more; tells how many."""
    return store.forget_old()
