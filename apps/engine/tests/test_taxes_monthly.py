"""Months of the exchange: exemption, losses, withholding, at every boundary."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.engine.tests.tax_support import Cells, D, a, line, taxed


def bought_and_sold(
    month: str, code: str, cost: object, sales: object, **cells: object
) -> list[Cells]:
    """100 shares bought on the 3rd for ``cost`` and sold on the 20th for ``sales``."""
    return [
        line(f"{month}-03", "buy", code, 100, amount=cost),
        line(f"{month}-20", "sell", code, 100, amount=sales, **cells),
    ]


@pytest.mark.parametrize(
    "sales, exempt, tax",
    [("20000.00", "1000.00", "0"), ("20000.01", "0", "150.0015")],
)
def test_the_limit_is_inclusive(tmp_path: Path, sales: str, exempt: str, tax: str) -> None:
    # 19,000 bought; 0.15 x 1,000.01 = 150.0015
    found = taxed(tmp_path, 2025, bought_and_sold("2025-03", "A3", 19_000, sales))
    month = found.month("2025-03")
    assert D(month["stock_sales"]) == D(sales)
    assert D(month["exempt_gain"]) == D(exempt)
    assert found.due("2025-03") == D(tax)


def test_sales_of_every_broker_count_together(tmp_path: Path) -> None:
    lines = [
        line("2025-03-03", "buy", "A3", 200, amount=20_000, account="x"),
        line("2025-03-10", "sell", "A3", 100, amount=12_000, account="x"),
        line("2025-03-11", "sell", "A3", 100, amount=12_000, account="y"),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["stock_sales"]) == 24_000
    assert found.due("2025-03") == D("600.00")  # (24,000 - 20,000) x 15 %


def test_each_month_has_its_own_limit(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 9_000, 15_000)
    lines += bought_and_sold("2025-04", "A3", 9_000, 15_000)
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["exempt_gain"]) == 6_000
    assert D(found.month("2025-04")["exempt_gain"]) == 6_000


def test_an_exempt_gain_does_not_use_losses_and_a_loss_is_carried(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 10_000, 8_000)
    lines += bought_and_sold("2025-04", "A3", 10_000, 15_000)
    lines += bought_and_sold("2025-05", "A3", 20_000, 25_000)
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-03")["loss_after"] == 2_000
    assert D(found.month("2025-04")["exempt_gain"]) == 5_000
    assert found.bucket("2025-04")["loss_after"] == 2_000
    may = found.bucket("2025-05")
    assert (may["loss_before"], may["loss_used"], may["loss_after"]) == (2_000, 2_000, 0)
    assert found.due("2025-05") == 450  # (5,000 - 2,000) x 15 %


def test_losses_never_expire(tmp_path: Path) -> None:
    lines = bought_and_sold("2012-03", "A3", 30_000, 25_000)
    lines += bought_and_sold("2025-05", "A3", 30_000, 40_000)
    assert taxed(tmp_path, 2025, lines).due("2025-05") == 750  # (10,000 - 5,000) x 15 %


def test_day_trade_sales_stay_out_of_the_limit_unless_chosen(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 10_000, 15_000)
    lines += [
        line("2025-03-12", "buy", "B3", 100, amount=9_000),
        line("2025-03-12", "sell", "B3", 100, amount=9_100),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert D(found.month("2025-03")["stock_sales"]) == 15_000
    assert D(found.month("2025-03")["exempt_gain"]) == 5_000
    counted = taxed(tmp_path, 2025, lines, daytrade_in_limit=True)
    assert D(counted.month("2025-03")["stock_sales"]) == 24_100
    assert counted.due("2025-03") == 770  # 5,000 x 15 % + 100 x 20 %


def test_the_limit_may_be_reckoned_net_of_fees(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 15_000, "20000.50", fees="0.50")
    assert taxed(tmp_path, 2025, lines).due("2025-03") == 750  # 5,000.00 x 15 %
    found = taxed(tmp_path, 2025, lines, limit_net_of_fees=True)
    assert D(found.month("2025-03")["exempt_gain"]) == 5_000


@pytest.mark.parametrize("asset_class", ["etf", "bdr", "right", "option", "fii", "fiagro"])
def test_classes_that_are_never_exempt(tmp_path: Path, asset_class: str) -> None:
    lines = bought_and_sold("2025-03", "A11", 900, 1_900)
    found = taxed(tmp_path, 2025, lines, [a("A11", asset_class)])
    fund = asset_class in ("fii", "fiagro")
    assert D(found.month("2025-03")["stock_sales"]) == 0
    assert found.bucket("2025-03", "fii" if fund else "common")["base"] == 1_000
    assert found.due("2025-03") == (200 if fund else 150)


def test_units_follow_shares_unless_chosen(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A11", 900, 1_900)
    found = taxed(tmp_path, 2025, lines, [a("A11", "unit")])
    assert D(found.month("2025-03")["exempt_gain"]) == 1_000
    assert (
        taxed(tmp_path, 2025, lines, [a("A11", "unit")], units_exempt=False).due("2025-03") == 150
    )


def test_gold_has_its_own_limit(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "OZ1D", 18_000, 20_000)
    lines += bought_and_sold("2025-03", "A3", 18_000, 20_000)
    month = taxed(tmp_path, 2025, lines, [a("OZ1D", "gold")]).month("2025-03")
    assert (D(month["exempt_gain"]), D(month["exempt_gain_gold"])) == (2_000, 2_000)
    assert D(month["gold_sales"]) == 20_000
    lines += bought_and_sold("2025-04", "OZ1D", 18_000, "20000.01")
    assert taxed(tmp_path, 2025, lines, [a("OZ1D", "gold")]).due("2025-04") == D("300.0015")


def test_listed_infrastructure_funds_stay_out_of_every_bucket(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A11", 90_000, 50_000)
    lines += bought_and_sold("2025-04", "A11", 10_000, 50_000)
    found = taxed(tmp_path, 2025, lines, [a("A11", "fi_infra")])
    for month in ("2025-03", "2025-04"):
        assert found.due(month) == 0
        assert found.bucket(month)["loss_after"] == 0


def test_buckets_carry_apart_and_may_lend_only_where_chosen(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 40_000, 30_000)
    lines += [
        line("2025-04-07", "buy", "B3", 100, amount=9_000),
        line("2025-04-07", "sell", "B3", 100, amount=15_000),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert found.due("2025-04") == 1_200  # 6,000 x 20 %
    assert found.bucket("2025-04")["loss_after"] == 10_000
    lent = taxed(tmp_path, 2025, lines, common_loss_offsets_daytrade=True)
    assert lent.due("2025-04") == 0
    common = lent.bucket("2025-04")
    assert (common["loss_used"], common["loss_after"]) == (6_000, 4_000)


def test_withholding_goes_to_the_month_then_to_later_months_of_the_year(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-10", "A3", 10_000, 19_000, tax_withheld=3)
    lines += bought_and_sold("2025-11", "A3", 30_000, 40_000, tax_withheld=2)
    lines += bought_and_sold("2025-12", "A3", 30_000, 20_000, tax_withheld=4)
    lines += bought_and_sold("2026-01", "A3", 30_000, 40_000, tax_withheld=2)
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-10")["withheld_after"] == 3
    november = found.bucket("2025-11")
    assert (november["withheld"], november["withheld_used"]) == (2, 5)
    assert D(found.month("2025-11")["darf"]["amount"]) == 1_495  # 10,000 x 15 % - 3 - 2
    assert found.bucket("2025-12")["withheld_after"] == 4
    assert D(found.answer["withheld_left"]["common"]) == 4
    january = taxed(tmp_path, 2026, lines).bucket("2026-01")
    assert (january["withheld"], january["withheld_used"]) == (2, 0)  # loss of December covers it
    assert january["withheld_after"] == 2


def test_day_trade_withholding_serves_day_trade_tax_only(tmp_path: Path) -> None:
    lines = [
        line("2025-04-07", "buy", "B3", 100, amount=9_000),
        line("2025-04-07", "sell", "B3", 100, amount=10_000, tax_withheld=10),
        line("2025-04-08", "buy", "C3", 100, amount=9_000),
        line("2025-04-08", "sell", "C3", 100, amount=7_000),
        *bought_and_sold("2025-04", "A3", 30_000, 40_000),
    ]
    found = taxed(tmp_path, 2025, lines)
    day_trade = found.bucket("2025-04", "day_trade")
    assert (day_trade["result"], day_trade["withheld"], day_trade["withheld_after"]) == (
        -1_000,
        10,
        10,
    )
    assert D(found.month("2025-04")["darf"]["amount"]) == 1_500


def test_what_was_withheld_and_nobody_told_is_not_credited(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 30_000, 40_000, tax_withheld=None)
    found = taxed(tmp_path, 2025, lines)
    assert found.bucket("2025-03")["withheld"] == 0
    assert "withholding_unknown" in found.codes()
    assert not found.month("2025-03")["incomplete"]
    guessed = taxed(tmp_path, 2025, lines, estimate_irrf=True)
    assert guessed.bucket("2025-03")["withheld"] == 2  # 40,000 x 0.005 %
    assert "withholding_unknown" not in guessed.codes()


@pytest.mark.parametrize("sales, withheld", [(20_000, "0"), (20_200, "1.01")])
def test_estimated_withholding_is_waived_up_to_one_real(
    tmp_path: Path, sales: int, withheld: str
) -> None:
    # 20,000 x 0.005 % = 1.00, waived; 20,200 x 0.005 % = 1.01
    lines = bought_and_sold("2025-03", "A11", 10_000, sales, tax_withheld=None)
    found = taxed(tmp_path, 2025, lines, [a("A11", "etf")], estimate_irrf=True)
    assert found.bucket("2025-03")["withheld"] == D(withheld)


def test_opening_losses_by_row_and_by_file(tmp_path: Path) -> None:
    sale = bought_and_sold("2024-01", "A3", 30_000, 40_000)
    declared = line("2023-12-31", "opening_loss", "", amount=4_000, bucket="common", currency="")
    assert taxed(tmp_path, 2024, [declared, *sale]).due("2024-01") == 900  # 6,000 x 15 %
    opening = {"date": "2023-12-31", "losses": {"common": "4000"}, "darf": "9.00"}
    found = taxed(tmp_path, 2024, sale, opening=opening)
    assert found.due("2024-01") == 900
    assert D(found.month("2024-01")["darf"]["carried_in"]) == 9
    assert D(found.month("2024-01")["darf"]["amount"]) == 909


def test_a_loss_declared_on_the_last_day_counts_from_the_next_month(tmp_path: Path) -> None:
    lines = bought_and_sold("2024-01", "A3", 30_000, 40_000)
    late = line("2024-01-31", "opening_loss", "", amount=4_000, bucket="common")
    found = taxed(tmp_path, 2024, [*lines, late])
    assert found.due("2024-01") == 1_500
    assert found.bucket("2024-02")["loss_before"] == 4_000


def test_opening_costs_replace_what_came_before(tmp_path: Path) -> None:
    lines = [
        line("2019-05-02", "buy", "A3", 500, 99),
        line("2024-02-05", "sell", "A3", 1_000, 25),
    ]
    opening = {
        "date": "2023-12-31",
        "costs": [{"asset": "A3", "account": "main", "quantity": "1000", "cost": "20000"}],
    }
    found = taxed(tmp_path, 2024, lines, opening=opening)
    assert found.bucket("2024-02")["result"] == 5_000
    assert not found.month("2024-02")["incomplete"]


def test_an_unknown_cost_blocks_the_month_and_leaves_the_rest(tmp_path: Path) -> None:
    lines = [
        line("2025-03-03", "transfer_in", "A3", 100),
        line("2025-03-20", "sell", "A3", 100, amount=50_000),
        *bought_and_sold("2025-03", "B3", 10_000, 15_000),
    ]
    found = taxed(tmp_path, 2025, lines)
    month = found.month("2025-03")
    assert month["incomplete"]
    assert "tax_gain_unknown" in [issue["code"] for issue in month["issues"]]
    assert found.bucket("2025-03")["result"] == 5_000


def test_an_undeclared_bonus_blocks_until_the_position_is_sold(tmp_path: Path) -> None:
    lines = [
        line("2025-01-03", "buy", "A3", 100, 10),
        line("2025-02-03", "bonus", "A3", 10),
        line("2025-03-20", "sell", "A3", 60, 12),
        line("2025-04-20", "sell", "A3", 50, 12),
        *bought_and_sold("2025-05", "A3", 10_000, 12_000),
    ]
    found = taxed(tmp_path, 2025, lines)
    assert [found.month(f"2025-0{m}")["incomplete"] for m in (2, 3, 4, 5)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_asset_without_class_is_taxed_and_blocks(tmp_path: Path) -> None:
    lines = bought_and_sold("2025-03", "A3", 900, 1_900)
    found = taxed(tmp_path, 2025, lines, [a("A3", "")])
    assert found.due("2025-03") == 150
    assert "asset_class_missing" in [i["code"] for i in found.month("2025-03")["issues"]]


def test_every_month_of_the_year_is_told(tmp_path: Path) -> None:
    found = taxed(tmp_path, 2025, bought_and_sold("2025-06", "A3", 900, 1_900))
    assert [m["month"] for m in found.answer["months"]] == [f"2025-{m:02d}" for m in range(1, 13)]


def test_parts_name_rows_rules_and_law(tmp_path: Path) -> None:
    found = taxed(tmp_path, 2025, bought_and_sold("2025-03", "A3", 30_000, 40_000, tax_withheld=2))
    parts = {part["label"]: part for part in found.month("2025-03")["parts"]}
    assert parts["sale"]["refs"] == ["3"]
    assert parts["tax"]["rule"] == "VAR-15"
    assert "11.033" in parts["tax"]["law"]
    assert D(parts["tax"]["amount"]) + D(parts["withheld_used"]["amount"]) == D(
        parts["darf"]["amount"]
    )


def test_two_holders_do_not_share_limits_or_losses(tmp_path: Path) -> None:
    accounts = [
        {"account": "x", "institution": "X", "holder": "ana", "currency": "BRL"},
        {"account": "y", "institution": "X", "holder": "bia", "currency": "BRL"},
    ]
    lines = [
        {**each, "account": account}
        for account in ("x", "y")
        for each in bought_and_sold("2025-03", "A3", 10_000, 15_000)
    ]
    import apps.engine.tests.tax_support as support

    args = ["taxes", *support.files(tmp_path, lines, None, accounts), "--year", "2025"]
    for holder in ("ana", "bia"):
        found = support.Taxes(support.command(tmp_path, *args, "--holder", holder))
        assert D(found.month("2025-03")["exempt_gain"]) == 5_000
    assert support.main(args) == 2
    assert support.main([*args, "--holder", "eva"]) == 2


def test_a_loss_declared_without_account_is_the_only_holders(tmp_path: Path) -> None:
    accounts = [
        {"account": "main", "institution": "X", "holder": "ana", "currency": "BRL"},
        {"account": "other", "institution": "X", "holder": "bia", "currency": "BRL"},
    ]
    loss = line("2024-12-31", "opening_loss", "", amount=500, bucket="common", account="")
    sale = bought_and_sold("2025-03", "A3", 10_000, 30_000)
    found = taxed(tmp_path, 2025, [loss, *sale], None, accounts)
    assert found.bucket("2025-03")["loss_used"] == 500
    import apps.engine.tests.tax_support as support

    theirs = [{**each, "account": "other"} for each in sale]
    args = ["taxes", *support.files(tmp_path, [loss, *sale, *theirs], None, accounts)]
    answer = support.command(tmp_path, *args, "--year", "2025", "--holder", "ana")
    assert support.Taxes(answer).bucket("2025-03")["loss_used"] == 0
    assert "account_missing" in [
        issue["code"]
        for issue in support.command(tmp_path, *args, "--year", "2024", "--holder", "ana")["issues"]
    ]


def test_a_bonus_without_account_is_the_only_owners(tmp_path: Path) -> None:
    import apps.engine.tests.tax_support as support

    accounts = [
        {"account": "main", "institution": "X", "holder": "ana", "currency": "BRL"},
        {"account": "other", "institution": "X", "holder": "bia", "currency": "BRL"},
    ]
    lines = [
        line("2025-01-02", "buy", "A3", 100, 10),
        line("2025-01-02", "buy", "B3", 100, 10),
        line("2025-01-02", "buy", "B3", 100, 10, account="other"),
        line("2025-02-03", "bonus", "A3", 10, 5, account=""),
        line("2025-02-03", "bonus", "B3", 10, 5, account=""),
        line("2025-03-03", "sell", "A3", 110, 300),
        line("2025-03-03", "sell", "B3", 100, 300),
    ]
    args = ["taxes", *support.files(tmp_path, lines, None, accounts), "--year", "2025"]
    answer = support.command(tmp_path, *args, "--holder", "ana")
    # 33,000 - 1,050 and 30,000 - 1,000: nobody knows whose the second bonus was
    assert support.Taxes(answer).bucket("2025-03")["result"] == 60_950
    (missing,) = [each for each in answer["issues"] if each["code"] == "account_missing"]
    assert missing["params"]["asset"] == "B3"
