"""Shares of small and medium companies: exempt gains until the end of 2023."""

from __future__ import annotations

import pytest

from apps.engine.taxes.annual import annual_return
from apps.engine.taxes.model import MonthAssessment
from apps.engine.taxes.tests.ledgers import known, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Asset

MARKED = known(("PMEX3", "stock", {"tax_class": "sme"}), ("ABCD3", "stock"))
PLAIN = known(("PMEX3", "stock"), ("ABCD3", "stock"))


def month(
    when: str, price: int = 30, assets: dict[str, Asset] = MARKED, **settings: object
) -> MonthAssessment:
    """1,000 shares bought at 20 in 2020 and sold on a day."""
    rows = [
        row("2020-01-06", "buy", "PMEX3", 1000, 20),
        row(when, "sell", "PMEX3", 1000, price, tax_withheld="0"),
    ]
    year = int(when[:4])
    found = taxed(*rows, assets=assets, until=year, **settings).month(year, int(when[5:7]))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("when", "tax"),
    [("2023-12-28", "0"), ("2024-01-02", "1500.00")],  # 10,000 x 15 %
)
def test_the_gain_is_exempt_until_the_last_day_of_the_rule(when: str, tax: str) -> None:
    assert month(when).tax_due == D(tax)


def test_the_line_says_by_which_rule() -> None:
    (sale, *_rest) = month("2023-03-06").parts
    assert (sale.rule, sale.amount, sale.params["bucket"]) == ("VAR-PME", D(10_000), "exempt")
    assert "13.043" in sale.law


def test_only_marked_shares_are() -> None:
    assert month("2023-03-06", assets=PLAIN).tax_due == D("1500.00")
    named = month("2023-03-06", assets=PLAIN, sme_assets="outr3, pmex3")
    assert named.tax_due == 0


def test_the_sales_count_against_the_limit_by_default() -> None:
    rows = [
        row("2020-01-06", "buy", "PMEX3", 1000, 20),
        row("2020-01-06", "buy", "ABCD3", 100, 20),
        row("2023-03-06", "sell", "PMEX3", 1000, 30, tax_withheld="0"),
        row("2023-03-07", "sell", "ABCD3", 100, 30, tax_withheld="0"),
    ]

    def march(**settings: object) -> MonthAssessment:
        found = taxed(*rows, assets=MARKED, until=2023, **settings).month(2023, 3)
        assert found is not None
        return found

    # 30,000 + 3,000 are above the limit: the other share's gain of 1,000 is taxed, 150.00.
    assert (march().stock_sales, march().tax_due) == (D(33_000), D("150.00"))
    apart = march(sme_sales_in_limit=False)
    assert (apart.stock_sales, apart.exempt_gain, apart.tax_due) == (D(3_000), D(1_000), 0)


def test_a_loss_is_carried_only_where_the_holder_says_so() -> None:
    assert month("2023-03-06", 15).buckets["common"].loss_after == 0
    kept = month("2023-03-06", 15, sme_losses_offset=True)
    assert kept.buckets["common"].loss_after == D(5_000)
    # With the rule gone it is a loss like others.
    assert month("2024-03-06", 15).buckets["common"].loss_after == D(5_000)


def test_a_day_trade_is_taxed() -> None:
    rows = [
        row("2023-03-06", "buy", "PMEX3", 100, 20),
        row("2023-03-06", "sell", "PMEX3", 100, 30, tax_withheld="0"),
    ]
    march = taxed(*rows, assets=MARKED, until=2023).month(2023, 3)
    assert march is not None
    assert march.tax_due == D("200.00")  # 1,000 x 20 %


def test_an_unknown_cost_still_keeps_the_month_open() -> None:
    rows = [row("2023-03-06", "sell", "PMEX3", 100, 30)]
    march = taxed(*rows, assets=MARKED, until=2023).month(2023, 3)
    assert march is not None
    assert march.incomplete


def test_the_return_declares_it_among_the_exempt() -> None:
    rows = [
        row("2020-01-06", "buy", "PMEX3", 1000, 20),
        row("2023-03-06", "sell", "PMEX3", 1000, 30, tax_withheld="0"),
    ]
    found = annual_return(taxed(*rows, assets=MARKED, until=2023), 2023)
    (line,) = [each for each in found.exempt if each.kind == "small_company_gain"]
    assert (line.code, line.amount) == ("26", D("10000.00"))
