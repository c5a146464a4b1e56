"""Funds: come-cotas, top-up, kinds of fund, losses, transfers."""

from __future__ import annotations

import pytest

from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.fund_book import fund_lines
from apps.engine.taxes.funds import (
    FundLot,
    advance_days,
    advance_rate,
    come_cotas,
    final_rate,
    redeem,
    redeem_today,
)
from apps.engine.taxes.tests.ledgers import day, known, law, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Account

FUND = known(("FIC", "fund", {"issuer": "Adm"}))


def test_days_of_come_cotas() -> None:
    calendar = BankCalendar(law())
    assert advance_days(2026, calendar, law()) == [day("2026-05-29"), day("2026-11-30")]


@pytest.mark.parametrize(
    ("kind", "rate"), [("long", "0.15"), ("short", "0.20"), ("equity", "0"), ("exempt", "0")]
)
def test_rate_of_come_cotas(kind: str, rate: str) -> None:
    assert advance_rate(kind, day("2026-05-29"), law()) == D(rate)


@pytest.mark.parametrize(
    ("kind", "days", "rate"),
    [
        ("long", 180, "0.225"),
        ("long", 181, "0.20"),
        ("long", 721, "0.15"),
        ("short", 180, "0.225"),
        ("short", 181, "0.20"),
        ("short", 2000, "0.20"),
        ("equity", 10, "0.15"),
        ("entity", 10, "0.15"),
        ("exempt", 10, "0"),
    ],
)
def test_rate_of_redemption(kind: str, days: int, rate: str) -> None:
    assert final_rate(kind, days, day("2026-06-01"), law()) == D(rate)


def test_top_up_of_a_part() -> None:
    # half of the lot of 1,000 units at 1 after come-cotas at 1.2: gain 200, tax 30, 25 units
    lot = FundLot("1", day("2026-01-05"), "a", D(1000), D(1000))
    advance = come_cotas([lot], D("1.2"), D("0.15"))
    assert (advance.tax, advance.units) == (D("30.00"), D(25))
    (left,) = advance.lots
    half = left.units / 2
    found = redeem(advance.lots, half, half * D("1.3"), day("2026-06-15"), "long", law())
    # 161 days, 22.5%: since the advance 487.5 x 0.10 = 48.75 -> 10.97; before it 100 x 7.5% = 7.50
    assert found.gain == D("48.75")
    assert found.top_up == D("7.50")
    assert found.tax == D("10.97") + D("7.50")
    assert found.left[0].taxed == D(100)


def test_only_lots_with_a_gain_give_units() -> None:
    lots = [
        FundLot("1", day("2025-01-06"), "a", D(1000), D(1000)),
        FundLot("2", day("2026-01-05"), "a", D(1000), D(1500)),
    ]
    found = come_cotas(lots, D("1.2"), D("0.15"))
    assert found.tax == D("30.00")
    assert found.lots[0].units == D(975)
    assert (found.lots[1].units, found.lots[1].cost) == (D(1000), D(1500))


def test_iof_of_a_fund_but_not_of_one_of_shares() -> None:
    lot = FundLot("1", day("2026-03-02"), "a", D(1000), D(1000))
    found = redeem_today([lot], D("1.1"), day("2026-03-12"), "long", law())
    # day 10: IOF 66% of 100, income tax 22.5% of 34
    assert (found.iof, found.tax) == (D("66.00"), D("7.65"))
    shares = redeem_today([lot], D("1.1"), day("2026-03-12"), "equity", law())
    assert (shares.iof, shares.tax) == (D(0), D("15.00"))


def test_losses_reduce_later_gains_of_the_same_kind_and_administrator() -> None:
    assets = known(
        ("A", "fund", {"issuer": "Adm"}),
        ("B", "fund", {"issuer": "Adm"}),
        ("C", "fund", {"issuer": "Adm", "tax_class": "equity"}),
        ("D", "fund", {"issuer": "Other"}),
    )
    rows = [row("2024-01-02", "buy", code, 1000, 1) for code in "ABCD"]
    rows += [
        row("2026-02-02", "sell", "A", 1000, amount=900),
        row("2026-03-02", "sell", "B", 1000, amount=1300),
        row("2026-03-02", "sell", "C", 1000, amount=1300),
        row("2026-03-02", "sell", "D", 1000, amount=1300),
    ]
    lines, _issues = fund_lines(taxed(*rows, assets=assets, until=2026).ctx, 2026)
    tax = {each.asset: each.expected for each in lines}
    # only B may use the loss of 100: (300 - 100) x 15%
    assert tax == {"A": 0, "B": D("30.00"), "C": D("45.00"), "D": D("45.00")}


