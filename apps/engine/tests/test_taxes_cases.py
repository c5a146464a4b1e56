"""The shared worked tax cases of the exchange, through the ``taxes`` command.

Here what a month owes: average cost, the exemption, losses, day trades and short sales.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from apps.engine.taxes.rules import RuleBook
from apps.engine.tests.support import needs_shared
from apps.engine.tests.tax_case_support import (
    month_leaving,
    operations,
    sale_leaving,
    worked,
    year_of,
)
from apps.engine.tests.tax_support import Cells, D, a, line, near, positions, taxed

pytestmark = needs_shared

CLASSES = {"stock": "stock", "etf_equity": "etf", "bdr": "bdr", "stock+etf": "etf"}


@pytest.mark.parametrize("case", ["AVG-01", "AVG-04", "AVG-05"])
def test_average_cost(case: str, tmp_path: Path) -> None:
    inputs, expected = worked(case)
    lines = operations(inputs["operations"])
    month = lines[-1]["date"][:7]
    found = taxed(tmp_path, year_of(month), lines)
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
    inputs, expected = worked(case)
    lines = operations(inputs["operations"])
    held = positions(tmp_path, lines)[lines[0]["asset"]]
    assert near(held["quantity"], expected["position"]["qty"])
    assert near(held["total_cost"], expected["position"]["cost"])
    assert near(held["average_cost"], expected["position"]["avg"], D("0.000001"))
    if "cost_of_sold" in expected:
        month = lines[-1]["date"][:7]
        parts = taxed(tmp_path, year_of(month), lines).month(month)["parts"]
        sale = next(part for part in parts if part["label"] == "sale")
        assert near(sale["params"]["cost"], expected["cost_of_sold"])


@pytest.mark.parametrize("case", ["EX-01", "EX-02"])
def test_exemption(case: str, tmp_path: Path) -> None:
    inputs, expected = worked(case)
    gain = inputs.get("net_gain", inputs["stock_sales"] - inputs.get("cost", 0))
    month = inputs["month"]
    found = taxed(tmp_path, year_of(month), sale_leaving(month, "A", inputs["stock_sales"], gain))
    assert near(found.due(month), expected["tax_due"])
    assert near(found.month(month)["exempt_gain"], expected.get("exempt_gain", 0))
    assert near(found.bucket(month)["base"], expected.get("base", 0))
    if "dirpf_isento_code" in expected:
        rule = RuleBook.shipped().on("VAR-EX20K", date.fromisoformat(f"{month}-28"))
        assert rule.text("code") == expected["dirpf_isento_code"]


def test_loss_in_an_exempt_month(tmp_path: Path) -> None:
    inputs, expected = worked("EX-05")
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
        lines += sale_leaving(month, each["t"], 5000, each["r"])
    found = taxed(tmp_path, year_of(month), lines)
    common = found.bucket(month)
    assert near(common["result"], expected["month_result"])
    assert near(common["loss_after"], expected["common_loss_carried"])
    assert near(found.due(month), expected["tax_due"])


@pytest.mark.parametrize("case", ["EX-06", "BDR-01"])
def test_classes_without_exemption(case: str, tmp_path: Path) -> None:
    inputs, expected = worked(case)
    month = inputs["month"]
    lines: list[Cells] = []
    assets = []
    for each in inputs["sales"]:
        code = each["cls"].upper()
        assets.append(a(code, CLASSES[each["cls"]]))
        lines += sale_leaving(month, code, each["sales"], each["result"])
    found = taxed(tmp_path, year_of(month), lines, assets)
    assert near(found.month(month)["exempt_gain"], expected.get("exempt_gain", 0))
    assert near(found.bucket(month)["base"], expected["base"])
    assert near(found.due(month), expected["tax_due"])


@pytest.mark.parametrize("case", ["LOSS-01", "LOSS-02", "LOSS-03", "LOSS-05"])
def test_losses(case: str, tmp_path: Path) -> None:
    inputs, expected = worked(case)
    lines: list[Cells] = []
    assets: list[Cells] = []
    names = {"daytrade": "day_trade"}
    for each in inputs["months"]:
        results = each.get("results") or {each["bucket"]: each["result"]}
        for bucket, result in results.items():
            sales = each.get("stock_sales", each.get("sales"))
            own = month_leaving(each["m"], bucket, result, sales if bucket == "common" else 50_000)
            if bucket == "fii":
                assets.append(a(own[0]["asset"], "fii"))
            lines += own
    for each in expected["months"]:
        found = taxed(tmp_path, year_of(each["m"]), lines, assets)
        assert near(found.due(each["m"]), each["tax"])
        bucket = next(m.get("bucket", "common") for m in inputs["months"] if m["m"] == each["m"])
        carried = each.get("carried") or {bucket: each["loss_carried"]}
        for name, amount in carried.items():
            assert near(found.bucket(each["m"], names.get(name, name))["loss_after"], amount)
        if "base" in each:
            assert near(found.bucket(each["m"], names.get(bucket, bucket))["base"], each["base"])


def test_small_darf_accumulates(tmp_path: Path) -> None:
    inputs, expected = worked("LOSS-08")
    lines = [each for month in inputs["months"] for each in operations(month["ops"])]
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
    inputs, expected = worked(case)
    lines = operations(inputs["operations"])
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
    found = taxed(tmp_path, year_of(month), lines)
    own = found.month(month)
    assert near(found.bucket(month, "day_trade")["result"], expected["day_trade"]["result"])
    assert near(own["exempt_gain"], expected["common"]["result"])
    assert near(own["stock_sales"], expected["common"]["sales"])
    traded = [p["params"]["quantity"] for p in own["parts"] if p["label"] == "day_trade"]
    assert sum(map(D, traded)) == expected["day_trade"]["qty"]


def test_day_trade_with_estimated_withholding(tmp_path: Path) -> None:
    inputs, expected = worked("DT-05")
    lines = [{**each, "tax_withheld": None} for each in operations(inputs["operations"])]
    found = taxed(tmp_path, 2025, lines, estimate_irrf=True)
    bucket, wanted = found.bucket("2025-08", "day_trade"), expected["day_trade"]
    assert near(bucket["result"], wanted["result"])
    assert near(bucket["tax"], wanted["tax"])
    assert near(bucket["withheld"], wanted["irrf"])
    darf = found.month("2025-08")["darf"]
    assert near(darf["amount"], wanted["darf"])
    assert darf["due_date"] == wanted["due"]


def test_short_sale(tmp_path: Path) -> None:
    inputs, expected = worked("SHORT-01")
    found = taxed(tmp_path, 2025, operations(inputs["operations"]))
    for each in expected["months"]:
        assert near(found.due(each["m"]), each["tax"])
        assert near(found.bucket(each["m"])["base"], each.get("base", 0))
        if "due" in each:
            assert found.month(each["m"])["darf"]["due_date"] == each["due"]
