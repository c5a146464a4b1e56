"""Assets abroad: PTAX of each date, losses carried, credit within its limit; the old law before."""

from __future__ import annotations

import pytest

from apps.engine.prices import FxTable
from apps.engine.taxes.abroad import AbroadYear, creditable, idle_cash
from apps.engine.taxes.abroad_book import abroad_year, abroad_years
from apps.engine.taxes.gcap import (
    gains_before,
    gains_tax,
    month_of_gains,
    monthly_income,
    monthly_income_tax,
)
from apps.engine.taxes.model import Opening, OpeningCost
from apps.engine.taxes.tests.ledgers import day, known, law, ptax, taxed
from apps.engine.tests.support import D, row
from apps.engine.types import Row

US = known(("AAPL", "stock_abroad", {"currency": "USD", "country": "US"}))
RATES = ptax(
    ("2022-01-03", "USD", "5.60", "5.59"),
    ("2024-02-01", "USD", "5.00", "4.99"),
    ("2024-06-03", "USD", "5.20", "5.10"),
    ("2025-03-03", "USD", "5.80", "5.79"),
    ("2026-06-01", "USD", "5.60", "5.59"),
)


def usd(when: str, kind: str, *numbers: float, **fields: object) -> Row:
    return row(when, kind, "AAPL", *numbers, currency="USD", **fields)


def year_of(year: int, *rows: Row, fx: FxTable = RATES, **options: object) -> AbroadYear:
    found = abroad_year(taxed(*rows, assets=US, fx=fx, until=year, **options).ctx, year)  # type: ignore[arg-type]
    assert found is not None
    return found


def test_gain_with_costs_at_the_sale_quote_of_each_date() -> None:
    found = year_of(
        2025,
        usd("2024-02-01", "buy", 10, 100, fees=2),
        usd("2025-03-03", "sell", 10, 120, fees=3),
    )
    # 1,197 x 5.80 - 1,002 x 5.00 = 6,942.60 - 5,010 = 1,932.60; x 15% = 289.89
    assert (found.gains, found.tax_due) == (D("1932.60"), D("289.89"))


def test_exchange_rate_alone_makes_a_loss() -> None:
    found = year_of(2026, usd("2025-03-03", "buy", 10, 100), usd("2026-06-01", "sell", 10, 100))
    assert (found.gains, found.losses, found.loss_after) == (D(0), D("200.00"), D("200.00"))
    assert found.tax_due == 0


def test_american_dividend_is_credited_up_to_the_brazilian_tax() -> None:
    found = year_of(
        2024,
        usd("2024-02-01", "buy", 10, 100),
        usd("2024-06-03", "dividend", amount=100, tax_withheld=30),
    )
    # income 520 at the sale quote, tax 78; paid abroad 30 x 5.10 = 153, the excess is lost
    assert (found.income, found.foreign_tax) == (D("520.00"), D("153.00"))
    assert (found.tax, found.credit, found.tax_due) == (D("78.00"), D("78.00"), D(0))


def test_excess_tax_of_one_income_does_not_pay_for_another() -> None:
    found = year_of(
        2024,
        usd("2024-02-01", "buy", 10, 100),
        usd("2024-06-03", "dividend", amount=100, tax_withheld=30),
        usd("2024-06-03", "sell", 10, 100),
    )
    # gain 200 by the exchange rate; tax (200 + 520) x 15% = 108, credit only the 78 of the dividend
    assert (found.tax, found.credit, found.tax_due) == (D("108.00"), D("78.00"), D("30.00"))


def test_losses_meet_the_income_of_the_year_then_are_carried() -> None:
    rows = [
        usd("2024-02-01", "buy", 20, 100),
        usd("2024-06-03", "sell", 10, 50),  # 2,600 - 5,000 = -2,400
        usd("2024-06-03", "dividend", amount=100, tax_withheld=0),  # 520
        usd("2026-06-01", "sell", 10, 150),  # 8,400 - 5,000 = 3,400
    ]
    ledger = taxed(*rows, assets=US, fx=RATES, until=2026)
    first, second, third = abroad_years(ledger.ctx, 2026)
    assert (first.losses, first.income, first.base) == (D("2400.00"), D("520.00"), D(0))
    assert first.loss_after == D("1880.00")
    assert (second.loss_before, second.loss_after) == (D("1880.00"), D("1880.00"))
    assert (third.loss_used, third.base, third.loss_after) == (D("1880.00"), D("1520.00"), D(0))
    assert third.tax_due == D("228.00")


