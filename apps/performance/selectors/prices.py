"""The price of one asset over time, as traded and in today's shares, with a person's own trades."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db.models import Q
from django.utils import timezone
from numpy.typing import NDArray

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.common.errors import NotFound
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.ledger.models import Transaction
from apps.ledger.selectors import transactions_of
from apps.market_data.models import Price
from apps.market_data.selectors import latest_prices
from apps.portfolios.selectors import explanation
from apps.portfolios.selectors.explain import Explanation, cost_line

BUYS = frozenset({Kind.BUY, Kind.SUBSCRIPTION, Kind.COVER, Kind.TRANSFER_IN, Kind.BONUS})
SELLS = frozenset({Kind.SELL, Kind.SHORT_SELL, Kind.MATURITY, Kind.TRANSFER_OUT})
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PriceSeries:
    """Closes of an asset in its own currency, oldest first. ``adjusted`` is in today's shares:
    ``close`` times the splits that came later, so that a split makes no step."""

    dates: Sequence[dt.date]
    close: Floats
    adjusted: Floats

    def factor_on(self, day: dt.date) -> float:
        """What brings a price of ``day`` to today's shares."""
        place = int(np.searchsorted(self._ordinals(), day.toordinal(), side="left"))
        if place >= len(self.close):
            return 1.0
        return float(self.adjusted[place] / self.close[place])

    def _ordinals(self) -> NDArray[np.int64]:
        return np.fromiter((d.toordinal() for d in self.dates), np.int64, len(self.dates))


@dataclass(frozen=True, slots=True)
class Mark:
    """A row of the ledger on the chart: ``side`` is ``buy``, ``sell`` or ``income``. ``price`` is
    per share as traded, ``adjusted`` the same in today's shares; ``None`` where neither price nor
    amount was written. ``transaction`` is the row's id."""

    date: dt.date
    side: str
    kind: str
    quantity: Decimal | None
    price: float | None
    adjusted: float | None
    amount: Decimal | None
    transaction: str


@dataclass(frozen=True, slots=True)
class CostPoint:
    """The average price after a day with a change: as of then, and in today's shares. ``None``
    while nothing is held or the cost is not known."""

    date: dt.date
    cost: float | None
    adjusted: float | None


@dataclass(frozen=True, slots=True)
class AssetPrices:
    """Price, trades and cost of an asset, in its currency."""

    currency: str
    series: PriceSeries
    marks: Sequence[Mark]
    cost: Sequence[CostPoint]


def asset_prices(*, access: Access, asset: Asset, start: dt.date | None = None) -> AssetPrices:
    """The asset's closes from ``start`` (a month before the first row when ``None``) with the rows
    of the workspace and its average price. A fixed number of queries."""
    rows = list(
        transactions_of(access=access).filter(asset=asset).order_by("trade_date", "sequence")
    )
    if start is None and rows:
        start = rows[0].trade_date - dt.timedelta(days=30)
    series = price_series(workspace_id=access.workspace.pk, asset_id=asset.pk, start=start)
    marks = [mark for mark in (_mark(row, series) for row in rows) if mark is not None]
    if start is not None:
        marks = [mark for mark in marks if mark.date >= start]
    points = [
        CostPoint(
            day,
            None if cost is None else float(cost),
            None if cost is None else float(cost) * series.factor_on(day),
        )
        for day, cost in _cost(access, asset)
    ]
    return AssetPrices(asset.currency, series, marks, points)


def price_series(
    *, workspace_id: uuid.UUID, asset_id: uuid.UUID, start: dt.date | None = None
) -> PriceSeries:
    """Closes with their adjustment, and the day's quote after them; the workspace's own prices
    win. Four queries at most."""
    rows = Price.objects.filter(asset_id=asset_id).filter(
        Q(workspace__isnull=True) | Q(workspace_id=workspace_id)
    )
    if start is not None:
        rows = rows.filter(date__gte=start)
    found: dict[dt.date, tuple[float, float]] = {}
    own: dict[dt.date, float] = {}
    for workspace, day, close, factor in rows.values_list(
        "workspace_id", "date", "close", "adjustment_factor"
    ):
        if workspace is None:
            found[day] = (float(close), float(factor))
        else:
            own[day] = float(close)
    for day, typed in own.items():
        # A typed price has no factor of its own; the market's of that day tells the splits since.
        found[day] = (typed, _factor_after(found, day))
    latest = latest_prices(workspace_id=workspace_id, asset_ids=[asset_id]).get(asset_id)
    if latest is not None:
        as_of = latest.as_of
        day = timezone.localdate(as_of) if isinstance(as_of, dt.datetime) else as_of
        if day not in own and (start is None or day >= start):
            found[day] = (float(latest.price), _factor_after(found, day))
    dates = sorted(found)
    closes = np.array([found[day][0] for day in dates])
    factors = np.array([found[day][1] for day in dates])
    return PriceSeries(dates, closes, closes * factors)


def _factor_after(found: dict[dt.date, tuple[float, float]], day: dt.date) -> float:
    if day in found:
        return found[day][1]
    later = min((d for d in found if d > day), default=None)
    return 1.0 if later is None else found[later][1]


def _mark(row: Transaction, series: PriceSeries) -> Mark | None:
    kind = Kind(row.kind)
    side = "buy" if kind in BUYS else "sell" if kind in SELLS else ""
    if kind in INCOME_KINDS:
        side = "income"
    if not side:
        return None
    quantity, amount = row.quantity, row.amount
    price = row.unit_price
    if price is None and amount is not None and quantity:
        price = amount / quantity
    day = row.trade_date
    per_share = None if price is None or side == "income" else float(price)
    return Mark(
        date=day,
        side=side,
        kind=str(kind),
        quantity=quantity,
        price=per_share,
        adjusted=None if per_share is None else per_share * series.factor_on(day),
        amount=amount if amount is not None else _times(quantity, price),
        transaction=str(row.pk),
    )


def _times(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    return quantity * price if quantity is not None and price is not None else None


def _cost(access: Access, asset: Asset) -> list[tuple[dt.date, Decimal | None]]:
    try:
        trails: list[Explanation] = explanation(access=access, asset=asset)
    except NotFound:
        return []
    # The line of one holder; two holders have two averages and neither is the asset's.
    return cost_line(trails[0]) if len(trails) == 1 else []
