from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from apps.market_data.providers.base import (
    HistoryRow,
    Instrument,
    Split,
    as_traded,
    number,
    positive,
    scale_currency,
)
from apps.market_data.providers.http import Reply
from apps.market_data.providers.symbols import b3_ticker, yahoo_symbol


def test_split_adjustment_is_undone_before_the_split_only() -> None:
    # Two for one on the 3rd: the vendor halves what came before.
    rows = [
        HistoryRow(date(2024, 6, 3), D("10.10"), volume=200),
        HistoryRow(date(2024, 5, 31), D("10.025"), open=D("10"), volume=400),
    ]
    before, after = as_traded(rows, [Split(date(2024, 6, 3), D(2))])
    assert (before.close, before.open, before.volume) == (D("20.0500"), D("20.0000"), 200)
    assert before.factor == D("0.5")
    assert before.close * before.factor == D("10.025")
    assert (after.close, after.factor) == (D("10.10"), D(1))


def test_several_splits_multiply_and_a_reverse_split_divides() -> None:
    rows = [HistoryRow(date(2020, 1, 2), D("6.0")), HistoryRow(date(2022, 1, 3), D("30.0"))]
    splits = [Split(date(2021, 1, 4), D(3)), Split(date(2023, 1, 2), D("0.1"))]
    oldest, middle = as_traded(rows, splits)
    assert oldest.close == D("1.8")  # 6.0 x 3 x 0.1
    assert middle.close == D("3.0")  # 30.0 x 0.1
    assert middle.factor == D(10)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1.50", D("1.50")),
        (3, D(3)),
        (D("0"), D(0)),
        ("", None),
        ("n/a", None),
        (None, None),
        (True, None),
        (D("NaN"), None),
        ("Infinity", None),
    ],
)
def test_number(raw: object, expected: D | None) -> None:
    assert number(raw) == expected


def test_a_zero_is_no_price() -> None:
    assert positive(0) is None
    assert positive("-1") is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("GBp", ("GBP", D("0.01"))),
        ("GBX", ("GBP", D("0.01"))),
        ("GBP", ("GBP", D(1))),
        ("ZAc", ("ZAR", D("0.01"))),
        ("ILA", ("ILS", D("0.01"))),
        ("brl", ("BRL", D(1))),
    ],
)
def test_minor_units_are_told_by_case(raw: str, expected: tuple[str, D]) -> None:
    assert scale_currency(raw) == expected


@pytest.mark.parametrize(
    ("instrument", "expected"),
    [
        (Instrument("1", "PETR4", "BVMF", "BR", "BRL", "stock"), "PETR4.SA"),
        (Instrument("1", "PETR4F", "", "BR", "BRL", "stock"), "PETR4.SA"),
        (Instrument("1", "BRK.B", "XNYS", "US", "USD", "stock_abroad"), "BRK-B"),
        (Instrument("1", "VOD", "XLON", "EU", "GBP", "stock_abroad"), "VOD.L"),
        (Instrument("1", "700", "XHKG", "ASIA", "HKD", "stock_abroad"), "0700.HK"),
        (Instrument("1", "SAP", "", "EU", "EUR", "stock_abroad"), None),
        (Instrument("1", "SAP", "", "EU", "EUR", "stock_abroad", "SAP.DE"), "SAP.DE"),
        (Instrument("1", "BTC", "", "CRYPTO", "BRL", "crypto"), "BTC-BRL"),
        (Instrument("1", "CDB X", "", "BR", "BRL", "cdb"), None),
        (Instrument("1", "PETRA240", "BVMF", "BR", "BRL", "option"), None),
    ],
)
def test_yahoo_symbols(instrument: Instrument, expected: str | None) -> None:
    assert yahoo_symbol(instrument) == expected


def test_only_a_fractional_ticker_loses_its_f() -> None:
    assert b3_ticker("VALE3F") == "VALE3"
    assert b3_ticker("TAEE11F") == "TAEE11"
    assert b3_ticker("GOLF") == "GOLF"


def test_retry_after_as_number_and_as_date() -> None:
    now = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)

    def reply(value: str) -> Reply:
        return Reply(429, "", {"Retry-After": value})

    assert reply("7").retry_after(now) == 7
    assert reply("Mon, 23 Nov 2026 12:00:30 GMT").retry_after(now) == 30
    assert reply("soon").retry_after(now) is None
    assert Reply(429, "", {}).retry_after(now) is None
