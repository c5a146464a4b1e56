"""Returns of small ledgers, each figure with its arithmetic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from apps.engine.kinds import AssetClass, Indexer
from apps.engine.prices import FxTable, IndexTable
from apps.engine.returns import Timeline, build, measure, table_by
from apps.engine.tests.returns_support import day, laid, prices, rates
from apps.engine.tests.support import D, ledger, row
from apps.engine.types import Account, Asset, FixedIncomeTerms

FLAT = {"2024-01-01": 10.0, "2024-01-31": 10.0}


def adds_up(timeline: Timeline, *, with_cash: bool = False) -> None:
    """The parts of the gain are the gain, and contributions the return, however grouped."""
    figures = measure(timeline, with_cash=with_cash)
    scale = max(1.0, abs(figures.inflows), abs(figures.end_value))
    assert figures.gain.total == pytest.approx(figures.absolute_gain, abs=1e-9 * scale)
    fifo = figures.gain.fifo_realised + figures.gain.fifo_unrealised
    average = figures.gain.price_realised + figures.gain.price_unrealised
    assert fifo == pytest.approx(average, abs=1e-9 * scale)
    for key in ("asset", "account", "class"):
        rows = table_by(timeline, key, with_cash=with_cash)
        gains = sum(each.gain.total for each in rows)
        assert gains == pytest.approx(figures.absolute_gain, abs=1e-9 * scale)
        parts = sum(each.contribution for each in rows)
        assert parts == pytest.approx(figures.twr, abs=1e-9)


def test_day_return_counts_purchases_first_and_sales_last() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10, fees=1),
        row("2024-01-03", "sell", "A", 4, 12, fees=2, tax_withheld=1),
        prices=prices(A={"2024-01-02": 11, "2024-01-03": 12}),
    )
    figures = measure(timeline)
    # Day 1: 110 / (0 + 100 + 1) - 1; day 2: (72 + 48 - 2 - 1) / 110 - 1.
    assert figures.daily.rate[1:] == pytest.approx([110 / 101 - 1, 117 / 110 - 1])
    assert figures.twr == pytest.approx(117 / 101 - 1)
    assert (figures.inflows, figures.outflows) == (101, pytest.approx(45))
    # Realised 48 - 40 of cost, unrealised 72 - 60, fees 1 + 2, tax 1: 8 + 12 - 3 - 1 = 16.
    gain = figures.gain
    assert gain.price_realised == pytest.approx(8)
    assert gain.price_unrealised == pytest.approx(12)
    assert (gain.fees, gain.taxes) == (3, 1)
    assert figures.absolute_gain == pytest.approx(16)
    adds_up(timeline)
    adds_up(timeline, with_cash=True)


def test_fifo_and_average_differ_by_what_was_sold_first() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "buy", "A", 10, 20),
        row("2024-01-04", "sell", "A", 15, 30),
        prices=prices(A={"2024-01-02": 10, "2024-01-04": 30}),
    )
    gain = measure(timeline).gain
    # Average 15: 450 - 225; FIFO: 450 - (100 + 5 x 20).
    assert (gain.price_realised, gain.price_unrealised) == (
        pytest.approx(225),
        pytest.approx(75),
    )
    assert (gain.fifo_realised, gain.fifo_unrealised) == (pytest.approx(250), pytest.approx(50))


def test_a_period_starts_from_the_worth_of_its_first_day() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-05", "sell", "A", 5, 14),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 12, "2024-01-05": 14}),
    )
    figures = measure(timeline, start=day("2024-01-03"), end=day("2024-01-05"))
    # Worth 120 on the 3rd: sold half for 70 (cost 60), the rest is worth 70.
    assert figures.start_value == 120
    assert figures.gain.price_realised == pytest.approx(10)
    assert figures.gain.price_unrealised == pytest.approx(10)
    assert figures.twr == pytest.approx(14 / 12 - 1)


def test_a_split_makes_no_spike_even_before_its_first_price() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 20),
        row("2024-01-04", "split", "A", ratio=4),
        row("2024-01-08", "sell", "A", 20, 6),
        prices=prices(A={"2024-01-02": 20, "2024-01-06": 5, "2024-01-08": 6}),
    )
    figures = measure(timeline)
    assert figures.daily.value[1:] == pytest.approx([200, 200, 200, 200, 200, 200, 120])
    assert figures.twr == pytest.approx(0.2)
    assert figures.gain.price_realised == pytest.approx(20)
    adds_up(timeline)


def test_bonus_shares_are_no_flow() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 11),
        row("2024-01-03", "bonus", "A", 1, 5),
        prices=prices(A={"2024-01-02": 11, "2024-01-03": 10}),
    )
    figures = measure(timeline)
    assert figures.twr == pytest.approx(0.0)
    assert figures.inflows == 110
    adds_up(timeline)


def test_income_gross_withheld_and_net() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "jcp", "A", amount=20, tax_withheld=3),
        prices=prices(A=FLAT),
    )
    figures = measure(timeline)
    gain = figures.gain
    assert (gain.income_gross, gain.income_withheld, gain.income_net) == (20, 3, 17)
    assert gain.taxes == 3
    assert figures.outflows == 17
    assert figures.twr == pytest.approx(0.17)
    adds_up(timeline)


def test_short_position() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "B", 10, 100),
        row("2024-01-02", "short_sell", "A", 10, 10, fees=1),
        row("2024-01-04", "cover", "A", 4, 8, fees=1),
        prices=prices(A={"2024-01-02": 10, "2024-01-04": 8}, B={"2024-01-02": 100}),
    )
    figures = measure(timeline)
    # Shorted at 10: covering 4 at 8 earns 8, the other 6 are worth -48 against 60 received.
    assert figures.end_value == pytest.approx(1000 - 48)
    assert figures.gain.price_realised == pytest.approx(8)
    assert figures.gain.price_unrealised == pytest.approx(12)
    # In 1000, out 99; then in 33 of cover: (952) / (900 + 33).
    assert figures.twr == pytest.approx((900 + 99) / 1000 * 952 / 933 - 1)
    adds_up(timeline)


def test_transfer_between_own_accounts_is_no_flow_for_both_and_one_for_each() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10, account="x"),
        row("2024-01-04", "transfer_out", "A", 10, account="x"),
        row("2024-01-05", "transfer_in", "A", 10, account="y"),
        prices=prices(A={"2024-01-02": 10, "2024-01-04": 12, "2024-01-06": 15}),
    )
    both = measure(timeline)
    assert (both.inflows, both.outflows) == (100, 0)
    assert both.twr == pytest.approx(0.5)
    one = measure(timeline, lines=timeline.where(accounts={"x"}))
    # It leaves at the 120 it is worth, wherever it goes.
    assert (one.inflows, one.outflows) == (100, pytest.approx(120))
    assert one.twr == pytest.approx(0.2)
    other = measure(timeline, lines=timeline.where(accounts={"y"}))
    assert (other.inflows, other.twr) == (pytest.approx(120), pytest.approx(0.25))
    adds_up(timeline)


def test_what_arrives_from_nowhere_comes_at_its_worth_or_its_cost() -> None:
    timeline = laid(
        row("2024-01-02", "transfer_in", "A", 10, amount=50),
        row("2024-01-02", "transfer_in", "B", 10, amount=50),
        prices=prices(A={"2024-01-02": 10, "2024-01-04": 11}),
    )
    figures = measure(timeline)
    assert figures.inflows == pytest.approx(100 + 50)
    assert figures.end_value == pytest.approx(110 + 50)
    assert [issue.code for issue in figures.issues] == ["valued_at_cost"]
    adds_up(timeline)


def test_spin_off_moves_worth_from_one_asset_to_another() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 20),
        row("2024-01-04", "spin_off", "A", 10, to_asset="B", cost_share=0.25),
        prices=prices(A={"2024-01-02": 20, "2024-01-04": 14}, B={"2024-01-04": 6, "2024-01-05": 7}),
    )
    figures = measure(timeline)
    assert figures.inflows == 200
    assert figures.end_value == 210
    assert figures.twr == pytest.approx(0.05)
    child, parent = sorted(table_by(timeline, "asset"), key=lambda each: each.end_value)
    # The parent lost exactly what left it: (140 + 60) / 200.
    assert (parent.key, parent.twr) == ("A", pytest.approx(0.0))
    assert (child.key, child.inflows) == ("B", pytest.approx(60))
    assert child.twr == pytest.approx(7 / 6 - 1)
    adds_up(timeline)


def test_merger_with_cash_and_rename() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 20),
        row("2024-01-04", "merger", "A", to_asset="B", ratio=0.5, amount=30),
        row("2024-01-06", "rename", "B", to_asset="C"),
        prices=prices(
            A={"2024-01-02": 20}, B={"2024-01-04": 36}, C={"2024-01-06": 36, "2024-01-07": 40}
        ),
    )
    figures = measure(timeline)
    # 200 becomes 5 shares of 36 and 30 in cash: 210; then 5 of 40.
    assert figures.outflows == pytest.approx(30)
    assert figures.end_value == pytest.approx(200)
    assert figures.twr == pytest.approx(210 / 200 * 200 / 180 - 1)
    assert {each.key for each in table_by(timeline, "asset")} == {"A", "B", "C"}
    adds_up(timeline)


def test_return_of_capital_lowers_the_cost_and_its_excess_is_gain() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "return_of_capital", "A", amount=120),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 1}),
    )
    gain = measure(timeline).gain
    assert (gain.price_realised, gain.price_unrealised) == (pytest.approx(20), pytest.approx(10))
    assert (gain.fifo_realised, gain.fifo_unrealised) == (pytest.approx(20), pytest.approx(10))
    adds_up(timeline)


def test_option_with_multiplier_exercised() -> None:
    call = Asset(
        "C", AssetClass.OPTION, underlying="A", option_type="call", strike=D(10), multiplier=D(100)
    )
    timeline = laid(
        row("2024-01-02", "buy", "C", 1, 2),
        row("2024-01-04", "exercise", "C", 1),
        prices=prices(C={"2024-01-02": 2, "2024-01-04": 3}, A={"2024-01-04": 13}),
        assets=[call, Asset("A", AssetClass.STOCK)],
    )
    figures = measure(timeline)
    # Premium 200, strike 1,000: 100 shares worth 1,300.
    assert figures.inflows == pytest.approx(1200)
    assert figures.absolute_gain == pytest.approx(100)
    rows = {each.key: each for each in table_by(timeline, "asset")}
    assert rows["C"].gain.total == pytest.approx(100)
    assert rows["A"].gain.total == pytest.approx(0)
    adds_up(timeline)


def test_written_option_expires() -> None:
    put = Asset("P", AssetClass.OPTION, underlying="A", option_type="put", strike=D(10))
    timeline = laid(
        row("2024-01-02", "buy", "A", 100, 10),
        row("2024-01-02", "short_sell", "P", 100, 1),
        row("2024-01-10", "expiry", "P"),
        prices=prices(P={"2024-01-02": 1, "2024-01-09": 0.01}, A=FLAT),
        assets=[put],
    )
    figures = measure(timeline)
    assert figures.gain.price_realised == pytest.approx(100)
    assert figures.end_value == pytest.approx(1000)
    adds_up(timeline)


def test_future_counts_its_adjustments_alone() -> None:
    future = Asset("F", AssetClass.FUTURE, multiplier=D(5))
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-02", "buy", "F", 1, 100000, fees=1),
        row("2024-01-03", "daily_adjustment", "F", amount=-5),
        row("2024-01-04", "daily_adjustment", "F", amount=15),
        prices=prices(A=FLAT, F={"2024-01-02": 100000}),
        assets=[future, Asset("A")],
    )
    figures = measure(timeline)
    assert figures.end_value == 100
    assert figures.absolute_gain == pytest.approx(9)
    assert figures.twr == pytest.approx((99 / 100) * (95 / 100) * (115 / 100) - 1)
    adds_up(timeline)


def test_fixed_income_grows_by_its_terms() -> None:
    terms = FixedIncomeTerms(
        Indexer.PREFIXED, day("2024-01-02"), day("2026-01-02"), D(1000), rate=D("0.10")
    )
    timeline = laid(
        row("2024-01-02", "buy", "CDB", 1, 1000),
        assets=[Asset("CDB", AssetClass.CDB, currency="BRL", terms=terms)],
        end="2024-12-31",
    )
    figures = measure(timeline)
    # 260 weekdays from 2 January to 30 December 2024.
    assert figures.end_value == pytest.approx(1000 * 1.1 ** (260 / 252))
    assert figures.issues == ()


def test_come_cotas_is_a_tax_and_no_flow() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "F", 100, 10),
        row("2024-01-10", "come_cotas", "F", 1, amount=11),
        prices=prices(F={"2024-01-02": 10, "2024-01-10": 11}),
        assets=[Asset("F", AssetClass.FUND)],
    )
    figures = measure(timeline)
    assert (figures.inflows, figures.outflows) == (1000, 0)
    assert figures.gain.taxes == pytest.approx(11)
    assert figures.absolute_gain == pytest.approx(99 * 11 - 1000)
    adds_up(timeline)


def test_currency_part_of_price_gains() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "U", 10, 10, currency="USD"),
        row("2024-01-04", "sell", "U", 5, 12, currency="USD"),
        prices=prices(U={"2024-01-02": 10, "2024-01-04": 12}),
        fx=rates("USDBRL", {"2024-01-02": 4, "2024-01-04": 5}),
    )
    gain = measure(timeline).gain
    # Cost 400 BRL = 100 USD. Sold for 300 BRL what cost 200 BRL and 50 USD, at 5 = 250.
    assert gain.price_realised == pytest.approx(100)
    assert gain.currency_realised == pytest.approx(50)
    assert gain.price_unrealised == pytest.approx(100)
    assert gain.currency_unrealised == pytest.approx(50)
    assert gain.price == pytest.approx(100)
    adds_up(timeline)


def test_cash_of_another_currency() -> None:
    timeline = laid(
        row("2024-01-02", "deposit", None, amount=1000),
        row("2024-01-03", "fx", None, 190, amount=1000, to_asset="USD"),
        row("2024-01-04", "interest", None, amount=10, currency="USD"),
        row("2024-01-04", "fee", None, amount=2, currency="USD"),
        fx=rates("USDBRL", {"2024-01-02": 5, "2024-01-05": 6}),
        end="2024-01-05",
    )
    figures = measure(timeline, with_cash=True)
    assert figures.inflows == 1000
    assert figures.end_value == pytest.approx(198 * 6)
    # Lost 50 on the exchange, then 198 dollars gained 1 each.
    assert figures.gain.cash_currency == pytest.approx(198 - 50)
    assert (figures.gain.income_gross, figures.gain.fees) == (pytest.approx(50), pytest.approx(10))
    adds_up(timeline, with_cash=True)


def test_a_deposit_that_buys_is_no_return() -> None:
    timeline = laid(
        row("2024-01-02", "deposit", None, amount=1000),
        row("2024-01-03", "buy", "A", 50, 10),
        row("2024-01-05", "sell", "A", 50, 12),
        prices=prices(A={"2024-01-03": 10, "2024-01-05": 12}),
    )
    figures = measure(timeline, with_cash=True)
    assert (figures.inflows, figures.outflows) == (1000, 0)
    assert figures.end_value == pytest.approx(1100)
    assert figures.twr == pytest.approx(0.1)
    adds_up(timeline, with_cash=True)


def test_holes_and_missing_prices_are_told() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 1, 10),
        row("2024-01-02", "buy", "B", 1, 7),
        prices=prices(A={"2024-01-02": 10, "2024-03-01": 11}, B={"2024-02-01": 8}),
    )
    found = {(issue.code, issue.where): dict(issue.params) for issue in measure(timeline).issues}
    # Ten days after the last price it is old; until a price comes, cost stands in.
    assert found[("price_hole", "A")] == {"from": "2024-01-13", "to": "2024-02-29", "days": "48"}
    assert found[("valued_at_cost", "B")]["to"] == "2024-01-31"
    assert ("price_hole", "B") in found
    assert measure(timeline, end=day("2024-01-10")).issues[0].code == "valued_at_cost"


def test_no_exchange_rate() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "U", 1, 10, currency="USD"), prices=prices(U={"2024-01-02": 10})
    )
    assert [issue.code for issue in timeline.issues] == ["fx_rate_missing"]
    assert measure(timeline).end_value == 0
    late = laid(
        row("2024-01-02", "buy", "U", 1, 10, currency="USD"),
        prices=prices(U={"2024-01-02": 10, "2024-01-06": 10}),
        fx=rates("USDBRL", {"2024-01-04": 5}),
    )
    assert measure(late).daily.value[1] == 50
    assert [issue.code for issue in measure(late).issues] == ["fx_rate_before_first"]


def test_oversold_and_empty_ledgers_raise_nothing() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 5, 10),
        row("2024-01-03", "sell", "A", 10, 12),
        row("2024-01-03", "sell", "Z", 10, 12),
        prices=prices(A=FLAT),
    )
    figures = measure(timeline)
    assert figures.end_value == 0
    assert figures.outflows == pytest.approx(60)
    assert {issue.code for issue in timeline.issues} == {"oversold"}
    adds_up(timeline)
    adds_up(timeline, with_cash=True)
    empty = build([], {}, {}, prices(), FxTable(), currency="BRL")
    assert measure(empty).twr == 0.0
    assert measure(empty).irr is None
    assert table_by(empty, "asset") == []


def test_real_return_over_the_inflation() -> None:
    from apps.engine.returns import benchmarks

    timeline = laid(
        row("2024-01-01", "buy", "A", 10, 10), prices=prices(A={"2024-01-01": 10, "2024-01-31": 11})
    )
    ipca = IndexTable({"IPCA": [(date(2024, 1, 1), Decimal("1.0"))]})
    inflation = benchmarks.monthly_rate(timeline, ipca)
    figures = measure(timeline, inflation=inflation)
    # All of January's 31 days lie in the period that opens on 31 December.
    assert figures.inflation == pytest.approx(0.01)
    assert figures.real_twr == pytest.approx(1.1 / 1.01 - 1)


def test_an_account_of_another_holder_has_its_own_cost() -> None:
    accounts = {"x": Account("x", holder="ana"), "y": Account("y", holder="bia")}
    timeline = build(
        ledger(
            row("2024-01-02", "buy", "A", 10, 10, account="x"),
            row("2024-01-02", "buy", "A", 10, 20, account="y"),
            row("2024-01-03", "sell", "A", 5, 20, account="x"),
        ),
        {},
        accounts,
        prices(A={"2024-01-02": 20, "2024-01-03": 20}),
        FxTable(),
        currency="BRL",
    )
    assert measure(timeline).gain.price_realised == pytest.approx(50)
    ana = measure(timeline, lines=timeline.where(holder="ana"))
    assert ana.gain.price_realised == pytest.approx(50)
    adds_up(timeline)