def test_losses_declared_and_brought_at_the_opening_are_used() -> None:
    sale = [usd("2025-03-03", "buy", 10, 100), usd("2026-06-01", "sell", 10, 200)]
    # 11,200 - 5,800 = 5,400
    declared = row("2025-12-31", "opening_loss", None, amount=400, bucket="abroad")
    found = year_of(2026, *sale, declared)
    assert (found.loss_before, found.base) == (D("400.00"), D("5000.00"))
    opening = Opening(day("2025-12-31"), {"abroad": D(1000)})
    found = year_of(2026, *sale, opening=opening)
    assert (found.loss_used, found.base) == (D("1000.00"), D("4400.00"))
    ctx = taxed(*sale, assets=US, fx=RATES, until=2026, opening=opening).ctx
    assert [each.year for each in abroad_years(ctx, 2026)] == [2026]
    assert abroad_year(ctx, 2025) is None  # settled before the opening


def test_opening_costs_in_reais_replace_the_past() -> None:
    opening = Opening(day("2025-12-31"), costs=(OpeningCost("AAPL", "main", D(10), D("5000")),))
    found = year_of(
        2026,
        usd("2022-01-03", "buy", 10, 100),
        usd("2026-06-01", "sell", 10, 100),
        opening=opening,
    )
    assert found.gains == D("600.00")  # 5,600 - 5,000


def test_interest_of_an_account_abroad_is_income_and_interest_paid_is_not_deducted() -> None:
    found = year_of(
        2024,
        row("2024-06-03", "interest", None, amount=10, currency="USD"),
        row("2024-06-03", "interest", None, amount=-50, currency="USD"),
        row("2024-06-03", "interest", None, amount=10),
    )
    assert found.income == D("52.00")


def test_first_in_first_out_is_a_setting() -> None:
    rows = [
        usd("2024-02-01", "buy", 10, 100),
        usd("2024-06-03", "buy", 10, 200),
        usd("2025-03-03", "sell", 10, 200),
    ]
    # 11,600 less the average (5,000 + 10,400)/2, or less the first 5,000
    assert year_of(2025, *rows).gains == D("3900.00")
    assert year_of(2025, *rows, abroad_cost="fifo").gains == D("6600.00")


def test_missing_quotes_leave_the_year_incomplete() -> None:
    rows = [
        usd("2021-02-01", "buy", 10, 100),
        usd("2025-03-03", "sell", 10, 200),
    ]
    found = year_of(2025, *rows)
    assert found.incomplete
    assert [issue.code for issue in found.issues] == ["gain_unknown"]
    assert found.tax_due == 0
    euro = row("2025-03-03", "dividend", "AAPL", amount=10, currency="EUR", tax_withheld=0)
    found = year_of(2025, usd("2024-02-01", "buy", 1, 1), euro)
    assert found.incomplete
    assert [issue.code for issue in found.issues] == ["income_unknown"]


def test_foreign_tax_without_a_purchase_quote_is_taken_at_the_sale_one_and_said() -> None:
    rates = ptax(("2024-02-01", "USD", "5.00", ""))
    found = year_of(
        2024,
        usd("2024-02-01", "buy", 10, 100),
        usd("2024-02-02", "dividend", amount=100, tax_withheld=10),
        fx=rates,
    )
    assert found.foreign_tax == D("50.00")
    assert [issue.code for issue in found.issues] == ["ptax_buy_missing"]


def test_unknown_withholding_is_not_credited_unless_estimated() -> None:
    rows = [
        usd("2024-02-01", "buy", 10, 100),
        usd("2024-06-03", "dividend", amount=100),
    ]
    found = year_of(2024, *rows)
    assert (found.credit, found.tax_due) == (D(0), D("78.00"))
    assert [issue.code for issue in found.issues] == ["foreign_tax_unknown"]
    assert year_of(2024, *rows, estimate_foreign_tax=True).tax_due == 0


@pytest.mark.parametrize(
    ("country", "credit"),
    [
        ("US", "15"),  # reciprocity: up to the Brazilian 15
        ("CH", "15"),  # 35 withheld, 15 by treaty
        ("FI", "10"),  # the treaty lets 10 be kept, the rest is asked back there
        ("AU", "0"),  # neither treaty nor reciprocity
        ("", "15"),  # nobody told the country
    ],
)
def test_credit_by_country(country: str, credit: str) -> None:
    found = creditable(D(35), D(100), country, day("2025-06-02"), law())
    assert found == D(credit)


