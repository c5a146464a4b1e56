"""The shared worked cases of fixed income, funds, assets abroad, crypto, dividends and the minimum
tax, through the public functions and, where a ledger can tell them, through the assessment."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from apps.engine.taxes import irpfm
from apps.engine.taxes.abroad import gain_in_brl, idle_cash
from apps.engine.taxes.abroad_book import abroad_year
from apps.engine.taxes.crypto import crypto_months
from apps.engine.taxes.dividends import dividend_months, jcp_lines, jcp_tax, month_tax
from apps.engine.taxes.fixed_income import income_tax_rate, lot_yield
from apps.engine.taxes.fund_book import fund_lines
from apps.engine.taxes.funds import FundLot, come_cotas, final_rate, redeem
from apps.engine.taxes.gcap import gains_before, gains_tax, month_of_gains
from apps.engine.taxes.money import by_days, cents
from apps.engine.taxes.tests.ledgers import day, known, law, ptax, taxed
from apps.engine.tests.support import SHARED, D, needs_shared, row

pytestmark = needs_shared
HALF_CENT = D("0.005")


@cache
def _cases() -> dict[str, dict[str, Any]]:
    text = (SHARED / "cases" / "tax.json").read_text(encoding="utf-8")
    return {case["id"]: case for case in json.loads(text)["cases"]}


def case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    found = _cases()[name]
    return found["inputs"], found["expected"]


def near(found: Decimal | None, expected: float, tolerance: Decimal = HALF_CENT) -> None:
    assert found is not None
    assert abs(found - D(str(expected))) <= tolerance, (found, expected)


def test_bracket_boundaries_of_fixed_income() -> None:
    given, expected = case("RF-06")
    bought = day("2024-01-10")
    for days, tax in zip(given["days"], expected["ir"], strict=True):
        sold = bought + timedelta(days=days)
        gross = D(str(given["gross_yield"]))
        found = lot_yield(bought, sold, D(10_000) + gross, D(10_000), law())
        near(found.tax, tax)
        near(gross * income_tax_rate(days, sold, law()), tax)


def test_come_cotas_and_top_up() -> None:
    given, expected = case("FUND-01")
    event = given["event"]
    lot = FundLot("1", day("2024-01-02"), "a", D(given["units"]), D(str(given["invested"])))
    found = come_cotas([lot], D(str(event["unit_price"])), D(str(event["rate"])))
    near(found.tax, expected["ir"])
    near(found.units, expected["units_taken"])
    (left,) = found.lots
    near(left.units, expected["units_left"])
    near(left.cost, expected["value_left"])
    then = expected["then_redeem_at_7_months"]
    sold = day("2024-08-02")
    out = redeem(found.lots, left.units, D(str(expected["value_left"])), sold, "long", law())
    assert final_rate("long", (sold - lot.acquired).days, sold, law()) == D(str(then["final_rate"]))
    near(out.top_up, then["complement"])
    near(out.tax, then["complement"])

    given, expected = case("FUND-02")
    units = D(given["units"])
    lot = FundLot("1", day("2024-01-02"), "a", units, units * D(str(given["unit_price"])))
    event = given["event"]
    found = come_cotas([lot], D(str(event["unit_price"])), D(str(event["rate"])))
    near(found.tax, expected["ir"])
    near(found.units, expected["units_taken"])
    near(found.lots[0].units, expected["units_left"])


def test_come_cotas_through_a_ledger() -> None:
    given, expected = case("FUND-01")
    rows = [
        row("2024-01-02", "buy", "FIC", given["units"], given["unit_price"]),
        row("2024-05-31", "come_cotas", "FIC", 250, amount=300),
        row("2024-08-02", "sell", "FIC", 9750, amount=11700, tax_withheld=100),
    ]
    ledger = taxed(*rows, assets=known(("FIC", "fund")), until=2024)
    lines, issues = fund_lines(ledger.ctx, 2024)
    near(lines[0].expected, expected["ir"])
    near(lines[1].expected, expected["then_redeem_at_7_months"]["complement"])
    assert issues == []


def test_exchange_variation_is_part_of_the_gain() -> None:
    given, expected = case("EXT-02")
    buy, sell = given["buy"], given["sell"]
    bought, sold = D(str(buy["ptax"])), D(str(sell["ptax"]))
    gain = gain_in_brl(D(str(sell["usd"])), sold, [(D(str(buy["usd"])), bought)])
    near(gain, expected["gain_brl"])
    rows = [
        row(f"{buy['year']}-03-01", "buy", "VT", 100, amount=buy["usd"], currency="USD"),
        row(f"{sell['year']}-03-01", "sell", "VT", 100, amount=sell["usd"], currency="USD"),
    ]
    rates = ptax(
        (f"{buy['year']}-03-01", "USD", str(bought), ""),
        (f"{sell['year']}-03-01", "USD", str(sold), ""),
    )
    assets = known(("VT", "etf_abroad", {"currency": "USD"}))
    found = abroad_year(taxed(*rows, assets=assets, fx=rates, until=2024).ctx, 2024)
    assert found is not None
    near(found.gains, expected["gain_brl"])
    near(found.tax_due, expected["tax"])


def test_idle_balance() -> None:
    given, expected = case("EXT-03")
    found = idle_cash(
        D(str(given["balance_usd"])),
        D(str(given["ptax_open"])),
        D(str(given["ptax_close"])),
        day("2024-12-31"),
        law(),
        remunerated=given["remunerated"],
    )
    near(found.fx_result, expected["fx_result"])
    near(found.taxable, expected["taxable"])
    assert found.loss_deductible is expected["loss_deductible"]


def test_dividend_without_withholding() -> None:
    given, expected = case("EXT-05")
    rows = [
        row("2024-02-01", "buy", "VWRA", 10, 100, currency="USD"),
        row(
            "2024-06-03",
            "dividend",
            "VWRA",
            amount=given["dividend_usd"],
            tax_withheld=given["withheld_usd"],
            currency="USD",
        ),
    ]
    rate = str(given["ptax_sale"])
    rates = ptax(("2024-02-01", "USD", "5", ""), ("2024-06-03", "USD", rate, ""))
    assets = known(("VWRA", "etf_abroad", {"currency": "USD", "country": "IE"}))
    found = abroad_year(taxed(*rows, assets=assets, fx=rates, until=2024).ctx, 2024)
    assert found is not None
    near(found.income, expected["income_brl"])
    near(found.tax_due, expected["tax_due"])
    assert found.issues == ()


def test_exemption_ends_with_the_old_law() -> None:
    given, expected = case("EXT-07")
    for inputs, wanted in zip(given["variants"], expected["variants"], strict=True):
        sold, proceeds = inputs["sale_date"], D(str(inputs["proceeds_brl"]))
        gain = D(str(inputs["gain_brl"]))
        rows = [
            row("2022-01-03", "buy", "AAPL", 1, proceeds - gain, currency="USD"),
            row(sold, "sell", "AAPL", 1, proceeds, currency="USD"),
        ]
        rates = ptax(("2022-01-03", "USD", "1", "1"))  # amounts are in BRL already
        assets = known(("AAPL", "stock_abroad", {"currency": "USD"}))
        year = int(sold[:4])
        ctx = taxed(*rows, assets=assets, fx=rates, until=year).ctx
        now = abroad_year(ctx, year)
        before, _issues = gains_before(ctx, year)
        if wanted["exempt"]:
            assert now is None
            assert [each.exempt for each in before] == [True]
            near(before[0].tax, wanted["tax"])
            assert law().on("EXT-PRE24", day(sold)).text("code") == wanted["dirpf_isento_code"]
        else:
            assert before == []
            assert now is not None
            near(now.tax_due, wanted["tax"])


def test_crypto_above_and_below_the_limit() -> None:
    assets = known(("BTC", "crypto"))
    given, expected = case("CRY-01")
    buy, sell = given["buy"], given["sell"]
    rows = [
        row("2025-01-10", "buy", "BTC", buy["qty"], amount=buy["total"]),
        row("2025-06-10", "sell", "BTC", sell["qty"], amount=sell["total"]),
    ]
    (month,), _issues = crypto_months(taxed(*rows, assets=assets, until=2025).ctx, 2025)
    near(month.gain, expected["gain"])
    near(month.tax, expected["tax_due"])
    assert month.code == expected["darf_code"]

    given, expected = case("CRY-02")
    for inputs, wanted in zip(given["variants"], expected["variants"], strict=True):
        rows = [
            row("2025-01-10", "buy", "BTC", 1, amount=given["buy"]["total"]),
            row("2025-06-10", "sell", "BTC", inputs["sell_qty"], inputs["price"]),
        ]
        (month,), _issues = crypto_months(taxed(*rows, assets=assets, until=2025).ctx, 2025)
        near(month.disposals, wanted["proceeds"])
        near(month.gain, wanted["gain"])
        near(month.tax, wanted["tax"])
        assert month.exempt is (wanted["tax"] == 0)

    given, expected = case("CRY-03")
    rows = [
        row("2025-01-10", "buy", "BTC", each["qty"], amount=each["total"], fees=each["fee"])
        for each in given["buys"]
    ]
    held = taxed(*rows, assets=assets, until=2025).ctx.fold.holdings[("default", None, "BTC")]
    near(held.quantity, expected["qty"])
    near(held.total_cost, expected["cost"])
    near(held.average_cost, expected["avg"])


def test_interest_on_equity_across_the_change_of_rate() -> None:
    given, expected = case("DIV-01")
    for inputs, wanted in zip(given["variants"], expected["variants"], strict=True):
        gross, paid = D(str(inputs["gross"])), inputs["date"]
        near(jcp_tax(gross, day(paid), law()), wanted["irrf"])
        rows = [
            row("2024-01-02", "buy", "PETR4", 100, 30),
            row(paid, "jcp", "PETR4", amount=inputs["gross"], tax_withheld=wanted["irrf"]),
        ]
        year = int(paid[:4])
        ctx = taxed(*rows, assets=known(("PETR4", "stock")), until=year).ctx
        (line,), issues = jcp_lines(ctx, year)
        near(line.expected, wanted["irrf"])
        near((line.gross or D(0)) - (line.expected or D(0)), wanted["net"])
        assert issues == []


def test_dividends_above_the_limit() -> None:
    given, expected = case("DIV-02")
    for inputs, wanted in zip(given["variants"], expected["variants"], strict=True):
        payments = inputs["payments"]
        rows = [
            row(
                f"{given['month']}-{place + 10}", "dividend", f"{each['payer']}X3", amount=each["v"]
            )
            for place, each in enumerate(payments)
        ]
        assets = known(
            *((f"{each['payer']}X3", "stock", {"issuer": each["payer"]}) for each in payments)
        )
        months, _issues = dividend_months(taxed(*rows, assets=assets, until=2026).ctx, 2026)
        near(sum((each.withheld for each in months), D(0)), wanted["irrf"])
        if "withheld_on_second_payment" in wanted:
            values = [D(str(each["v"])) for each in payments]
            taxes = month_tax(values, day(f"{given['month']}-10"), law())
            assert taxes[0] == 0
            near(taxes[1], wanted["withheld_on_second_payment"])


def test_minimum_tax_points() -> None:
    given, expected = case("IRPFM-01")
    end = day("2026-12-31")
    for base, percent, tax in zip(
        given["base"], expected["rate_pct"], expected["gross_tax"], strict=True
    ):
        near(irpfm.rate(D(str(base)), law(), end) * 100, percent, D("0.0000005"))
        near(irpfm.gross_tax(D(str(base)), law(), end), tax)


def test_lending_fee_and_fixed_income_fund_of_the_exchange() -> None:
    given, expected = case("LEND-01")
    rule = law().on("VAR-LEND", day(f"{given['year']}-06-01"))
    brackets = law().on(rule.text("brackets"), day(f"{given['year']}-06-01")).value["brackets"]
    tax = cents(D(str(given["fee"])) * by_days(given["loan_days"], brackets))
    near(tax, expected["irrf"])
    assert rule.text("code") == expected["dirpf_exclusive_code"]
    given, expected = case("ETF-01")
    brackets = law().on("VAR-ETFRF", day("2024-06-03")).value["brackets"]
    for inputs, wanted in zip(given["variants"], expected["variants"], strict=True):
        rate = by_days(inputs["avg_term_days"], brackets)
        near(D(str(given["gain"])) * rate, wanted["irrf"])


def test_brackets_of_capital_gains_are_the_law_of_crypto() -> None:
    given, expected = case("CRY-01")
    gain = D(str(given["sell"]["total"])) - D(str(given["buy"]["total"]))
    sold = day("2025-06-10")
    near(gains_tax(gain, sold, law()), expected["tax_due"])
    found = month_of_gains(D(str(given["sell"]["total"])), [gain], sold, "CRY-GC", law())
    near(found.tax, expected["tax_due"])