def test_advance_that_differs_is_reported_and_what_was_taken_is_credited() -> None:
    rows = [
        row("2025-12-01", "buy", "FIC", 1000, 1),
        row("2026-05-29", "come_cotas", "FIC", 20, amount=24),
        row("2026-06-15", "sell", "FIC", 980, amount=1176),
    ]
    lines, issues = fund_lines(taxed(*rows, assets=FUND, until=2026).ctx, 2026)
    assert [issue.code for issue in issues] == ["withheld_differs"]
    # 196 days, 20% of 200 = 40, of which 24 were taken
    assert (lines[0].expected, lines[0].withheld) == (D("30.00"), D(24))
    assert lines[1].expected == D("16.00")


def test_units_keep_their_past_when_they_change_account() -> None:
    accounts = {name: Account(name, name) for name in ("a", "b")}
    rows = [
        row("2024-01-02", "buy", "FIC", 1000, 1, account="a"),
        row("2026-01-05", "transfer_out", "FIC", 1000, account="a"),
        row("2026-01-08", "transfer_in", "FIC", 1000, account="b"),
        row("2026-02-02", "maturity", "FIC", amount=1200, account="b", tax_withheld=30),
    ]
    ledger = taxed(*rows, assets=FUND, accounts=accounts, until=2026)
    (line,), issues = fund_lines(ledger.ctx, 2026)
    assert (line.days, line.expected) == (762, D("30.00"))
    assert issues == []


def test_split_changes_units_not_cost() -> None:
    rows = [
        row("2024-01-02", "buy", "FIC", 10, 100),
        row("2025-01-02", "split", "FIC", ratio=100),
        row("2026-02-02", "sell", "FIC", 1000, amount=1200),
    ]
    (line,), _issues = fund_lines(taxed(*rows, assets=FUND, until=2026).ctx, 2026)
    assert line.expected == D("30.00")


def test_selling_more_than_there_is_is_reported() -> None:
    rows = [row("2024-01-02", "buy", "FIC", 10, 100), row("2026-02-02", "sell", "FIC", 20, 120)]
    lines, issues = fund_lines(taxed(*rows, assets=FUND, until=2026).ctx, 2026)
    assert [issue.code for issue in issues] == ["oversold"]
    assert lines[0].gross == D(200)


def test_distribution_of_an_investment_entity() -> None:
    assets = known(("FIDC", "fund", {"tax_class": "entity"}))
    rows = [
        row("2026-01-05", "buy", "FIDC", 10, 100),
        row("2026-02-02", "distribution", "FIDC", amount=100, tax_withheld=15),
    ]
    (line,), issues = fund_lines(taxed(*rows, assets=assets, until=2026).ctx, 2026)
    assert (line.gross, line.expected) == (D(100), D("15.00"))
    assert issues == []


def test_losses_of_one_year_wait_for_the_next() -> None:
    rows = [
        row("2023-01-02", "buy", "FIC", 2000, 1),
        row("2025-02-03", "sell", "FIC", 1000, amount=900),
        row("2026-02-02", "sell", "FIC", 1000, amount=1300),
    ]
    (line,), _issues = fund_lines(taxed(*rows, assets=FUND, until=2026).ctx, 2026)
    assert line.expected == D("30.00")  # (300 - 100) x 15%


@pytest.mark.parametrize(
    "told, taken, rate",
    [
        ({}, {"amount": 400}, "0.20"),  # 20% of a gain of 2,000: what only a short one takes
        ({}, {"amount": 300}, "0.15"),
        ({}, {"unit_price": "1.2", "quantity": 250}, "0.15"),
        ({"term_days": 365}, {"amount": 400}, "0.20"),
        ({"name": "XP FI Curto Prazo"}, {"amount": 400}, "0.20"),
    ],
)
def test_kind_of_a_fund_nobody_told(
    told: dict[str, object], taken: dict[str, object], rate: str
) -> None:
    taken = {"quantity": "333.333333" if rate == "0.20" else 250, **taken}
    rows = [
        row("2024-01-02", "buy", "FIC", 10_000, 1),
        row("2024-05-31", "come_cotas", "FIC", **taken),
        row("2024-06-28", "sell", "FIC", 1_000, "1.2"),
    ]
    ledger = taxed(*rows, assets=known(("FIC", "fund", told)), until=2024)
    lines, issues = fund_lines(ledger.ctx, 2024)
    assert issues == []
    assert [each.rate for each in lines] == [D(rate), D("0.225")]
    assert abs((lines[0].expected or 0) - 2_000 * D(rate)) < D("0.01")


@pytest.mark.parametrize("told, rate", [({"term_days": 366}, "0.15"), ({"name": "A FIC FIA"}, "0")])
def test_what_a_fund_tells_is_not_guessed_again(told: dict[str, object], rate: str) -> None:
    rows = [
        row("2024-01-02", "buy", "FIC", 10_000, 1),
        row("2024-05-31", "come_cotas", "FIC", "333.333333", amount=400),
    ]
    ledger = taxed(*rows, assets=known(("FIC", "fund", told)), until=2024)
    (line,), issues = fund_lines(ledger.ctx, 2024)
    assert line.rate == D(rate)
    assert [issue.code for issue in issues] == ["withheld_differs"]
