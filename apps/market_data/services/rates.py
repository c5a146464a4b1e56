"""Exchange rates and indexes, back-filled like prices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from apps.market_data.chain import Chain, NoAnswer
from apps.market_data.models import FxRate, HistoryCoverage, IndexValue
from apps.market_data.providers.base import FxRow, IndexRow
from apps.market_data.services.history import (
    EARLIEST,
    FLIGHT_SECONDS,
    Outcome,
    Window,
    may_ask,
    windows_needed,
)
from apps.market_data.services.quotes import sources_note
from apps.market_data.services.state import market_touch
from apps.market_data.sources import chain_load
from apps.market_data.store import Flight

#: Indexes the pages compare with, and those fixed income is valued by.
INDEXES = ("CDI", "SELIC", "IPCA", "IBOV", "IFIX", "SP500")
#: Currencies whose rate in reais is always wanted.
CURRENCIES = ("USD", "EUR")
LOCAL = "BRL"


def indexes_ensure(
    *,
    start: dt.date,
    codes: Iterable[str] = INDEXES,
    chain: Chain | None = None,
    now: dt.datetime | None = None,
) -> list[Outcome]:
    """Makes the values of the indexes from ``start`` on known here. For workers only."""
    now = now or timezone.now()
    chain = chain or chain_load()
    # A day's rate is published the next morning.
    end = timezone.localdate(now) - dt.timedelta(days=1)
    # Monthly values carry the first day of their month.
    start = max(start, EARLIEST).replace(day=1)
    outcomes = [_index(code, start, end, chain, now) for code in dict.fromkeys(codes)]
    sources_note(health=chain.health, now=now)
    return outcomes


def fx_ensure(
    *,
    start: dt.date,
    currencies: Iterable[str] = CURRENCIES,
    chain: Chain | None = None,
    now: dt.datetime | None = None,
) -> list[Outcome]:
    """Makes the rates of the currencies in reais from ``start`` on known here; other pairs are
    crossed from them. For workers only."""
    now = now or timezone.now()
    chain = chain or chain_load()
    # The day's closing bulletin comes out after 13:00.
    end = timezone.localdate(now)
    # The rate in force on a day may be a week old (holidays): begin a little before.
    start = max(start, EARLIEST) - dt.timedelta(days=10)
    wanted = [code for code in dict.fromkeys(currencies) if code != LOCAL]
    outcomes = [_fx(code, start, end, chain, now) for code in wanted]
    sources_note(health=chain.health, now=now)
    return outcomes


def rates_top_up(*, chain: Chain | None = None, now: dt.datetime | None = None) -> list[Outcome]:
    """Brings every rate and index that was ever wanted up to date; at least a year of them."""
    now = now or timezone.now()
    chain = chain or chain_load()
    year_ago = timezone.localdate(now) - dt.timedelta(days=365)
    known = dict(
        HistoryCoverage.objects.exclude(series__startswith="price:").values_list("series", "start")
    )
    outcomes = []
    codes = dict.fromkeys([*INDEXES, *_named(known, "index:")])
    for code in codes:
        start = known.get(f"index:{code}") or year_ago
        outcomes += indexes_ensure(codes=[code], start=start, chain=chain, now=now)
    pairs = [pair.removesuffix(LOCAL) for pair in _named(known, "fx:")]
    for currency in dict.fromkeys([*CURRENCIES, *pairs]):
        start = known.get(f"fx:{currency}{LOCAL}") or year_ago
        outcomes += fx_ensure(
            currencies=[currency],
            # The margin is in the stored start already.
            start=start + dt.timedelta(days=10),
            chain=chain,
            now=now,
        )
    return outcomes


def _named(known: Iterable[str], prefix: str) -> list[str]:
    return [series.removeprefix(prefix) for series in known if series.startswith(prefix)]


def _index(code: str, start: dt.date, end: dt.date, chain: Chain, now: dt.datetime) -> Outcome:
    series = f"index:{code}"
    with Flight([series], FLIGHT_SECONDS) as flight:
        if not flight.mine:
            return Outcome(series, busy=True)
        coverage = HistoryCoverage.objects.filter(pk=series).first()
        if not may_ask(coverage, now):
            return Outcome(series, error=coverage.last_error if coverage else "")
        stored = 0
        for window in windows_needed(coverage, start, end):
            try:
                source, rows = chain.index(code, start=window[0], end=window[1])
            except NoAnswer as error:
                return _failed(series, error, now, stored)
            stored += _index_store(code, rows, source)
            _widen(series, window, [row.date for row in rows], source, now)
        return Outcome(series, stored)


def _fx(currency: str, start: dt.date, end: dt.date, chain: Chain, now: dt.datetime) -> Outcome:
    series = f"fx:{currency}{LOCAL}"
    with Flight([series], FLIGHT_SECONDS) as flight:
        if not flight.mine:
            return Outcome(series, busy=True)
        coverage = HistoryCoverage.objects.filter(pk=series).first()
        if not may_ask(coverage, now):
            return Outcome(series, error=coverage.last_error if coverage else "")
        stored = 0
        for window in windows_needed(coverage, start, end):
            try:
                source, rows = chain.fx(currency, LOCAL, start=window[0], end=window[1])
            except NoAnswer as error:
                return _failed(series, error, now, stored)
            stored += _fx_store(rows, source)
            _widen(series, window, [row.date for row in rows], source, now)
        return Outcome(series, stored)


def _failed(series: str, error: NoAnswer, now: dt.datetime, stored: int) -> Outcome:
    text = f"{'final' if error.final else 'failed'}: {error.detail}"[:300]
    HistoryCoverage.objects.update_or_create(
        series=series, defaults={"last_error": text, "checked_at": now}
    )
    return Outcome(series, stored, error=text)


def _widen(series: str, window: Window, days: list[dt.date], source: str, now: dt.datetime) -> None:
    """Unlike a price, a rate that is not there yet will come: the end is the last one published."""
    before = HistoryCoverage.objects.filter(pk=series).first()
    start, end = window[0], max(days, default=None)
    if before is not None and before.start is not None and before.end is not None:
        start = min(start, before.start)
        end = max(before.end, end) if end is not None else before.end
    values: dict[str, object] = {"source": source, "last_error": "", "checked_at": now}
    if end is not None:
        values |= {"start": min(start, end), "end": end}
    HistoryCoverage.objects.update_or_create(series=series, defaults=values)


@transaction.atomic
def _index_store(code: str, rows: list[IndexRow], source: str) -> int:
    stored = dict(IndexValue.objects.filter(index=code).values_list("date", "value"))
    changed = [row for row in rows if stored.get(row.date) != row.value]
    IndexValue.objects.bulk_create(
        [IndexValue(index=code, date=row.date, value=row.value, source=source) for row in changed],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["index", "date"],
        update_fields=["value", "source"],
    )
    if changed:
        market_touch(settles=True)
    return len(changed)


@transaction.atomic
def _fx_store(rows: list[FxRow], source: str) -> int:
    if not rows:
        return 0
    first = rows[0]
    stored = {
        day: (rate, rate_buy)
        for day, rate, rate_buy in FxRate.objects.filter(
            base=first.base, quote=first.quote, source=source
        ).values_list("date", "rate", "rate_buy")
    }
    changed = [row for row in rows if stored.get(row.date) != (row.rate, row.rate_buy)]
    FxRate.objects.bulk_create(
        [
            FxRate(
                date=row.date,
                base=row.base,
                quote=row.quote,
                rate=row.rate,
                rate_buy=row.rate_buy,
                source=source,
            )
            for row in changed
        ],
        batch_size=2000,
        update_conflicts=True,
        unique_fields=["base", "quote", "source", "date"],
        update_fields=["rate", "rate_buy"],
    )
    if changed:
        market_touch(settles=True)
    return len(changed)
