"""The clients against a local server that answers in the vendors' shapes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from apps.market_data.providers.base import (
    AuthFailed,
    BadShape,
    Instrument,
    PlanRestricted,
    ProviderConfig,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    SymbolNotFound,
    Timeout,
    Upstream,
)
from apps.market_data.providers.bcb_sgs.provider import BcbSgs
from apps.market_data.providers.brapi.provider import Brapi
from apps.market_data.providers.fake_market import FakeMarket, rate, walk
from apps.market_data.providers.fake_server import FakeServer, fixed_market
from apps.market_data.providers.frankfurter.provider import Frankfurter
from apps.market_data.providers.ptax.provider import Ptax

NOW = datetime(2026, 11, 19, 18, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeServer]:
    with FakeServer(fixed_market(NOW)) as running:
        yield running


@pytest.fixture(autouse=True)
def _well_again(server: FakeServer) -> None:
    server.requests.clear()
    for source in ("brapi", "bcb_sgs", "ptax", "frankfurter"):
        server.force(source)


def stock(ticker: str) -> Instrument:
    return Instrument(ticker, ticker, "BVMF", "BR", "BRL", "stock")


def brapi(server: FakeServer, **changes: object) -> Brapi:
    return Brapi(ProviderConfig(base_url=server.url("brapi"), token="k", **changes))  # type: ignore[arg-type]


class TestBrapi:
    def test_quotes_in_one_request_with_the_key_in_the_header(self, server: FakeServer) -> None:
        batch = brapi(server).quotes([stock("PETR4"), stock("VALE3")], now=NOW)
        days, closes = walk("PETR4", "BVMF")
        quote = batch.quotes["PETR4"]
        assert days[days.index(date(2026, 11, 19))] == date(2026, 11, 19)
        assert quote.price == closes[days.index(date(2026, 11, 19))]
        assert quote.previous_close == closes[days.index(date(2026, 11, 18))]
        assert (quote.currency, quote.source) == ("BRL", "brapi")
        assert quote.as_of == NOW
        assert batch.quotes.keys() == {"PETR4", "VALE3"}
        assert not batch.errors
        [request] = server.asked("brapi")
        assert request.path == "/api/quote/PETR4,VALE3"
        assert request.headers["authorization"] == "Bearer k"
        assert "k" not in request.query.values()

    def test_without_a_key_only_the_free_four_are_asked_for(self, server: FakeServer) -> None:
        free = Brapi(ProviderConfig(base_url=server.url("brapi")))
        assert [free.symbol(stock(ticker)) for ticker in ("PETR4", "WEGE3")] == ["PETR4", None]
        assert not free.knows_index("IBOV")
        free.quotes([stock("PETR4")], now=NOW)
        assert "authorization" not in server.asked("brapi")[0].headers

    def test_one_unknown_ticker_does_not_cost_the_others(self, server: FakeServer) -> None:
        batch = brapi(server).quotes([stock("PETR4"), stock("ZZZZ9")], now=NOW)
        assert batch.quotes.keys() == {"PETR4"}
        assert isinstance(batch.errors["ZZZZ9"], SymbolNotFound)
        assert [r.path for r in server.asked("brapi")] == [
            "/api/quote/PETR4,ZZZZ9",
            "/api/quote/PETR4",
            "/api/quote/ZZZZ9",
        ]

    @pytest.mark.parametrize(
        ("scenario", "expected"),
        [
            ("401", AuthFailed),
            ("402", QuotaExhausted),
            ("429", RateLimited),
            ("500", Upstream),
            ("html", BadShape),
            ("400", PlanRestricted),
        ],
    )
    def test_refusals(
        self, server: FakeServer, scenario: str, expected: type[ProviderError]
    ) -> None:
        server.force("brapi", scenario)
        with pytest.raises(expected):
            brapi(server).quotes([stock("PETR4")], now=NOW)

    def test_retry_after_is_heard(self, server: FakeServer) -> None:
        server.force("brapi", "429")
        with pytest.raises(RateLimited) as caught:
            brapi(server).quotes([stock("PETR4")], now=NOW)
        assert caught.value.retry_after == 1

    def test_a_server_that_does_not_answer(self, server: FakeServer) -> None:
        server.force("brapi", "slow")
        with pytest.raises(Timeout):
            brapi(server, read_timeout=0.2).quotes([stock("PETR4")], now=NOW)

    def test_no_server_at_all(self) -> None:
        # Port 1 is reserved and closed: refused at once.
        provider = Brapi(ProviderConfig(base_url="http://127.0.0.1:1/brapi", token="secret"))
        with pytest.raises(Upstream) as caught:
            provider.quotes([stock("PETR4")], now=NOW)
        assert "secret" not in str(caught.value)
        assert "127.0.0.1" not in str(caught.value)

    @pytest.mark.parametrize("scenario", ["nulls", "no_currency"])
    def test_a_quote_with_holes_is_an_error_and_never_zero(
        self, server: FakeServer, scenario: str
    ) -> None:
        server.force("brapi", scenario)
        batch = brapi(server).quotes([stock("PETR4")], now=NOW)
        assert not batch.quotes
        assert isinstance(batch.errors["PETR4"], BadShape)

    def test_an_error_inside_a_good_answer(self, server: FakeServer) -> None:
        server.force("brapi", "item_error")
        batch = brapi(server).quotes([stock("ZZZZ9")], now=NOW)
        assert isinstance(batch.errors["ZZZZ9"], SymbolNotFound)

    def test_history_is_as_traded(self, server: FakeServer) -> None:
        # DESD3 split two for one on 2024-06-03; the server sends closes halved before it.
        history = brapi(server).history(
            stock("DESD3"), start=date(2024, 5, 29), end=date(2024, 6, 4), now=NOW
        )
        days, closes = walk("DESD3", "BVMF")
        sent = dict(zip(days, closes, strict=True))
        # 2024-05-30 was Corpus Christi.
        assert [row.date.day for row in history.rows] == [29, 31, 3, 4]
        assert [row.close for row in history.rows] == [
            sent[date(2024, 5, 29)] * 2,
            sent[date(2024, 5, 31)] * 2,
            sent[date(2024, 6, 3)],
            sent[date(2024, 6, 4)],
        ]
        assert [row.factor for row in history.rows] == [D("0.5"), D("0.5"), D(1), D(1)]
        assert server.asked("brapi")[0].query["range"] == "5y"

    def test_history_without_its_share_events_is_not_trusted(self, server: FakeServer) -> None:
        server.force("brapi", "no_dividends")
        with pytest.raises(PlanRestricted):
            brapi(server).history(
                stock("DESD3"), start=date(2024, 5, 29), end=date(2024, 6, 4), now=NOW
            )

    def test_null_sessions_are_left_out(self, server: FakeServer) -> None:
        server.force("brapi", "nulls")
        history = brapi(server).history(
            stock("PETR4"), start=date(2026, 11, 12), end=date(2026, 11, 19), now=NOW
        )
        assert 0 < len(history.rows) < 6
        assert all(row.close > 0 for row in history.rows)

    def test_an_index(self, server: FakeServer) -> None:
        rows = brapi(server).index(
            "IBOV", start=date(2026, 11, 16), end=date(2026, 11, 19), now=NOW
        )
        assert len(rows) == 4
        assert rows[0].value > 10_000


class TestSgs:
    def provider(self, server: FakeServer) -> BcbSgs:
        return BcbSgs(ProviderConfig(base_url=server.url("bcb_sgs")))

    def test_twelve_years_in_two_windows(self, server: FakeServer) -> None:
        rows = self.provider(server).index(
            "CDI", start=date(2014, 1, 1), end=date(2025, 12, 31), now=NOW
        )
        assert len(server.asked("bcb_sgs")) == 2
        assert len(rows) == len({row.date for row in rows}) > 2900
        assert rows[0].date == date(2014, 1, 2)
        assert all(isinstance(row.value, D) for row in rows)

    def test_a_window_without_data_is_empty(self, server: FakeServer) -> None:
        server.force("bcb_sgs", "404")
        assert (
            self.provider(server).index(
                "CDI", start=date(2026, 11, 14), end=date(2026, 11, 15), now=NOW
            )
            == []
        )

    def test_empty_values_are_skipped_and_of_two_the_last_stays(self, server: FakeServer) -> None:
        server.force("bcb_sgs", "nulls")
        rows = self.provider(server).index(
            "CDI", start=date(2026, 11, 9), end=date(2026, 11, 13), now=NOW
        )
        assert [row.date.day for row in rows] == [10, 11, 12, 13]
        assert rows[-1].value == D("0.5")

    def test_monthly_series(self, server: FakeServer) -> None:
        rows = self.provider(server).index(
            "IPCA", start=date(2026, 1, 1), end=date(2026, 3, 31), now=NOW
        )
        assert [row.date.month for row in rows] == [1, 2, 3]
        assert {row.date.day for row in rows} == {1}

    def test_html_under_200(self, server: FakeServer) -> None:
        server.force("bcb_sgs", "html")
        with pytest.raises(BadShape):
            self.provider(server).index("CDI", start=NOW.date(), end=NOW.date(), now=NOW)


class TestPtax:
    def provider(self, server: FakeServer) -> Ptax:
        return Ptax(ProviderConfig(base_url=server.url("ptax")))

    def test_dollar_with_both_sides(self, server: FakeServer) -> None:
        rows = self.provider(server).fx(
            "USD", "BRL", start=date(2026, 10, 31), end=date(2026, 11, 3), now=NOW
        )
        # Saturday, Sunday and Finados on Monday are no rows.
        assert [row.date for row in rows] == [date(2026, 11, 3)]
        assert rows[0].rate == rate("USD", "BRL", date(2026, 11, 3))
        assert rows[0].rate_buy == rows[0].rate - D("0.0006")
        assert "@dataInicial='10-31-2026'" in server.asked("ptax")[0].raw_query

    def test_of_the_bulletins_the_closing_counts(self, server: FakeServer) -> None:
        [row] = self.provider(server).fx(
            "EUR", "BRL", start=date(2026, 11, 3), end=date(2026, 11, 3), now=NOW
        )
        assert row.rate == rate("EUR", "BRL", date(2026, 11, 3))

    def test_empty(self, server: FakeServer) -> None:
        server.force("ptax", "empty")
        day = date(2026, 11, 3)
        assert self.provider(server).fx("USD", "BRL", start=day, end=day, now=NOW) == []

    def test_long_windows_are_cut(self, server: FakeServer) -> None:
        rows = self.provider(server).fx(
            "EUR", "BRL", start=date(2022, 1, 1), end=date(2025, 12, 31), now=NOW
        )
        assert len(server.asked("ptax")) == 3
        assert len(rows) > 980


class TestFrankfurter:
    def provider(self, server: FakeServer) -> Frankfurter:
        return Frankfurter(ProviderConfig(base_url=server.url("frankfurter")))

    def test_a_pair(self, server: FakeServer) -> None:
        rows = self.provider(server).fx(
            "EUR", "USD", start=date(2026, 11, 14), end=date(2026, 11, 17), now=NOW
        )
        assert [row.date.day for row in rows] == [16, 17]
        assert rows[0].rate == D("1.08")

    def test_not_found(self, server: FakeServer) -> None:
        server.force("frankfurter", "404")
        with pytest.raises(SymbolNotFound):
            self.provider(server).fx("EUR", "USD", start=NOW.date(), end=NOW.date(), now=NOW)

    def test_too_fast(self, server: FakeServer) -> None:
        server.force("frankfurter", "429")
        with pytest.raises(RateLimited) as caught:
            self.provider(server).fx("EUR", "USD", start=NOW.date(), end=NOW.date(), now=NOW)
        assert caught.value.retry_after == 2


def test_invented_prices_do_not_depend_on_the_window() -> None:
    market = FakeMarket(now=lambda: NOW)
    long = market.bars("PETR4.SA", date(2020, 1, 1), NOW.date())
    short = market.bars("PETR4", date(2026, 11, 16), NOW.date())
    assert long[-len(short) :] == short
    assert market.bars("PETR4", NOW.date(), date(2030, 1, 1))[-1].date == NOW.date()
