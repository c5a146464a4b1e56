"""What each held asset is worth on a day, and whether that price is still fresh."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils import timezone

from apps.assets.models import Asset
from apps.assets.selectors import engine_asset, holidays_of
from apps.engine import fixed_income
from apps.engine.prices import PriceTable
from apps.market_data.calendar import calendars_load
from apps.market_data.selectors import (
    index_table,
    latest_prices,
    price_table,
    price_table_tail,
)

TERMS = "terms"
BANK_CALENDAR = "ANBIMA"
# Papers without an exchange are priced when somebody types it or the Treasury publishes it.
UNLISTED_FRESH_DAYS = 7
INDEXES = ("CDI", "SELIC", "IPCA")


@dataclass(frozen=True, slots=True)
class Priced:
    """A price with its time, its source, the close before it, and whether it is late.

    ``session_missed`` says that a whole session closed since: the change of the day is unknown.
    """

    price: Decimal
    as_of: dt.datetime | dt.date
    source: str
    previous: Decimal | None
    previous_day: dt.date | None
    stale: bool
    session_missed: bool

    @property
    def day(self) -> dt.date:
        """The date of the price."""
        return _day(self.as_of)


def _day(as_of: dt.datetime | dt.date) -> dt.date:
    return timezone.localdate(as_of) if isinstance(as_of, dt.datetime) else as_of


class Freshness:
    """Whether a price is older than it should be by now, for each exchange. Two queries."""

    def __init__(self, now: dt.datetime) -> None:
        self._now = now
        self._calendars = calendars_load(since=now.date() - dt.timedelta(days=40))

    def is_stale(self, exchange: str | None, as_of: dt.datetime | dt.date) -> bool:
        """Whether a newer price should be known by now."""
        calendar = self._calendars.get(exchange or "")
        if calendar is None:
            return (_day(self._now) - _day(as_of)).days > UNLISTED_FRESH_DAYS
        return calendar.is_stale(as_of, self._now)

    def misses_session(self, exchange: str | None, day: dt.date) -> bool:
        """Whether a whole session has closed since ``day``: today's change is then unknown."""
        calendar = self._calendars.get(exchange or "")
        if calendar is None:
            return (_day(self._now) - day).days > UNLISTED_FRESH_DAYS
        return day < calendar.last_close(self._now)


def prices_now(
    *, workspace_id: uuid.UUID, assets: Mapping[uuid.UUID, Asset]
) -> dict[uuid.UUID, Priced]:
    """Today's prices of the assets that have one; the rest are absent."""
    now = timezone.now()
    fresh = Freshness(now)
    latest = latest_prices(workspace_id=workspace_id, asset_ids=assets)
    recent = price_table(
        workspace_id=workspace_id,
        asset_ids=assets,
        start=timezone.localdate() - dt.timedelta(days=15),
    )
    found: dict[uuid.UUID, Priced] = {}
    for asset_id, price in latest.items():
        previous, previous_day = price.previous_close, None
        if previous is None:
            before = recent.on(str(asset_id), price.day - dt.timedelta(days=1))
            previous, previous_day = before if before is not None else (None, None)
        found[asset_id] = Priced(
            price.price,
            price.as_of,
            price.source,
            previous,
            previous_day,
            fresh.is_stale(assets[asset_id].exchange_id, price.as_of),
            fresh.misses_session(assets[asset_id].exchange_id, _day(price.as_of)),
        )
    by_terms = _by_terms(
        (a for a in assets.values() if _needs_terms(a, found)), timezone.localdate()
    )
    return found | by_terms


def prices_on(
    *, workspace_id: uuid.UUID, assets: Mapping[uuid.UUID, Asset], on: dt.date
) -> dict[uuid.UUID, Priced]:
    """Prices as known on a past day: the last close on or before it."""
    table = price_table_tail(workspace_id=workspace_id, asset_ids=assets, until=on)
    found: dict[uuid.UUID, Priced] = {}
    for asset_id in assets:
        close = table.on(str(asset_id), on)
        if close is None:
            continue
        price, day = close
        before = table.on(str(asset_id), day - dt.timedelta(days=1))
        previous, previous_day = before if before is not None else (None, None)
        late = (on - day).days > UNLISTED_FRESH_DAYS
        found[asset_id] = Priced(price, day, "history", previous, previous_day, late, late)
    by_terms = _by_terms((a for a in assets.values() if _needs_terms(a, found)), on)
    return found | by_terms


def _needs_terms(asset: Asset, found: Mapping[uuid.UUID, Priced]) -> bool:
    """A paper with terms is valued by them unless a fresh market price is known."""
    has_terms = getattr(asset, "terms", None) is not None
    return has_terms and (asset.pk not in found or found[asset.pk].stale)


def _by_terms(assets: Iterable[Asset], on: dt.date) -> dict[uuid.UUID, Priced]:
    """Unit prices on the paper's own curve; papers whose index is not known are absent."""
    papers = list(assets)
    if not papers:
        return {}
    indexes = index_table(names=INDEXES)
    holidays = holidays_of(exchange_code=BANK_CALENDAR)
    found: dict[uuid.UUID, Priced] = {}
    for paper in papers:
        terms = engine_asset(paper).terms
        if terms is None:
            continue
        price, issues = fixed_income.unit_price(terms, on, indexes, holidays)
        if price is None:
            continue
        eve = on - dt.timedelta(days=1)
        before, _ = fixed_income.unit_price(terms, eve, indexes, holidays)
        found[paper.pk] = Priced(price, on, TERMS, before, eve, bool(issues), False)
    return found


def of_todays_shares(
    priced: Priced | None, splits: Sequence[tuple[dt.date, Decimal]], day: dt.date
) -> tuple[Priced | None, bool]:
    """The price brought to the shares held now, and whether it was of those before a split.

    A close is as traded: where a split came after it, what is held now is more shares of it.
    """
    if priced is None or priced.source == TERMS:
        return priced, False
    price, previous, adjusted = priced.price, priced.previous, False
    for when, ratio in splits:
        if priced.day < when <= day:
            price, adjusted = price / ratio, True
        if previous is not None and priced.previous_day and priced.previous_day < when <= day:
            previous = previous / ratio
    return replace(priced, price=price, previous=previous), adjusted


def table_of(prices: Mapping[uuid.UUID, Priced]) -> PriceTable:
    """The prices as the engine reads them."""
    return PriceTable({str(k): [(p.day, p.price)] for k, p in prices.items()})
