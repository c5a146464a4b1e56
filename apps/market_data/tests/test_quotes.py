"""Refreshing quotes: fresh ones from Redis, one request per asset, the last price when all fail."""

from __future__ import annotations

import datetime as dt
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connections

from apps.accounts.models import TaskRun
from apps.market_data import services
from apps.market_data.chain import Chain
from apps.market_data.models import DataSource, Quote
from apps.market_data.providers.fake_market import walk
from apps.market_data.providers.fake_server import FakeServer
from apps.market_data.selectors import latest_prices, market_version, quotes_of
from apps.market_data.services import quotes_refresh
from apps.market_data.signals import market_changed
from apps.market_data.sources import chain_load
from apps.market_data.store import quotes_forget
from testing import factories as make

from .conftest import NOW, StoppedClock

pytestmark = pytest.mark.django_db


@pytest.fixture
def petr4() -> Any:
    return make.make_asset("PETR4", exchange=make.make_exchange())


@pytest.fixture
def heard() -> Any:
    found: list[frozenset[uuid.UUID]] = []

    def hear(asset_ids: frozenset[uuid.UUID], **_: Any) -> None:
        found.append(asset_ids)

    market_changed.connect(hear)
    yield found
    market_changed.disconnect(hear)


def close_of(ticker: str, day: dt.date) -> D:
    days, closes = walk(ticker, "BVMF")
    return closes[days.index(day)]


def test_a_refresh_stores_tells_and_serves(
    chain: Chain, petr4: Any, heard: Any, django_capture_on_commit_callbacks: Any
) -> None:
    before = market_version()
    with django_capture_on_commit_callbacks(execute=True):
        report = quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    assert report.updated == {petr4.pk}
    stored = Quote.objects.get(pk=petr4.pk)
    assert stored.price == close_of("PETR4", NOW.date())
    assert stored.previous_close == close_of("PETR4", dt.date(2026, 11, 18))
    assert (stored.source, stored.as_of, stored.fetched_at) == ("brapi", NOW, NOW)
    assert market_version() == before + 1
    assert heard == [frozenset({petr4.pk})]
    assert DataSource.objects.get(pk="brapi").last_ok_at == NOW


