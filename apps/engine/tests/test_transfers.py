"""Custody transfers: the cost travels, and where nobody knows it, it stays unknown."""

from datetime import date

from apps.engine.tests.support import D, codes, folded, held, row
from apps.engine.types import Account


def _buy(**fields: object) -> object:
    return row("2024-01-02", "buy", "XPTO3", 100, 10, **{"account": "A", **fields})


def _out(day: str = "2024-02-01", quantity: object = 100, **fields: object) -> object:
    return row(day, "transfer_out", "XPTO3", quantity, **{"account": "A", **fields})


def _in(day: str = "2024-02-01", quantity: object = 100, **fields: object) -> object:
    return row(day, "transfer_in", "XPTO3", quantity, **{"account": "B", **fields})


def test_the_cost_and_the_lots_travel_with_the_shares() -> None:
    result = folded(_buy(), _out(), _in("2024-02-05"), by="account")
    assert held(result, account="A").quantity == 0
    arrived = held(result, account="B")
    assert (arrived.quantity, arrived.total_cost) == (100, 1000)
    assert arrived.lots[0].date == date(2024, 1, 2)
    assert codes(result) == []
    assert held(result, account="A").realised_gain == 0


def test_the_legal_average_does_not_notice_a_transfer() -> None:
    rows = [
        _buy(),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="A"),
        _out(),
        _in(),
    ]
    holding = held(folded(*rows))
    assert (holding.quantity, holding.total_cost) == (200, 3000)
    assert [(lot.quantity, lot.cost) for lot in holding.lots] == [(100, 1000), (100, 2000)]


def test_an_arrival_before_its_departure_takes_the_cost_too() -> None:
    result = folded(_buy(), _in("2024-01-28"), _out("2024-02-01"), by="account")
    assert held(result, account="B").total_cost == 1000
    assert held(result, account="A").quantity == 0
    # seen from between the two dates, nothing is held twice
    between = folded(
        _buy(), _in("2024-01-28"), _out("2024-02-01"), by="account", on=date(2024, 1, 30)
    )
    assert held(between, account="A").quantity == 0
    assert held(between, account="B").quantity == 100


def test_shares_bought_the_day_they_leave() -> None:
    day = "2024-02-01"
    result = folded(
        _in(day), row(day, "buy", "XPTO3", 100, 10, account="A"), _out(day), by="account"
    )
    assert held(result, account="B").total_cost == 1000
    assert codes(result) == []


def test_beyond_ten_days_the_cost_is_unknown() -> None:
    result = folded(_buy(), _out("2024-02-01"), _in("2024-02-12"), by="account")
    arrived = held(result, account="B")
    assert arrived.total_cost is None
    assert arrived.average_cost is None
    assert codes(result) == ["transfer_out_unmatched", "transfer_cost_unknown"]


def test_another_quantity_or_holder_does_not_match() -> None:
    assert "transfer_cost_unknown" in codes(folded(_buy(), _out(), _in(quantity=99)))
    accounts = {"A": Account("A", holder="ana"), "B": Account("B", holder="bia")}
    result = folded(_buy(), _out(), _in(), accounts=accounts)
    assert result.holdings[("bia", None, "XPTO3")].total_cost is None
    assert result.holdings[("ana", None, "XPTO3")].quantity == 0


def test_each_departure_feeds_one_arrival() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 300, 10, account="A"),
        _out(),
        _in(),
        _in(account="C"),
        by="account",
    )
    known = [holding.total_cost for holding in result.holdings.values()]
    assert known == [2000, 1000, None]


def test_a_stated_cost_wins() -> None:
    result = folded(_buy(), _out(), _in(amount=1234), by="account")
    assert held(result, account="B").total_cost == 1234
    # all of the shares left, for another cost than they had
    assert codes(result) == ["transfer_cost_differs"]
    result = folded(_in(amount=500))
    assert held(result).total_cost == 500
    assert codes(result) == []


def test_part_of_a_position_leaves_at_the_stated_cost() -> None:
    result = folded(_buy(), _out(quantity=50, amount=400), _in(quantity=50), by="account")
    assert held(result, account="A").total_cost == 600
    assert held(result, account="B").total_cost == 400


def test_an_unknown_cost_is_never_zero() -> None:
    result = folded(
        _in(),
        row("2024-02-02", "buy", "XPTO3", 100, 10, account="B"),
        row("2024-02-03", "sell", "XPTO3", 50, 20, account="B"),
    )
    holding = held(result)
    assert holding.quantity == 150
    assert (holding.total_cost, holding.average_cost, holding.realised_gain) == (None, None, None)
    assert (holding.fifo_cost, holding.fifo_realised) == (None, None)


def test_more_leaves_than_is_held() -> None:
    result = folded(_buy(), _out(quantity=120), _in(quantity=120), by="account")
    assert held(result, account="A").quantity == 0
    assert held(result, account="B").quantity == 120
    assert held(result, account="B").total_cost is None
    assert codes(result) == ["transfer_exceeds_position", "transfer_cost_unknown"]


def test_a_transfer_moves_no_cash() -> None:
    result = folded(_buy(), _out(), _in())
    assert result.cash == {("A", "BRL"): D(-1000)}
