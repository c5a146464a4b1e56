"""Purchases and sales: legal average, FIFO lots beside it, fees, what is unknown."""

from datetime import date

import pytest

from apps.engine.kinds import AssetClass, Kind
from apps.engine.tests.support import D, asset, codes, folded, held, row


def test_average_of_three_purchases_and_a_partial_sale() -> None:
    # 100x33 + 100x33.50 + 200x34 = 3300 + 3350 + 6800 = 13450; /400 = 33.625
    # 100 sold at 40: 4000 - 3362.50 = 637.50; left 300 x 33.625 = 10087.50
    result = folded(
        row("2024-01-10", "buy", "MDIA3", 100, 33),
        row("2024-02-12", "buy", "MDIA3", 100, "33.5"),
        row("2024-03-11", "buy", "MDIA3", 200, 34),
        row("2024-04-10", "sell", "MDIA3", 100, 40),
    )
    holding = held(result, "MDIA3")
    assert holding.quantity == 300
    assert holding.total_cost == D("10087.5")
    assert holding.average_cost == D("33.625")
    assert holding.realised_gain == D("637.5")
    # FIFO sells the first hundred: 4000 - 3300 = 700, leaving 3350 + 6800
    assert holding.fifo_realised == 700
    assert holding.fifo_cost == 10150
    assert result.issues == []
    assert result.cash == {("main", "BRL"): D("-9450")}  # 4000 - 13450


def test_a_purchase_after_a_partial_sale_keeps_the_identity_with_cash() -> None:
    # 10@100; sell 5@200 (gain 1000 - 500 = 500); 5@200 -> cost 500 + 1000 = 1500, average 150;
    # sell 5@200 (gain 1000 - 750 = 250). Then sell the last 5 at 200: gain 250.
    # Realised 500 + 250 = 750 before the last; cash in 3000 - out 2000 = 1000 once all is sold.
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 10, 100),
        row("2024-01-03", "sell", "XPTO3", 5, 200),
        row("2024-01-04", "buy", "XPTO3", 5, 200),
        row("2024-01-05", "sell", "XPTO3", 5, 200),
    )
    holding = held(result)
    assert holding.realised_gain == 750
    assert holding.total_cost == 750
    # what is left at the market price of 200 has 1000 - 750 = 250 to come: 1000.00 in all
    gain_if_sold = D(200) * holding.quantity - holding.total_cost
    assert holding.realised_gain + gain_if_sold == 1000
    assert holding.fifo_realised == 1000  # both sales consume the lot bought at 100
    assert result.cash[("main", "BRL")] + D(200) * holding.quantity == 1000


def test_fees_enter_the_cost_and_leave_the_proceeds() -> None:
    # cost 500x50 + 500x55 + 0; sale 500x60 - 100 fees = 29900 - 26250 = 3650
    holding = held(
        folded(
            row("2012-01-10", "buy", "AMBV3", 500, 50),
            row("2012-02-10", "buy", "AMBV3", 500, 55),
            row("2012-05-10", "sell", "AMBV3", 500, 60, fees=100),
        ),
        "AMBV3",
    )
    assert holding.realised_gain == 3650
    assert holding.fees == 100
    # 200x14+20 + 300x15+20 + 400x16+20 = 13760; /900 = 15.2888...
    holding = held(
        folded(
            row("2024-01-10", "buy", "RVTX3", 200, 14, fees=20),
            row("2024-02-10", "buy", "RVTX3", 300, 15, fees=20),
            row("2024-03-10", "buy", "RVTX3", 400, 16, fees=20),
        ),
        "RVTX3",
    )
    assert holding.total_cost == 13760
    assert holding.average_cost == D(13760) / 900  # never rounded


def test_the_amount_wins_over_the_price() -> None:
    holding = held(folded(row("2024-01-02", "buy", "XPTO3", 3, 10, amount="29.99")))
    assert holding.total_cost == D("29.99")


def test_an_emptied_position_costs_exactly_nothing() -> None:
    # 10 shares for 0.01 sold 3 + 3 + 4: no residue of thirds may stay behind
    holding = held(
        folded(
            row("2010-01-01", "buy", "S1", 10, amount="0.01"),
            row("2010-02-01", "sell", "S1", 3, amount="0.01"),
            row("2010-03-01", "sell", "S1", 3, amount="0.01"),
            row("2010-03-01", "sell", "S1", 4, amount="0.01"),
        ),
        "S1",
    )
    assert (holding.quantity, holding.total_cost, holding.fifo_cost) == (0, 0, 0)
    assert holding.average_cost is None
    assert abs(holding.realised_gain - D("0.02")) < D("1e-20")


def test_one_average_per_holder_or_one_per_account() -> None:
    rows = [
        row("2024-01-02", "buy", "XPTO3", 100, 10, account="A"),
        row("2024-01-03", "buy", "XPTO3", 100, 20, account="B"),
        row("2024-01-04", "sell", "XPTO3", 100, 30, account="B"),
    ]
    holding = held(folded(*rows))
    assert (holding.average_cost, holding.realised_gain) == (15, 1500)  # 3000 - 100x15
    apart = folded(*rows, by="account")
    assert held(apart, account="A").average_cost == 10
    assert held(apart, account="B").realised_gain == 1000  # 3000 - 100x20
    assert held(apart, account="B").quantity == 0


