"""The queries behind every page use their indexes, on 20,000 closes of 20 assets."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.market_data.selectors import latest_prices, price_arrays, price_table_tail
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


@pytest.fixture
def ids() -> list[uuid.UUID]:
    found = [make.make_asset(f"PLAN{number}").pk for number in range(20)]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO market_data_price (asset_id, date, close, adjustment_factor, source) "
            "SELECT a.id, DATE '2020-01-01' + n, 10, 1, 'brapi' "
            "FROM assets_asset a, generate_series(1, 1000) n WHERE a.ticker LIKE 'PLAN%'"
        )
        cursor.execute("ANALYZE market_data_price")
        cursor.execute("ANALYZE assets_asset")
    return found


def plans(captured: CaptureQueriesContext) -> str:
    with connection.cursor() as cursor:
        text = ""
        for query in captured.captured_queries:
            cursor.execute("EXPLAIN " + query["sql"])
            text += "\n".join(row[0] for row in cursor.fetchall()) + "\n"
    return text


def asked(call: Any) -> str:
    with CaptureQueriesContext(connection) as captured:
        call()
    return plans(captured)


def test_latest_prices(ids: list[uuid.UUID]) -> None:
    plan = asked(lambda: latest_prices(workspace_id=uuid.uuid4(), asset_ids=ids))
    assert "using price_once" in plan
    assert "Seq Scan on market_data_price" not in plan


def test_a_past_day(ids: list[uuid.UUID]) -> None:
    day = dt.date(2021, 5, 5)
    plan = asked(lambda: price_table_tail(workspace_id=uuid.uuid4(), asset_ids=ids[:5], until=day))
    assert "using price_once" in plan
    assert "Seq Scan on market_data_price" not in plan


def test_series(ids: list[uuid.UUID]) -> None:
    plan = asked(lambda: price_arrays(workspace_id=uuid.uuid4(), asset_ids=ids[:5]))
    # A table that was vacuumed is read from the index alone; this one is too new for that.
    assert "price_once" in plan
    assert "Seq Scan on market_data_price" not in plan
