"""The installation's own currencies, exchanges, calendars and assets.

Files beside this module hold public facts in the project's own format. What is not certain is
left empty: a wrong ISIN or CNPJ is worse than none.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.db import transaction

from apps.assets.classes import default_exchange
from apps.assets.models import Asset, AssetClass, Currency, Exchange, Holiday, TickerHistory
from apps.assets.seeds.calendars import closures
from apps.common.seeding import Seeded, read_rows, upsert

_HERE = Path(__file__).parent


@transaction.atomic
def seed_assets() -> Seeded:
    """Writes currencies, exchanges, holidays, assets and former codes; safe to repeat."""
    return _currencies() + _exchanges() + _holidays() + _assets() + _former_tickers()


def _currencies() -> Seeded:
    wanted = [
        {**row, "decimals": int(row["decimals"])} for row in read_rows(_HERE / "currencies.csv")
    ]
    return upsert(Currency.objects.all(), wanted, key=["code"])


def _exchanges() -> Seeded:
    wanted = [
        {
            "code": row["code"],
            "name": row["name"],
            "country": row["country"],
            "currency_id": row["currency"],
            "timezone": row["timezone"],
            "opens_at": dt.time.fromisoformat(row["opens_at"]),
            "closes_at": dt.time.fromisoformat(row["closes_at"]),
            "trades_every_day": row["every_day"] == "1",
        }
        for row in read_rows(_HERE / "exchanges.csv")
    ]
    return upsert(Exchange.objects.all(), wanted, key=["code"])


def _holidays() -> Seeded:
    wanted = [
        {"exchange_id": row["code"], "date": day, "name": name[:80]}
        for row in read_rows(_HERE / "exchanges.csv")
        if row["calendar"]
        for day, name in closures(row["calendar"]).items()
    ]
    return upsert(Holiday.objects.all(), wanted, key=["exchange_id", "date"])


def _assets() -> Seeded:
    wanted: list[dict[str, Any]] = []
    for row in read_rows(_HERE / "b3.csv"):
        wanted.append(
            {
                "ticker": row["ticker"],
                "market": "BR",
                "name": row["name"],
                "asset_class": row["class"],
                "exchange_id": default_exchange(row["class"], "BR"),
                "issuer": row["issuer"],
                "isin": row["isin"],
                "cnpj": row["cnpj"],
                "sector": row["sector"],
            }
        )
    for row in read_rows(_HERE / "abroad.csv"):
        wanted.append(
            {
                "ticker": row["ticker"],
                "market": row["market"],
                "name": row["name"],
                "asset_class": row["class"],
                "exchange_id": row["exchange"] or None,
                "currency": row["currency"],
                "country": row["country"],
                "isin": row["isin"],
                "sector": row["sector"],
            }
        )
    for row in read_rows(_HERE / "treasury.csv"):
        wanted.append(
            {
                "ticker": row["name"],
                "market": "BR",
                "name": row["name"],
                "asset_class": AssetClass.TREASURY.value,
                "issuer": "Tesouro Nacional",
                "isin": row["isin"],
                "expiry": dt.date.fromisoformat(row["maturity"]),
            }
        )
    return upsert(Asset.objects.filter(workspace=None), wanted, key=["ticker", "market"])


def _former_tickers() -> Seeded:
    rows = read_rows(_HERE / "former_tickers.csv")
    names = {row["asset"] for row in rows}
    ids = dict(
        Asset.objects.filter(workspace=None, market="BR", ticker__in=names).values_list(
            "ticker", "id"
        )
    )
    wanted = [
        {
            "asset_id": ids[row["asset"]],
            "ticker": row["ticker"],
            "valid_until": dt.date.fromisoformat(row["valid_until"])
            if row["valid_until"]
            else None,
        }
        for row in rows
    ]
    return upsert(TickerHistory.objects.all(), wanted, key=["asset_id", "ticker"])
