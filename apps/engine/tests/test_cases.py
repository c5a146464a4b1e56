"""The shared worked cases, through the public engine.

Each case keeps its own key names; the adapters below turn them into ledger rows. Figures agree to
half a cent (unit averages to the digits the case states).
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from apps.engine import fixed_income as fi
from apps.engine.holdings import Holding, fold
from apps.engine.io import read_assets, read_fx, read_ledger, read_prices
from apps.engine.prices import FxTable, PriceTable
from apps.engine.tests.support import SHARED, D, folded, held, needs_shared, row
from apps.engine.types import Asset, Row
from apps.engine.valuation import totals, value

pytestmark = needs_shared

HALF_CENT = D("0.005")


@cache
def _cases(name: str) -> dict[str, dict[str, Any]]:
    path = SHARED / "cases" / f"{name}.json"
    return {case["id"]: case for case in json.loads(path.read_text())["cases"]}


def near(found: Decimal | None, expected: float, tolerance: Decimal = HALF_CENT) -> bool:
    assert found is not None
    return abs(found - D(str(expected))) <= tolerance


def _operations(inputs: dict[str, Any]) -> tuple[str, list[Row]]:
    rows = []
    for each in inputs["operations"]:
        code = each["ticker"]
        price = each.get("price")
        rows.append(
            row(each["date"], each["side"], code, each["qty"], price, fees=each.get("fees", 0))
        )
    return code, rows


def _position(holding: Holding, expected: dict[str, float]) -> None:
    assert near(holding.quantity, expected["qty"])
    assert near(holding.total_cost, expected["cost"])
    assert near(holding.average_cost, expected["avg"], D("0.000001"))


@pytest.mark.parametrize("case", ["AVG-01", "AVG-02", "AVG-03", "AVG-04", "AVG-05"])
def test_average_cost(case: str) -> None:
    found = _cases("tax")[case]
    code, rows = _operations(found["inputs"])
    expected = found["expected"]
    result = folded(*rows)
    holding = held(result, code)
    _position(holding, expected["position"])
    if "sale_result" in expected:
        assert near(holding.realised_gain, expected["sale_result"])
    last = holding.steps[-1]
    if "cost_of_sold" in expected:
        assert near(last.cost_delta, -expected["cost_of_sold"])
    before = last.params.get("average_before")
    for key in ("avg_before_sale", "avg"):
        if key in expected and last.kind == "sell":
            assert near(before, expected[key], D("0.000001"))
    if "month_stock_sales" in expected:
        assert last.params["amount"] == D(str(expected["month_stock_sales"]))


def _opening(inputs: dict[str, Any]) -> Row:
    opening = inputs["opening"]
    day = opening.get("date", "2020-01-02")
    code = opening.get("ticker", "X")
    return row(day, "transfer_in", code, opening["qty"], amount=opening["cost"])


def test_bonus_shares() -> None:
    case = _cases("tax")["CA-01"]
    bonus = case["inputs"]["bonus"]
    opening = _opening(case["inputs"])
    received = D(str(bonus["ratio"])) * opening.quantity
    result = folded(
        opening, row(bonus["date"], "bonus", opening.asset, received, bonus["unit_cost"])
    )
    holding = held(result, opening.asset)
    _position(holding, case["expected"]["position"])
    assert near(holding.steps[-1].cost_delta, case["expected"]["exempt_income"])


def test_bonus_with_fraction_and_its_auction() -> None:
    case, auction = _cases("tax")["CA-02"], _cases("tax")["CA-08"]
    bonus = case["inputs"]["bonus"]
    opening = _opening(case["inputs"])
    received = D(str(bonus["ratio"])) * opening.quantity
    whole, fraction = divmod(received, 1)
    assert fraction == D(str(case["expected"]["fraction"]))
    assert auction["inputs"]["cost_per_unit"] == bonus["unit_cost"]
    rows = [
        opening,
        row("2020-03-01", "bonus", opening.asset, whole, bonus["unit_cost"]),
        row(
            "2020-04-01",
            "fraction_sale",
            opening.asset,
            auction["inputs"]["fraction"],
            auction["inputs"]["auction_price"],
        ),
    ]
    holding = held(folded(*rows), opening.asset)
    _position(holding, case["expected"]["position"])
    assert near(holding.realised_gain, auction["expected"]["result"])
    assert near(folded(*rows).cash[("main", "BRL")], auction["expected"]["proceeds"])


def test_splits() -> None:
    case = _cases("tax")["CA-04"]
    pairs = zip(case["inputs"]["variants"], case["expected"]["variants"], strict=True)
    single = _cases("tax")["CA-05"]
    for inputs, expected in [*pairs, (single["inputs"], single["expected"]["position"])]:
        result = folded(_opening(inputs), row("2020-03-01", "split", "X", ratio=inputs["split"]))
        _position(held(result, "X"), expected)


def test_treasury_prices() -> None:
    cases = _cases("tax")
    given, expected = cases["RF-01"]["inputs"], cases["RF-01"]["expected"]
    price = fi.ltn_price(D(str(given["rate_aa"])), given["business_days"], D(str(given["face"])))
    assert price == D(str(expected["price"]))

    given, expected = cases["RF-02"]["inputs"], cases["RF-02"]["expected"]
    vna, factor = D(str(given["vna"])), D(str(given["selic_factor"]))
    spread = D(str(given["spread_aa"]))
    assert near(vna * factor, expected["vna_projected"])
    quote = 1 / fi.yearly_factor(spread, given["business_days"])
    assert near(quote, expected["quote"], D("0.000000005"))
    assert near(fi.lft_price(vna, factor, spread, given["business_days"]), expected["price"])

    given, expected = cases["RF-03"]["inputs"], cases["RF-03"]["expected"]
    above, below = given["projection_fraction"].split("/")
    rate, days = D(str(given["rate_aa"])), given["business_days"]
    assert fi.ntnb_quote(rate, days) == D(str(expected["quote_pct"]))
    found = fi.ntnb_price(
        D(str(given["vna"])), D(str(given["ipca_projected"])), D(above) / D(below), rate, days
    )
    assert found == D(str(expected["price"]))


def test_percent_of_cdi() -> None:
    case = _cases("tax")["RF-04"]
    rates = [D(str(rate)) for rate in case["inputs"]["sgs_12_pct_day"].values()]
    principal = D(str(case["inputs"]["principal"]))
    for percent, expected in zip(
        case["inputs"]["variants"], case["expected"]["variants"], strict=True
    ):
        factor = fi.daily_factor(rates, D(str(percent)))
        assert near(factor, expected["factor"], D("0.000000005"))
        assert near(fi.round_half_up(principal * factor, 2), expected["value"])


_TYPES = {
    "BUY": "buy",
    "SELL": "sell",
    "DELIVERY_INBOUND": "buy",
    "DELIVERY_OUTBOUND": "sell",
}


def _security_record(case: dict[str, Any]) -> tuple[Holding, list[Any]]:
    """Fold a returns case in its currency and value it at the end of its interval.

    Fixtures let the first price and the first rate hold before their date: tables are extended
    backwards to say so.
    """
    inputs = case["inputs"]
    rows = [
        row(
            each["date"],
            _TYPES[each["type"]],
            each["security"],
            each["shares"],
            amount=each["amount"],
            currency=each["currency"],
        )
        for each in inputs["transactions"]
    ]
    assets = {
        each["id"]: Asset(each["id"], currency=each["currency"]) for each in inputs["securities"]
    }
    first = date(1990, 1, 1)

    def points(series: list[list[Any]]) -> list[tuple[date, Decimal]]:
        found = [(date.fromisoformat(day), D(str(number))) for day, number in series]
        return [(first, found[0][1]), *found] if found else []

    prices = PriceTable({each["id"]: points(each["prices"]) for each in inputs["securities"]})
    rates = {key: series for key, series in inputs.get("fx", {}).items() if key != "rule"}
    fx = FxTable({(pair[:3], pair[3:]): points(series) for pair, series in rates.items()})
    on = date.fromisoformat(inputs["interval"][1])
    result = folded(*rows, assets={}, currency=inputs["currency"], fx=fx, on=on)
    valued = value(result, prices, fx, on=on, currency=inputs["currency"], assets=assets)
    return held(result, "S1"), valued


@pytest.mark.parametrize(
    "name",
    [
        "cost_and_gains_one_lot",
        "cost_and_gains_two_lots",
        "cost_rounding_removed",
        "cost_zero_twice",
        "gains_forex",
    ],
)
def test_moving_average_and_fifo(name: str) -> None:
    case = _cases("returns")[name]
    holding, (valued,) = _security_record(case)
    found = {
        "fifo_cost": holding.fifo_cost,
        "ma_cost": holding.total_cost,
        "realized_fifo": holding.fifo_realised,
        "realized_ma": holding.realised_gain,
        "unrealized_fifo": valued.fifo_unrealised,
        "unrealized_ma": valued.unrealised_gain,
        "shares": holding.quantity,
    }
    checked = 0
    for key, expected in case["expected"].items():
        if key in found:
            assert near(found[key], expected, D(str(case["tolerance"]))), key
            checked += 1
    assert checked >= 3


@pytest.mark.parametrize("size", ["A", "B"])
def test_gains_of_the_benchmark_ledgers(size: str) -> None:
    # The other program leaves fees out of its gains and books every amount in cents.
    folder = SHARED / "bench" / size
    expected = json.loads((folder / "expected.json").read_text())
    assets, _ = read_assets(str(folder / "assets.csv"))
    ledger = read_ledger(str(folder / "ledger.csv.gz"), assets)
    fx, _ = read_fx(str(folder / "fx.csv.gz"))
    on = date.fromisoformat(expected["to"])
    prices, _ = read_prices(str(folder / "prices.csv.gz"), on)
    assert ledger.issues == []
    from dataclasses import replace

    rows = [replace(each, fees=D(0)) for each in ledger.rows]
    currency = expected["currency"]
    result = fold(rows, assets, {}, currency=currency, fx=fx, on=on)
    valued = value(result, prices, fx, on=on, currency=currency, assets=assets)
    sums = totals(valued, result, fx, on=on, currency=currency)
    fifo_realised = sum((h.fifo_realised or D(0) for h in result.holdings.values()), D(0))
    fifo_unrealised = sum((v.fifo_unrealised or D(0) for v in valued), D(0))

    def agrees(found: Decimal | None, wanted: float) -> bool:
        assert found is not None
        return abs(found / D(str(wanted)) - 1) < D("0.000001")

    assert agrees(sums.realised_gain, expected["moving_average"]["realised"])
    assert agrees(sums.unrealised_gain, expected["moving_average"]["unrealised"])
    assert agrees(fifo_realised, expected["fifo"]["realised"])
    assert agrees(fifo_unrealised, expected["fifo"]["unrealised"])
    assert agrees(sums.market_value, expected["without_cash"]["end_value"])
    assert agrees(sums.income, expected["dividends"])
    with_fees = fold(ledger.rows, assets, {}, currency=currency, fx=fx, on=on)
    fees = sum((h.fees for h in with_fees.holdings.values()), D(0))
    # each fee, converted, was rounded to a cent there: half a cent at most, mostly cancelling
    assert abs(fees - D(str(expected["fees"]))) < HALF_CENT * 50
