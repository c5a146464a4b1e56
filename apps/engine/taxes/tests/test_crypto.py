"""Crypto in domestic custody and what must be reported."""

from __future__ import annotations

import pytest

from apps.engine.taxes.abroad_book import abroad_year
from apps.engine.taxes.crypto import crypto_months
from apps.engine.taxes.tests.ledgers import day, known, ptax, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Account, Row

COINS = known(("BTC", "crypto"), ("ETH", "crypto"))


def months(*rows: Row, year: int = 2025) -> list[tuple[str, bool, object]]:
    found, _issues = crypto_months(taxed(*rows, assets=COINS, until=year).ctx, year)
    return [(each.month, each.exempt, each.tax) for each in found]


@pytest.mark.parametrize(
    ("sold", "exempt", "tax"), [("35000.00", True, "0"), ("35000.01", False, "750.00")]
)
def test_limit_to_the_cent(sold: str, exempt: bool, tax: str) -> None:
    rows = [
        row("2025-01-10", "buy", "BTC", 1, amount=30_000),
        row("2025-02-10", "sell", "BTC", 1, amount=sold),
    ]
    assert months(*rows) == [("2025-02", exempt, D(tax))]


def test_all_coins_count_together_and_fees_do_not_lower_the_sales() -> None:
    rows = [
        row("2025-01-10", "buy", "BTC", 1, amount=10_000),
        row("2025-01-10", "buy", "ETH", 1, amount=10_000),
        row("2025-02-10", "sell", "BTC", 1, amount=20_000, fees=100),
        row("2025-02-20", "sell", "ETH", 1, amount=15_000.01),
    ]
    # gains 9,900 and 5,000.01 x 15%
    assert months(*rows) == [("2025-02", False, D("2235.00"))]


def test_a_loss_lowers_nothing() -> None:
    rows = [
        row("2025-01-10", "buy", "BTC", 1, amount=10_000),
        row("2025-01-10", "buy", "ETH", 1, amount=50_000),
        row("2025-02-10", "sell", "BTC", 1, amount=20_000),
        row("2025-02-20", "sell", "ETH", 1, amount=30_000),
    ]
    (month,), _issues = crypto_months(taxed(*rows, assets=COINS, until=2025).ctx, 2025)
    assert (month.gain, month.loss) == (D("10000.00"), D("20000.00"))
    assert month.tax == D("1500.00")


def test_a_swap_is_a_sale_and_a_purchase() -> None:
    rows = [
        row("2025-01-10", "buy", "BTC", 1, amount=10_000),
        row("2025-02-10", "sell", "BTC", 1, amount=40_000),
        row("2025-02-10", "buy", "ETH", 10, amount=40_000),
    ]
    assert months(*rows) == [("2025-02", False, D("4500.00"))]


def test_year_and_month_ends() -> None:
    rows = [
        row("2024-01-10", "buy", "BTC", 4, amount=40_000),
        row("2024-12-31", "sell", "BTC", 2, amount=30_000),
        row("2025-01-01", "sell", "BTC", 2, amount=30_000),
    ]
    assert months(*rows, year=2024) == [("2024-12", True, D(0))]
    assert months(*rows, year=2025) == [("2025-01", True, D(0))]


def test_due_on_the_last_business_day_of_the_next_month() -> None:
    rows = [
        row("2025-01-10", "buy", "BTC", 1, amount=10_000),
        row("2025-04-10", "sell", "BTC", 1, amount=60_000),
    ]
    (month,), _issues = crypto_months(taxed(*rows, assets=COINS, until=2025).ctx, 2025)
    assert (month.due_date, month.code) == (day("2025-05-30"), "4600")


def test_unknown_cost_is_said() -> None:
    rows = [
        row("2025-01-10", "transfer_in", "BTC", 1),
        row("2025-04-10", "sell", "BTC", 1, amount=60_000),
    ]
    (month,), issues = crypto_months(taxed(*rows, assets=COINS, until=2025).ctx, 2025)
    assert month.incomplete
    assert month.disposals == D("60000.00")
    assert [issue.code for issue in issues] == ["gain_unknown"]


@pytest.mark.parametrize(
    ("when", "value", "must"),
    [
        ("2026-06-30", "30000.00", False),
        ("2026-06-30", "30000.01", True),
        ("2026-07-01", "35000.00", False),
        ("2026-07-01", "35000.01", True),
    ],
)
def test_operations_abroad_to_report(when: str, value: str, must: bool) -> None:
    assets = known(("BTC.X", "crypto_abroad", {"currency": "USD"}))
    rows = [row(when, "buy", "BTC.X", 1, amount=value, currency="USD")]
    rates = ptax(("2026-01-02", "USD", "1", "1"))
    found, _issues = crypto_months(taxed(*rows, assets=assets, fx=rates, until=2026).ctx, 2026)
    assert [each.must_report for each in found] == ([True] if must else [])


def test_own_wallets_report_and_may_count_as_abroad() -> None:
    accounts = {
        "mb": Account("mb", "Mercado Bitcoin"),
        "wallet": Account("wallet", "Autocustódia"),
    }
    rows = [
        row("2025-01-10", "buy", "BTC", 2, amount=20_000, account="mb"),
        row("2025-01-11", "transfer_out", "BTC", 1, account="mb"),
        row("2025-01-11", "transfer_in", "BTC", 1, account="wallet"),
        row("2025-02-10", "sell", "BTC", 1, amount=30_000.01, account="wallet"),
    ]
    ctx = taxed(*rows, assets=COINS, accounts=accounts, until=2025).ctx
    (month,), _issues = crypto_months(ctx, 2025)
    assert (month.exempt, month.tax) == (True, D(0))
    assert (month.reported, month.must_report) == (D("30000.01"), True)
    ctx = taxed(*rows, assets=COINS, accounts=accounts, until=2025, self_custody="abroad").ctx
    (month,), _issues = crypto_months(ctx, 2025)
    assert month.disposals == 0
    found = abroad_year(ctx, 2025)
    assert found is not None
    assert found.gains == D("20000.01")
