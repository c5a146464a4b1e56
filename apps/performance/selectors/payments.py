"""What an asset paid for each share, as far as the workspace's own rows tell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.engine.grid import ordinals
from apps.engine.kinds import Kind
from apps.ledger.selectors import transactions_of
from apps.performance.selectors.prices import PriceSeries, price_series

PER_SHARE = (Kind.DIVIDEND, Kind.JCP, Kind.DISTRIBUTION, Kind.RETURN_OF_CAPITAL)


@dataclass(frozen=True, slots=True)
class Payment:
    """What a share paid on a day as a fraction of its price then; ``None`` where a row does not
    say for how many shares it is, or no price is known."""

    date: dt.date
    yields: float | None


@dataclass(frozen=True, slots=True)
class Paid:
    """The payments of an asset, by its id."""

    asset: str
    payments: Sequence[Payment]


def payments_of(*, access: Access, asset: Asset) -> list[Payment]:
    """Gross payments by day. Of several accounts the one with the most shares tells the sum of
    each: all are paid alike, the others round more. A fixed number of queries."""
    series = price_series(workspace_id=access.workspace.pk, asset_id=asset.pk)
    days: dict[dt.date, dict[object, list[tuple[float, float]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    unknown: set[dt.date] = set()
    rows = transactions_of(access=access).filter(asset=asset, kind__in=PER_SHARE)
    for row in rows:
        if row.amount is None or not row.quantity or row.currency != asset.currency:
            unknown.add(row.trade_date)
        else:
            figures = (float(row.quantity), float(row.amount))
            days[row.trade_date][row.account_id].append(figures)
    found = [Payment(day, None) for day in unknown]
    for day, accounts in days.items():
        if day not in unknown:
            told = max(accounts.values(), key=lambda each: sum(size for size, _money in each))
            found.append(Payment(day, _yield(series, day, sum(m / size for size, m in told))))
    return sorted(found, key=lambda payment: payment.date)


def _yield(series: PriceSeries, day: dt.date, each: float) -> float | None:
    place = int(np.searchsorted(ordinals(series.dates), day.toordinal(), side="right")) - 1
    if place < 0 or not series.adjusted[place] > 0.0:
        return None
    return each * series.factor_on(day) / float(series.adjusted[place])
