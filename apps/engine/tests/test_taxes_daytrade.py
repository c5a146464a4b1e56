"""Day trades: matching by day, asset and institution."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.engine.tests.tax_support import D, a, line, taxed

OPENING = line("2025-01-02", "buy", "A3", 100, 10)


def test_selling_a_holding_and_buying_it_back_is_a_day_trade(tmp_path: Path) -> None:
    lines = [
        OPENING,
        line("2025-03-05", "sell", "A3", 100, 12, time="10:00"),
        line("2025-03-05", "buy", "A3", 100, 11, time="15:00"),
        line("2025-04-07", "sell", "A3", 100, 15),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-03", "day_trade")["result"] == 100  # 1,200 - 1,100
    assert D(found.month("2025-03")["stock_sales"]) == 0
    assert D(found.month("2025-04")["exempt_gain"]) == 500  # average still 10


def _three(times: list[str | None]) -> list[dict[str, object]]:
    return [
        OPENING,
        line("2025-03-05", "buy", "A3", 100, 10, time=times[0]),
        line("2025-03-05", "buy", "A3", 100, 12, time=times[1]),
        line("2025-03-05", "sell", "A3", 100, 13, time=times[2]),
    ]


@pytest.mark.parametrize(
    "times, setting, day_trade",
    [
        (["10:00", "11:00", "12:00"], "auto", 300),  # first bought at 10: (13 - 10) x 100
        (["11:00", "10:00", "12:00"], "auto", 100),  # first bought at 12
        ([None, None, None], "auto", 200),  # average of 10 and 12
        ([None, None, None], "fifo", 300),  # order of the file
        (["10:00", "11:00", "12:00"], "average", 200),
    ],
)
def test_pairing(tmp_path: Path, times: list[str | None], setting: str, day_trade: int) -> None:
    found = taxed(tmp_path, 2025, _three(times), daytrade_matching=setting)
    assert found.bucket("2025-03", "day_trade")["result"] == day_trade


def test_an_unknown_order_that_matters_blocks(tmp_path: Path) -> None:
    found = taxed(tmp_path, 2025, _three([None, None, None]))
    codes = [issue["code"] for issue in found.month("2025-03")["issues"]]
    assert codes == ["same_day_order_unknown"]
    known = taxed(tmp_path, 2025, _three(["10:00", "11:00", "12:00"]))
    assert not known.month("2025-03")["incomplete"]


def test_what_is_left_of_the_day_is_common(tmp_path: Path) -> None:
    lines = [*_three(["10:00", "11:00", "12:00"]), line("2025-04-07", "sell", "A3", 200, 13)]
    found = taxed(tmp_path, 2025, lines)
    # 100 at 10 and 100 at 12 are left, average 11: (13 - 11) x 200
    assert D(found.month("2025-04")["exempt_gain"]) == 400


def test_fees_of_a_matched_part_are_in_proportion(tmp_path: Path) -> None:
    lines = [
        OPENING,
        line("2025-03-05", "buy", "A3", 50, 11, fees=5),
        line("2025-03-05", "sell", "A3", 100, 12, fees=8),
    ]
    found = taxed(tmp_path, 2025, lines)
    # (600 - 4) - (550 + 5) = 41; common (600 - 4) - 500 = 96, exempt
    assert found.bucket("2025-03", "day_trade")["result"] == 41
    assert D(found.month("2025-03")["exempt_gain"]) == 96
    assert D(found.month("2025-03")["stock_sales"]) == 600


def test_accounts_of_one_institution_are_one_place(tmp_path: Path) -> None:
    lines = [
        line("2025-03-05", "buy", "A3", 100, 10, account="x"),
        line("2025-03-05", "sell", "A3", 100, 11, account="y"),
    ]
    same = [
        {"account": code, "institution": "Alfa", "holder": "ana", "currency": "BRL"}
        for code in ("x", "y")
    ]
    apart = [{**each, "institution": each["account"]} for each in same]
    assert taxed(tmp_path, 2025, lines, None, same).bucket("2025-03", "day_trade")["result"] == 100
    found = taxed(tmp_path, 2025, lines, None, apart)
    assert found.bucket("2025-03", "day_trade")["result"] == 0
    assert D(found.month("2025-03")["exempt_gain"]) == 100
    # nothing was held before, so the order changes nothing
    assert not found.month("2025-03")["incomplete"]
    held = taxed(tmp_path, 2025, [{**OPENING, "account": "y"}, *lines], None, apart)
    assert [i["code"] for i in held.month("2025-03")["issues"]] == ["same_day_order_unknown"]


def test_round_and_fractional_lots_are_one_asset(tmp_path: Path) -> None:
    lines = [
        line("2025-03-05", "buy", "PETR4", 100, 10),
        line("2025-03-05", "sell", "PETR4F", 50, 11),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-03", "day_trade")["result"] == 50
    apart = taxed(tmp_path, 2025, lines, fractional_same_asset=False)
    assert apart.bucket("2025-03", "day_trade")["result"] == 0


def test_day_trade_of_funds_stays_with_funds(tmp_path: Path) -> None:
    lines = [
        line("2025-03-05", "buy", "F11", 100, 10),
        line("2025-03-05", "sell", "F11", 100, 11),
    ]
    found = taxed(tmp_path, 2025, lines, [a("F11", "fii")])
    assert found.bucket("2025-03", "fii")["tax"] == 20
    assert found.bucket("2025-03", "day_trade")["result"] == 0


def test_short_first_and_covered_the_same_day(tmp_path: Path) -> None:
    lines = [
        line("2025-03-05", "short_sell", "A3", 100, 12),
        line("2025-03-05", "cover", "A3", 100, 11),
    ]
    assert taxed(tmp_path, 2025, lines).bucket("2025-03", "day_trade")["result"] == 100


def test_withholding_of_a_sale_that_is_half_day_trade(tmp_path: Path) -> None:
    lines = [
        OPENING,
        line("2025-03-05", "buy", "A3", 100, 10),
        line("2025-03-05", "sell", "A3", 200, 30, tax_withheld="20.15"),
    ]
    found = taxed(tmp_path, 2025, lines)
    # day trade 2,000 x 1 % = 20.00; common 3,000 x 0.005 % = 0.15
    assert found.bucket("2025-03", "day_trade")["withheld"] == 20
    assert found.bucket("2025-03")["withheld"] == D("0.15")


@pytest.mark.parametrize("gain, withheld", [(100, "0"), (101, "1.01")])
def test_estimated_withholding_of_day_trades(tmp_path: Path, gain: int, withheld: str) -> None:
    lines = [
        line("2025-03-05", "buy", "A3", 100, amount=1_000),
        line("2025-03-05", "sell", "A3", 100, amount=1_000 + gain, tax_withheld=None),
    ]
    found = taxed(tmp_path, 2025, lines, estimate_irrf=True)
    assert found.bucket("2025-03", "day_trade")["withheld"] == D(withheld)


def test_a_loss_lowers_the_base_of_its_day_and_place_only(tmp_path: Path) -> None:
    def trade(day: str, code: str, result: int, account: str = "x") -> list[dict[str, object]]:
        return [
            line(day, "buy", code, 100, amount=10_000, account=account),
            line(
                day, "sell", code, 100, amount=10_000 + result, tax_withheld=None, account=account
            ),
        ]

    lines = trade("2025-03-05", "A3", 1_000) + trade("2025-03-05", "B3", -400)
    lines += trade("2025-03-06", "A3", -900) + trade("2025-03-05", "A3", -500, "y")
    found = taxed(tmp_path, 2025, lines, estimate_irrf=True)
    bucket = found.bucket("2025-03", "day_trade")
    assert (bucket["withheld"], bucket["result"]) == (6, -800)  # (1,000 - 400) x 1 %


def test_withholding_booked_on_the_purchase_that_closes(tmp_path: Path) -> None:
    lines = [
        line("2025-03-05", "sell", "A3", 100, 30, time="10:00"),
        line("2025-03-05", "buy", "A3", 100, 20, time="11:00", tax_withheld=10),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-03", "day_trade")["withheld"] == 10
