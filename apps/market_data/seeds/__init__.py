"""Rates and indexes that let the application work before any provider has answered.

Public facts: CDI, Selic, IPCA and the dollar's PTAX (Banco Central, SGS 12, 11, 433 and 1; the
PTAX of before 2020 at month ends only), IGP-M (FGV), Ibovespa (B3) and S&P 500. CDI and Selic are
written where they change and hold on every banking day until the next line; the last line, without
a value, says where they end. What a provider stored is never replaced.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from django.db import transaction

from apps.assets.models import Holiday
from apps.common.seeding import Seeded, read_rows
from apps.market_data.models import FxRate, IndexValue
from apps.market_data.services.state import market_touch

_HERE = Path(__file__).parent
_DAILY_RATES = {"CDI": "cdi.csv", "SELIC": "selic.csv"}
_AS_WRITTEN = {"IPCA": "ipca.csv", "IGPM": "igpm.csv", "IBOV": "ibov.csv", "SP500": "sp500.csv"}
_SOURCE = {"IBOV": "seed", "SP500": "seed", "IGPM": "bcb_sgs"}
Point = tuple[dt.date, Decimal]


@transaction.atomic
def seed_history() -> Seeded:
    """Adds the values that miss; calendars must have been seeded. Safe to repeat."""
    banks = frozenset(Holiday.objects.filter(exchange_id="ANBIMA").values_list("date", flat=True))
    made = 0
    for index, name in _DAILY_RATES.items():
        made += _add_index(index, _daily(name, banks))
    for index, name in _AS_WRITTEN.items():
        made += _add_index(index, _points(name, "value"))
    made += _add_dollar()
    if made:
        market_touch()
    return Seeded(made)


def _points(name: str, column: str) -> Iterator[Point]:
    for row in read_rows(_HERE / name):
        yield dt.date.fromisoformat(row["date"]), Decimal(row[column])


def _daily(name: str, closed: frozenset[dt.date]) -> Iterator[Point]:
    rows = read_rows(_HERE / name)
    for row, following in pairwise(rows):
        day = dt.date.fromisoformat(row["date"])
        end = dt.date.fromisoformat(following["date"])
        value = Decimal(row["value"])
        while day < end:
            if day.weekday() < 5 and day not in closed:
                yield day, value
            day += dt.timedelta(days=1)


def _add_index(index: str, points: Iterator[Point]) -> int:
    known = set(IndexValue.objects.filter(index=index).values_list("date", flat=True))
    rows = [
        IndexValue(index=index, date=day, value=value, source=_SOURCE.get(index, "bcb_sgs"))
        for day, value in points
        if day not in known
    ]
    IndexValue.objects.bulk_create(rows, batch_size=4000, ignore_conflicts=True)
    return len(rows)


def _add_dollar() -> int:
    pair = {"base": "USD", "quote": "BRL", "source": "ptax"}
    known = set(FxRate.objects.filter(**pair).values_list("date", flat=True))
    rows = [
        FxRate(date=day, rate=rate, **pair)
        for day, rate in _points("ptax_usd.csv", "rate")
        if day not in known
    ]
    FxRate.objects.bulk_create(rows, batch_size=4000, ignore_conflicts=True)
    return len(rows)
