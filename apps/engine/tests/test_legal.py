"""Legal costs: what is bought and sold on one day never touches the average."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.holdings import Fold, Holding, fold
from apps.engine.kinds import AssetClass
from apps.engine.legal import legal_fold
from apps.engine.prices import FxTable
from apps.engine.tests.support import D, ledger, row
from apps.engine.types import Account, Asset, Row

SHARE = {"XPTO3": Asset("XPTO3", AssetClass.STOCK, "B3", "BRL")}


def folded(*rows: Row, **options: Any) -> Fold:
    return legal_fold(ledger(*rows), options.pop("assets", SHARE), options.pop("accounts", {}))


def held(result: Fold, asset: str = "XPTO3", account: str | None = None) -> Holding:
    (found,) = [
        each
        for each in result.holdings.values()
        if each.asset == asset and each.account in (account, None)
    ]
    return found


def these(*found: Any) -> tuple[Any, ...]:
    """Figures side by side."""
    return found


def test_selling_what_is_held_and_buying_it_back_the_same_day_leaves_its_cost() -> None:
    found = held(
        folded(
            row("2024-03-01", "buy", "XPTO3", 100, 20),
            row("2024-04-10", "sell", "XPTO3", 100, 22),
            row("2024-04-10", "buy", "XPTO3", 100, 21),
        )
    )
    # 100 x (22 - 21) is the day trade; the 100 bought at 20 were never sold
    assert these(found.quantity, found.total_cost, found.average_cost) == (100, 2000, 20)
    assert found.realised_gain == 100
    # first in first out knows of no such rule: 22 - 20, and 21 stay
    assert these(found.fifo_realised, found.fifo_cost) == (200, 2100)
    assert [
        these(step.kind, step.formula, step.quantity_delta, step.quantity, step.cost, step.realised)
        for step in found.steps[1:]
    ] == [("buy", "day_trade", 0, 100, 2000, 0), ("sell", "day_trade", 0, 100, 2000, 100)]


def test_only_what_is_matched_leaves_the_average() -> None:
    found = held(
        folded(
            row("2024-03-01", "buy", "XPTO3", 100, 10),
            row("2024-04-10", "buy", "XPTO3", 200, "12.50", account="a"),
            row("2024-04-10", "buy", "XPTO3", 100, 12, account="b"),
            row("2024-04-10", "sell", "XPTO3", 300, 14, account="a"),
        )
    )
    # at a: 200 x (14 - 12.50) = 300; then (1,000 + 1,200) / 200 = 11, and 100 x (14 - 11) = 300
    assert these(found.quantity, found.total_cost, found.realised_gain) == (100, 1100, 600)
    # of the 300 sold, 200 in the day trade and 100 of what was held
    sold = [step for step in found.steps if step.kind == "sell"]
    assert [these(step.formula, step.params["quantity"], step.realised) for step in sold] == [
        ("sell", 100, 300),
        ("day_trade", 200, 300),
    ]


def test_a_day_that_begins_with_the_sale_needs_nothing_held() -> None:
    result = folded(
        row("2024-04-10", "sell", "XPTO3", 100, 10, time=time(10)),
        row("2024-04-10", "buy", "XPTO3", 100, 9, time=time(16)),
    )
    found = held(result)
    assert these(found.quantity, found.total_cost, found.realised_gain) == (0, 0, 100)
    assert these(found.fifo_realised, found.fifo_cost, found.issue_codes) == (100, 0, ())
    assert [issue.code for issue in result.issues] == []
    assert found.ever_closed


def test_what_a_sale_has_too_much_is_still_told() -> None:
    result = folded(
        row("2024-04-10", "buy", "XPTO3", 100, 9), row("2024-04-10", "sell", "XPTO3", 150, 10)
    )
    found = held(result)
    assert these(found.quantity, found.realised_gain, found.realised_known) == (0, None, 100)
    assert [issue.code for issue in result.issues] == ["oversold"]


def test_institutions_and_holders_are_apart() -> None:
    accounts = {
        "x": Account("x", "XP", "ana", "BRL"),
        "y": Account("y", "XP", "ana", "BRL"),
        "z": Account("z", "XP", "bia", "BRL"),
    }
    rows = ledger(
        row("2024-03-01", "buy", "XPTO3", 100, 10, account="x"),
        row("2024-04-10", "buy", "XPTO3", 100, 12, account="y"),
        row("2024-04-10", "sell", "XPTO3", 100, 13, account="x"),
        row("2024-04-10", "buy", "XPTO3", 100, 12, account="z"),
    )
    found = legal_fold(rows, SHARE, accounts).holdings
    # one institution, two accounts of ana: 13 - 12 is a day trade; bia's purchase is her own
    ana, bia = found["ana", None, "XPTO3"], found["bia", None, "XPTO3"]
    assert these(ana.quantity, ana.total_cost, ana.realised_gain) == (100, 1000, 100)
    assert these(bia.quantity, bia.total_cost, bia.realised_gain) == (100, 1200, 0)
    # each account by itself neither began nor ended anything that day
    apart = legal_fold(rows, SHARE, accounts, by="account").holdings
    assert apart["ana", "x", "XPTO3"].realised_gain == 300
    assert apart["ana", "y", "XPTO3"].total_cost == 1200


def test_only_the_brazilian_exchange_knows_day_trades() -> None:
    rows = (
        row("2024-03-01", "buy", "AAPL", 10, 100, currency="USD"),
        row("2024-04-10", "buy", "AAPL", 10, 120, currency="USD"),
        row("2024-04-10", "sell", "AAPL", 10, 130, currency="USD"),
    )
    assets = {"AAPL": Asset("AAPL", AssetClass.STOCK_ABROAD, "US", "USD")}
    assert held(folded(*rows, assets=assets), "AAPL").total_cost == 1100
    papers = {"CDB": Asset("CDB", AssetClass.CDB, "", "BRL")}
    same = [row(str(each.date), each.kind, "CDB", 10, each.unit_price) for each in rows]
    assert held(folded(*same, assets=papers), "CDB").total_cost == 1100


def test_another_currency_takes_the_rate_of_the_day() -> None:
    fx = FxTable({("USD", "BRL"): [(date(2024, 3, 1), D(5)), (date(2024, 4, 10), D(4))]})
    rows = ledger(
        row("2024-03-01", "buy", "XPTO3", 100, 20),
        row("2024-04-10", "sell", "XPTO3", 100, 22),
        row("2024-04-10", "buy", "XPTO3", 100, 21),
    )
    (found,) = legal_fold(rows, SHARE, {}, currency="USD", fx=fx).holdings.values()
    assert these(found.total_cost, found.realised_gain) == (400, 25)  # 2,000 / 5 and 100 / 4


def test_events_after_a_day_trade_find_the_common_position() -> None:
    found = held(
        folded(
            row("2024-03-01", "buy", "XPTO3", 100, 20),
            row("2024-04-10", "sell", "XPTO3", 100, 22),
            row("2024-04-10", "buy", "XPTO3", 100, 21),
            row("2024-05-02", "split", "XPTO3", ratio=2),
            row("2024-06-03", "sell", "XPTO3", 50, 12),
        )
    )
    # 2,000 over 200 shares; 50 x (12 - 10) on top of the 100 of the day trade
    assert these(found.quantity, found.total_cost, found.realised_gain) == (150, 1500, 200)


def test_what_an_exercise_brings_is_not_lost_beside_a_day_trade() -> None:
    call = Asset("CALL", AssetClass.OPTION, "B3", "BRL", underlying="XPTO3", option_type="call")
    found = held(
        folded(
            row("2024-03-01", "buy", "CALL", 100, 1),
            row("2024-03-15", "exercise", "CALL", 100),
            row("2024-04-10", "buy", "XPTO3", 50, 30),
            row("2024-04-10", "sell", "XPTO3", 50, 31),
            assets=SHARE | {"CALL": replace(call, strike=D(20))},
        )
    )
    # strike 20 and premium 1: 100 at 21; the 50 of the day brought 50
    assert these(found.quantity, found.total_cost, found.realised_gain) == (100, 2100, 50)


_TRADE = st.tuples(
    st.integers(1, 6), st.sampled_from(["buy", "sell"]), st.integers(1, 9), st.integers(1, 50)
)


@given(st.lists(_TRADE, max_size=12))
@settings(max_examples=60, deadline=None)
def test_what_is_held_and_won_together_is_what_was_paid(trades: list[tuple[Any, ...]]) -> None:
    rows = [row("2024-01-02", "buy", "XPTO3", 1000, 10)]
    rows += [
        row(f"2024-01-{day + 10}", kind, "XPTO3", size, price) for day, kind, size, price in trades
    ]
    plain, legal = held(fold(ledger(*rows), SHARE, {})), held(folded(*rows))
    assert plain.quantity == legal.quantity
    spread = (plain.realised_gain or D(0)) - (legal.realised_gain or D(0))
    spread -= (plain.total_cost or D(0)) - (legal.total_cost or D(0))
    assert abs(spread) < D("0.000001")
    assert legal.fifo_cost == plain.fifo_cost
    days = {(day, kind) for day, kind, _size, _price in trades}
    if not any((day, "sell") in days for day, kind in days if kind == "buy"):
        assert legal == plain


def test_what_is_not_described_is_no_paper_of_the_exchange() -> None:
    rows = [
        row("2024-03-01", "buy", "XPTO3", 10, 10),
        row("2024-04-10", "buy", "XPTO3", 10, 16),
        row("2024-04-10", "sell", "XPTO3", 5, 20),
    ]
    # Described: 5 x (20 - 16) is the day trade, and 10 at 10 with 5 at 16 stay.
    told = held(folded(*rows))
    assert these(told.realised_gain, told.total_cost) == (20, 180)
    # Not described: 20 at (100 + 160) / 20 = 13, of which 5 are sold.
    plain = held(folded(*rows, assets={}))
    assert these(plain.realised_gain, plain.total_cost) == (35, 195)
