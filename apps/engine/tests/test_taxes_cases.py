"""The shared worked tax cases of the exchange, through the ``taxes`` command.

Each case keeps its own key names; the adapters below turn them into ledger lines. Where a case only
gives a result and a sales total, a purchase of the day before is made up that leaves that result.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.late import late_charges
from apps.engine.taxes.rules import RuleBook
from apps.engine.tests.support import SHARED, needs_shared
from apps.engine.tests.tax_support import Cells, D, a, line, near, positions, taxed

pytestmark = needs_shared

CLASSES = {"stock": "stock", "etf_equity": "etf", "bdr": "bdr", "stock+etf": "etf"}


@cache
def _cases() -> dict[str, dict[str, Any]]:
    path = SHARED / "cases" / "tax.json"
    return {case["id"]: case for case in json.loads(path.read_text())["cases"]}


def _case(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    case = _cases()[name]
    return case["inputs"], case["expected"]


def _operations(operations: list[dict[str, Any]]) -> list[Cells]:
    kinds = {"buy": "buy", "sell": "sell"}
    found = []
    for each in operations:
        kind = kinds[each["side"]]
        kind = "short_sell" if each.get("short") else "cover" if each.get("cover") else kind
        if each.get("price") is None:
            each = {**each, "price": 20}
        found.append(
            line(
                each["date"],
                kind,
                each["ticker"],
                each["qty"],
                each["price"],
                fees=each.get("fees", 0),
                account=each.get("broker", "main"),
            )
        )
    return found


def _sale(month: str, code: str, sales: Any, result: Any) -> list[Cells]:
    """A purchase of the month before and a sale that leave ``result``."""
    first = date.fromisoformat(f"{month}-01")
    bought = (first - timedelta(days=10)).isoformat()
    cost = D(str(sales)) - D(str(result))
    return [
        line(bought, "buy", code, 100, amount=cost),
        line(f"{month}-15", "sell", code, 100, amount=sales),
    ]


def _day_trade(month: str, code: str, result: Any) -> list[Cells]:
    return [
        line(f"{month}-16", "buy", code, 100, amount=50_000),
        line(f"{month}-16", "sell", code, 100, amount=D(50_000) + D(str(result))),
    ]


def _month_lines(month: str, bucket: str, result: Any, sales: Any = None) -> list[Cells]:
    code = f"{bucket.upper()}{month.replace('-', '')}"
    if bucket == "daytrade":
        return _day_trade(month, code, result)
    return _sale(month, code, 50_000 if sales is None else sales, result)


def _year(name: str) -> int:
    return int(name[:4])


@pytest.mark.parametrize("case", ["AVG-01", "AVG-04", "AVG-05"])
def test_average_cost(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    lines = _operations(inputs["operations"])
    month = lines[-1]["date"][:7]
    found = taxed(tmp_path, _year(month), lines)
    own = found.month(month)
    assert near(own["tax_due"], expected["tax_due"])
    sale = next(part for part in own["parts"] if part["label"] == "sale")
    assert near(sale["amount"], expected["sale_result"])
    if "month_stock_sales" in expected:
        assert near(own["stock_sales"], expected["month_stock_sales"])
    if "exempt_gain" in expected:
        assert near(own["exempt_gain"], expected["exempt_gain"])
    average = expected.get("avg", expected.get("avg_before_sale"))
    if average is not None:
        assert near(sale["params"]["average"], average)
    held = positions(tmp_path, lines)[lines[0]["asset"]]
    assert near(held["total_cost"], expected["position"]["cost"])


@pytest.mark.parametrize("case", ["AVG-02", "AVG-03"])
def test_average_cost_of_positions(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    lines = _operations(inputs["operations"])
    held = positions(tmp_path, lines)[lines[0]["asset"]]
    assert near(held["quantity"], expected["position"]["qty"])
    assert near(held["total_cost"], expected["position"]["cost"])
    assert near(held["average_cost"], expected["position"]["avg"], D("0.000001"))
    if "cost_of_sold" in expected:
        month = lines[-1]["date"][:7]
        parts = taxed(tmp_path, _year(month), lines).month(month)["parts"]
        sale = next(part for part in parts if part["label"] == "sale")
        assert near(sale["params"]["cost"], expected["cost_of_sold"])


@pytest.mark.parametrize("case", ["EX-01", "EX-02"])
def test_exemption(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    gain = inputs.get("net_gain", inputs["stock_sales"] - inputs.get("cost", 0))
    month = inputs["month"]
    found = taxed(tmp_path, _year(month), _sale(month, "A", inputs["stock_sales"], gain))
    assert near(found.due(month), expected["tax_due"])
    assert near(found.month(month)["exempt_gain"], expected.get("exempt_gain", 0))
    assert near(found.bucket(month)["base"], expected.get("base", 0))
    if "dirpf_isento_code" in expected:
        rule = RuleBook.shipped().on("VAR-EX20K", date.fromisoformat(f"{month}-28"))
        assert rule.text("code") == expected["dirpf_isento_code"]


def test_loss_in_an_exempt_month(tmp_path: Path) -> None:
    inputs, expected = _case("EX-05")
    month = inputs["month"]
    lines = [
        line(
            "2023-12-31",
            "opening_loss",
            "",
            amount=inputs["opening"]["common_loss"],
            bucket="common",
        )
    ]
    for each in inputs["results"]:
        lines += _sale(month, each["t"], 5000, each["r"])
    found = taxed(tmp_path, _year(month), lines)
    common = found.bucket(month)
    assert near(common["result"], expected["month_result"])
    assert near(common["loss_after"], expected["common_loss_carried"])
    assert near(found.due(month), expected["tax_due"])


@pytest.mark.parametrize("case", ["EX-06", "BDR-01"])
def test_classes_without_exemption(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    month = inputs["month"]
    lines: list[Cells] = []
    assets = []
    for each in inputs["sales"]:
        code = each["cls"].upper()
        assets.append(a(code, CLASSES[each["cls"]]))
        lines += _sale(month, code, each["sales"], each["result"])
    found = taxed(tmp_path, _year(month), lines, assets)
    assert near(found.month(month)["exempt_gain"], expected.get("exempt_gain", 0))
    assert near(found.bucket(month)["base"], expected["base"])
    assert near(found.due(month), expected["tax_due"])


@pytest.mark.parametrize("case", ["LOSS-01", "LOSS-02", "LOSS-03", "LOSS-05"])
def test_losses(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    lines: list[Cells] = []
    assets: list[Cells] = []
    names = {"daytrade": "day_trade"}
    for each in inputs["months"]:
        results = each.get("results") or {each["bucket"]: each["result"]}
        for bucket, result in results.items():
            sales = each.get("stock_sales", each.get("sales"))
            own = _month_lines(each["m"], bucket, result, sales if bucket == "common" else 50_000)
            if bucket == "fii":
                assets.append(a(own[0]["asset"], "fii"))
            lines += own
    for each in expected["months"]:
        found = taxed(tmp_path, _year(each["m"]), lines, assets)
        assert near(found.due(each["m"]), each["tax"])
        bucket = next(m.get("bucket", "common") for m in inputs["months"] if m["m"] == each["m"])
        carried = each.get("carried") or {bucket: each["loss_carried"]}
        for name, amount in carried.items():
            assert near(found.bucket(each["m"], names.get(name, name))["loss_after"], amount)
        if "base" in each:
            assert near(found.bucket(each["m"], names.get(bucket, bucket))["base"], each["base"])


def test_small_darf_accumulates(tmp_path: Path) -> None:
    inputs, expected = _case("LOSS-08")
    lines = [each for month in inputs["months"] for each in _operations(month["ops"])]
    found = taxed(tmp_path, 2026, lines)
    for each in expected["months"]:
        darf = found.month(each["m"])["darf"]
        assert near(found.due(each["m"]), each["tax"])
        assert near(darf["amount"], each["darf"])
        assert near(darf["carried_out"], each.get("carried_to_next", 0))
        if "due" in each:
            assert darf["due_date"] == each["due"]


@pytest.mark.parametrize("case", ["DT-02", "DT-04"])
def test_day_trade_and_common(case: str, tmp_path: Path) -> None:
    inputs, expected = _case(case)
    lines = _operations(inputs["operations"])
    if "opening" in inputs:
        opening = inputs["opening"]
        lines.insert(
            0,
            line(
                "2024-12-30",
                "transfer_in",
                opening["ticker"],
                opening["qty"],
                amount=opening["cost"],
                account=opening["broker"],
            ),
        )
    month = lines[-1]["date"][:7]
    found = taxed(tmp_path, _year(month), lines)
    own = found.month(month)
    assert near(found.bucket(month, "day_trade")["result"], expected["day_trade"]["result"])
    assert near(own["exempt_gain"], expected["common"]["result"])
    assert near(own["stock_sales"], expected["common"]["sales"])
    traded = [p["params"]["quantity"] for p in own["parts"] if p["label"] == "day_trade"]
    assert sum(map(D, traded)) == expected["day_trade"]["qty"]


def test_day_trade_with_estimated_withholding(tmp_path: Path) -> None:
    inputs, expected = _case("DT-05")
    lines = [{**each, "tax_withheld": None} for each in _operations(inputs["operations"])]
    found = taxed(tmp_path, 2025, lines, estimate_irrf=True)
    bucket, wanted = found.bucket("2025-08", "day_trade"), expected["day_trade"]
    assert near(bucket["result"], wanted["result"])
    assert near(bucket["tax"], wanted["tax"])
    assert near(bucket["withheld"], wanted["irrf"])
    darf = found.month("2025-08")["darf"]
    assert near(darf["amount"], wanted["darf"])
    assert darf["due_date"] == wanted["due"]


def test_short_sale(tmp_path: Path) -> None:
    inputs, expected = _case("SHORT-01")
    found = taxed(tmp_path, 2025, _operations(inputs["operations"]))
    for each in expected["months"]:
        assert near(found.due(each["m"]), each["tax"])
        assert near(found.bucket(each["m"])["base"], each.get("base", 0))
        if "due" in each:
            assert found.month(each["m"])["darf"]["due_date"] == each["due"]


def _option(kind: str, strike: Any) -> list[Cells]:
    option = a("OPT", "option", underlying="ACAO4", option_type=kind, strike=strike)
    return [{**option, "expiry": "2024-06-21"}, a("ACAO4", "stock")]


def test_put_holder_exercises(tmp_path: Path) -> None:
    inputs, expected = _case("OPT-01")
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
    inputs, expected = _case("OPT-02")
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
    inputs, expected = _case(case)
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
    inputs, expected = _case("OPT-06")
    lines = [
        line("2024-05-02", "short_sell", "OPT", 100, amount=inputs["premium_total"]),
        line("2024-06-21", "expiry", "OPT", 100),
    ]
    found = taxed(tmp_path, 2024, lines, _option("put", 10))
    assert near(found.bucket("2024-06")["result"], expected["gain"])
    assert near(found.due("2024-06"), expected["tax_due"])


def test_option_bought_and_sold(tmp_path: Path) -> None:
    inputs, expected = _case("OPT-07")
    found = taxed(tmp_path, 2024, _operations(inputs["operations"]), [a("CALL", "option")])
    assert near(found.bucket("2024-05")["result"], expected["gain"])
    assert near(found.due("2024-05"), expected["tax_due"])


def test_future_over_two_days(tmp_path: Path) -> None:
    inputs, expected = _case("FUT-01")
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
    inputs, expected = _case("TERMO-01")
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
    inputs, expected = _case("FII-01")
    lines = _operations(inputs["operations"])
    assets = [a("FII11", "fii")]
    found = taxed(tmp_path, 2023, lines, assets)
    assert near(found.bucket("2023-05", "fii")["result"], expected["gain"])
    assert near(found.due("2023-05"), expected["tax_due"])
    darf = found.month("2023-05")["darf"]
    assert (darf["due_date"], darf["code"]) == (expected["due"], expected["darf_code"])
    assert near(positions(tmp_path, lines, assets)["FII11"]["total_cost"], 10500)


def test_fii_gain_is_never_exempt(tmp_path: Path) -> None:
    inputs, expected = _case("FII-02")
    month = inputs["month"]
    found = taxed(tmp_path, 2017, _sale(month, "F11", 1000, inputs["fii_gain"]), [a("F11", "fii")])
    assert near(found.due(month), expected["tax_due"])
    assert near(found.month(month)["exempt_gain"], 0)


def test_fii_loss_then_gain(tmp_path: Path) -> None:
    inputs, expected = _case("FII-03")
    found = taxed(tmp_path, 2020, _operations(inputs["operations"]), [a("XPTO11", "fii")])
    for each in expected["months"]:
        bucket = found.bucket(each["m"], "fii")
        assert near(bucket["result"], each["result"])
        assert near(bucket["loss_after"], each["fii_loss"])
        assert near(found.due(each["m"]), each["tax"])


def test_fii_subscription_and_amortisation(tmp_path: Path) -> None:
    inputs, expected = _case("FII-04")
    opening, new = inputs["opening"], inputs["subscription"]
    arrival = line("2024-01-02", "transfer_in", "F11", opening["qty"], amount=opening["cost"])
    lines = [arrival, line("2024-02-01", "subscription", "F11", new["qty"], new["price"])]
    held = positions(tmp_path, lines, [a("F11", "fii")])["F11"]
    assert near(held["total_cost"], expected["position"]["cost"])

    inputs, expected = _case("FII-06")
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
    inputs, expected = _case("ETF-01")
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
    inputs, expected = _case("CA-01")
    bonus, opening = inputs["bonus"], inputs["opening"]
    received = D(str(bonus["ratio"])) * opening["qty"]
    lines = [
        _opening_line(opening),
        line(bonus["date"], "bonus", opening["ticker"], received, bonus["unit_cost"]),
    ]
    held = positions(tmp_path, lines)[opening["ticker"]]
    assert near(held["total_cost"], expected["position"]["cost"])
    for name in ("CA-04", "CA-05"):
        inputs, expected = _case(name)
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
    inputs, expected = _case("CA-08")
    case, wanted = _case("CA-02")
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
    inputs, expected = _case("LEND-01")
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
    inputs, expected = _case(case)
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
