"""Vendors in order, on a local server with their shapes."""

from __future__ import annotations

import datetime as dt

import pytest

from apps.market_data.chain import ATTEMPTS, Chain, NoAnswer
from apps.market_data.models import DataSource
from apps.market_data.providers.base import Instrument
from apps.market_data.providers.fake_server import FakeServer
from apps.market_data.sources import chain_load

from .conftest import StoppedClock


def stock(ticker: str, currency: str = "BRL") -> Instrument:
    return Instrument(ticker, ticker, "BVMF", "BR", currency, "stock")


def test_first_vendor_answers_in_batches(chain: Chain, sources: FakeServer) -> None:
    answers = chain.quotes([stock("PETR4"), stock("VALE3"), stock("ITUB4")])
    assert {quote.source for quote in answers.quotes.values()} == {"brapi"}
    assert len(sources.asked("brapi")) == 1
    assert not sources.asked("yahoo")


def test_order_and_switch_are_rows(sources: FakeServer, clock: StoppedClock) -> None:
    DataSource.objects.filter(pk="yahoo").update(priority=1)
    assert chain_load(clock).quotes([stock("PETR4")]).quotes["PETR4"].source == "yahoo"
    DataSource.objects.filter(pk="yahoo").update(enabled=False)
    assert chain_load(clock).quotes([stock("PETR4")]).quotes["PETR4"].source == "brapi"


@pytest.mark.parametrize("scenario", ["401", "402", "429", "500", "html", "nulls"])
def test_the_next_vendor_takes_over(chain: Chain, sources: FakeServer, scenario: str) -> None:
    sources.force("brapi", scenario)
    assert chain.quotes([stock("PETR4")]).quotes["PETR4"].source == "yahoo"


def test_passing_failures_are_tried_again_with_growing_pauses(
    chain: Chain, sources: FakeServer, clock: StoppedClock
) -> None:
    sources.force("brapi", "500", "500", "ok")
    assert chain.quotes([stock("PETR4")]).quotes["PETR4"].source == "brapi"
    assert len(sources.asked("brapi")) == ATTEMPTS
    first, second = clock.slept
    assert 0.5 <= first <= 1.0 <= second <= 2.0


def test_retry_after_is_waited_for(chain: Chain, sources: FakeServer, clock: StoppedClock) -> None:
    sources.force("brapi", "429", "ok")
    assert chain.quotes([stock("PETR4")]).quotes["PETR4"].source == "brapi"
    assert clock.slept[0] >= 1


@pytest.mark.parametrize("scenario", ["401", "402"])
def test_what_will_not_change_is_not_tried_again(
    chain: Chain, sources: FakeServer, clock: StoppedClock, scenario: str
) -> None:
    sources.force("brapi", scenario)
    chain.quotes([stock("PETR4")])
    chain.quotes([stock("VALE3")])
    assert len(sources.asked("brapi")) == 1
    clock.advance(3600)
    sources.force("brapi")
    assert chain.quotes([stock("VALE3")]).quotes["VALE3"].source == "brapi"


def test_a_vendor_that_is_down_is_left_alone(
    chain: Chain, sources: FakeServer, clock: StoppedClock
) -> None:
    sources.force("brapi", "500")
    for ticker in ("PETR4", "VALE3", "ITUB4", "MGLU3"):
        assert chain.quotes([stock(ticker)]).quotes[ticker].source == "yahoo"
    asked = len(sources.asked("brapi"))
    assert asked <= ATTEMPTS * 2
    assert "500" in chain.health.bad["brapi"]


def test_unknown_everywhere(chain: Chain, sources: FakeServer) -> None:
    answers = chain.quotes([stock("ZZZZ9"), stock("PETR4")])
    assert answers.quotes.keys() == {"PETR4"}
    assert answers.errors["ZZZZ9"] == {"brapi": "symbol_not_found", "yahoo": "symbol_not_found"}
    asked = len(sources.requests)
    chain.quotes([stock("ZZZZ9")])
    assert len(sources.requests) == asked  # remembered


def test_a_price_in_another_currency_is_refused(chain: Chain) -> None:
    answers = chain.quotes([stock("PETR4", currency="USD")])
    assert not answers.quotes
    assert set(answers.errors["PETR4"].values()) == {"bad_shape"}


def test_all_vendors_down(chain: Chain, sources: FakeServer) -> None:
    sources.force("brapi", "500")
    sources.force("yahoo", "500")
    answers = chain.quotes([stock("PETR4")])
    assert not answers.quotes
    assert answers.errors["PETR4"].keys() == {"brapi", "yahoo"}


def test_rates_go_to_the_second_vendor_too(chain: Chain, sources: FakeServer) -> None:
    window = {"start": dt.date(2026, 11, 16), "end": dt.date(2026, 11, 19)}
    assert chain.fx("USD", "BRL", **window)[0] == "ptax"
    sources.force("ptax", "html")
    code, rows = chain.fx("USD", "BRL", **window)
    assert (code, len(rows)) == ("frankfurter", 4)
    sources.force("frankfurter", "404")
    with pytest.raises(NoAnswer) as caught:
        chain.fx("USD", "BRL", **window)
    assert not caught.value.final


def test_indexes_have_their_vendors(chain: Chain) -> None:
    window = {"start": dt.date(2026, 11, 2), "end": dt.date(2026, 11, 18)}
    assert [chain.index(code, **window)[0] for code in ("CDI", "IBOV", "SP500")] == [
        "bcb_sgs",
        "brapi",
        "yahoo",
    ]
    with pytest.raises(NoAnswer):
        chain.index("UNHEARD_OF", **window)
