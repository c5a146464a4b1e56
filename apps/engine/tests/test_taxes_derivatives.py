"""Options, futures, term contracts, short sales."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.engine.tests.tax_support import Cells, D, a, line, near, positions, taxed


def option(kind: str, strike: object = 30) -> list[Cells]:
    terms = a("OPT", "option", underlying="ACAO4", option_type=kind, strike=strike)
    return [{**terms, "expiry": "2024-06-21"}, a("ACAO4", "stock")]


def test_a_call_exercised_and_kept_costs_strike_and_premium(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "OPT", 100, 2),
        line("2024-06-21", "exercise", "OPT", 100),
        line("2024-07-22", "sell", "ACAO4", 100, 35),
    ]
    found = taxed(tmp_path, 2024, lines, option("call"))
    assert found.due("2024-06") == 0
    # sold in spot later: an ordinary sale, 3,500 - (3,000 + 200), exempt
    assert D(found.month("2024-07")["exempt_gain"]) == 300


def test_sold_on_the_day_of_exercise_is_not_exempt_nor_averaged(tmp_path: Path) -> None:
    lines = [
        line("2024-01-02", "buy", "ACAO4", 100, 10),
        line("2024-05-02", "buy", "OPT", 100, 2),
        line("2024-06-21", "exercise", "OPT", 100),
        line("2024-06-21", "sell", "ACAO4", 150, 35),
    ]
    found = taxed(tmp_path, 2024, lines, option("call"))
    # 100 against strike 30 + premium 2: 300, taxed; 50 against the average of 10: 1,250, exempt
    assert found.bucket("2024-06")["result"] == 300
    assert found.due("2024-06") == 45
    assert D(found.month("2024-06")["exempt_gain"]) == 1_250
    assert D(found.month("2024-06")["stock_sales"]) == 1_750
    assert found.bucket("2024-06", "day_trade")["result"] == 0


def test_part_of_an_exercise_is_kept(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "OPT", 100, 2),
        line("2024-06-21", "exercise", "OPT", 100),
        line("2024-06-21", "sell", "ACAO4", 40, 35),
        line("2024-07-22", "sell", "ACAO4", 60, 35),
    ]
    found = taxed(tmp_path, 2024, lines, option("call"))
    assert found.bucket("2024-06")["result"] == 120  # 40 x (35 - 32)
    assert D(found.month("2024-07")["exempt_gain"]) == 180  # 60 x (35 - 32)


def test_a_covered_call_is_assigned(tmp_path: Path) -> None:
    lines = [
        line("2024-01-02", "buy", "ACAO4", 100, 25),
        line("2024-05-02", "short_sell", "OPT", 100, 2),
        line("2024-06-21", "assignment", "OPT", 100),
    ]
    found = taxed(tmp_path, 2024, lines, option("call"))
    # 30 + 2 - 25 = 7 a share; 3,000 delivered is under the limit and not exempt all the same
    assert found.bucket("2024-06")["result"] == 700
    assert D(found.month("2024-06")["exempt_gain"]) == 0
    assert D(found.month("2024-06")["stock_sales"]) == 0


def test_an_uncovered_call_is_assigned_and_bought_that_day(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "short_sell", "OPT", 100, 2),
        line("2024-06-21", "buy", "ACAO4", 100, 36),
        line("2024-06-21", "assignment", "OPT", 100),
    ]
    found = taxed(tmp_path, 2024, lines, option("call"))
    assert found.bucket("2024-06")["result"] == -400  # 30 + 2 - 36


def test_an_assigned_put_costs_strike_less_premium(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "short_sell", "OPT", 100, 2),
        line("2024-06-21", "assignment", "OPT", 100),
    ]
    assert D(positions(tmp_path, lines, option("put"))["ACAO4"]["total_cost"]) == 2_800
    lines.append(line("2024-06-21", "sell", "ACAO4", 100, 27))
    found = taxed(tmp_path, 2024, lines, option("put"))
    assert found.bucket("2024-06")["result"] == -100  # 27 - (30 - 2)


def test_expiry_is_a_loss_of_the_holder(tmp_path: Path) -> None:
    lines = [line("2024-05-02", "buy", "OPT", 100, 2), line("2024-06-21", "expiry", "OPT", 100)]
    found = taxed(tmp_path, 2024, lines, option("call"))
    assert found.bucket("2024-06")["loss_after"] == 200


def test_an_option_left_open_lapses_and_says_so(tmp_path: Path) -> None:
    lines = [line("2024-05-02", "short_sell", "OPT", 100, 2)]
    found = taxed(tmp_path, 2024, lines, option("call"))
    assert found.bucket("2024-06")["result"] == 200
    codes = [issue["code"] for issue in found.month("2024-06")["issues"]]
    assert codes == ["option_expired_open"]


def test_options_day_traded(tmp_path: Path) -> None:
    lines = [line("2024-05-02", "buy", "OPT", 100, 2), line("2024-05-02", "sell", "OPT", 100, 3)]
    assert taxed(tmp_path, 2024, lines, option("call")).bucket("2024-05", "day_trade")["tax"] == 20


FUTURE = [a("WINM24", "future", multiplier="0.2")]


def test_futures_count_when_closed(tmp_path: Path) -> None:
    lines = [
        line("2024-05-30", "buy", "WINM24", 2, 128_000, fees=2),
        line("2024-05-30", "daily_adjustment", "WINM24", amount=80),
        line("2024-06-03", "daily_adjustment", "WINM24", amount=-30),
        line("2024-06-04", "sell", "WINM24", 2, 128_500, fees=2),
        line("2024-06-04", "daily_adjustment", "WINM24", amount=150),
    ]
    found = taxed(tmp_path, 2024, lines, FUTURE)
    assert found.bucket("2024-05")["result"] == 0
    assert found.bucket("2024-06")["result"] == 196  # 80 - 30 + 150 - 4
    daily = taxed(tmp_path, 2024, lines, FUTURE, futures_recognition="daily")
    assert daily.bucket("2024-05")["result"] == 78
    assert daily.bucket("2024-06")["result"] == 118


def test_half_the_contracts_closed_bring_half_of_what_is_pending(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "WINM24", 4, 128_000),
        line("2024-05-02", "daily_adjustment", "WINM24", amount=100),
        line("2024-06-04", "sell", "WINM24", 2, 128_500),
        line("2024-07-04", "sell", "WINM24", 2, 128_500),
    ]
    found = taxed(tmp_path, 2024, lines, FUTURE)
    assert found.bucket("2024-06")["result"] == 50
    assert found.bucket("2024-07")["result"] == 50


def test_futures_day_traded_take_the_adjustment_of_the_day(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "WINM24", 2, 128_000, fees=1),
        line("2024-05-02", "sell", "WINM24", 2, 128_500, fees=1),
        line("2024-05-02", "daily_adjustment", "WINM24", amount=200, tax_withheld=2),
    ]
    bucket = taxed(tmp_path, 2024, lines, FUTURE).bucket("2024-05", "day_trade")
    assert (bucket["result"], bucket["withheld"]) == (198, 2)


def test_futures_without_adjustments_by_their_prices(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "WINM24", 2, 128_000, fees=1),
        line("2024-05-02", "sell", "WINM24", 1, 128_500, fees=1),
        line("2024-06-03", "sell", "WINM24", 1, 127_000, fees=1),
    ]
    found = taxed(tmp_path, 2024, lines, FUTURE)
    # day trade: 500 x 0.2 - 0.50 - 1 = 98.50; common: -1,000 x 0.2 - 0.50 - 1
    assert found.bucket("2024-05", "day_trade")["result"] == D("98.5")
    assert found.bucket("2024-06")["result"] == D("-201.5")


def test_futures_turned_round_by_prices(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "WINM24", 1, 100_000),
        line("2024-05-03", "sell", "WINM24", 3, 101_000),
        line("2024-06-03", "buy", "WINM24", 2, 100_500),
    ]
    found = taxed(tmp_path, 2024, lines, FUTURE)
    assert found.bucket("2024-05")["result"] == 200  # 1 x 1,000 x 0.2
    assert found.bucket("2024-06")["result"] == 200  # 2 x 500 x 0.2


@pytest.mark.parametrize("described", [True, False])
def test_adjustments_alone_are_results_of_their_day(tmp_path: Path, described: bool) -> None:
    lines = [line("2024-05-02", "daily_adjustment", "WINM24", amount=50)]
    found = taxed(tmp_path, 2024, lines, [a("WINM24", "future" if described else "")])
    assert found.bucket("2024-05")["result"] == 50


def test_a_term_bought_and_kept(tmp_path: Path) -> None:
    assets = [a("ACAO4T", "term", underlying="ACAO4"), a("ACAO4", "stock")]
    lines = [
        line("2024-05-02", "buy", "ACAO4T", 100, "10.50"),
        line("2024-06-21", "exercise", "ACAO4T", 100),
        line("2024-08-05", "sell", "ACAO4", 100, 12),
    ]
    found = taxed(tmp_path, 2024, lines, assets)
    assert near(found.month("2024-08")["exempt_gain"], 150)  # 1,200 - 1,050
    sheet = [p["params"]["market"] for p in found.month("2024-08")["parts"] if p["refs"]]
    assert sheet == ["spot"]


def test_a_term_sold_by_who_holds_the_shares(tmp_path: Path) -> None:
    assets = [a("ACAO4T", "term", underlying="ACAO4"), a("ACAO4", "stock")]
    lines = [
        line("2024-01-02", "buy", "ACAO4", 100, 8),
        line("2024-05-02", "short_sell", "ACAO4T", 100, "10.50"),
        line("2024-06-21", "assignment", "ACAO4T", 100),
    ]
    found = taxed(tmp_path, 2024, lines, assets)
    assert found.bucket("2024-06")["result"] == 250  # 1,050 - 800, not exempt


def test_short_gains_are_not_exempt_and_their_sales_count(tmp_path: Path) -> None:
    lines = [
        line("2025-01-15", "short_sell", "A3", 100, 100),
        line("2025-02-14", "cover", "A3", 100, 80),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-01")["stock_sales"]) == 10_000
    assert found.due("2025-02") == 300
    left_out = taxed(tmp_path, 2025, lines, short_sales_in_limit=False)
    assert D(left_out.month("2025-01")["stock_sales"]) == 0
    exempt = taxed(tmp_path, 2025, lines, short_gains_exempt=True)
    assert D(exempt.month("2025-02")["exempt_gain"]) == 2_000


@pytest.mark.parametrize("strike", [None, "10.50"])
@pytest.mark.parametrize(
    "ending", [{"kind": "exercise"}, {"kind": "expiry"}, {"kind": "maturity"}], ids=str
)
def test_a_term_ends_by_delivery_whatever_its_row_is_called(
    tmp_path: Path, ending: Cells, strike: object
) -> None:
    lines = [
        line("2024-05-02", "buy", "T", 1000, "10.50"),
        {**line("2024-06-21", "exercise", "T", 1000), **ending},
        line("2024-06-21", "sell", "ACAO4", 600, "11.20"),
    ]
    term = [a("T", "term", underlying="ACAO4", strike=strike), a("ACAO4", "stock")]
    found = taxed(tmp_path, 2024, lines, term)
    # 600 x (11.20 - 10.50), never exempt; 400 stay at 10.50: the price was paid when it was made
    assert near(found.bucket("2024-06")["result"], 420)
    assert found.month("2024-06")["exempt_gain"] == "0"
    held = positions(tmp_path, lines, term)
    assert (D(held["ACAO4"]["quantity"]), D(held["ACAO4"]["total_cost"])) == (400, 4_200)
    assert D(held["ACAO4"]["realised_gain"]) == 420


def test_holdings_sell_what_was_exercised_that_day(tmp_path: Path) -> None:
    lines = [
        line("2024-05-02", "buy", "OPT", 100, 2),
        line("2024-06-21", "sell", "ACAO4", 100, 35),
        line("2024-06-21", "exercise", "OPT", 100),
    ]
    held = positions(tmp_path, lines, option("call"))
    # 3,500 - (3,000 + 200)
    assert (held["ACAO4"]["quantity"], D(held["ACAO4"]["realised_gain"])) == ("0", 300)
    assert held["ACAO4"]["issues"] == []
    # with shares enough the sale comes first, as the order of the day says: 3,500 - 1,000
    lines.insert(0, line("2024-01-02", "buy", "ACAO4", 100, 10))
    held = positions(tmp_path, lines, option("call"))
    assert D(held["ACAO4"]["realised_gain"]) == 2_500
    assert D(held["ACAO4"]["total_cost"]) == 3_200


@pytest.mark.parametrize("kind", ["put", "PUT", "P", "venda"])
def test_a_put_by_any_name(tmp_path: Path, kind: str) -> None:
    lines = [
        line("2024-01-02", "buy", "ACAO4", 100, 25),
        line("2024-05-02", "buy", "OPT", 100, 2),
        line("2024-06-21", "exercise", "OPT", 100),
    ]
    found = taxed(tmp_path, 2024, lines, option(kind))
    # 3,000 - (2,500 + 200)
    assert found.bucket("2024-06")["result"] == 300


def test_withholding_on_options_is_of_the_premiums_of_the_day_with_their_signs(
    tmp_path: Path,
) -> None:
    def both(code: str) -> Cells:
        terms = {"underlying": "ACAO4", "option_type": "call", "strike": 30}
        return a(code, "option", expiry="2024-07-19", **terms)

    def trade(day: str, kind: str, code: str, price: int, account: str = "main") -> Cells:
        return line(day, kind, code, 10_000, price, tax_withheld=None, account=account)

    lines = [
        trade("2024-06-03", "short_sell", "OPA", 10),
        trade("2024-06-03", "buy", "OPB", 4),
        trade("2024-06-03", "buy", "OPC", 9, "other"),
        trade("2024-06-10", "cover", "OPA", 9),
        trade("2024-06-10", "sell", "OPB", 4),
        trade("2024-06-11", "sell", "OPC", 9, "other"),
    ]
    assets = [both(code) for code in ("OPA", "OPB", "OPC")]
    found = taxed(tmp_path, 2024, lines, assets, estimate_irrf=True).bucket("2024-06")
    # 03/06: 100,000 - 40,000 = 60,000, 3.00; 10/06: 40,000 - 90,000, nothing; 11/06, the other
    # institution, whose purchase was of another day: 90,000, 4.50
    assert (found["result"], found["withheld"]) == (D(10_000), D("7.50"))
