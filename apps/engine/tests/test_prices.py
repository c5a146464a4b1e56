"""Tables looked up by date: carried forward, inverted, crossed, never invented."""

from datetime import date

from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.tests.support import D

DAY = date(2024, 1, 10)


def test_a_price_holds_until_the_next() -> None:
    table = PriceTable({"A": [(date(2024, 1, 8), D(2)), (date(2024, 1, 5), D(1))]})
    assert table.on("A", date(2024, 1, 4)) is None
    assert table.on("A", date(2024, 1, 5)) == (1, date(2024, 1, 5))
    assert table.on("A", date(2024, 1, 7)) == (1, date(2024, 1, 5))
    assert table.on("A", DAY) == (2, date(2024, 1, 8))
    assert table.on("B", DAY) is None
    assert table.last_date == date(2024, 1, 8)
    assert table.assets() == ["A"]
    assert PriceTable().last_date is None


def test_rates_are_inverted_and_crossed_once() -> None:
    fx = FxTable(
        {
            ("USD", "BRL"): [(date(2024, 1, 2), D(5))],
            ("EUR", "BRL"): [(date(2024, 1, 3), D(6))],
            ("EUR", "GBP"): [(date(2024, 1, 3), D("0.8"))],
        }
    )
    assert fx.rate("BRL", "BRL", DAY) == 1
    assert fx.rate("USD", "BRL", DAY) == 5
    assert fx.rate("BRL", "USD", DAY) == D("0.2")
    assert fx.rate("EUR", "USD", DAY) == D("1.2")
    assert fx.on("EUR", "USD", DAY) == (D("1.2"), date(2024, 1, 2))  # as old as its older half
    assert fx.rate("EUR", "USD", date(2024, 1, 2)) is None
    assert fx.rate("USD", "GBP", DAY) is None  # would need two crossings
    assert fx.rate("USD", "JPY", DAY) is None
    assert fx.pairs() == [("EUR", "BRL"), ("EUR", "GBP"), ("USD", "BRL")]


def test_of_a_pair_given_both_ways_the_newer_rate_holds() -> None:
    fx = FxTable(
        {
            ("USD", "BRL"): [(date(2024, 1, 2), D(5))],
            ("BRL", "USD"): [(date(2024, 1, 5), D("0.25"))],
        }
    )
    assert fx.rate("USD", "BRL", date(2024, 1, 4)) == 5
    assert fx.rate("USD", "BRL", DAY) == 4


def test_an_impossible_rate_is_left_out() -> None:
    assert FxTable({("USD", "BRL"): [(DAY, D(0))]}).rate("BRL", "USD", DAY) is None


def test_index_names_are_read_in_any_case() -> None:
    table = IndexTable({"Selic": [(DAY, D("0.04"))]})
    assert table.exact("SELIC", DAY) == D("0.04")
    assert table.exact("selic", date(2024, 1, 11)) is None
    assert table.on("selic", date(2024, 1, 11)) == (D("0.04"), DAY)
    assert table.on("CDI", DAY) is None
    assert table.names() == ["SELIC"]