def test_remunerated_account_is_taxed_on_what_it_gains() -> None:
    found = idle_cash(D(100), D(5), D(6), day("2025-12-31"), law(), remunerated=True)
    assert (found.fx_result, found.taxable) == (D(100), D(100))


def test_crypto_kept_abroad_belongs_here() -> None:
    assets = known(("BTC.X", "crypto_abroad", {"currency": "USD"}))
    rows = [
        row("2024-02-01", "buy", "BTC.X", 1, 1000, currency="USD"),
        row("2024-06-03", "sell", "BTC.X", 1, 1100, currency="USD"),
    ]
    found = abroad_year(taxed(*rows, assets=assets, fx=RATES, until=2024).ctx, 2024)
    assert found is not None
    assert found.gains == D("720.00")  # 5,720 - 5,000, however small the sale


def test_bdr_dividends_by_the_month_or_here() -> None:
    assets = known(("AAPL34", "bdr"))
    rows = [
        row("2026-01-05", "buy", "AAPL34", 10, 100),
        row("2026-06-01", "dividend", "AAPL34", amount=10_000, tax_withheld=3000),
    ]
    ctx = taxed(*rows, assets=assets, fx=RATES, until=2026).ctx
    (month,), _issues = monthly_income(ctx, 2026)
    # 10,000 x 27.5% - 908.73 = 1,841.27, all of it credited
    assert (month.tax, month.credit, month.tax_due) == (D("1841.27"), D("1841.27"), D(0))
    assert (month.code, month.due_date) == ("0190", day("2026-07-31"))
    ctx = taxed(*rows, assets=assets, fx=RATES, until=2026, bdr_dividends="abroad").ctx
    assert monthly_income(ctx, 2026)[0] == []
    found = abroad_year(ctx, 2026)
    assert found is not None
    assert found.income == D("10000.00")


# --- the law until 2023


def sold_in_2023(value: str) -> tuple[bool, object]:
    rates = ptax(("2022-01-03", "USD", "1", "1"))
    ctx = taxed(
        usd("2022-01-03", "buy", 1, 20_000),
        usd("2023-12-29", "sell", 1, float(value)),
        assets=US,
        fx=rates,
        until=2023,
    ).ctx
    assert abroad_year(ctx, 2023) is None
    (month,), _issues = gains_before(ctx, 2023)
    return month.exempt, month.tax


def test_limit_of_the_month_to_the_cent() -> None:
    assert sold_in_2023("35000.00") == (True, D(0))
    assert sold_in_2023("35000.01") == (False, D("2250.00"))  # 15,000.01 x 15%


def test_old_sales_are_converted_at_the_purchase_quote() -> None:
    rates = ptax(("2022-01-03", "USD", "5.00", "4.90"), ("2023-06-01", "USD", "5.20", "5.10"))
    rows = [usd("2022-01-03", "buy", 100, 100), usd("2023-06-01", "sell", 100, 110)]
    (month,), issues = gains_before(taxed(*rows, assets=US, fx=rates, until=2023).ctx, 2023)
    # 11,000 x 5.10 - 10,000 x 5.00 = 6,100; x 15% = 915
    assert (month.proceeds, month.gain, month.tax) == (D("56100.00"), D("6100.00"), D("915.00"))
    assert (month.code, month.due_date) == ("4600", day("2023-07-31"))
    assert issues == []


def test_losses_of_the_old_law_compensate_nothing() -> None:
    found = month_of_gains(D(50_000), [D(1000), D(-800)], day("2023-06-30"), "EXT-PRE24", law())
    assert (found.gain, found.loss, found.tax) == (D(1000), D(800), D("150.00"))


@pytest.mark.parametrize(
    ("gain", "tax"),
    [
        ("5000000.00", "750000.00"),
        ("5000000.04", "750000.01"),
        ("10000000", "1625000.00"),  # + 5M x 17.5%
        ("30000000", "5625000.00"),  # + 20M x 20%
        ("30000100", "5625022.50"),  # + 22.5%
        ("-5", "0.00"),
    ],
)
def test_brackets_of_capital_gains(gain: str, tax: str) -> None:
    assert gains_tax(D(gain), day("2023-06-30"), law()) == D(tax)


def test_before_the_brackets_there_was_one_rate() -> None:
    assert gains_tax(D(10_000_000), day("2016-12-31"), law()) == D("1500000.00")


