"""Daily history, back-filled on first need and topped up afterwards.

A window is asked for once: what was asked is kept in ``HistoryCoverage``, so that a second
request only adds what it widens. Days nobody has stay without a price.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.assets.models import Asset
from apps.market_data.calendar import Calendar, calendars_load
from apps.market_data.chain import Chain
from apps.market_data.models import HistoryCoverage, Price
from apps.market_data.providers.base import History, HistoryRow, PlanRestricted, SymbolNotFound
from apps.market_data.services.quotes import instrument_of, sources_note
from apps.market_data.services.state import market_touch
from apps.market_data.sources import chain_load
from apps.market_data.store import Flight

# Asked again at every top-up: late corrections, and a split since shows in the factor.
OVERLAP = dt.timedelta(days=10)
EARLIEST = dt.date(1995, 1, 2)
FLIGHT_SECONDS = 600
RETRY_FINAL = dt.timedelta(hours=24)
RETRY_FAILED = dt.timedelta(minutes=15)
# B3's own file is the record of what was traded: no vendor replaces it.
OFFICIAL = frozenset({"cotahist"})
PRICE_STEP, FACTOR_STEP = Decimal("1E-10"), Decimal("1E-12")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one series. ``busy``: another process is at it; ask again later."""

    series: str
    stored: int = 0
    missing: int = 0
    error: str = ""
    busy: bool = False


Window = tuple[dt.date, dt.date]


def windows_needed(coverage: HistoryCoverage | None, start: dt.date, end: dt.date) -> list[Window]:
    """What of ``start`` to ``end`` was not asked yet; a top-up overlaps what is there.

    The top-up comes first: it finds the splits since, by which the stored rows are rescaled, and
    older rows arrive with those splits counted already.
    """
    if start > end:
        return []
    if coverage is None or coverage.start is None or coverage.end is None:
        return [(start, end)]
    windows = []
    if end > coverage.end:
        windows.append((max(coverage.start, coverage.end - OVERLAP), end))
    if start < coverage.start:
        windows.append((start, coverage.start - dt.timedelta(days=1)))
    return windows


def may_ask(coverage: HistoryCoverage | None, now: dt.datetime) -> bool:
    """Whether enough time passed since the last failure."""
    if coverage is None or not coverage.last_error:
        return True
    final = coverage.last_error.startswith("final")
    return now - coverage.checked_at >= (RETRY_FINAL if final else RETRY_FAILED)


def history_missing(
    *, starts: Mapping[uuid.UUID, dt.date], now: dt.datetime | None = None
) -> dict[uuid.UUID, dt.date]:
    """Those of the assets whose history does not reach back to the wanted date, or not up to the
    last close. Cheap enough for every rebuild: four queries."""
    now = now or timezone.now()
    calendars = calendars_load(since=now.date() - dt.timedelta(days=40))
    known = HistoryCoverage.objects.in_bulk([f"price:{pk}" for pk in starts])
    assets = Asset.objects.filter(pk__in=set(starts), is_demo=False).only(
        "id", "exchange_id", "is_delisted"
    )
    needed = {}
    for asset in assets:
        coverage = known.get(f"price:{asset.pk}")
        end = _end(calendars.get(asset.exchange_id or ""), now)
        if coverage is not None and asset.is_delisted and coverage.end is not None:
            end = coverage.end
        start = max(starts[asset.pk], EARLIEST)
        if may_ask(coverage, now) and windows_needed(coverage, start, end):
            needed[asset.pk] = start
    return needed


def history_known(*, now: dt.datetime | None = None) -> dict[uuid.UUID, dt.date]:
    """Assets whose history was wanted once and lacks the last close: what the daily top-up asks."""
    starts = {
        uuid.UUID(series.removeprefix("price:")): start
        for series, start in HistoryCoverage.objects.filter(
            series__startswith="price:", start__isnull=False
        ).values_list("series", "start")
        if start is not None
    }
    return history_missing(starts=starts, now=now)


def history_ensure(
    *,
    asset_ids: Iterable[uuid.UUID],
    start: dt.date,
    chain: Chain | None = None,
    now: dt.datetime | None = None,
) -> list[Outcome]:
    """Makes the daily closes from ``start`` to the last close known here, as far as vendors have
    them. Slow (it asks vendors): for workers only."""
    now = now or timezone.now()
    ids = set(asset_ids)
    assets = list(Asset.objects.filter(pk__in=ids, is_demo=False))
    calendars = calendars_load({a.exchange_id for a in assets if a.exchange_id})
    chain = chain or chain_load()
    outcomes = []
    for asset in assets:
        calendar = calendars.get(asset.exchange_id or "")
        outcomes.append(_ensure_one(asset, calendar, max(start, EARLIEST), chain, now))
    sources_note(health=chain.health, now=now)
    return outcomes


def _ensure_one(
    asset: Asset, calendar: Calendar | None, start: dt.date, chain: Chain, now: dt.datetime
) -> Outcome:
    series = f"price:{asset.pk}"
    with Flight([series], FLIGHT_SECONDS) as flight:
        if not flight.mine:
            return Outcome(series, busy=True)
        coverage = HistoryCoverage.objects.filter(pk=series).first()
        if not may_ask(coverage, now):
            return Outcome(series, error=coverage.last_error if coverage else "")
        stored, error = 0, ""
        for window in windows_needed(coverage, start, _end(calendar, now)):
            rows, error = _fill(asset, calendar, window, chain, now)
            stored += rows
            if error:
                break
        after = HistoryCoverage.objects.filter(pk=series).first()
        return Outcome(series, stored, after.missing if after else 0, error)


