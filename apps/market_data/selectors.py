"""Reads of prices, rates and indexes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import asset_get, assets_of
from apps.common.errors import NotFound
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.market_data.calendar import calendars_load
from apps.market_data.models import (
    DataSource,
    FxRate,
    HistoryCoverage,
    IndexValue,
    MarketState,
    Price,
    Quote,
)
from apps.market_data.store import quotes_get

Days = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LatestPrice:
    """The newest price a workspace knows of an asset, with its time and source.

    ``fetched_at`` is when a vendor last confirmed it (``None`` for closes and typed prices);
    ``stale`` says that a newer one should be known by now.
    """

    price: Decimal
    currency: str
    as_of: dt.datetime | dt.date
    previous_close: Decimal | None
    source: str
    fetched_at: dt.datetime | None = None
    stale: bool = False

    @property
    def day(self) -> dt.date:
        """The date of the price, where its readers live."""
        if isinstance(self.as_of, dt.datetime):
            return timezone.localdate(self.as_of)
        return self.as_of


SHOWN_KEY = "market:version"


def market_version() -> int:
    """How many times market data changed, as figures are kept by. At most one query.

    Kept for a few seconds, so that a back-fill does not make every page compute its figures anew
    after each asset; what a person did, and fresh quotes, show at once (see ``market_touch``).
    """
    shown: int | None = cache.get(SHOWN_KEY)
    if shown is not None:
        return shown
    found = MarketState.objects.filter(pk=1).values_list("version", flat=True).first() or 0
    if settings.EXITUS_MARKET_SETTLE_SECONDS:
        cache.set(SHOWN_KEY, found, settings.EXITUS_MARKET_SETTLE_SECONDS)
    return found


def latest_prices(
    *, workspace_id: uuid.UUID, asset_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, LatestPrice]:
    """The newest price of each asset: a typed one of this workspace wins over a quote of the same
    day or older, a quote over a daily close. Assets nobody priced are absent.

    Fresh quotes come from Redis, the others from the database: at most three queries.
    """
    ids = set(asset_ids)
    found = _last_closes(ids)
    typed = {
        asset_id: LatestPrice(close, currency, day, None, source)
        for asset_id, day, close, source, currency in Price.objects.filter(
            workspace_id=workspace_id, asset_id__in=ids
        )
        .order_by("asset_id", "-date")
        .distinct("asset_id")
        .values_list("asset_id", "date", "close", "source", "asset__currency")
    }
    for asset_id, quote in _quotes(ids).items():
        daily = found.get(asset_id)
        if daily is None or daily.day <= quote.day:
            found[asset_id] = quote
    for asset_id, price in typed.items():
        if asset_id not in found or found[asset_id].day <= price.day:
            found[asset_id] = price
    return found


def _last_closes(ids: set[uuid.UUID]) -> dict[uuid.UUID, LatestPrice]:
    """The newest shared close of each asset. One query, a look into the index for each: sorting
    twelve years of 250 assets to find 250 rows takes most of a second."""
    shared = Price.objects.filter(asset=OuterRef("pk"), workspace__isnull=True).order_by("-date")
    rows = (
        Asset.objects.filter(pk__in=ids)
        .annotate(
            day=Subquery(shared.values("date")[:1]),
            close=Subquery(shared.values("close")[:1]),
            origin=Subquery(shared.values("source")[:1]),
        )
        .values_list("pk", "day", "close", "origin", "currency")
    )
    return {
        pk: LatestPrice(close, currency, day, None, origin)
        for pk, day, close, origin, currency in rows
        if close is not None
    }


def _quotes(ids: set[uuid.UUID]) -> dict[uuid.UUID, LatestPrice]:
    """Quotes of whichever of the assets has one; one query when some are not fresh."""
    fresh = quotes_get(ids)
    found = {
        asset_id: LatestPrice(
            quote.price,
            quote.currency,
            quote.as_of,
            quote.previous_close,
            quote.source,
            quote.fetched_at,
        )
        for asset_id, quote in fresh.items()
    }
    rest = ids - fresh.keys()
    for row in Quote.objects.filter(asset_id__in=rest) if rest else ():
        found[row.asset_id] = LatestPrice(
            row.price,
            row.currency,
            row.as_of,
            row.previous_close,
            row.source,
            row.fetched_at,
        )
    return found


def quotes_of(*, access: Access, asset_ids: Iterable[uuid.UUID]) -> list[AssetQuote]:
    """Latest prices of those of the assets the workspace sees and somebody priced, by code, with
    the mark of those that are late. At most six queries."""
    assets = {
        asset.pk: asset
        for asset in assets_of(access=access)
        .filter(pk__in=set(asset_ids))
        .only("id", "ticker", "market", "currency", "exchange_id")
    }
    prices = latest_prices(workspace_id=access.workspace.pk, asset_ids=assets)
    now = timezone.now()
    calendars = calendars_load(since=now.date() - dt.timedelta(days=40))
    rows = []
    for asset_id, price in prices.items():
        asset = assets[asset_id]
        calendar = calendars.get(asset.exchange_id or "")
        stale = calendar is not None and calendar.is_stale(price.as_of, now)
        rows.append(AssetQuote(asset, replace(price, stale=stale)))
    return sorted(rows, key=lambda row: (row.asset.ticker, row.asset.market))


def assets_priced(*, access: Access) -> QuerySet[Asset]:
    """Assets the workspace sees and knows a price of, by code."""
    closes = Price.objects.filter(asset=OuterRef("pk")).filter(
        Q(workspace__isnull=True) | Q(workspace=access.workspace)
    )
    quotes = Quote.objects.filter(asset=OuterRef("pk"))
    return (
        assets_of(access=access)
        .filter(Exists(quotes) | Exists(closes))
        .order_by("ticker", "market", "pk")
    )


def quote_get(*, access: Access, asset_id: object) -> AssetQuote:
    """The newest price of one asset. Raises ``NotFound``, also when it has none."""
    asset = asset_get(access=access, asset_id=asset_id)
    found = quotes_of(access=access, asset_ids=[asset.pk])
    if not found:
        raise NotFound("no_price", _("Ainda não há preço deste ativo."))
    return found[0]


@dataclass(frozen=True, slots=True)
class AssetQuote:
    """An asset with its newest price."""

    asset: Asset
    latest: LatestPrice


def prices_of(*, access: Access) -> QuerySet[Price]:
    """Daily closes of the assets the workspace sees: the shared ones and its own."""
    return (
        Price.objects.select_related("asset")
        .filter(Q(workspace__isnull=True) | Q(workspace=access.workspace))
        .filter(asset__in=assets_of(access=access))
        .order_by("asset_id", "-date", "pk")
    )


def fx_rates_all() -> QuerySet[FxRate]:
    """Every exchange rate, the newest first."""
    return FxRate.objects.order_by("-date", "base", "quote", "source")


def index_values_all() -> QuerySet[IndexValue]:
    """Every index value, the newest first."""
    return IndexValue.objects.order_by("-date", "index")


def coverage_of(*, asset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, HistoryCoverage]:
    """What is known of each asset's history: its window, the sessions without a price and the
    last failure. One query."""
    keys = {f"price:{pk}": pk for pk in set(asset_ids)}
    return {
        keys[series]: row for series, row in HistoryCoverage.objects.in_bulk(list(keys)).items()
    }


def sources_all() -> list[DataSource]:
    """Vendors in their order, with their last answer and last error. One query."""
    return list(DataSource.objects.order_by("priority", "code"))


def price_table(
    *,
    workspace_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    start: dt.date | None = None,
    until: dt.date | None = None,
) -> PriceTable:
    """Daily closes as traded, keyed by asset id as text; the workspace's own prices win.

    One query.
    """
    rows = Price.objects.filter(Q(workspace__isnull=True) | Q(workspace_id=workspace_id)).filter(
        asset_id__in=set(asset_ids)
    )
    if start is not None:
        rows = rows.filter(date__gte=start)
    if until is not None:
        rows = rows.filter(date__lte=until)
    series: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    own: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for asset_id, workspace, day, close in rows.values_list(
        "asset_id", "workspace_id", "date", "close"
    ):
        (series if workspace is None else own)[str(asset_id)].append((day, close))
    for code, points in own.items():
        series[code] += points
    return PriceTable(series)


def price_table_tail(
    *, workspace_id: uuid.UUID, asset_ids: Iterable[uuid.UUID], until: dt.date
) -> PriceTable:
    """The last two closes of each asset on or before a day: what a past date needs of
    :func:`price_table`, without the years before it. One query."""
    window: dict[str, Any] = {"ids": list(set(asset_ids)), "own": workspace_id, "until": until}
    series: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_TAIL, window)
        for asset_id, day, close in cursor.fetchall():
            series[str(asset_id)].append((day, close))
    return PriceTable(series)


# The workspace's own prices come last: of two for a day the later one given holds.
_TAIL = """
SELECT wanted.id, known.date, known.close
FROM unnest(%(ids)s::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (
    (SELECT date, close, 0 AS own FROM market_data_price
     WHERE asset_id = wanted.id AND workspace_id IS NULL AND date <= %(until)s
     ORDER BY date DESC LIMIT 2)
    UNION ALL
    (SELECT date, close, 1 AS own FROM market_data_price
     WHERE asset_id = wanted.id AND workspace_id = %(own)s AND date <= %(until)s
     ORDER BY date DESC LIMIT 2)
) AS known
ORDER BY known.own
"""


def price_arrays(
    *,
    workspace_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    start: dt.date | None = None,
    until: dt.date | None = None,
) -> dict[str, tuple[Days, Floats]]:
    """As :func:`price_table`, for statistics: day numbers (``date.toordinal``) and closes as
    float64 arrays, oldest first, keyed by asset id as text.

    Two queries. The database packs each asset's series into two runs of bytes: no tuples and no
    decimals for the million closes of a long life.
    """
    ids = list(set(asset_ids))
    first, last = start or dt.date.min, until or dt.date.max
    with connection.cursor() as cursor:
        # psycopg takes a list and dates as they are; the stubs know neither.
        window: dict[str, Any] = {"ids": ids, "start": first, "until": last}
        cursor.execute(_ARRAYS, window)
        found: dict[str, tuple[Days, Floats]] = {
            str(asset_id): (
                np.frombuffer(days, dtype=">i4").astype(np.int64),
                np.frombuffer(closes, dtype=">f8").astype(np.float64),
            )
            for asset_id, days, closes in cursor.fetchall()
        }
    own: dict[str, dict[int, float]] = defaultdict(dict)
    for asset_id, day, close in Price.objects.filter(
        workspace_id=workspace_id,
        asset_id__in=ids,
        date__gte=first,
        date__lte=last,
    ).values_list("asset_id", "date", "close"):
        own[str(asset_id)][day.toordinal()] = float(close)
    for code, typed in own.items():
        known = (
            dict(zip(*(each.tolist() for each in found[code]), strict=True))
            if code in found
            else {}
        )
        merged = sorted((known | typed).items())
        found[code] = (
            np.array([day for day, _close in merged], dtype=np.int64),
            np.array([close for _day, close in merged], dtype=np.float64),
        )
    return found


# Ordinal 1 is 0001-01-01. The aggregates keep the inner order, which the index gives.
_ARRAYS = """
SELECT wanted.id, packed.days, packed.closes
FROM unnest(%(ids)s::uuid[]) AS wanted(id)
CROSS JOIN LATERAL (
    SELECT string_agg(int4send(date - DATE '0001-01-01' + 1), ''::bytea) AS days,
           string_agg(float8send(close::float8), ''::bytea) AS closes
    FROM (
        SELECT date, close FROM market_data_price
        WHERE asset_id = wanted.id AND workspace_id IS NULL
          AND date BETWEEN %(start)s AND %(until)s
        ORDER BY date
    ) AS ordered
) AS packed
WHERE packed.days IS NOT NULL
"""


def fx_table(*, until: dt.date | None = None) -> FxTable:
    """Every exchange rate, with the buying ones where known; where sources disagree PTAX wins. One
    query."""
    rows = FxRate.objects.all()
    if until is not None:
        rows = rows.filter(date__lte=until)
    series: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    official: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    buying: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for base, quote, day, rate, buy, source in rows.values_list(
        "base", "quote", "date", "rate", "rate_buy", "source"
    ):
        (official if source == "ptax" else series)[base, quote].append((day, rate))
        if buy is not None:
            buying[base, quote].append((day, buy))
    for pair, points in official.items():
        series[pair] += points
    return FxTable(series, FxTable(buying) if buying else None)


def index_table(*, names: Iterable[str]) -> IndexTable:
    """Values of the named indexes. One query."""
    series: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for name, day, value in IndexValue.objects.filter(index__in=set(names)).values_list(
        "index", "date", "value"
    ):
        series[name].append((day, value))
    return IndexTable(series)