def test_old_dividends_go_by_the_month_at_the_quote_of_the_month_before() -> None:
    rates = ptax(
        ("2022-01-03", "USD", "5.60", "5.59"),
        ("2023-05-15", "USD", "5.10", "5.00"),
        ("2023-05-16", "USD", "9.10", "9.00"),
    )
    rows = [
        usd("2022-01-03", "buy", 100, 100),
        usd("2023-06-01", "dividend", amount=1000, tax_withheld=100),
    ]
    (month,), issues = monthly_income(taxed(*rows, assets=US, fx=rates, until=2023).ctx, 2023)
    # 5,000 x 27.5% - 884.96 = 490.04 less 100 x 5.00 paid there
    assert (month.income, month.foreign_tax) == (D("5000.00"), D("500.00"))
    assert (month.tax, month.credit, month.tax_due) == (D("490.04"), D("490.04"), D(0))
    assert issues == []


@pytest.mark.parametrize(
    ("income", "when", "tax"),
    [
        ("2112.00", "2023-06-01", "0.00"),
        ("2112.01", "2023-06-01", "0.00"),
        ("2826.65", "2023-06-01", "53.60"),
        ("5000", "2026-03-02", "153.38"),  # 466.27 less 312.89
        ("5000", "2025-12-01", "466.27"),
        ("6000", "2026-03-02", "561.52"),  # 741.27 less 978.62 - 0.133145 x 6,000
        ("7350", "2026-03-02", "1112.52"),  # the reduction has come to nothing
        ("7350.01", "2026-03-02", "1112.52"),
    ],
)
def test_monthly_table(income: str, when: str, tax: str) -> None:
    assert monthly_income_tax(D(income), day(when), law()) == D(tax)


# --- what a Holder may choose


def test_rates_of_settlement() -> None:
    rates = ptax(
        ("2024-02-01", "USD", "5.00", "5.00"),  # a Thursday
        ("2024-02-05", "USD", "5.10", "5.00"),  # two weekdays later
        ("2026-06-01", "USD", "5.60", "5.00"),
        ("2026-06-02", "USD", "5.50", "5.00"),  # one
    )
    rows = [
        usd("2024-02-01", "buy", 10, 100),
        usd("2026-06-01", "sell", 10, 100),
        usd("2026-06-01", "dividend", amount=10, tax_withheld=0),
    ]
    assert year_of(2026, *rows, fx=rates).gains == D("600.00")
    found = year_of(2026, *rows, fx=rates, abroad_date="settlement")
    assert found.gains == D("400.00")  # 5,500 - 5,100
    assert found.income == D("56.00")  # paid on its day


def test_other_currencies_through_the_dollar() -> None:
    assets = known(("SAP", "stock_abroad", {"currency": "EUR"}))
    fx = FxTable(
        {
            ("EUR", "BRL"): [(day("2024-02-01"), D("6.00"))],
            ("EUR", "USD"): [(day("2024-02-01"), D("1.10"))],
            ("USD", "BRL"): [(day("2024-02-01"), D("5.00"))],
        }
    )
    rows = [
        row("2024-02-01", "buy", "SAP", 1, 100, currency="EUR"),
        row("2024-02-02", "dividend", "SAP", amount=10, tax_withheld=0, currency="EUR"),
    ]
    for choice, income in ((False, "60.00"), (True, "55.00")):
        ctx = taxed(*rows, assets=assets, fx=fx, until=2024, abroad_via_usd=choice).ctx
        found = abroad_year(ctx, 2024)
        assert found is not None
        assert found.income == D(income)


def test_exchange_rate_of_what_was_bought_under_the_old_law_may_stay_untaxed() -> None:
    rows = [
        usd("2022-01-03", "buy", 10, 100),
        usd("2024-02-01", "buy", 10, 100),
        usd("2026-06-01", "sell", 15, 110),
    ]
    # 1,650 x 5.60 = 9,240 less 15 at the average (5,600 + 5,000)/20 x 15 = 7,950
    assert year_of(2026, *rows).gains == D("1290.00")
    # lots of 2022: 1,000 x (5.60 - 5.60) = 0 at their own rate, so nothing changes
    assert year_of(2026, *rows, abroad_pre2024_fx_taxed=False).gains == D("1290.00")
    later = [usd("2022-01-03", "buy", 10, 100), usd("2025-03-03", "sell", 10, 110)]
    # 1,100 x 5.80 - 5,600 = 780, of which 1,000 x (5.80 - 5.60) = 200 by the rate
    assert year_of(2025, *later).gains == D("780.00")
    assert year_of(2025, *later, abroad_pre2024_fx_taxed=False).gains == D("580.00")