def _fill(
    asset: Asset, calendar: Calendar | None, window: Window, chain: Chain, now: dt.datetime
) -> tuple[int, str]:
    """One window from as many vendors as it takes: the first gives what it has, the next ones
    only the sessions still missing."""
    start, end = window
    stored, source, failures = 0, "", {}
    for code, answer in chain.histories(instrument_of(asset), start=start, end=end):
        if not isinstance(answer, History):
            failures[code] = answer
            continue
        rows = without_unit_jumps(answer.rows)
        stored += _rows_store(asset.pk, rows, code, window, only_new=bool(source))
        source = source or code
        if not _gaps(asset.pk, calendar, window):
            break
    if not source:
        # No vendor at all is no answer: one may be switched on at any time.
        final = bool(failures) and all(
            isinstance(error, SymbolNotFound | PlanRestricted) for error in failures.values()
        )
        text = "; ".join(f"{code}: {error.code}" for code, error in failures.items()) or "no_source"
        error = f"{'final' if final else 'failed'}: {text}"[:300]
        HistoryCoverage.objects.update_or_create(
            series=f"price:{asset.pk}", defaults={"last_error": error, "checked_at": now}
        )
        return 0, error
    _coverage_widen(f"price:{asset.pk}", window, source, now)
    missing = len(_gaps(asset.pk, calendar, None))
    HistoryCoverage.objects.filter(pk=f"price:{asset.pk}").update(missing=missing)
    return stored, ""


@transaction.atomic
def _rows_store(
    asset_id: uuid.UUID, rows: Sequence[HistoryRow], source: str, window: Window, only_new: bool
) -> int:
    """Writes what is new or different; tells how many rows."""
    if not rows:
        return 0
    shared = Price.objects.filter(asset_id=asset_id, workspace__isnull=True)
    stored = {
        row.date: row for row in shared.filter(date__gte=rows[0].date, date__lte=rows[-1].date)
    }
    new, changed = [], []
    rescale = Decimal(1)
    for row in rows:
        close = row.close.quantize(PRICE_STEP, rounding=ROUND_HALF_EVEN)
        factor = row.factor.quantize(FACTOR_STEP, rounding=ROUND_HALF_EVEN)
        if close <= 0 or factor <= 0:
            continue
        before = stored.get(row.date)
        if before is None:
            new.append(
                Price(
                    asset_id=asset_id,
                    date=row.date,
                    close=close,
                    adjustment_factor=factor,
                    source=source,
                )
            )
            continue
        if only_new:
            continue
        if before.adjustment_factor != factor and rescale == 1:
            # A split since the last visit: older rows outside of this window follow it.
            rescale = factor / before.adjustment_factor
        if before.source in OFFICIAL:
            close = before.close
        if (before.close, before.adjustment_factor) != (close, factor):
            before.close, before.adjustment_factor = close, factor
            if before.source not in OFFICIAL:
                before.source = source
            changed.append(before)
    Price.objects.bulk_create(new, batch_size=2000, ignore_conflicts=True)
    Price.objects.bulk_update(changed, ["close", "adjustment_factor", "source"], batch_size=1000)
    if rescale != 1:
        shared.filter(date__lt=rows[0].date).update(
            adjustment_factor=F("adjustment_factor") * rescale
        )
    if new or changed:
        market_touch(asset_ids=[asset_id], settles=True)
    return len(new) + len(changed)


def _coverage_widen(series: str, window: Window, source: str, now: dt.datetime) -> None:
    before = HistoryCoverage.objects.filter(pk=series).first()
    start, end = window
    if before is not None and before.start is not None and before.end is not None:
        start, end = min(start, before.start), max(end, before.end)
    HistoryCoverage.objects.update_or_create(
        series=series,
        defaults={
            "start": start,
            "end": end,
            "source": source,
            "last_error": "",
            "checked_at": now,
        },
    )


def _gaps(asset_id: uuid.UUID, calendar: Calendar | None, window: Window | None) -> list[dt.date]:
    """Sessions without a close, between the first close there is and the end of the window (the
    last close without one): before the first the asset may not have existed."""
    if calendar is None:
        return []
    rows = Price.objects.filter(asset_id=asset_id, workspace__isnull=True)
    if window is not None:
        rows = rows.filter(date__gte=window[0], date__lte=window[1])
    days = set(rows.values_list("date", flat=True))
    if not days:
        return list(calendar.sessions(*window)) if window else []
    last = window[1] if window else max(days)
    return [day for day in calendar.sessions(min(days), last) if day not in days]


def _end(calendar: Calendar | None, now: dt.datetime) -> dt.date:
    if calendar is not None:
        return calendar.last_close(now)
    return timezone.localdate(now) - dt.timedelta(days=1)


def without_unit_jumps(rows: Sequence[HistoryRow]) -> list[HistoryRow]:
    """Leaves out rows in another unit than their neighbours (vendors mix pence and pounds, or
    lots and shares, in old rows): more than 30 times off the median of the five around them.

    Compared after ``factor``, so that a split is no jump.
    """
    adjusted = [row.close * row.factor for row in rows]
    kept = []
    for position, row in enumerate(rows):
        first = max(0, min(position - 2, len(rows) - 5))
        around = sorted(adjusted[first : first + 5])
        middle = around[len(around) // 2]
        if middle / 30 < adjusted[position] < middle * 30:
            kept.append(row)
    return kept
