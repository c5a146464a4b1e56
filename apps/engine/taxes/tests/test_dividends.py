"""Dividends by payer and month, interest on equity, distributions, the minimum tax."""

from __future__ import annotations

import pytest

from apps.engine.taxes import irpfm
from apps.engine.taxes.dividends import dividend_months, jcp_lines, month_tax, payer_of
from apps.engine.taxes.tests.ledgers import day, known, law, taxed
from apps.engine.taxes.withheld import account_interest, distribution_lines
from apps.engine.taxes.year import tax_year
from apps.engine.tests.support import D, row
from apps.engine.types import Row

PETR = known(("PETR3", "stock"), ("PETR4", "stock"), ("VALE3", "stock"))


@pytest.mark.parametrize(
    ("payments", "when", "taxes"),
    [
        (["50000.00"], "2026-03-10", ["0"]),
        (["50000.01"], "2026-03-10", ["5000.00"]),
        (["30000", "25000", "1000"], "2026-03-10", ["0", "5500.00", "100.00"]),
        (["50000.01"], "2025-12-31", ["0"]),
        (["50000.01"], "2026-01-01", ["5000.00"]),
    ],
)
def test_ten_percent_of_the_month(payments: list[str], when: str, taxes: list[str]) -> None:
    assert month_tax([D(each) for each in payments], day(when), law()) == [D(t) for t in taxes]


def paid(*rows: Row, **options: object) -> list[tuple[str, str, object]]:
    ledger = taxed(*rows, assets=PETR, until=2026, **options)  # type: ignore[arg-type]
    months, _issues = dividend_months(ledger.ctx, 2026)
    return [(each.payer, each.month, each.withheld) for each in months]


def test_shares_of_one_company_are_one_payer() -> None:
    assert payer_of("PETR4", PETR["PETR4"]) == "PETR"
    found = paid(
        row("2026-03-10", "dividend", "PETR3", amount=30_000),
        row("2026-03-20", "dividend", "PETR4", amount=30_000),
        row("2026-03-20", "dividend", "VALE3", amount=30_000),
        row("2026-04-01", "dividend", "VALE3", amount=30_000),
    )
    assert found == [
        ("PETR", "2026-03", D("6000.00")),
        ("VALE", "2026-03", D(0)),
        ("VALE", "2026-04", D(0)),
    ]


def test_profits_of_the_transition_stay_free() -> None:
    rows = [
        row("2026-03-10", "dividend", "PETR4", amount=60_000, note="approved 2025-12-20"),
        row("2026-03-20", "dividend", "PETR4", amount=40_000),
    ]
    assert paid(*rows) == [("PETR", "2026-03", D(0))]
    late = [row("2026-03-10", "dividend", "PETR4", amount=60_000, note="approved 2026-01-20")]
    assert paid(*late) == [("PETR", "2026-03", D("6000.00"))]
    assert paid(*late, profits_2025_approved_by_injunction=True) == [("PETR", "2026-03", D(0))]


def test_withholding_of_dividends_is_compared() -> None:
    def issues(stated: object) -> list[str]:
        ledger = taxed(
            row("2026-03-10", "dividend", "PETR4", amount=60_000, tax_withheld=stated),
            assets=PETR,
            until=2026,
        )
        return [issue.code for issue in dividend_months(ledger.ctx, 2026)[1]]

    assert issues(6000) == []
    assert issues(None) == ["withheld_unknown"]
    assert issues(5000) == ["withheld_differs"]


def test_bonus_that_may_be_a_dividend_is_said() -> None:
    rows = [
        row("2026-01-05", "buy", "PETR4", 100_000, 30),
        row("2026-03-10", "bonus", "PETR4", 10_000, "5.01"),
    ]
    ledger = taxed(*rows, assets=PETR, until=2026)
    assert [issue.code for issue in dividend_months(ledger.ctx, 2026)[1]] == [
        "bonus_may_be_dividend"
    ]


def test_interest_on_equity_by_its_credit() -> None:
    rows = [
        row("2025-01-02", "buy", "PETR4", 100, 30),
        row("2026-01-05", "jcp", "PETR4", amount=1000, note="creditado 2025-12-30"),
    ]
    for choice, tax in (("payment", "175.00"), ("credit", "150.00")):
        ledger = taxed(*rows, assets=PETR, until=2026, jcp_rate_date=choice)
        (line,), _issues = jcp_lines(ledger.ctx, 2026)
        assert line.expected == D(tax)
        assert line.code == "10"


