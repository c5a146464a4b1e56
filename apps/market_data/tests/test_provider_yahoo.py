"""The real yfinance package against a local server with Yahoo's shapes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D
from importlib.metadata import version
from pathlib import Path

import pytest

from apps.market_data.providers.base import (
    BadShape,
    Instrument,
    ProviderConfig,
    ProviderError,
    RateLimited,
    SymbolNotFound,
    Timeout,
    Upstream,
)
from apps.market_data.providers.fake_market import walk
from apps.market_data.providers.fake_server import FakeServer, fixed_market
from apps.market_data.providers.yahoo.client import SUPPORTED_VERSION
from apps.market_data.providers.yahoo.parse import exact
from apps.market_data.providers.yahoo.provider import Yahoo

NOW = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with FakeServer(fixed_market(NOW)) as running:
        yield running


@pytest.fixture(autouse=True)
def _well_again(server: FakeServer) -> None:
    server.requests.clear()
    server.force("yahoo")


@pytest.fixture
def yahoo(server: FakeServer, tmp_path: Path) -> Yahoo:
    return Yahoo(
        ProviderConfig(base_url=server.url("yahoo"), cache_dir=str(tmp_path), read_timeout=5)
    )


def stock(ticker: str, exchange: str = "BVMF", **changes: str) -> Instrument:
    return Instrument(ticker, ticker, exchange, asset_class="stock", **changes)


def test_the_package_is_the_one_this_client_was_written_for() -> None:
    # client.py uses the package's insides (session, _tz, cache): read it before moving the pin.
    assert version("yfinance") == SUPPORTED_VERSION


def test_neither_pandas_nor_yfinance_is_imported_before_first_use() -> None:
    code = (
        "import sys; import apps.market_data.providers.registry; "
        "print(sorted({'pandas', 'yfinance'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_quote(server: FakeServer, yahoo: Yahoo) -> None:
    quote = yahoo.quotes([stock("PETR4")], now=NOW).quotes["PETR4"]
    days, closes = walk("PETR4", "BVMF")
    position = days.index(date(2026, 11, 19))
    assert quote.price == closes[position]
    assert quote.previous_close == closes[position - 1]
    assert quote.as_of == NOW
    assert (quote.symbol, quote.currency) == ("PETR4.SA", "BRL")
    # Every request the package made, cookie and crumb included, came here.
    charts = [r for r in server.asked("yahoo") if "chart" in r.path]
    assert len(charts) == 1


def test_pence_become_pounds_and_pounds_stay(yahoo: Yahoo) -> None:
    pence = yahoo.quotes([stock("SHEL", "XLON")], now=NOW).quotes["SHEL"]
    _, closes = walk("SHEL.L", "XNYS")
    assert (pence.raw_currency, pence.currency) == ("GBp", "GBP")
    assert D("5") < pence.price < D("200")
    assert pence.price in closes
    pounds = yahoo.quotes([stock("VUSA", "XLON")], now=NOW).quotes["VUSA"]
    assert (pounds.raw_currency, pounds.currency) == ("GBP", "GBP")
    assert pounds.price in walk("VUSA.L", "XNYS")[1]


def test_history_is_as_traded(yahoo: Yahoo) -> None:
    history = yahoo.history(stock("DESD3"), start=date(2024, 5, 29), end=date(2024, 6, 4), now=NOW)
    days, closes = walk("DESD3", "BVMF")
    sent = dict(zip(days, closes, strict=True))
    assert [(row.date, row.close) for row in history.rows] == [
        (date(2024, 5, 29), sent[date(2024, 5, 29)] * 2),
        (date(2024, 5, 31), sent[date(2024, 5, 31)] * 2),
        (date(2024, 6, 3), sent[date(2024, 6, 3)]),
        (date(2024, 6, 4), sent[date(2024, 6, 4)]),
    ]
    assert [row.factor for row in history.rows] == [D("0.5"), D("0.5"), D(1), D(1)]
    assert history.splits[0].ratio == D(2)


def test_a_reverse_split(yahoo: Yahoo) -> None:
    # One for ten on 2025-03-10.
    history = yahoo.history(stock("GRUP3"), start=date(2025, 3, 7), end=date(2025, 3, 10), now=NOW)
    days, closes = walk("GRUP3", "BVMF")
    assert history.rows[0].close == closes[days.index(date(2025, 3, 7))] / 10
    assert history.rows[0].factor == 10
    assert history.rows[1].close == closes[days.index(date(2025, 3, 10))]


def test_null_sessions_are_left_out(server: FakeServer, yahoo: Yahoo) -> None:
    server.force("yahoo", "nulls")
    history = yahoo.history(
        stock("PETR4"), start=date(2026, 11, 10), end=date(2026, 11, 19), now=NOW
    )
    assert 3 <= len(history.rows) <= 5
    assert all(row.close > 0 for row in history.rows)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [
        ("429", RateLimited),
        ("404", SymbolNotFound),
        ("200_error", SymbolNotFound),
        ("html", BadShape),
        ("500", ProviderError),
        ("nulls", BadShape),
        ("no_currency", BadShape),
    ],
)
def test_refusals(
    server: FakeServer, yahoo: Yahoo, scenario: str, expected: type[ProviderError]
) -> None:
    server.force("yahoo", scenario)
    try:
        batch = yahoo.quotes([stock("PETR4")], now=NOW)
    except ProviderError as error:
        caught: ProviderError = error
    else:
        caught = batch.errors["PETR4"]
    assert isinstance(caught, expected)


def test_trouble_with_yahoo_ends_a_batch_and_keeps_what_came_before(
    server: FakeServer, yahoo: Yahoo
) -> None:
    batch = [stock("PETR4"), stock("ZZZZ9"), stock("VALE3"), stock("ITUB4")]
    server.force("yahoo", *["ok"] * 4, "429")  # crumb and charts of the first two symbols
    answer = yahoo.quotes(batch, now=NOW)
    assert "PETR4" in answer.quotes
    assert len(answer.quotes) + len(answer.errors) == 4
    assert isinstance(answer.errors["ZZZZ9"], SymbolNotFound | RateLimited)
    assert isinstance(answer.errors["ITUB4"], RateLimited)


def test_no_timestamp_is_an_empty_history(server: FakeServer, yahoo: Yahoo) -> None:
    server.force("yahoo", "empty")
    history = yahoo.history(
        stock("PETR4"), start=date(2026, 11, 10), end=date(2026, 11, 19), now=NOW
    )
    assert list(history.rows) == []


def test_an_unknown_symbol_is_asked_again_next_time(server: FakeServer, yahoo: Yahoo) -> None:
    # The package would remember the refusal for the life of the process.
    server.force("yahoo", "404")
    assert "PETR4" in yahoo.quotes([stock("PETR4")], now=NOW).errors
    server.force("yahoo")
    assert "PETR4" in yahoo.quotes([stock("PETR4")], now=NOW).quotes


def test_a_server_that_does_not_answer(server: FakeServer, tmp_path: Path) -> None:
    server.force("yahoo", "slow")
    hasty = Yahoo(
        ProviderConfig(
            base_url=server.url("yahoo"),
            cache_dir=str(tmp_path),
            read_timeout=0.3,
            total_timeout=0.6,
        )
    )
    with pytest.raises(Timeout):
        hasty.quotes([stock("PETR4")], now=NOW)


def test_no_server_at_all(tmp_path: Path) -> None:
    nobody = Yahoo(ProviderConfig(base_url="http://127.0.0.1:1/yahoo", cache_dir=str(tmp_path)))
    with pytest.raises(Upstream):
        nobody.quotes([stock("PETR4")], now=NOW)


def test_index(yahoo: Yahoo) -> None:
    rows = yahoo.index("SP500", start=date(2026, 11, 16), end=date(2026, 11, 19), now=NOW)
    assert [row.date.day for row in rows] == [16, 17, 18, 19]


@pytest.mark.parametrize(
    ("wire", "price"),
    [
        (36.77000045776367, "36.77"),  # a capture of PETR4.SA
        (37.040000915527344, "37.04"),
        (99.98999786376953, "99.99"),
        (9.1925, "9.1925"),
        (512345.67, "512345.67"),
        (33.027278900146484, "33.02728"),
        (0.00001234, "0.00001234"),
    ],
)
def test_the_price_behind_a_float(wire: float, price: str) -> None:
    assert exact(wire) == D(price)


@pytest.mark.parametrize("wire", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_no_price_behind_it(wire: float | None) -> None:
    assert exact(wire) is None
