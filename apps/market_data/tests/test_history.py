"""Back-filling: asked once, widened, gaps from the next vendor, splits since."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest

from apps.assets.models import Holiday
from apps.market_data import services
from apps.market_data.chain import Chain
from apps.market_data.models import FxRate, HistoryCoverage, IndexValue, Price
from apps.market_data.providers.base import HistoryRow
from apps.market_data.providers.fake_market import rate, walk
from apps.market_data.providers.fake_server import FakeServer
from apps.market_data.selectors import fx_table, index_table, market_version, price_table
from apps.market_data.services import history_ensure, history_missing
from apps.market_data.services.history import without_unit_jumps
from apps.market_data.store import Flight
from testing import factories as make

from .conftest import NOW, StoppedClock

pytestmark = pytest.mark.django_db

START = dt.date(2026, 9, 1)


@pytest.fixture
def exchange() -> Any:
    found = make.make_exchange()
    for month, day in ((9, 7), (10, 12), (11, 2), (11, 20)):
        Holiday.objects.create(exchange=found, date=dt.date(2026, month, day), name="feriado")
    return found


@pytest.fixture
def petr4(exchange: Any) -> Any:
    return make.make_asset("PETR4", exchange=exchange)


def ensure(asset: Any, chain: Chain, start: dt.date = START, now: dt.datetime = NOW) -> Any:
    [outcome] = history_ensure(asset_ids=[asset.pk], start=start, chain=chain, now=now)
    return outcome


def coverage(asset: Any) -> HistoryCoverage:
    return HistoryCoverage.objects.get(pk=f"price:{asset.pk}")


def test_every_session_to_the_last_close(chain: Chain, petr4: Any) -> None:
    version = market_version()
    outcome = ensure(petr4, chain)
    days, closes = walk("PETR4", "BVMF")
    # 15:30 on the 19th: the last close is that of the 18th.
    expected = {
        day: close
        for day, close in zip(days, closes, strict=True)
        if START <= day <= dt.date(2026, 11, 18)
    }
    assert dict(Price.objects.values_list("date", "close")) == expected
    assert (outcome.stored, outcome.missing, outcome.error) == (len(expected), 0, "")
    assert (coverage(petr4).start, coverage(petr4).end) == (START, dt.date(2026, 11, 18))
    assert market_version() == version + 1


def test_what_was_asked_is_not_asked_again(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    ensure(petr4, chain)
    asked = len(sources.requests)
    ensure(petr4, chain, start=START + dt.timedelta(days=20))
    assert len(sources.requests) == asked
    assert history_missing(starts={petr4.pk: START}, now=NOW) == {}


def test_an_earlier_start_only_adds(chain: Chain, petr4: Any) -> None:
    ensure(petr4, chain)
    before = Price.objects.count()
    earlier = dt.date(2026, 8, 3)
    assert history_missing(starts={petr4.pk: earlier}, now=NOW) == {petr4.pk: earlier}
    outcome = ensure(petr4, chain, start=earlier)
    assert outcome.stored == Price.objects.count() - before == 21
    assert coverage(petr4).start == earlier


def test_the_next_day_tops_up(chain: Chain, petr4: Any, clock: StoppedClock) -> None:
    ensure(petr4, chain)
    clock.advance(6 * 3600)  # 21:30: the 19th has closed
    outcome = ensure(petr4, chain, now=clock.now())
    assert outcome.stored == 1
    assert coverage(petr4).end == dt.date(2026, 11, 19)
    assert services.history_known(now=clock.now()) == {}


def test_gaps_are_filled_by_the_next_vendor(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    sources.force("brapi", "nulls")  # every second session without a close
    ensure(petr4, chain)
    by_source = list(Price.objects.order_by("date").values_list("source", flat=True))
    assert set(by_source) == {"brapi", "yahoo"}
    assert coverage(petr4).missing == 0


def test_gaps_nobody_fills_stay_without_a_price(
    chain: Chain, petr4: Any, sources: FakeServer
) -> None:
    for source in ("brapi", "yahoo"):
        sources.force(source, "nulls")
    outcome = ensure(petr4, chain)
    # Both leave out every second session; what neither has is counted and never zero.
    assert outcome.missing == coverage(petr4).missing > 0
    assert not Price.objects.filter(close=0).exists()
    table = price_table(workspace_id=petr4.pk, asset_ids=[petr4.pk])
    days, _ = table.series(str(petr4.pk))
    assert len(days) == Price.objects.count()


def test_a_split_since_the_last_visit_rescales_the_older_factors(
    chain: Chain, exchange: Any, clock: StoppedClock
) -> None:
    # DESD3 splits two for one on 2024-06-03.
    asset = make.make_asset("DESD3", exchange=exchange)
    start = dt.date(2024, 3, 1)
    clock.moment = dt.datetime(2024, 5, 31, 23, 0, tzinfo=dt.UTC)
    # The vendor's past is adjusted by the split even before it happened here, so what a vendor
    # said then is written by hand: as traded, factor one.
    days, adjusted = walk("DESD3", "BVMF")
    for day, close in zip(days, adjusted, strict=True):
        if start <= day <= dt.date(2024, 5, 31):
            Price.objects.create(asset=asset, date=day, close=close * 2, source="brapi")
    HistoryCoverage.objects.create(
        series=f"price:{asset.pk}",
        start=start,
        end=dt.date(2024, 5, 31),
        source="brapi",
        checked_at=clock.now(),
    )
    clock.moment = dt.datetime(2024, 6, 5, 23, 0, tzinfo=dt.UTC)
    ensure(asset, chain, start=start, now=clock.now())
    rows = {row.date: row for row in Price.objects.filter(asset=asset)}
    assert rows[start].adjustment_factor == D("0.5")  # outside the window that was asked
    assert rows[dt.date(2024, 5, 31)].adjustment_factor == D("0.5")
    assert rows[dt.date(2024, 6, 3)].adjustment_factor == 1
    known = dict(zip(days, adjusted, strict=True))
    assert all(row.close * row.adjustment_factor == known[day] for day, row in rows.items())


def test_an_earlier_start_after_a_split_is_scaled_once(
    chain: Chain, exchange: Any, clock: StoppedClock
) -> None:
    asset = make.make_asset("DESD3", exchange=exchange)
    ensure(asset, chain, start=dt.date(2024, 5, 2))
    ensure(asset, chain, start=dt.date(2024, 3, 1))
    days, adjusted = walk("DESD3", "BVMF")
    known = dict(zip(days, adjusted, strict=True))
    for row in Price.objects.filter(asset=asset, date__lt=dt.date(2024, 7, 1)):
        assert row.close * row.adjustment_factor == known[row.date], row.date


def test_the_exchanges_own_record_is_not_replaced(chain: Chain, petr4: Any) -> None:
    day = dt.date(2026, 9, 2)
    Price.objects.create(asset=petr4, date=day, close=D("12.34"), source="cotahist")
    ensure(petr4, chain)
    assert Price.objects.get(date=day).close == D("12.34")


def test_typed_prices_are_not_touched(chain: Chain, petr4: Any) -> None:
    access = make.make_access()
    day = dt.date(2026, 9, 2)
    services.price_record_manual(access=access, asset=petr4, date=day, price=D("7"))
    ensure(petr4, chain)
    assert Price.objects.get(workspace=access.workspace).close == 7
    own = price_table(workspace_id=access.workspace.pk, asset_ids=[petr4.pk])
    assert own.on(str(petr4.pk), day) == (D(7), day)
    others = price_table(workspace_id=make.make_workspace().pk, asset_ids=[petr4.pk])
    assert others.on(str(petr4.pk), day) != (D(7), day)


def test_a_failure_is_noted_and_rests(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    for source in ("brapi", "yahoo"):
        sources.force(source, "500")
    outcome = ensure(petr4, chain)
    assert outcome.error.startswith("failed: brapi: upstream")
    assert coverage(petr4).start is None
    asked = len(sources.requests)
    ensure(petr4, chain)
    assert len(sources.requests) == asked
    for source in ("brapi", "yahoo"):
        sources.force(source)
    later = NOW + dt.timedelta(minutes=40)
    chain._clock.advance(2400)  # type: ignore[attr-defined]
    assert ensure(petr4, chain, now=later).stored > 0


def test_an_unknown_symbol_rests_for_a_day(
    chain: Chain, exchange: Any, sources: FakeServer
) -> None:
    asset = make.make_asset("ZZZZ9", exchange=exchange)
    assert ensure(asset, chain).error.startswith("final")
    assert history_missing(starts={asset.pk: START}, now=NOW + dt.timedelta(hours=23)) == {}
    assert history_missing(starts={asset.pk: START}, now=NOW + dt.timedelta(hours=25))


def test_papers_without_a_vendor_are_not_asked_for(chain: Chain, sources: FakeServer) -> None:
    paper = make.make_asset("CDB 2030", asset_class="cdb")
    assert ensure(paper, chain).error == "failed: no_source"
    assert not sources.requests


def test_one_process_at_a_time(chain: Chain, petr4: Any, sources: FakeServer) -> None:
    with Flight([f"price:{petr4.pk}"]):
        assert ensure(petr4, chain).busy
    assert not sources.requests


def test_another_unit_is_left_out() -> None:
    closes = ["10", "10.5", "1020", "10.1", "9.9", "10", "0.1"]
    rows = [
        HistoryRow(dt.date(2024, 1, 1) + dt.timedelta(days=i), D(close))
        for i, close in enumerate(closes)
    ]
    assert [str(row.close) for row in without_unit_jumps(rows)] == [
        "10",
        "10.5",
        "10.1",
        "9.9",
        "10",
    ]
    split = [HistoryRow(dt.date(2024, 1, d), D(100), factor=D("0.01")) for d in (1, 2, 3)]
    split += [HistoryRow(dt.date(2024, 1, d), D(1)) for d in (4, 5)]
    assert without_unit_jumps(split) == split
    assert without_unit_jumps([]) == []


class TestRates:
    def test_indexes(self, chain: Chain) -> None:
        outcomes = services.indexes_ensure(start=dt.date(2026, 9, 10), chain=chain, now=NOW)
        assert all(not outcome.error for outcome in outcomes)
        assert set(IndexValue.objects.values_list("index", flat=True)) == set(services.INDEXES)
        table = index_table(names=["IPCA", "CDI"])
        assert table.series("IPCA")[0] == [
            dt.date(2026, 9, 1),
            dt.date(2026, 10, 1),
            dt.date(2026, 11, 1),
        ]
        cdi = HistoryCoverage.objects.get(pk="index:CDI")
        assert (cdi.start, cdi.end) == (dt.date(2026, 9, 1), dt.date(2026, 11, 18))

    def test_exchange_rates_with_both_sides(self, chain: Chain) -> None:
        services.fx_ensure(
            start=dt.date(2026, 11, 3), currencies=["USD", "BRL"], chain=chain, now=NOW
        )
        row = FxRate.objects.get(date=dt.date(2026, 11, 3))
        assert (row.base, row.quote, row.source) == ("USD", "BRL", "ptax")
        assert row.rate == rate("USD", "BRL", row.date)
        assert row.rate_buy == row.rate - D("0.0006")
        # A date after a holiday finds the rate before it.
        assert fx_table().rate("BRL", "USD", dt.date(2026, 11, 2)) is not None

    def test_top_up_brings_only_what_is_new(
        self, chain: Chain, sources: FakeServer, clock: StoppedClock
    ) -> None:
        services.rates_top_up(chain=chain, now=NOW)
        stored = IndexValue.objects.count(), FxRate.objects.count()
        version = market_version()
        services.rates_top_up(chain=chain, now=NOW)
        assert (IndexValue.objects.count(), FxRate.objects.count()) == stored
        assert market_version() == version
        # On the 20th, a holiday, the rates of the 19th are out.
        clock.advance(24 * 3600)
        services.rates_top_up(chain=chain, now=clock.now())
        assert IndexValue.objects.filter(index="CDI", date=dt.date(2026, 11, 19)).exists()

    def test_a_vendor_that_is_down_is_noted(self, chain: Chain, sources: FakeServer) -> None:
        sources.force("bcb_sgs", "html")
        [outcome] = services.indexes_ensure(start=START, codes=["CDI"], chain=chain, now=NOW)
        assert outcome.error.startswith("failed: bcb_sgs")
        assert not IndexValue.objects.exists()