def test_distributions_of_real_estate_funds() -> None:
    assets = known(("HGLG11", "fii"))
    rows = [
        row("2026-01-05", "buy", "HGLG11", 100, 100),
        row("2026-02-05", "distribution", "HGLG11", amount=100),
        row("2026-03-05", "distribution", "HGLG11", amount=100, tax_withheld=20),
    ]
    lines, issues = distribution_lines(taxed(*rows, assets=assets, until=2026).ctx, 2026)
    assert [(each.kind, each.expected) for each in lines] == [
        ("fii_distribution", D(0)),
        ("fii_distribution_taxed", D("20.00")),
    ]
    assert issues == []


def test_interest_of_an_account_at_home() -> None:
    rows = [row("2026-02-05", "interest", None, amount=100, tax_withheld="22.50")]
    (line,), _issues = account_interest(taxed(*rows, until=2026).ctx, 2026)
    assert (line.gross, line.withheld, line.expected) == (D(100), D("22.50"), None)


END = day("2026-12-31")


@pytest.mark.parametrize(
    ("base", "tax"),
    [
        ("600000.00", "0.00"),
        ("600000.01", "0.00"),
        ("660000", "6600.00"),  # 1%
        ("1199999.99", "120000.00"),
        ("1200000", "120000.00"),
        ("1200000.10", "120000.01"),
    ],
)
def test_minimum_tax(base: str, tax: str) -> None:
    assert irpfm.gross_tax(D(base), law(), END) == D(tax)


def test_reducer_of_profits_taxed_in_the_company() -> None:
    # 34% in the company and 10% here pass 34% by 10%
    assert irpfm.reducer(D(1000), D("0.34"), D("0.10"), law(), END) == D("100.00")
    assert irpfm.reducer(D(1000), D("0.24"), D("0.10"), law(), END) == 0
    assert irpfm.reducer(D(1000), D("0.40"), D("0.10"), law(), END, "bank") == D("50.00")
    assert irpfm.reducer(D(1000), D("0.40"), D("0.10"), law(), END, "insurer") == D("100.00")


def test_estimate_of_a_year_of_dividends() -> None:
    rows = [
        row(f"2026-{month:02d}-10", "dividend", "PETR4", amount=100_000, tax_withheld=10_000)
        for month in range(1, 11)
    ]
    ledger = taxed(
        *rows, assets=PETR, until=2026, other_taxable_income=D(200_000), other_tax=D(44_000)
    )
    found = tax_year(ledger, 2026).irpfm
    assert found is not None
    # 1,200,000 at 10% = 120,000 less the 44,000 of the return; 100,000 were withheld
    assert (found.base, found.rate, found.gross) == (D("1200000.00"), D("0.10"), D("120000.00"))
    assert (found.due, found.balance) == (D("76000.00"), D("-24000.00"))
    assert found.applies


def test_exempt_papers_and_funds_stay_out_of_the_base() -> None:
    assets = known(("LCI", "lci"), ("HGLG11", "fii"))
    rows = [
        row("2026-01-05", "buy", "LCI", 1, 1_000_000),
        row("2026-06-05", "maturity", "LCI", amount=1_500_000),
        row("2026-01-05", "buy", "HGLG11", 100, 100),
        row("2026-02-05", "distribution", "HGLG11", amount=300_000),
    ]
    found = tax_year(taxed(*rows, assets=assets, until=2026), 2026).irpfm
    assert found is not None
    assert (found.income, found.excluded, found.base) == (D("800000.00"), D("800000.00"), D(0))
    assert found.due == 0
    found = tax_year(taxed(*rows, assets=assets, until=2026, irpfm_exempts_fii=False), 2026).irpfm
    assert found is not None
    assert found.base == D("300000.00")


def test_before_the_law_there_is_no_minimum_tax() -> None:
    assert irpfm.minimum_tax(2025, {"a": D(9_000_000)}, {}, {}, law()) is None


def test_other_payments_of_the_exchange() -> None:
    assets = known(("BOVA11", "etf"), ("JURO11", "fi_infra"), ("PETR4", "stock"))
    rows = [
        row("2026-02-05", "distribution", "BOVA11", amount=100, tax_withheld=15),
        row("2026-02-05", "distribution", "JURO11", amount=100, tax_withheld=0),
        row("2026-02-05", "distribution", "PETR4", amount=100, tax_withheld="22.50"),
    ]
    lines, issues = distribution_lines(taxed(*rows, assets=assets, until=2026).ctx, 2026)
    assert {each.kind: (each.expected, each.code) for each in lines} == {
        "etf_distribution": (D("15.00"), "06"),
        "infra_distribution": (D(0), "99"),
        "company_income": (None, "06"),
    }
    assert issues == []
