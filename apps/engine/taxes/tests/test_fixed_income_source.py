"""Fixed income at source: brackets, IOF, exempt papers, lots."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.engine.kinds import AssetClass
from apps.engine.taxes.fixed_income import (
    bears_iof,
    income_tax_rate,
    iof_rate,
    is_exempt,
    lot_yield,
    redeem_today,
    source_lines,
)
from apps.engine.taxes.tests.ledgers import day, known, law, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Account, Asset

CDB = known(("CDB", "cdb"))


@pytest.mark.parametrize(
    ("days", "rate"),
    [
        (0, "0.225"),
        (180, "0.225"),
        (181, "0.20"),
        (360, "0.20"),
        (361, "0.175"),
        (720, "0.175"),
        (721, "0.15"),
        (5000, "0.15"),
    ],
)
def test_income_tax_brackets(days: int, rate: str) -> None:
    assert income_tax_rate(days, day("2026-06-01"), law()) == D(rate)


@pytest.mark.parametrize(
    ("days", "share"),
    [
        (0, "0.96"),
        (1, "0.96"),
        (2, "0.93"),
        (10, "0.66"),
        (15, "0.50"),
        (28, "0.06"),
        (29, "0.03"),
        (30, "0"),
        (31, "0"),
        (400, "0"),
    ],
)
def test_iof_by_day(days: int, share: str) -> None:
    assert iof_rate(days, day("2026-06-01"), law()) == D(share)


def test_redemption_on_the_day_may_be_free_of_iof() -> None:
    assert iof_rate(0, day("2026-06-01"), law(), day_zero="none") == 0


def test_leap_days_are_days() -> None:
    # 2024-01-31 + 180 days = 2024-07-29, 29 February included
    bought = day("2024-01-31")
    assert lot_yield(bought, day("2024-07-29"), D(1100), D(1000), law()).rate == D("0.225")
    assert lot_yield(bought, day("2024-07-30"), D(1100), D(1000), law()).rate == D("0.20")


def test_iof_comes_first() -> None:
    # day 10: IOF 66% of 100 = 66; income tax 22.5% of 34 = 7.65; net 10,000 + 100 - 73.65
    bought = day("2026-03-02")
    found = lot_yield(bought, bought + timedelta(days=10), D(10_100), D(10_000), law())
    assert (found.iof, found.taxable, found.tax) == (D("66.00"), D("34.00"), D("7.65"))
    assert found.net == D("10026.35")


def test_a_loss_bears_no_tax() -> None:
    found = lot_yield(day("2026-03-02"), day("2026-03-05"), D(990), D(1000), law())
    assert (found.gross, found.iof, found.tax, found.net) == (D(-10), D(0), D(0), D(990))


@pytest.mark.parametrize("kind", ["lci", "lca", "cri", "cra", "debenture_infra"])
def test_exempt_papers(kind: str) -> None:
    assert is_exempt(AssetClass(kind), day("2026-01-05"), law()) is not None
    assert not bears_iof(Asset("X", AssetClass(kind)), day("2026-01-05"), law())
    rows = [
        row("2026-01-05", "buy", "X", 1, 1000),
        row("2026-02-05", "maturity", "X", amount=1010),
    ]
    (line,), issues = source_lines(taxed(*rows, assets=known(("X", kind)), until=2026).ctx, 2026)
    assert (line.kind, line.gross, line.expected, line.iof) == ("exempt_paper", D(10), D(0), D(0))
    assert line.code == "12"
    assert issues == []


@pytest.mark.parametrize("kind", ["cdb", "debenture", "treasury"])
def test_taxed_papers(kind: str) -> None:
    assert is_exempt(AssetClass(kind), day("2026-01-05"), law()) is None


def test_gain_of_a_cra_sold_may_be_taxed_while_its_yield_is_not() -> None:
    rows = [row("2025-01-06", "buy", "X", 1, 1000), row("2026-01-06", "sell", "X", 1, 1100)]
    ledger = taxed(*rows, assets=known(("X", "cra")), until=2026, cra_gain_exempt=False)
    (line,), _issues = source_lines(ledger.ctx, 2026)
    # 365 days: 17.5% of 100
    assert (line.kind, line.expected) == ("fixed_income", D("17.50"))
    assert source_lines(taxed(*rows, assets=known(("X", "cra")), until=2026).ctx, 2026)[0][
        0
    ].expected == D(0)


def test_lots_leave_first_in_first_out() -> None:
    rows = [
        row("2024-01-02", "buy", "CDB", 10, 100),
        row("2025-12-01", "buy", "CDB", 10, 110),
        row("2026-02-02", "sell", "CDB", 15, 120, tax_withheld="41.25"),
    ]
    lines, issues = source_lines(taxed(*rows, assets=CDB, until=2026).ctx, 2026)
    # 10 of the first: 762 days, 200 x 15% = 30; 5 of the second: 63 days, 50 x 22.5% = 11.25
    assert [(each.days, each.gross, each.expected) for each in lines] == [
        (762, D(200), D("30.00")),
        (63, D(50), D("11.25")),
    ]
    assert [each.withheld for each in lines] == [D("41.25"), 0]
    assert issues == []


def test_each_custodian_redeems_its_own_lots() -> None:
    accounts = {name: Account(name, name) for name in ("a", "b")}
    rows = [
        row("2024-01-02", "buy", "CDB", 1, 1000, account="a"),
        row("2026-01-05", "buy", "CDB", 1, 1000, account="b"),
        row("2026-03-05", "maturity", "CDB", amount=1100, account="b"),
    ]
    ledger = taxed(*rows, assets=CDB, accounts=accounts, until=2026)
    (line,), _issues = source_lines(ledger.ctx, 2026)
    assert (line.days, line.expected, line.account) == (59, D("22.50"), "b")


def test_coupon_is_taxed_by_the_days_of_each_lot_and_bears_no_iof() -> None:
    assets = known(("NTNB", "treasury"))
    rows = [
        row("2023-01-02", "buy", "NTNB", 30, 1000),
        row("2026-05-01", "buy", "NTNB", 10, 1000),
        row("2026-05-15", "interest", "NTNB", amount=400, tax_withheld="67.50"),
        row("2026-06-01", "sell", "NTNB", 40, 1000),
    ]
    lines, issues = source_lines(taxed(*rows, assets=assets, until=2026).ctx, 2026)
    # 300 x 15% = 45 and 100 x 22.5% = 22.50
    coupons = [each for each in lines if each.date == day("2026-05-15")]
    assert [(each.gross, each.expected, each.iof) for each in coupons] == [
        (D(300), D("45.00"), D(0)),
        (D(100), D("22.50"), D(0)),
    ]
    assert issues == []


def test_withholding_that_is_not_the_law_is_reported() -> None:
    rows = [
        row("2026-01-05", "buy", "CDB", 1, 1000),
        row("2026-02-16", "maturity", "CDB", amount=1100, tax_withheld=10),
    ]
    _lines, issues = source_lines(taxed(*rows, assets=CDB, until=2026).ctx, 2026)
    assert [issue.code for issue in issues] == ["withheld_differs"]
    assert issues[0].params["expected"] == "22.50"


def test_unknown_cost_is_an_unknown_tax() -> None:
    rows = [
        row("2025-01-05", "transfer_in", "CDB", 1),
        row("2026-02-16", "maturity", "CDB", amount=1100),
    ]
    (line,), issues = source_lines(taxed(*rows, assets=CDB, until=2026).ctx, 2026)
    assert (line.gross, line.expected) == (None, None)
    assert [issue.code for issue in issues] == ["gain_unknown"]


def test_lots_that_came_from_elsewhere_keep_a_doubt_about_their_date() -> None:
    rows = [
        row("2025-01-05", "transfer_in", "CDB", 1, amount=1000),
        row("2026-02-16", "maturity", "CDB", amount=1100),
    ]
    (line,), issues = source_lines(taxed(*rows, assets=CDB, until=2026).ctx, 2026)
    assert line.expected == D("17.50")
    assert [issue.code for issue in issues] == ["lot_date_assumed"]


def test_value_if_redeemed_today() -> None:
    rows = [
        row("2024-01-02", "buy", "CDB", 10, 100),
        row("2026-01-05", "buy", "CDB", 10, 100),
    ]
    held = taxed(*rows, assets=CDB, until=2026).ctx.fold.holdings[("default", None, "CDB")]
    found = redeem_today(held.lots, D(2400), day("2026-01-15"), CDB["CDB"], law())
    assert found is not None
    # first lot: 744 days, 200 x 15% = 30; second: day 10, IOF 132, (200 - 132) x 22.5% = 15.30
    assert (found.iof, found.tax) == (D("132.00"), D("45.30"))
    assert found.net == D(2400) - D(132) - D("45.30")
    assert redeem_today([], D(0), day("2026-01-15"), CDB["CDB"], law()) is not None


def test_year_ends_part_the_lines() -> None:
    rows = [
        row("2024-01-02", "buy", "CDB", 2, 100),
        row("2025-12-31", "sell", "CDB", 1, 110),
        row("2026-01-01", "sell", "CDB", 1, 110),
    ]
    ledger = taxed(*rows, assets=CDB, until=2026)
    assert [len(source_lines(ledger.ctx, year)[0]) for year in (2024, 2025, 2026)] == [0, 1, 1]
