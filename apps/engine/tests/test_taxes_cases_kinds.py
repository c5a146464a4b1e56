"""The shared worked tax cases of one kind of paper or event each, and of paying late."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.late import late_charges
from apps.engine.taxes.rules import RuleBook
from apps.engine.tests.support import needs_shared
from apps.engine.tests.tax_case_support import operations, sale_leaving, worked
from apps.engine.tests.tax_support import Cells, D, a, line, near, positions, taxed

pytestmark = needs_shared


def _option(kind: str, strike: Any) -> list[Cells]:
    option = a("OPT", "option", underlying="ACAO4", option_type=kind, strike=strike)
    return [{**option, "expiry": "2024-06-21"}, a("ACAO4", "stock")]


def test_put_holder_exercises(tmp_path: Path) -> None:
    inputs, expected = worked("OPT-01")
    size = inputs["qty"]
    lines = [
        line("2024-05-02", "buy", "OPT", size, amount=inputs["premium_total"]),
        line("2024-06-21", "buy", "ACAO4", size, amount=inputs["spot_purchase_total"]),
        line("2024-06-21", "exercise", "OPT", size),
    ]
    found = taxed(tmp_path, 2024, lines, _option("put", D(inputs["strike_total"]) / size))
    assert near(found.bucket("2024-06")["result"], expected["gain"])
    assert near(found.due("2024-06"), expected["tax_due"])


def test_writer_closes_part_of_a_series(tmp_path: Path) -> None:
    inputs, expected = worked("OPT-02")
    lines = [
        line(f"2024-05-0{place}", "short_sell", "OPT", each["qty"], each["premium"])
        for place, each in enumerate(inputs["writes"], 2)
    ]
    close = inputs["close"]
    lines.append(line("2024-05-10", "cover", "OPT", close["qty"], close["premium"]))
    found = taxed(tmp_path, 2024, lines, _option("call", 30))
    assert near(found.bucket("2024-05")["result"], expected["gain"])
    assert near(found.due("2024-05"), expected["tax_due"])
    held = positions(tmp_path, lines, _option("call", 30))["OPT"]
    assert near(-D(held["quantity"]), expected["remaining"]["qty"])
    assert near(-D(held["total_cost"]), expected["remaining"]["premium_total"])


@pytest.mark.parametrize("case", ["OPT-04", "OPT-08"])
def test_call_holder_exercises_and_sells(case: str, tmp_path: Path) -> None:
    inputs, expected = worked(case)
    size = inputs["qty"]
    lines = [
        line("2024-05-02", "buy", "OPT", size, inputs["premium"]),
        line("2024-06-21", "exercise", "OPT", size),
        line("2024-06-21", "sell", "ACAO4", size, inputs["spot_sale"], fees=inputs.get("costs", 0)),
    ]
    assets = _option("call", inputs["strike"])
    found = taxed(tmp_path, 2024, lines, assets)
    assert near(found.bucket("2024-06")["result"], expected["gain"])
    assert near(found.due("2024-06"), expected["tax_due"])
    if "if_kept" in expected:
        kept = positions(tmp_path, lines[:-1], assets)["ACAO4"]
        assert near(kept["average_cost"], expected["if_kept"]["cost_per_share"])


def test_written_put_expires(tmp_path: Path) -> None:
    inputs, expected = worked("OPT-06")
    lines = [
        line("2024-05-02", "short_sell", "OPT", 100, amount=inputs["premium_total"]),
        line("2024-06-21", "expiry", "OPT", 100),
    ]
    found = taxed(tmp_path, 2024, lines, _option("put", 10))
    assert near(found.bucket("2024-06")["result"], expected["gain"])
    assert near(found.due("2024-06"), expected["tax_due"])


def test_option_bought_and_sold(tmp_path: Path) -> None:
    inputs, expected = worked("OPT-07")
    found = taxed(tmp_path, 2024, operations(inputs["operations"]), [a("CALL", "option")])
    assert near(found.bucket("2024-05")["result"], expected["gain"])
    assert near(found.due("2024-05"), expected["tax_due"])


def test_future_over_two_days(tmp_path: Path) -> None:
    inputs, expected = worked("FUT-01")
    size, point = inputs["contracts"], D(str(inputs["point_value"]))
    first, second = (size * point * points for points in inputs["daily_adjustment_points"])
    lines = [
        line("2024-05-02", "buy", "WINM24", size, 128_000, fees=2),
        line("2024-05-02", "daily_adjustment", "WINM24", amount=first),
        line("2024-05-03", "sell", "WINM24", size, 128_500, fees=2),
        line("2024-05-03", "daily_adjustment", "WINM24", amount=second),
    ]
    found = taxed(tmp_path, 2024, lines, [a("WINM24", "future", multiplier=point)])
    assert near(found.bucket("2024-05")["result"], expected["gain"])
    assert near(found.due("2024-05"), expected["tax_due"])


def test_term_sold_at_settlement(tmp_path: Path) -> None:
    inputs, expected = worked("TERMO-01")
    size = inputs["qty"]
    term = [a("ACAO4T", "term", underlying="ACAO4"), a("ACAO4", "stock")]
    sold = line("2024-06-21", "sell", "ACAO4", size, inputs["spot_sale"])
    bought = line("2024-05-02", "buy", "ACAO4T", size, inputs["term_price"])
    for rest in (
        [line("2024-06-21", "exercise", "ACAO4T", size), sold],
        [{**sold, "asset": "ACAO4T"}],
    ):
        found = taxed(tmp_path, 2024, [bought, *rest], term)
        assert near(found.bucket("2024-06")["result"], expected["gain"])
        assert near(found.due("2024-06"), expected["tax_due"])


def test_fii_sale(tmp_path: Path) -> None:
    inputs, expected = worked("FII-01")
    lines = operations(inputs["operations"])
    assets = [a("FII11", "fii")]
    found = taxed(tmp_path, 2023, lines, assets)
    assert near(found.bucket("2023-05", "fii")["result"], expected["gain"])
    assert near(found.due("2023-05"), expected["tax_due"])
    darf = found.month("2023-05")["darf"]
    assert (darf["due_date"], darf["code"]) == (expected["due"], expected["darf_code"])
    assert near(positions(tmp_path, lines, assets)["FII11"]["total_cost"], 10500)


def test_fii_gain_is_never_exempt(tmp_path: Path) -> None:
    inputs, expected = worked("FII-02")
    month = inputs["month"]
    found = taxed(
        tmp_path, 2017, sale_leaving(month, "F11", 1000, inputs["fii_gain"]), [a("F11", "fii")]
    )
    assert near(found.due(month), expected["tax_due"])
    assert near(found.month(month)["exempt_gain"], 0)


def test_fii_loss_then_gain(tmp_path: Path) -> None:
    inputs, expected = worked("FII-03")
    found = taxed(tmp_path, 2020, operations(inputs["operations"]), [a("XPTO11", "fii")])
    for each in expected["months"]:
        bucket = found.bucket(each["m"], "fii")
        assert near(bucket["result"], each["result"])
        assert near(bucket["loss_after"], each["fii_loss"])
        assert near(found.due(each["m"]), each["tax"])


def test_fii_subscription_and_amortisation(tmp_path: Path) -> None:
    inputs, expected = worked("FII-04")
    opening, new = inputs["opening"], inputs["subscription"]
    arrival = line("2024-01-02", "transfer_in", "F11", opening["qty"], amount=opening["cost"])
    lines = [arrival, line("2024-02-01", "subscription", "F11", new["qty"], new["price"])]
    held = positions(tmp_path, lines, [a("F11", "fii")])["F11"]
    assert near(held["total_cost"], expected["position"]["cost"])

    inputs, expected = worked("FII-06")
    opening = inputs["opening"]
    cash = D(str(inputs["amortization_per_unit"])) * opening["qty"]
    assert near(cash, expected["cash"])
    lines = [
        line("2024-01-02", "transfer_in", "F11", opening["qty"], amount=opening["cost"]),
        line("2024-02-01", "return_of_capital", "F11", amount=cash),
    ]
    held = positions(tmp_path, lines, [a("F11", "fii")])["F11"]
    assert near(held["total_cost"], expected["position"]["cost"])
    found = taxed(tmp_path, 2024, lines, [a("F11", "fii")])
    assert found.answer["withheld_at_source"] == []
    assert near(found.due("2024-02"), expected["taxable"])


def test_fixed_income_etf(tmp_path: Path) -> None:
    inputs, expected = worked("ETF-01")
    for given, wanted in zip(inputs["variants"], expected["variants"], strict=True):
        assets = [a("RF11", "etf_fixed_income", term_days=given["avg_term_days"])]
        lines = [
            line("2024-05-02", "buy", "RF11", 100, amount=10_000),
            line("2024-05-22", "sell", "RF11", 100, amount=10_000 + inputs["gain"]),
        ]
        found = taxed(tmp_path, 2024, lines, assets)
        (only,) = found.answer["withheld_at_source"]
        assert near(only["expected"], wanted["irrf"])
        assert near(found.due("2024-05"), expected["darf"])
        assert found.month("2024-05")["darf"] is None


def _opening_line(opening: dict[str, Any]) -> Cells:
    return line(
        opening.get("date", "2020-01-02"),
        "transfer_in",
        opening.get("ticker", "X"),
        opening["qty"],
        amount=opening["cost"],
    )


def test_corporate_actions(tmp_path: Path) -> None:
    inputs, expected = worked("CA-01")
    bonus, opening = inputs["bonus"], inputs["opening"]
    received = D(str(bonus["ratio"])) * opening["qty"]
    lines = [
        _opening_line(opening),
        line(bonus["date"], "bonus", opening["ticker"], received, bonus["unit_cost"]),
    ]
    held = positions(tmp_path, lines)[opening["ticker"]]
    assert near(held["total_cost"], expected["position"]["cost"])
    for name in ("CA-04", "CA-05"):
        inputs, expected = worked(name)
        pairs = zip(
            inputs.get("variants", [inputs]),
            expected.get("variants") or [expected["position"]],
            strict=True,
        )
        for given, wanted in pairs:
            lines = [
                _opening_line(given["opening"]),
                line("2020-03-02", "split", "X", ratio=given["split"]),
                line("2020-04-02", "sell", "X", wanted["qty"], 10),
            ]
            parts = taxed(tmp_path, 2020, lines).month("2020-04")["parts"]
            sale = next(part for part in parts if part["label"] == "sale")
            assert near(sale["params"]["average"], wanted["avg"])
            assert near(sale["params"]["cost"], wanted["cost"])


def test_bonus_fraction_auction(tmp_path: Path) -> None:
    inputs, expected = worked("CA-08")
    case, wanted = worked("CA-02")
    bonus, opening = case["bonus"], case["opening"]
    whole, fraction = divmod(D(str(bonus["ratio"])) * opening["qty"], 1)
    assert near(fraction, inputs["fraction"])
    lines = [
        _opening_line(opening),
        line("2020-03-02", "bonus", opening["ticker"], whole, bonus["unit_cost"]),
        line(
            "2020-04-02",
            "fraction_sale",
            opening["ticker"],
            inputs["fraction"],
            inputs["auction_price"],
        ),
    ]
    found = taxed(tmp_path, 2020, lines)
    month = found.month("2020-04")
    assert near(month["stock_sales"], expected["proceeds"])
    assert near(month["exempt_gain"], expected["result"])
    assert near(month["parts"][0]["params"]["cost"], expected["cost"])
    assert near(found.due("2020-04"), expected["tax_due"])
    held = positions(tmp_path, lines)[opening["ticker"]]
    assert near(held["total_cost"], wanted["position"]["cost"])


def test_lending(tmp_path: Path) -> None:
    inputs, expected = worked("LEND-01")
    lines = [
        line(
            f"{inputs['year']}-05-02",
            "lending_income",
            "X",
            amount=inputs["fee"],
            tax_withheld=None,
            note=f"{inputs['loan_days']} dias",
        )
    ]
    (only,) = taxed(tmp_path, inputs["year"], lines).answer["withheld_at_source"]
    assert near(only["expected"], expected["irrf"])
    assert near(D(only["gross"]) - D(only["expected"]), expected["net"])
    assert only["code"] == expected["dirpf_exclusive_code"]


@pytest.mark.parametrize("case", ["LATE-01", "LATE-02", "LATE-03", "LATE-05"])
def test_late_payment(case: str) -> None:
    inputs, expected = worked(case)
    rules = RuleBook.shipped()
    given = inputs.get("selic_monthly_pct", {})
    indexes = IndexTable(
        {
            "SELIC_MONTHLY": [
                (date.fromisoformat(f"{month}-01"), D(str(rate))) for month, rate in given.items()
            ]
        }
    )
    stated = inputs.get("interest_pct")
    late = late_charges(
        D(str(inputs["principal"])),
        date.fromisoformat(inputs["due"]),
        date.fromisoformat(inputs["paid"]),
        rules=rules,
        calendar=BankCalendar(rules),
        indexes=indexes,
        interest_rate=None if stated is None else Decimal(str(stated)) / 100,
    )
    assert late.days == expected["days"]
    assert near(late.fine_rate * 100, expected["fine_pct"])
    assert near(late.fine, expected["fine"])
    assert near(late.interest, expected["interest"])
    assert near(late.total, expected["total"])
    if "interest_pct" in expected:
        assert near(late.interest_rate * 100, expected["interest_pct"])
    if "fine_pct_uncapped" in expected:
        assert near(late.fine_rate_uncapped * 100, expected["fine_pct_uncapped"])