def test_overselling_keeps_the_excess_out_and_says_so() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10),
        row("2024-01-03", "sell", "XPTO3", 150, 12),
    )
    holding = held(result)
    assert (holding.quantity, holding.total_cost) == (0, 0)
    assert holding.realised_gain is None  # what the other 50 had cost nobody knows
    assert holding.realised_known == 200  # 100 x (12 - 10)
    assert codes(result) == ["oversold"]
    assert result.issues[0].params["excess"] == "50"
    assert result.cash == {("main", "BRL"): D(800)}  # the money did arrive: 1800 - 1000
    assert holding.steps[-1].quantity_delta == -100


def test_selling_what_was_never_bought() -> None:
    result = folded(row("2024-01-03", "sell", "XPTO3", 10, 12))
    assert held(result).quantity == 0
    assert held(result).realised_gain is None
    assert codes(result) == ["oversold"]


@pytest.mark.parametrize("kind", ["buy", "sell", "short_sell", "cover"])
@pytest.mark.parametrize("quantity", [None, 0, -5])
def test_a_quantity_must_be_positive(kind: str, quantity: int | None) -> None:
    result = folded(row("2024-01-02", kind, "XPTO3", quantity, 10))
    code = "quantity_missing" if quantity is None else "quantity_not_positive"
    assert codes(result) == [code]
    assert held(result).quantity == 0
    assert result.cash == {}


@pytest.mark.parametrize("kind", ["buy", "sell", "split", "dividend", "transfer_in", "maturity"])
def test_a_row_without_asset_is_reported(kind: str) -> None:
    result = folded(row("2024-01-02", kind, None, 10, 10, ratio=2))
    assert codes(result) == ["asset_missing"]
    assert result.holdings == {}


def test_a_negative_value_is_refused() -> None:
    result = folded(row("2024-01-02", "buy", "XPTO3", 10, -1))
    assert codes(result) == ["amount_negative"]
    assert held(result).quantity == 0


def test_a_purchase_without_price_has_unknown_cost() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 10),
        row("2024-01-03", "buy", "XPTO3", 10, 5),
        row("2024-01-04", "sell", "XPTO3", 5, 9),
    )
    holding = held(result)
    assert holding.quantity == 15
    assert holding.total_cost is None
    assert holding.average_cost is None
    assert holding.realised_gain is None
    assert codes(result) == ["value_missing"]
    assert ("main", "BRL") in result.cash_incomplete


def test_an_unknown_cost_ends_with_the_position() -> None:
    holding = held(
        folded(
            row("2024-01-02", "buy", "XPTO3", 10),
            row("2024-01-04", "sell", "XPTO3", 10, 9),
            row("2024-01-05", "buy", "XPTO3", 10, 7),
        )
    )
    assert holding.total_cost == 70
    assert holding.realised_gain is None


def test_a_sale_without_price_still_takes_shares_and_cost() -> None:
    # the case AVG-02: 100@12 + 100@17 -> 14.50; 40 sold for nobody knows what
    result = folded(
        row("2020-01-15", "buy", "X", 100, 12),
        row("2020-10-15", "buy", "X", 100, 17),
        row("2020-11-16", "sell", "X", 40),
    )
    holding = held(result, "X")
    assert holding.steps[-1].cost_delta == D("-580")
    assert (holding.quantity, holding.total_cost) == (160, 2320)
    assert holding.realised_gain is None


def test_unknown_fees_are_counted_not_guessed() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 10, 5, fees=None),
        row("2024-01-03", "sell", "XPTO3", 5, 6, fees=None),
        row("2024-01-04", "sell", "XPTO3", 1, 6, fees="0"),
    )
    assert held(result).fees_unknown == 2
    assert codes(result) == ["fees_unknown"]
    assert result.issues[0].params == {"asset": "XPTO3", "holder": "default", "rows": "2"}


def test_short_sale_and_cover() -> None:
    # 100 sold at 10 less 2 fees = 998; 40 covered at 8 plus 1 = 321; 998x0.4 - 321 = 78.20
    result = folded(
        row("2024-01-02", "short_sell", "XPTO3", 100, 10, fees=2),
        row("2024-01-05", "cover", "XPTO3", 40, 8, fees=1),
    )
    holding = held(result)
    assert holding.quantity == -60
    assert holding.total_cost == D("-598.8")
    assert holding.average_cost == D("9.98")
    assert holding.realised_gain == D("78.2")
    assert holding.fifo_realised == D("78.2")
    assert [step.quantity for step in holding.steps] == [-100, -60]
    assert holding.lots[0].quantity == -60
    assert result.cash == {("main", "BRL"): D(677)}  # 998 - 321


def test_covering_more_than_was_sold_short() -> None:
    result = folded(
        row("2024-01-02", "short_sell", "XPTO3", 10, 10),
        row("2024-01-05", "cover", "XPTO3", 15, 8),
    )
    assert held(result).quantity == 0
    assert codes(result) == ["cover_without_short"]
    assert held(result).realised_known == 20


