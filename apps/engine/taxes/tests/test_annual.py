"""The annual return: assets at cost with their codes and texts, incomes, sheets, debts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.engine.taxes.annual import AnnualReturn, CodeBook, annual_return
from apps.engine.taxes.annual.texts import number
from apps.engine.taxes.tests.ledgers import day, known, ptax, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Account, Asset, Row

ACCOUNTS = {
    "xp": Account("xp", "XP", currency="BRL"),
    "ib": Account("ib", "Interactive Brokers", currency="USD"),
}
RATES = ptax(
    ("2025-02-03", "USD", "5.00", "4.99"),
    ("2025-12-31", "USD", "5.40", "5.39"),
    ("2026-06-01", "USD", "5.60", "5.59"),
    ("2026-12-31", "USD", "5.50", "5.49"),
)


def returned(
    *rows: Row, assets: dict[str, Asset], year: int = 2026, **options: Any
) -> AnnualReturn:
    ledger = taxed(*rows, assets=assets, accounts=ACCOUNTS, fx=RATES, until=year, **options)
    return annual_return(ledger, year, cnpjs={"XP": "02.332.886/0001-04"})


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("1234567.891", 2, "1.234.567,89"),
        ("0.125", 2, "0,13"),
        ("1000", None, "1.000"),
        ("5.4000", None, "5,4"),
        ("0.00150", None, "0,0015"),
    ],
)
def test_numbers_as_brazilians_write_them(value: str, places: int | None, text: str) -> None:
    assert number(D(value), places) == text


@pytest.mark.parametrize(
    ("kind", "filing", "code"),
    [
        ("stock", 2027, "03-01"),
        ("cdb", 2027, "04-02"),
        ("lci", 2027, "04-03"),
        ("bdr", 2027, "04-04"),
        ("fii", 2027, "07-03"),
        ("fiagro", 2027, "07-02"),
        ("etf", 2024, "07-09"),
        ("etf", 2025, "07-06"),
        ("etf_fixed_income", 2027, "07-08"),
        ("crypto", 2027, "08-02"),
    ],
)
def test_codes_by_filing_year(kind: str, filing: int, code: str) -> None:
    found = CodeBook.shipped().asset(kind, filing)
    assert found is not None
    assert f"{found.group}-{found.code}" == code


def test_codes_that_depend_on_the_asset() -> None:
    codes = CodeBook.shipped()
    shares = known(("F", "fund", {"tax_class": "equity"}))["F"]
    assert codes.asset("fund", 2027, shares).code == "04"  # type: ignore[union-attr]
    for name, code in (("BTC", "01"), ("USDT", "03"), ("ETH", "02"), ("BTC-USD", "01")):
        found = codes.asset("crypto", 2027, Asset(name))
        assert found is not None
        assert found.code == code
    assert codes.asset("stock", 2015) is None


def test_every_class_of_asset_has_a_code() -> None:
    from apps.engine.kinds import AssetClass

    codes = CodeBook.shipped()
    assert [each for each in AssetClass if codes.asset(each, 2027) is None] == []


PETR = known(
    ("PETR4", "stock", {"name": "Petrobras", "issuer": "Petrobras", "cnpj": "33.000.167/0001-01"})
)


def test_a_share_at_both_ends_of_the_year() -> None:
    found = returned(
        row("2025-03-03", "buy", "PETR4", 100, 30, fees=10, account="xp"),
        row("2026-03-02", "buy", "PETR4", 100, 40, fees=10, account="xp"),
        row("2026-07-01", "sell", "PETR4", 50, 45, account="xp", tax_withheld=0),
        assets=PETR,
    )
    (entry,) = found.assets
    # 3,010 at first; (3,010 + 4,010) x 150/200 = 5,265 at the end
    assert (entry.group, entry.code) == ("03", "01")
    assert (entry.value_before, entry.value) == (D("3010.00"), D("5265.00"))
    assert (entry.quantity_before, entry.quantity) == (D(100), D(150))
    assert entry.text == (
        "150 ações PN PETR4 – Petrobras, CNPJ 33.000.167/0001-01, custo médio R$ 35,10, "
        "custódia XP CNPJ 02.332.886/0001-04, negociado em bolsa"
    )
    assert found.totals["assets"] == D("5265.00")
    (unit,) = found.revar
    assert (unit.quantity, unit.unit_cost, unit.total_cost) == (D(150), D("35.1"), D("5265.00"))


def test_the_year_before_does_not_see_the_year_after() -> None:
    rows = [
        row("2025-03-03", "buy", "PETR4", 100, 30, account="xp"),
        row("2026-03-02", "buy", "PETR4", 100, 40, account="xp"),
    ]
    ledger = taxed(*rows, assets=PETR, accounts=ACCOUNTS, until=2026)
    (entry,) = annual_return(ledger, 2025).assets
    assert (entry.value_before, entry.value) == (D(0), D("3000.00"))
    (entry,) = annual_return(ledger, 2026).assets
    assert (entry.value_before, entry.value) == (D("3000.00"), D("7000.00"))


def test_what_came_and_went_in_the_year_is_listed_at_nothing() -> None:
    found = returned(
        row("2026-03-02", "buy", "PETR4", 100, 30, account="xp"),
        row("2026-04-01", "sell", "PETR4", 100, 31, account="xp", tax_withheld=0),
        assets=PETR,
    )
    (entry,) = found.assets
    assert (entry.value_before, entry.value, entry.required) == (D(0), D(0), False)
    assert entry.text.endswith("posição encerrada no ano")


def test_a_split_keeps_the_cost_and_a_transfer_moves_the_custody() -> None:
    found = returned(
        row("2025-03-03", "buy", "PETR4", 100, 30, account="xp"),
        row("2026-03-02", "split", "PETR4", ratio=2, account="xp"),
        row("2026-04-01", "transfer_out", "PETR4", 50, account="xp"),
        row("2026-04-02", "transfer_in", "PETR4", 50, account="ib"),
        assets=PETR,
    )
    (entry,) = found.assets
    assert (entry.quantity, entry.value) == (D(200), D("3000.00"))
    assert entry.custody == {"XP": D(150), "Interactive Brokers": D(50)}
    assert "custódia 150 em XP CNPJ 02.332.886/0001-04; 50 em Interactive Brokers" in entry.text


def test_minimum_to_declare_to_the_cent() -> None:
    def required(cost: str, kind: str = "stock") -> bool:
        found = returned(
            row("2026-03-02", "buy", "X", 1, cost, account="xp"), assets=known(("X", kind))
        )
        return found.assets[0].required

    assert (required("999.99"), required("1000.00")) == (False, True)
    assert (required("4999.99", "crypto"), required("5000.00", "crypto")) == (False, True)


def test_unknown_cost_is_unknown_and_said() -> None:
    found = returned(row("2026-03-02", "transfer_in", "PETR4", 10, account="xp"), assets=PETR)
    (entry,) = found.assets
    assert entry.value is None
    assert "annual_cost_unknown" in {issue.code for issue in found.issues}


def test_an_asset_abroad_with_its_purchases_result_and_tax() -> None:
    assets = known(("AAPL", "stock_abroad", {"currency": "USD", "country": "US", "name": "Apple"}))
    found = returned(
        row("2025-02-03", "buy", "AAPL", 10, 100, currency="USD", account="ib"),
        row("2026-06-01", "sell", "AAPL", 4, 120, currency="USD", account="ib"),
        row(
            "2026-06-01",
            "dividend",
            "AAPL",
            amount=10,
            tax_withheld=3,
            currency="USD",
            account="ib",
        ),
        assets=assets,
    )
    (entry,) = found.assets
    # cost 1,000 x 5.00; 480 x 5.60 - 2,000 = 688 of gain and 56 of dividend; tax 3 x 5.59
    assert (entry.value_before, entry.value) == (D("5000.00"), D("3000.00"))
    assert (entry.result, entry.foreign_tax) == (D("744.00"), D("16.77"))
    assert entry.text == (
        "6 ações AAPL – Apple, país US, custo médio R$ 500,00, "
        "aquisições: 03/02/2025 USD 1.000,00 (cotação 5), custódia Interactive Brokers, "
        "negociado em bolsa"
    )
    assert found.abroad is not None
    # (688 + 56) x 15% = 111.60 less 15% of the dividend
    assert found.abroad.tax_due == D("103.20")


def test_money_abroad_and_debts() -> None:
    found = returned(
        row("2025-02-03", "deposit", None, amount=1000, currency="USD", account="ib"),
        row("2026-06-01", "withdrawal", None, amount=400, currency="USD", account="ib"),
        row("2026-06-01", "deposit", None, amount=100, account="xp"),
        row("2026-06-02", "withdrawal", None, amount=7000, account="xp"),
        assets={},
    )
    (entry,) = found.assets
    # 1,000 x 5.40 and 600 x 5.50
    assert (entry.group, entry.code) == ("06", "01")
    assert entry.asset == "Interactive Brokers USD"  # the institution, not the code of the account
    assert (entry.value_before, entry.value) == (D("5400.00"), D("3300.00"))
    assert entry.text == "saldo em conta Interactive Brokers, USD 600,00, cotação 5,5"
    (debt,) = found.debts
    assert (debt.code, debt.value_before, debt.value) == ("13", D(0), D("6900.00"))
    assert debt.required


def test_incomes_by_section_code_and_payer() -> None:
    assets = PETR | known(
        ("HGLG11", "fii", {"issuer": "HGLG", "cnpj": "11.728.688/0001-47"}),
        ("LCI", "lci", {"issuer": "Banco"}),
        ("CDB", "cdb", {"issuer": "Banco"}),
        ("BTC", "crypto"),
    )
    found = returned(
        row("2025-03-03", "buy", "PETR4", 100, 30, account="xp"),
        row("2026-03-02", "sell", "PETR4", 50, 40, account="xp", tax_withheld="0.10"),
        row("2026-04-01", "dividend", "PETR4", amount=200, tax_withheld=0, account="xp"),
        row("2026-05-01", "dividend", "PETR4", amount=100, tax_withheld=0, account="xp"),
        row("2026-05-02", "bonus", "PETR4", 10, 12, account="xp"),
        row("2026-05-04", "jcp", "PETR4", amount=1000, tax_withheld=175, account="xp"),
        row("2026-01-05", "buy", "HGLG11", 10, 160, account="xp"),
        row("2026-02-05", "distribution", "HGLG11", amount=11, account="xp"),
        row("2026-03-05", "distribution", "HGLG11", amount=11, account="xp"),
        row("2026-01-05", "buy", "LCI", 1, 1000, account="xp"),
        row("2026-06-05", "maturity", "LCI", amount=1050, account="xp"),
        row("2026-01-05", "buy", "CDB", 1, 1000, account="xp"),
        row("2026-06-05", "maturity", "CDB", amount=1100, tax_withheld="22.50", account="xp"),
        row("2026-01-05", "buy", "BTC", 1, 1000, account="xp"),
        row("2026-06-05", "sell", "BTC", 1, 1500, account="xp"),
        assets=assets,
    )
    exempt = {(each.code, each.kind, each.payer): each.amount for each in found.exempt}
    assert exempt == {
        ("20", "small_sales", ""): D("500.00"),
        ("09", "dividend", "Petrobras"): D("300.00"),
        ("18", "bonus", "Petrobras"): D("120.00"),
        ("99", "fii_distribution", "HGLG"): D("22.00"),
        ("12", "exempt_paper", "Banco"): D("50.00"),
        ("05", "small_crypto_gain", ""): D("500.00"),
    }
    exclusive = {(each.code, each.payer): (each.amount, each.tax) for each in found.exclusive}
    assert exclusive == {
        ("10", "Petrobras"): (D("825.00"), D("175.00")),
        ("06", "Banco"): (D("77.50"), D("22.50")),
    }
    assert found.totals["exempt"] == D("1492.00")
    assert found.totals["exclusive"] == D("902.50")


def test_code_of_distributions_by_filing_year() -> None:
    assets = known(("HGLG11", "fii"))
    rows = [
        row("2024-01-05", "buy", "HGLG11", 10, 160, account="xp"),
        *(
            row(f"{year}-02-05", "distribution", "HGLG11", amount=11, account="xp")
            for year in (2024, 2025)
        ),
    ]
    assert [returned(*rows, assets=assets, year=year).exempt[0].code for year in (2024, 2025)] == [
        "26",
        "99",
    ]


def test_taxed_dividend_is_said_to_have_no_known_place() -> None:
    found = returned(
        row("2026-04-01", "dividend", "PETR4", amount=60_000, tax_withheld=6000, account="xp"),
        assets=PETR,
    )
    assert "annual_dividend_place_unknown" in {issue.code for issue in found.issues}


def test_sheets_month_by_month() -> None:
    assets = PETR | known(("HGLG11", "fii"), ("BOVA11", "etf"))
    found = returned(
        row("2026-01-05", "buy", "PETR4", 2000, 30, account="xp"),
        row("2026-01-05", "buy", "BOVA11", 100, 100, account="xp"),
        row("2026-01-05", "buy", "HGLG11", 100, 100, account="xp"),
        row("2026-02-05", "sell", "BOVA11", 100, 90, account="xp", tax_withheld="0.45"),
        row("2026-03-05", "sell", "PETR4", 1000, 32, account="xp", tax_withheld="1.60"),
        row("2026-04-06", "sell", "PETR4", 100, 40, account="xp", tax_withheld="0.20"),
        row("2026-04-06", "sell", "HGLG11", 100, 110, account="xp", tax_withheld="0.55"),
        row("2026-05-29", "darf_payment", None, amount="199.45", note="2026-04", account="xp"),
        assets=assets,
    )
    months = {each.month: each for each in found.sheets}
    assert months["2026-02"].common.markets == {"spot": D("-1000.00")}
    assert months["2026-02"].common.loss_after == D("1000.00")
    march = months["2026-03"].common
    # 2,000 less the 1,000 of February: 1,000 x 15%
    assert (march.result, march.loss_before, march.base) == (
        D("2000.00"),
        D("1000.00"),
        D("1000.00"),
    )
    assert march.tax == D("150.00")
    # April: 4,000 of shares exempt, nothing of them in the sheet
    assert months["2026-04"].common.markets == {}
    april = {each.month: each for each in found.fund_sheets}["2026-04"]
    assert (april.result, april.tax, april.withheld) == (D("1000.00"), D("200.00"), D("0.55"))
    assert april.paid == D("199.45")
    assert months["2026-04"].paid == 0
    assert found.losses["common"] == 0
    assert found.withheld_left["common"] == D("0.20")


def test_losses_and_units_open_the_next_year() -> None:
    found = returned(
        row("2026-01-05", "buy", "PETR4", 1000, 30, account="xp"),
        row("2026-02-05", "sell", "PETR4", 500, 20, account="xp", tax_withheld=0),
        assets=PETR,
    )
    assert found.losses["common"] == D("5000.00")
    assert [(each.asset, each.quantity, each.total_cost) for each in found.revar] == [
        ("PETR4", D(500), D("15000.00"))
    ]


def _values(found: AnnualReturn) -> list[tuple[str, Any, Any]]:
    return [(each.asset, each.value_before, each.value) for each in found.assets]


def test_fixed_income_is_declared_at_the_lots_that_are_left() -> None:
    papers = known(("CDB1", "cdb", {}))
    rows = (
        row("2025-01-06", "buy", "CDB1", 1000, 1, account="xp"),
        row("2025-12-01", "buy", "CDB1", 1000, "1.2", account="xp"),
        row("2026-03-02", "sell", "CDB1", 1000, "1.3", account="xp"),
    )
    # 1,000 + 1,200; the redemption takes the 1,000 of January 2025 and not the average of 1,100
    assert _values(returned(*rows, assets=papers)) == [("CDB1", D("2200.00"), D("1200.00"))]


def test_gains_taxed_by_come_cotas_are_cost_of_a_fund() -> None:
    funds = known(("F", "fund", {"tax_class": "long"}))
    rows = (
        row("2025-01-06", "buy", "F", 5000, 1, account="xp"),
        row("2025-05-30", "come_cotas", "F", 125, amount=150, account="xp"),
        row("2026-02-02", "buy", "F", 1000, "1.4", account="xp"),
        row("2026-03-02", "sell", "F", 875, "1.4", account="xp"),
    )
    # 4,875 units at the 1.20 the advance was reckoned at: 5,850; then 4,000 x 1.20 + 1,000 x 1.40
    assert _values(returned(*rows, assets=funds)) == [("F", D("5850.00"), D("6200.00"))]


def test_lots_abroad_leave_the_return_as_they_were_sold() -> None:
    shares = known(("AAPL", "stock_abroad", {"currency": "USD", "market": "US"}))
    rows = (
        row("2025-02-03", "buy", "AAPL", 10, 100, account="ib", currency="USD"),
        row("2026-06-01", "buy", "AAPL", 10, 100, account="ib", currency="USD"),
        row("2026-12-31", "sell", "AAPL", 10, 110, account="ib", currency="USD"),
    )
    # 1,000 x 5.00 and 1,000 x 5.60: on average 5,300 is left, lot by lot 5,600
    assert _values(returned(*rows, assets=shares)) == [("AAPL", D("5000.00"), D("5300.00"))]
    lots = returned(*rows, assets=shares, abroad_cost="fifo")
    assert _values(lots) == [("AAPL", D("5000.00"), D("5600.00"))]


def test_the_whole_is_plain_json() -> None:
    found = returned(
        row("2025-03-03", "buy", "PETR4", 100, 30, account="xp"), assets=PETR
    ).to_plain()
    assert json.loads(json.dumps(found))["assets"][0]["value"] == "3000.00"
    assert found["filing"] == 2027


def test_bonds_of_the_opening_keep_their_cost() -> None:
    from apps.engine.taxes.model import Opening, OpeningCost

    opening = Opening(day("2025-12-31"), costs=(OpeningCost("PETR4", "xp", D(10), D(300)),))
    found = returned(
        row("2026-03-02", "buy", "PETR4", 10, 40, account="xp"), assets=PETR, opening=opening
    )
    (entry,) = found.assets
    assert (entry.value_before, entry.value) == (D("300.00"), D("700.00"))
