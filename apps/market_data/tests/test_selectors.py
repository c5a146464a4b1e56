from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.utils import timezone

from apps.market_data.calendar import Calendar
from apps.market_data.models import Price, Quote
from apps.market_data.selectors import (
    fx_table,
    index_table,
    latest_prices,
    market_version,
    price_arrays,
    price_table,
    price_table_tail,
    quotes_of,
)
from apps.market_data.services import market_touch
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]


def own(asset: Any, workspace: Any, day: str, close: str) -> None:
    Price.objects.create(
        asset=asset, workspace=workspace, date=day, close=D(close), source="manual"
    )


def test_latest_prices_cost_three_queries_however_many(
    django_assert_num_queries: Any,
) -> None:
    workspace = make.make_workspace()
    assets = [make.make_asset(f"T{number}") for number in range(12)]
    now = timezone.now()
    for number, asset in enumerate(assets):
        make.make_price(asset, "2024-01-02", 10 + number)
        make.make_price(asset, "2024-01-05", 20 + number)
    Quote.objects.create(
        asset=assets[0], price=30, currency="BRL", as_of=now, fetched_at=now, source="brapi"
    )
    own(assets[1], workspace, "2024-01-06", "99")
    with django_assert_num_queries(3):
        found = latest_prices(workspace_id=workspace.pk, asset_ids=[a.pk for a in assets])
    assert found[assets[0].pk].price == 30
    assert (found[assets[1].pk].price, found[assets[1].pk].source) == (99, "manual")
    assert found[assets[2].pk].price == 22
    assert found[assets[2].pk].day == dt.date(2024, 1, 5)


def test_a_price_typed_in_the_evening_wins_over_a_quote_of_the_evening() -> None:
    workspace, asset = make.make_workspace(), make.make_asset()
    evening = dt.datetime(2024, 1, 6, 1, 30, tzinfo=dt.UTC)  # the 5th, 22:30 in São Paulo
    Quote.objects.create(
        asset=asset, price=30, currency="BRL", as_of=evening, fetched_at=evening, source="brapi"
    )
    [quoted] = latest_prices(workspace_id=workspace.pk, asset_ids=[asset.pk]).values()
    assert quoted.day == dt.date(2024, 1, 5)
    own(asset, workspace, "2024-01-05", "99")
    [typed] = latest_prices(workspace_id=workspace.pk, asset_ids=[asset.pk]).values()
    assert typed.price == 99


def test_quotes_cost_the_same_however_many(django_assert_max_num_queries: Any) -> None:
    access = make.make_access()
    assets = [make.make_asset(f"T{n}", exchange=make.make_exchange()) for n in range(12)]
    for asset in assets:
        make.make_price(asset, "2024-01-02", 10)
    with django_assert_max_num_queries(6):
        rows = quotes_of(access=access, asset_ids=[asset.pk for asset in assets])
    assert len(rows) == 12
    assert all(row.latest.stale for row in rows)


def test_without_redis_the_database_answers(settings: Any) -> None:
    asset, now = make.make_asset(), timezone.now()
    Quote.objects.create(
        asset=asset, price=30, currency="BRL", as_of=now, fetched_at=now, source="brapi"
    )
    settings.REDIS_URL = "unix:///nonexistent/redis.sock?db=0"
    [found] = latest_prices(workspace_id=uuid.uuid4(), asset_ids=[asset.pk]).values()
    assert found.price == 30


def test_tables_read_in_one_query_each(django_assert_num_queries: Any) -> None:
    asset = make.make_asset()
    make.make_price(asset, "2024-01-02", "10.5")
    make.make_fx("2024-01-02", "5.4")
    make.make_index("CDI", "2024-01-02", "0.05")
    with django_assert_num_queries(3):
        prices = price_table(workspace_id=uuid.uuid4(), asset_ids=[asset.pk])
        fx, indexes = fx_table(), index_table(names=["CDI"])
    day = dt.date(2024, 1, 3)
    assert prices.on(str(asset.pk), day) == (D("10.5"), dt.date(2024, 1, 2))
    assert fx.rate("USD", "BRL", day) == D("5.4")
    assert indexes.on("CDI", day) == (D("0.05"), dt.date(2024, 1, 2))


def test_arrays_say_what_the_table_says(django_assert_num_queries: Any) -> None:
    workspace = make.make_workspace()
    listed, typed, bare = (make.make_asset(name) for name in ("LIST3", "TYPE3", "BARE3"))
    for day, close in (("2024-01-07", "11.25"), ("2024-01-05", "10.5"), ("2024-01-06", "10.75")):
        make.make_price(listed, day, close)
    own(listed, workspace, "2024-01-06", "99")
    own(listed, workspace, "2024-01-08", "98")
    own(typed, workspace, "2024-01-06", "5.5")
    ids = [listed.pk, typed.pk, bare.pk]
    table = price_table(workspace_id=workspace.pk, asset_ids=ids)
    with django_assert_num_queries(2):
        arrays = price_arrays(workspace_id=workspace.pk, asset_ids=ids)
    assert arrays.keys() == {str(listed.pk), str(typed.pk)}
    for code, (days, closes) in arrays.items():
        dates, decimals = table.series(code)
        assert days.tolist() == [day.toordinal() for day in dates]
        assert closes.tolist() == [float(close) for close in decimals]
    elsewhere = price_arrays(workspace_id=uuid.uuid4(), asset_ids=ids)
    assert elsewhere[str(listed.pk)][1].tolist() == [10.5, 10.75, 11.25]
    window = price_arrays(
        workspace_id=workspace.pk,
        asset_ids=ids,
        start=dt.date(2024, 1, 6),
        until=dt.date(2024, 1, 7),
    )
    assert window[str(listed.pk)][1].tolist() == [99.0, 11.25]


