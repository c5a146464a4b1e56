"""Worth that moves between assets and accounts, each figure with its arithmetic."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from apps.engine.kinds import AssetClass
from apps.engine.returns import measure, rates, table_by
from apps.engine.tests.returns_support import day, laid, prices
from apps.engine.tests.returns_support import rates as exchange
from apps.engine.tests.support import D, row
from apps.engine.types import Asset, Row


def test_a_new_ticker_realises_nothing() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-04", "rename", "A", to_asset="B"),
        row("2024-01-05", "sell", "B", 5, 16),
        prices=prices(
            A={"2024-01-02": 10, "2024-01-04": 12}, B={"2024-01-04": 12, "2024-01-05": 16}
        ),
    )
    gain = measure(timeline).gain
    # Cost 10 each all along: 5 x (16 - 10) realised, the other 5 x (16 - 10) not.
    assert (gain.price_realised, gain.price_unrealised) == (30, 30)
    assert (gain.fifo_realised, gain.fifo_unrealised) == (30, 30)
    # Asset by asset the units leave A at 12, and B starts from there.
    old, new = sorted(table_by(timeline, "asset"), key=lambda each: each.key)
    assert (old.gain.total, new.gain.total) == (20, 40)


def test_shares_exchanged_keep_their_cost_and_their_lots() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "buy", "A", 10, 20),
        row("2024-01-04", "merger", "A", ratio=D("0.5"), to_asset="B"),
        row("2024-01-05", "sell", "B", 5, 50),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 20}, B={"2024-01-05": 40}),
    )
    gain = measure(timeline).gain
    # 10 of B cost 300: 250 - 150; first in, first out the first 5 cost 100: 250 - 100.
    assert (gain.price_realised, gain.price_unrealised) == (100, 5 * 40 - 150)
    assert (gain.fifo_realised, gain.fifo_unrealised) == (150, 5 * 40 - 200)


def test_the_cost_of_an_exercised_option_is_part_of_the_trade() -> None:
    call = Asset(
        "C", AssetClass.OPTION, currency="BRL", underlying="A", option_type="call", strike=D(10)
    )
    put = Asset(
        "P", AssetClass.OPTION, currency="BRL", underlying="A", option_type="put", strike=D(18)
    )
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 8),
        row("2024-01-02", "buy", "C", 10, 1),
        row("2024-01-03", "exercise", "C", 10),
        row("2024-01-04", "buy", "P", 5, 2),
        row("2024-01-05", "exercise", "P", 5),
        assets=[call, put],
        prices=prices(
            A={"2024-01-02": 8, "2024-01-03": 14, "2024-01-05": 15},
            C={"2024-01-02": 1, "2024-01-03": 4},
            P={"2024-01-04": 2, "2024-01-05": 3},
        ),
    )
    gain = measure(timeline).gain
    # 20 of A cost 80 + 100 + 10 = 190, 9.50 each. 5 leave at 18 less 2 for the put:
    # 80 - 47.50 = 32.50; 15 are left, worth 225 and costing 142.50.
    assert gain.price_realised == pytest.approx(32.5)
    assert gain.price_unrealised == pytest.approx(82.5)
    # First in, first out the 5 cost 40: 80 - 40; the others cost 150.
    assert gain.fifo_realised == pytest.approx(40)
    assert gain.fifo_unrealised == pytest.approx(75)


def test_shares_split_off_take_no_more_than_the_cost() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "spin_off", "A", 5, to_asset="B", cost_share=D("0.3")),
        row("2024-01-04", "sell", "B", 5, 10),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 7}, B={"2024-01-03": 6, "2024-01-04": 10}),
    )
    figures = measure(timeline)
    # B starts at its worth of the day, 30, and A keeps 70: 50 - 30 realised, 70 - 70 not.
    assert (figures.gain.price_realised, figures.gain.price_unrealised) == (20, 0)
    assert figures.inflows == 100


def test_shares_split_off_from_what_cost_nothing_are_no_flow() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "return_of_capital", "A", amount=100),
        row("2024-01-04", "spin_off", "A", 5, to_asset="B", cost_share=D("0.3")),
        prices=prices(A={"2024-01-02": 10, "2024-01-04": 8}, B={"2024-01-04": 4}),
    )
    figures = measure(timeline)
    assert (figures.inflows, figures.outflows, figures.end_value) == (100, 100, 100)


def test_without_prices_a_cost_goes_along_with_its_units() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10, fees=5),
        row("2024-01-03", "transfer_out", "A", 4, account="main"),
        row("2024-01-03", "transfer_in", "A", 4, account="other"),
        row("2024-01-04", "rename", "A", account="main", to_asset="B"),
        row("2024-01-04", "rename", "A", account="other", to_asset="B"),
        row("2024-01-05", "return_of_capital", "B", amount=70, account="main"),
        end="2024-01-06",
    )
    # 100 paid for the shares is what they are worth; of the 60 in the first account 70 come back,
    # which leaves none of it.
    assert measure(timeline).daily.value.tolist() == [0, 100, 100, 100, 40, 40]


def test_a_departure_feeds_the_arrival_that_needs_it() -> None:
    timeline = laid(
        row("2024-01-02", "transfer_in", "A", 13, amount=130, account="main"),
        row("2024-01-05", "transfer_out", "A", 13, account="main"),
        row("2024-01-05", "transfer_in", "A", 13, account="other"),
        prices=prices(A={"2024-01-02": 10, "2024-01-05": 12}),
    )
    figures = measure(timeline)
    # The first 13 came from outside, at their worth of that day; then they only change account.
    assert (figures.inflows, figures.outflows, figures.end_value) == (130, 0, 156)
    assert not timeline.issues


def test_a_fall_begins_on_the_first_day_of_its_peak() -> None:
    days = np.arange(5) + date(2024, 1, 1).toordinal()
    worst, now, _ = rates.drawdowns(np.array([1.0, 1.2, 1.2, 1.2, 0.9]), days)
    # The index stood at 1.2 from the 2nd to the 4th, as over a weekend.
    assert (worst.peak, worst.trough) == (day("2024-01-02"), day("2024-01-05"))
    assert (now.peak, now.recovery) == (day("2024-01-02"), None)
    # Once recovered, a new fall begins at the new peak.
    worst, _, _ = rates.drawdowns(np.array([1.2, 0.9, 1.2, 1.2, 0.6]), days)
    assert worst.peak == day("2024-01-03")


def test_a_long_time_without_exchange_rates_is_told() -> None:
    rows = row("2024-01-02", "buy", "A", 10, 10, currency="USD")
    closes = prices(A={"2024-01-02": 10, "2024-03-01": 10})
    quotes = {"2024-01-02": 5.0, "2024-01-12": 5.1, "2024-02-10": 5.2, "2024-02-20": 5.0}
    # Ten days are a chain of holidays at most; from 12 January to 9 February are 28.
    (issue,) = laid(rows, prices=closes, fx=exchange("USDBRL", quotes)).issues
    assert (issue.code, issue.where) == ("fx_rate_stale", "USD")
    assert (issue.params["rate_date"], issue.params["to"]) == ("2024-01-12", "2024-02-09")
    assert issue.params["days"] == "28"
    quotes["2024-01-22"] = quotes["2024-02-01"] = 5.1
    assert not laid(rows, prices=closes, fx=exchange("USDBRL", quotes)).issues


def test_a_ledger_from_the_first_day_there_is() -> None:
    timeline = laid(row("0001-01-01", "buy", "A", 1, 5), end="0001-01-03")
    assert measure(timeline).end_value == 5


def _both(*rows: Row, **closes: dict[str, float]) -> tuple[float, float, float, float]:
    """Gains of everything: average realised and not, first in first out realised and not."""
    gain = measure(laid(*rows, prices=prices(**closes))).gain
    return gain.price_realised, gain.price_unrealised, gain.fifo_realised, gain.fifo_unrealised


def test_shares_split_off_take_the_part_of_the_cost_their_row_states() -> None:
    rows = (
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "buy", "A", 10, 20),
        row("2024-01-04", "spin_off", "A", 5, to_asset="B", cost_share=D("0.2")),
        row("2024-01-05", "sell", "B", 5, 30),
        row("2024-01-05", "sell", "A", 10, 14),
    )
    closes = {
        "A": {"2024-01-02": 10, "2024-01-03": 20, "2024-01-04": 14},
        "B": {"2024-01-04": 24, "2024-01-05": 30},
    }
    # 20 % of 300 leave with B: 150 - 60 = 90. Of the 240 that stay half is sold: 140 - 120 = 20;
    # the other 10 are worth 140 and cost 120. First in, first out they cost 80 and 160.
    assert _both(*rows, **closes) == pytest.approx((110, 20, 150, -20))
    # Asset by asset 5 x 24 = 120 leave A, whose cost of 60 they were, and B starts from there.
    table = table_by(laid(*rows, prices=prices(**closes)), "asset")
    old, new = (each.gain for each in sorted(table, key=lambda each: each.key))
    assert (old.price_realised, old.price_unrealised) == pytest.approx((60 + 20, 20))
    assert (new.price_realised, new.price_unrealised) == pytest.approx((150 - 120, 0))
    # A period that opens the day before takes the part of what A was worth then: 0.2 x 400 = 80.
    gain = measure(laid(*rows, prices=prices(**closes)), start=day("2024-01-03")).gain
    assert gain.price_realised == pytest.approx(150 - 80 + 140 - 160)
    assert gain.price_unrealised == pytest.approx(140 - 160)


def test_a_spin_off_whose_row_states_no_part_takes_its_worth() -> None:
    rows = (
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "spin_off", "A", 5, to_asset="B"),
        row("2024-01-04", "sell", "B", 5, 10),
    )
    closes = {"A": {"2024-01-02": 10}, "B": {"2024-01-03": 4, "2024-01-04": 10}}
    # B starts at 20, of the 100: 50 - 20 realised, 100 - 80 not.
    assert _both(*rows, **closes) == pytest.approx((30, 20, 30, 20))


@pytest.mark.parametrize("order", [("main", "other"), ("other", "main")])
def test_a_spin_off_in_two_accounts_takes_its_part_once(order: tuple[str, str]) -> None:
    size = {"main": 6, "other": 2}
    rows = [
        row("2024-01-02", "buy", "A", 12, 10, account="main"),
        row("2024-01-02", "buy", "A", 4, 30, account="other"),
    ]
    rows += [
        row(
            "2024-01-03",
            "spin_off",
            "A",
            size[account],
            to_asset="B",
            cost_share=D("0.25"),
            account=account,
        )
        for account in order
    ]
    rows += [row("2024-01-04", "sell", "B", size[each], 12, account=each) for each in order]
    closes = {"A": {"2024-01-02": 10}, "B": {"2024-01-03": 8, "2024-01-04": 12}}
    # A quarter of 240, and no more, leaves: 96 - 60; 16 of A are worth 160 and cost 180.
    assert _both(*rows, **closes) == pytest.approx((36, -20, 36, -20))
    # One account alone: a quarter of its own 120 leaves the 4 that cost 30 each.
    timeline = laid(*rows, prices=prices(**closes))
    own = measure(timeline, lines=timeline.where(accounts={"other"})).gain
    assert own.price_realised == pytest.approx(24 - 30)
    assert own.price_unrealised == pytest.approx(40 - 90)


@pytest.mark.parametrize("held", [(), ("B",)])
@pytest.mark.parametrize("order", [("main", "other"), ("other", "main")])
def test_a_merger_partly_in_cash_is_the_same_in_any_order(
    order: tuple[str, str], held: tuple[str, ...]
) -> None:
    money = {"main": 90, "other": 10}
    # A position in the new shares from before does not change what the old ones gave.
    rows = [row("2024-01-02", "buy", code, 10, 7, account="main") for code in held]
    rows += [
        row("2024-01-02", "buy", "A", 10, 5, account=order[0]),
        row("2024-01-02", "buy", "A", 10, 5, account=order[1]),
    ]
    rows += [
        row("2024-01-03", "merger", "A", ratio=1, to_asset="B", amount=money[each], account=each)
        for each in order
    ]
    closes = {"A": {"2024-01-02": 5}, "B": {"2024-01-02": 7, "2024-01-03": 7}}
    # Each account's ten cost 50: of 90 received 40 are gain; 10 lower the other ten to 40. The 20
    # of B they became are worth 140 and cost 40.
    assert _both(*rows, **closes) == pytest.approx((40, 100, 40, 100))
    table = {
        each.key: each.gain for each in table_by(laid(*rows, prices=prices(**closes)), "asset")
    }
    # A alone: 100 of shares paid, 140 of B and 100 of cash received.
    assert table["A"].price_realised == pytest.approx(140)
    assert table["B"].price_realised == pytest.approx(0)


def test_shares_sold_on_the_day_of_a_spin_off_carry_what_is_left_of_their_cost() -> None:
    rows = (
        row("2024-01-02", "buy", "B", 1, 4),
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-03", "spin_off", "A", 5, to_asset="B", cost_share=D("0.3")),
        row("2024-01-03", "sell", "A", 5, 8),
    )
    closes = {"A": {"2024-01-02": 10, "2024-01-03": 8}, "B": {"2024-01-02": 4, "2024-01-03": 6}}
    # It takes effect at the open: 70 stay with 10 shares, so 40 - 35; then 40 - 35 and 36 - 34.
    assert _both(*rows, **closes) == pytest.approx((5, 7, 5, 7))


def test_a_transfer_crosses_the_border_of_an_account_with_cash_once() -> None:
    timeline = laid(
        row("2024-01-02", "deposit", None, amount=100, account="x"),
        row("2024-01-02", "buy", "A", 10, 10, account="x"),
        row("2024-01-03", "transfer_out", "A", 10, account="x"),
        row("2024-01-03", "transfer_in", "A", 10, account="y"),
        prices=prices(A={"2024-01-02": 10, "2024-01-03": 12, "2024-01-04": 12}),
    )
    mine = timeline.where(accounts={"x"})
    figures = measure(timeline, lines=mine, with_cash=True)
    # 100 came in, shares worth 10 x 12 left: the gain is what they rose by.
    assert (figures.inflows, figures.outflows, figures.end_value) == (100, 120, 0)
    assert figures.absolute_gain == 20
    assert figures.twr == pytest.approx(0.2)