def test_a_fresh_quote_asks_nobody(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    asked = len(sources.requests)
    report = quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    assert report.fresh == {petr4.pk}
    assert len(sources.requests) == asked
    # and is read from Redis: the row is not even there
    Quote.objects.all().delete()
    workspace = make.make_workspace()
    [price] = latest_prices(workspace_id=workspace.pk, asset_ids=[petr4.pk]).values()
    assert price.price == close_of("PETR4", NOW.date())
    assert price.fetched_at == NOW


def test_force_asks_again(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    report = quotes_refresh(asset_ids=[petr4.pk], force=True, chain=chain, now=NOW)
    assert report.updated == {petr4.pk}
    assert len(sources.asked("brapi")) == 2


def test_the_same_price_again_is_no_change(chain: Chain, petr4: Any) -> None:
    quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    version = market_version()
    quotes_refresh(asset_ids=[petr4.pk], force=True, chain=chain, now=NOW)
    assert market_version() == version


def test_when_all_fail_the_last_price_stays_with_its_age(
    chain: Chain, petr4: Any, sources: FakeServer, clock: StoppedClock
) -> None:
    access = make.make_access()
    quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    quotes_forget([petr4.pk])  # fifteen minutes pass
    for source in ("brapi", "yahoo"):
        sources.force(source, "500")
    clock.advance(3600 * 24 * 4)
    report = quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=clock.now())
    assert report.failed == {petr4.pk: {"brapi": "upstream", "yahoo": "bad_shape"}}
    assert not report.updated
    [row] = quotes_of(access=access, asset_ids=[petr4.pk])
    assert row.latest.price == close_of("PETR4", NOW.date())
    assert row.latest.as_of == NOW
    assert row.latest.stale
    assert DataSource.objects.get(pk="brapi").last_error.startswith("upstream")


def test_an_asset_nobody_priced_is_absent_and_not_zero(chain: Chain, sources: FakeServer) -> None:
    unknown = make.make_asset("ZZZZ9", exchange=make.make_exchange())
    report = quotes_refresh(asset_ids=[unknown.pk], chain=chain, now=NOW)
    assert unknown.pk in report.failed
    assert latest_prices(workspace_id=uuid.uuid4(), asset_ids=[unknown.pk]) == {}


def test_an_older_answer_does_not_replace_a_newer_price(chain: Chain, petr4: Any) -> None:
    later = NOW + dt.timedelta(minutes=1)
    Quote.objects.create(
        asset=petr4, price=D("1.23"), currency="BRL", as_of=later, fetched_at=later, source="yahoo"
    )
    quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
    assert Quote.objects.get(pk=petr4.pk).price == D("1.23")


def test_only_open_exchanges(
    chain: Chain, petr4: Any, sources: FakeServer, clock: StoppedClock
) -> None:
    night = NOW.replace(hour=4)
    quotes_refresh(asset_ids=[petr4.pk], only_open=True, chain=chain, now=night)
    assert not sources.requests
    report = quotes_refresh(asset_ids=[petr4.pk], only_open=True, chain=chain, now=NOW)
    assert report.updated == {petr4.pk}


def test_demonstration_and_delisted_assets_are_never_asked_for(
    chain: Chain, sources: FakeServer
) -> None:
    demo = make.make_asset("PETR4", is_demo=True)
    gone = make.make_asset("VALE3", is_delisted=True)
    quotes_refresh(asset_ids=[demo.pk, gone.pk], chain=chain, now=NOW)
    assert not sources.requests


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ask_once(sources: FakeServer, clock: StoppedClock) -> None:
    petr4 = make.make_asset("PETR4", exchange=make.make_exchange())

    def refresh(_: int) -> services.QuotesReport:
        try:
            return quotes_refresh(asset_ids=[petr4.pk], chain=chain_load(clock), now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(refresh, range(8)))
    assert len(sources.asked("brapi")) == 1
    assert sum(bool(report.updated) for report in reports) == 1
    assert all(
        report.updated or report.fresh or report.elsewhere == {petr4.pk} for report in reports
    )


def test_a_manual_refresh_has_a_progress_bar(
    chain: Chain, petr4: Any, sources: FakeServer, clock: StoppedClock
) -> None:
    access = make.make_access()
    unknown = make.make_asset("ZZZZ9", exchange=petr4.exchange)
    ids = [petr4.pk, unknown.pk]
    run = services.quotes_refresh_request(access=access, asset_ids=ids)
    services.quotes_refresh_run(
        task_run_id=run.pk, asset_ids=ids, chain_factory=lambda: chain_load(clock)
    )
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == (TaskRun.State.DONE, 2, 2)
    assert run.message == ("1 cotação atualizada. 1 ativo continua com o último preço conhecido.")


def test_a_manual_refresh_that_got_nothing_says_so(sources: FakeServer, petr4: Any) -> None:
    DataSource.objects.update(enabled=False)
    access = make.make_access()
    run = services.quotes_refresh_request(access=access, asset_ids=[petr4.pk])
    services.quotes_refresh_run(task_run_id=run.pk, asset_ids=[petr4.pk])
    run.refresh_from_db()
    assert run.state == TaskRun.State.FAILED


class TestOwnPrices:
    def test_wins_on_its_day_and_is_seen_nowhere_else(self, chain: Chain, petr4: Any) -> None:
        mine, other = make.make_access(), make.make_access()
        quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
        day = dt.date(2026, 11, 19)
        services.price_record_manual(access=mine, asset=petr4, date=day, price=D("99.5"))
        own = latest_prices(workspace_id=mine.workspace.pk, asset_ids=[petr4.pk])[petr4.pk]
        assert (own.price, own.source, own.day) == (D("99.5"), "manual", day)
        theirs = latest_prices(workspace_id=other.workspace.pk, asset_ids=[petr4.pk])[petr4.pk]
        assert theirs.source == "brapi"

    def test_an_older_one_gives_way_to_a_newer_quote(self, chain: Chain, petr4: Any) -> None:
        mine = make.make_access()
        quotes_refresh(asset_ids=[petr4.pk], chain=chain, now=NOW)
        services.price_record_manual(
            access=mine, asset=petr4, date=dt.date(2026, 11, 18), price=D("99.5")
        )
        own = latest_prices(workspace_id=mine.workspace.pk, asset_ids=[petr4.pk])[petr4.pk]
        assert own.source == "brapi"