def test_the_tail_answers_a_past_day_like_the_whole_table(django_assert_num_queries: Any) -> None:
    workspace = make.make_workspace()
    asset, typed = make.make_asset("LIST3"), make.make_asset("TYPE3")
    for number in range(5, 12):
        make.make_price(asset, f"2024-01-{number:02}", number)
    own(asset, workspace, "2024-01-07", "99")
    own(typed, workspace, "2024-01-06", "5.5")
    ids = [asset.pk, typed.pk]
    whole = price_table(workspace_id=workspace.pk, asset_ids=ids)
    for number in range(4, 14):
        day = dt.date(2024, 1, number)
        with django_assert_num_queries(1):
            tail = price_table_tail(workspace_id=workspace.pk, asset_ids=ids, until=day)
        for code in map(str, ids):
            assert tail.on(code, day) == whole.on(code, day)
            found = tail.on(code, day)
            if found is not None:
                before = found[1] - dt.timedelta(days=1)
                assert tail.on(code, before) == whole.on(code, before)


class TestCalendar:
    """B3: 10:00 to 17:00 in São Paulo (UTC-3); 20 November 2026, a Friday, is a holiday."""

    @pytest.fixture
    def b3(self) -> Calendar:
        from zoneinfo import ZoneInfo

        return Calendar(
            ZoneInfo("America/Sao_Paulo"),
            dt.time(10),
            dt.time(17),
            holidays=frozenset({dt.date(2026, 11, 20)}),
        )

    @pytest.mark.parametrize(
        ("now", "is_open", "last_close"),
        [
            ("2026-11-19T12:59:00+00:00", False, 18),  # 09:59
            ("2026-11-19T13:00:00+00:00", True, 18),  # 10:00
            ("2026-11-19T19:59:00+00:00", True, 18),  # 16:59
            ("2026-11-19T20:00:00+00:00", False, 18),  # 17:00, the close is not out yet
            ("2026-11-19T21:00:00+00:00", False, 19),  # 18:00
            ("2026-11-20T15:00:00+00:00", False, 19),  # holiday
            ("2026-11-22T15:00:00+00:00", False, 19),  # Sunday
            ("2026-11-23T15:00:00+00:00", True, 19),
        ],
    )
    def test_hours(self, b3: Calendar, now: str, is_open: bool, last_close: int) -> None:
        moment = dt.datetime.fromisoformat(now)
        assert b3.is_open(moment) is is_open
        assert b3.last_close(moment) == dt.date(2026, 11, last_close)

    def test_sessions(self, b3: Calendar) -> None:
        days = list(b3.sessions(dt.date(2026, 11, 18), dt.date(2026, 11, 24)))
        assert [day.day for day in days] == [18, 19, 23, 24]

    def test_stale(self, b3: Calendar) -> None:
        noon = dt.datetime(2026, 11, 23, 15, 0, tzinfo=dt.UTC)
        assert not b3.is_stale(noon - dt.timedelta(minutes=30), noon)
        assert b3.is_stale(noon - dt.timedelta(hours=2), noon)
        assert not b3.is_stale(dt.date(2026, 11, 19), noon)
        assert b3.is_stale(dt.date(2026, 11, 18), noon)
        # Just after the open the price of the last session is as good as it gets.
        early = dt.datetime(2026, 11, 23, 13, 20, tzinfo=dt.UTC)
        assert not b3.is_stale(dt.datetime(2026, 11, 19, 20, 0, tzinfo=dt.UTC), early)

    def test_every_day(self) -> None:
        from zoneinfo import ZoneInfo

        coins = Calendar(ZoneInfo("UTC"), dt.time(0), dt.time(0), every_day=True)
        sunday = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
        assert coins.is_open(sunday)
        assert coins.last_close(sunday) == dt.date(2026, 11, 21)


@pytest.mark.django_db
@pytest.mark.usefixtures("clean_cache")
def test_pieces_of_a_back_fill_settle_before_they_show(
    settings, django_capture_on_commit_callbacks
) -> None:
    settings.EXITUS_MARKET_SETTLE_SECONDS = 60
    before = market_version()
    with django_capture_on_commit_callbacks(execute=True):
        market_touch(settles=True)
    assert market_version() == before
    with django_capture_on_commit_callbacks(execute=True):
        market_touch()
    assert market_version() == before + 2