def test_long_and_short_at_once_are_told_apart() -> None:
    result = folded(
        row("2024-01-02", "buy", "XPTO3", 100, 10),
        row("2024-01-03", "short_sell", "XPTO3", 40, 12),
    )
    holding = held(result)
    assert holding.quantity == 60
    assert holding.total_cost == 520  # 1000 - 480
    assert codes(result) == ["long_and_short"]


def test_options_fold_with_their_multiplier() -> None:
    assets = asset("AAPL1", asset_class=AssetClass.OPTION, multiplier=D(100))
    holding = held(
        folded(
            row("2024-01-02", "buy", "AAPL1", 2, "1.5"),
            row("2024-01-03", "sell", "AAPL1", 1, 2),
            assets=assets,
        ),
        "AAPL1",
    )
    assert holding.total_cost == 150
    assert holding.realised_gain == 50  # 200 - 150


def test_futures_cost_nothing_and_earn_their_adjustments() -> None:
    assets = asset("WINZ24", asset_class=AssetClass.FUTURE, multiplier=D("0.2"))
    result = folded(
        row("2024-10-01", "sell", "WINZ24", 5, 130000, fees="1.5"),
        row("2024-10-01", "daily_adjustment", "WINZ24", amount=-300),
        row("2024-10-02", "daily_adjustment", "WINZ24", amount=800),
        row("2024-10-02", "buy", "WINZ24", 5, 129500, fees="1.5"),
        assets=assets,
    )
    holding = held(result, "WINZ24")
    assert (holding.quantity, holding.total_cost) == (0, 0)
    assert holding.realised_gain == 497  # -300 + 800 - 3
    assert result.cash == {("main", "BRL"): D(497)}
    assert codes(result) == ["future_result_by_adjustments"]


def test_rows_of_a_day_take_effect_in_the_order_of_the_contract() -> None:
    day = "2024-05-02"
    result = folded(
        row("2024-05-01", "buy", "XPTO3", 10, 100),
        row(day, "dividend", "XPTO3", amount=5),
        row(day, "sell", "XPTO3", 25, 60),
        row(day, "buy", "XPTO3", 5, 50),
        row(day, "split", "XPTO3", ratio=2),
    )
    holding = held(result)
    assert [step.kind for step in holding.steps] == [Kind.BUY, Kind.SPLIT, Kind.BUY, Kind.SELL]
    assert holding.quantity == 0
    assert codes(result) == []


def test_times_order_a_day_and_rows_without_stand_around_them() -> None:
    day = "2024-05-02"
    kinds = [
        step.params["unit_price"]
        for step in held(
            folded(
                row(day, "sell", "XPTO3", 1, 5),
                row(day, "sell", "XPTO3", 1, 4, time="15:00"),
                row(day, "buy", "XPTO3", 1, 3, time="14:00"),
                row(day, "sell", "XPTO3", 1, 2, time="11:00:00.5"),
                row(day, "buy", "XPTO3", 3, 1),
            )
        ).steps
    ]
    assert kinds == [1, 2, 3, 4, 5]


def test_the_fold_stops_at_the_date_asked() -> None:
    rows = [row("2024-01-02", "buy", "XPTO3", 10, 5), row("2024-03-01", "sell", "XPTO3", 10, 9)]
    assert held(folded(*rows, on=date(2024, 2, 29))).quantity == 10
    assert held(folded(*rows, on=date(2024, 3, 1))).quantity == 0
    assert folded(*rows, on=date(2024, 1, 1)).holdings == {}


def test_steps_explain_the_average_line_by_line() -> None:
    steps = held(
        folded(
            row("2024-01-02", "buy", "XPTO3", 100, 10, fees=5),
            row("2024-02-01", "buy", "XPTO3", 50, 13),
            row("2024-03-01", "sell", "XPTO3", 30, 15, fees=2),
        )
    ).steps
    assert [step.formula for step in steps] == ["buy", "buy", "sell"]
    assert [step.quantity for step in steps] == [100, 150, 120]
    assert [step.cost for step in steps] == [1005, 1655, 1324]  # 1655 x 120/150
    assert steps[1].params["average_before"] == D("10.05")
    assert steps[2].params["amount"] == 450
    assert steps[2].realised == D(450 - 2) - 331  # 331 = 1655 x 30/150
    assert steps[2].ref == "2"


def test_lot_uses_name_the_lots_a_sale_consumed() -> None:
    holding = held(
        folded(
            row("2024-01-02", "buy", "XPTO3", 10, 1),
            row("2024-01-03", "buy", "XPTO3", 10, 2),
            row("2024-01-04", "sell", "XPTO3", 15, 3),
        )
    )
    assert [(use.lot_ref, use.quantity, use.cost) for use in holding.lot_uses] == [
        ("0", 10, 10),
        ("1", 5, 10),
    ]
    assert [(lot.ref, lot.quantity, lot.cost) for lot in holding.lots] == [("1", 5, 10)]
