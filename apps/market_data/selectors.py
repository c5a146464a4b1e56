"""Reads of prices, rates and indexes."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.market_data.models import FxRate, IndexValue, MarketState, Price, Quote

MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class LatestPrice:
    """The newest price a workspace knows of an asset, with its time and source."""

    price: Decimal
    currency: str
    as_of: dt.datetime | dt.date
    previous_close: Decimal | None
    source: str

    @property
    def day(self) -> dt.date:
        """The date of the price."""
        return self.as_of.date() if isinstance(self.as_of, dt.datetime) else self.as_of


def market_version() -> int:
    """How many times market data changed. One query."""
    found = MarketState.objects.filter(pk=1).values_list("version", flat=True).first()
    return found or 0


def latest_prices(
    *, workspace_id: uuid.UUID, asset_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, LatestPrice]:
    """The newest price of each asset: a typed one of this workspace wins over a quote of the same
    day or older, a quote over a daily close. Assets nobody priced are absent. Two queries.
    """
    ids = set(asset_ids)
    found: dict[uuid.UUID, LatestPrice] = {}
    closes = (
        Price.objects.filter(Q(workspace__isnull=True) | Q(workspace_id=workspace_id))
        .filter(asset_id__in=ids)
        .order_by("asset_id", "workspace_id", "-date")
        .distinct("asset_id", "workspace_id")
        .values_list("asset_id", "workspace_id", "date", "close", "source", "asset__currency")
    )
    typed: dict[uuid.UUID, LatestPrice] = {}
    for asset_id, own, day, close, source, currency in closes:
        (found if own is None else typed)[asset_id] = LatestPrice(
            close, currency, day, None, source
        )
    for quote in Quote.objects.filter(asset_id__in=ids):
        daily = found.get(quote.asset_id)
        if daily is None or daily.day <= quote.as_of.date():
            found[quote.asset_id] = LatestPrice(
                quote.price, quote.currency, quote.as_of, quote.previous_close, quote.source
            )
    for asset_id, price in typed.items():
        if asset_id not in found or found[asset_id].day <= price.day:
            found[asset_id] = price
    return found


def price_table(
    *,
    workspace_id: uuid.UUID,
    asset_ids: Iterable[uuid.UUID],
    start: dt.date | None = None,
    until: dt.date | None = None,
) -> PriceTable:
    """Daily closes as traded, keyed by asset id as text; the workspace's own prices win. One query."""
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


def fx_table(*, until: dt.date | None = None) -> FxTable:
    """Every exchange rate; where sources disagree PTAX wins. One query."""
    rows = FxRate.objects.all()
    if until is not None:
        rows = rows.filter(date__lte=until)
    series: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    official: dict[tuple[str, str], list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for base, quote, day, rate, source in rows.values_list(
        "base", "quote", "date", "rate", "source"
    ):
        (official if source == "ptax" else series)[base, quote].append((day, rate))
    for pair, points in official.items():
        series[pair] += points
    return FxTable(series)


def index_table(*, names: Iterable[str]) -> IndexTable:
    """Values of the named indexes. One query."""
    series: dict[str, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for name, day, value in IndexValue.objects.filter(index__in=set(names)).values_list(
        "index", "date", "value"
    ):
        series[name].append((day, value))
    return IndexTable(series)
