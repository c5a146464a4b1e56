"""B3's quotation files into the table of prices: exact closes without internet."""

from __future__ import annotations

import datetime as dt
import uuid
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from apps.assets.models import Asset, TickerHistory
from apps.market_data.models import Price
from apps.market_data.providers.cotahist.parse import read
from apps.market_data.services.state import market_touch

SOURCE = "cotahist"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a file gave: closes written, assets they are of, closes of papers unknown here."""

    stored: int
    assets: int
    unknown: int


def cotahist_load(*, path: Path) -> Loaded:
    """Stores the closes of the assets this installation knows, in place of any vendor's.

    The round lot's close counts; the odd lot's where the round lot did not trade. All or nothing:
    raises ``BadShape`` for a file that is cut short or is something else.
    """
    names = _names()
    closes: dict[uuid.UUID, dict[dt.date, Decimal]] = defaultdict(dict)
    odd: dict[uuid.UUID, dict[dt.date, Decimal]] = defaultdict(dict)
    unknown = 0
    for traded in read(path):
        if traded.close <= 0:
            continue
        ids = names.of(traded.ticker, traded.date)
        unknown += not ids
        for asset_id in ids:
            (odd if traded.fractional else closes)[asset_id][traded.date] = traded.close
    stored = 0
    with transaction.atomic():
        # In one order everywhere, so that two loads at once do not wait for each other.
        for asset_id in sorted(closes.keys() | odd.keys()):
            stored += _store(asset_id, odd.get(asset_id, {}) | closes.get(asset_id, {}))
        if stored:
            market_touch(asset_ids=closes.keys() | odd.keys())
    return Loaded(stored, len(closes.keys() | odd.keys()), unknown)


class _Names:
    """Assets of B3 by ticker, and by the ticker they had on a day."""

    def __init__(
        self,
        current: Iterable[tuple[uuid.UUID, str]],
        former: Iterable[tuple[uuid.UUID, str, dt.date | None]],
    ) -> None:
        self._current: dict[str, list[uuid.UUID]] = defaultdict(list)
        self._former: dict[str, list[tuple[uuid.UUID, dt.date]]] = defaultdict(list)
        for asset_id, ticker in current:
            self._current[ticker.upper()].append(asset_id)
        for asset_id, ticker, until in former:
            if until is not None:
                self._former[ticker.upper()].append((asset_id, until))

    def of(self, ticker: str, day: dt.date) -> list[uuid.UUID]:
        """Whose close it is: a former name counts up to its last day, and wins until then."""
        old = [asset_id for asset_id, until in self._former.get(ticker, ()) if day <= until]
        return old or self._current.get(ticker, [])


def _names() -> _Names:
    listed = Asset.objects.filter(exchange_id="BVMF", is_demo=False)
    return _Names(
        listed.values_list("pk", "ticker"),
        TickerHistory.objects.filter(asset__in=listed).values_list(
            "asset_id", "ticker", "valid_until"
        ),
    )


def _store(asset_id: uuid.UUID, closes: Mapping[dt.date, Decimal]) -> int:
    rows = Price.objects.filter(asset_id=asset_id, workspace__isnull=True)
    stored = {row.date: row for row in rows.select_for_update()}
    days = sorted(stored)
    new, changed = [], []
    for day, close in closes.items():
        before = stored.get(day)
        if before is None:
            factor = _factor_near(day, days, stored)
            new.append(
                Price(
                    asset_id=asset_id,
                    date=day,
                    close=close,
                    adjustment_factor=factor,
                    source=SOURCE,
                )
            )
        elif (before.close, before.source) != (close, SOURCE):
            before.close, before.source = close, SOURCE
            changed.append(before)
    Price.objects.bulk_create(new, batch_size=2000)
    Price.objects.bulk_update(changed, ["close", "source"], batch_size=1000)
    return len(new) + len(changed)


def _factor_near(day: dt.date, days: list[dt.date], stored: Mapping[dt.date, Price]) -> Decimal:
    """The file knows no splits: the factor is that of the next day there is, else 1."""
    place = bisect_left(days, day)
    return stored[days[place]].adjustment_factor if place < len(days) else Decimal(1)
