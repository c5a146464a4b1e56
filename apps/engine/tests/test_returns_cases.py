"""The shared worked cases and ledgers of returns, to the tolerance they state."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from apps.engine.cli import main
from apps.engine.prices import FxTable, PriceTable
from apps.engine.returns import build, measure, rates, trades
from apps.engine.returns.income import income_by_asset, periodicity
from apps.engine.returns.money_weighted import irr
from apps.engine.tests.support import SHARED, D, ledger, needs_shared, row
from apps.engine.types import Account, Asset, Row

pytestmark = needs_shared


@cache
def _cases() -> dict[str, dict[str, Any]]:
    path = SHARED / "cases" / "returns.json"
    return {case["id"]: case for case in json.loads(path.read_text())["cases"]}


def _of_kind(*kinds: str) -> list[str]:
    if not SHARED.joinpath("cases").exists():
        return []
    return [name for name, case in _cases().items() if case["kind"] in kinds]


@pytest.mark.parametrize("name", _of_kind("irr"))
def test_irr(name: str) -> None:
    case = _cases()[name]
    flows = [(date.fromisoformat(day), amount) for day, amount in case["inputs"]["flows"]]
    rate, issue = irr(flows)
    assert issue is None
    assert rate == pytest.approx(case["expected"]["rate"], abs=case["tolerance"])


@pytest.mark.parametrize("name", _of_kind("volatility"))
def test_volatility(name: str) -> None:
    case = _cases()[name]
    inputs, expected = case["inputs"], case["expected"]
    returns = np.array(inputs["returns"], dtype=float)
    include = np.array(inputs.get("include", [1] * len(returns)), dtype=bool)
    if "dates" in inputs:
        days = np.array([date.fromisoformat(day).toordinal() for day in inputs["dates"]])
        totals = np.array(inputs["totals"])
        counted = rates.weekdays(days) & np.concatenate(([False], totals[:-1] > 0))
        assert (counted == include).all()
    whole, below = rates.deviations(returns, include)
    assert whole == pytest.approx(expected["std"], abs=case["tolerance"])
    assert below == pytest.approx(expected["semi"], abs=case["tolerance"])


@pytest.mark.parametrize("name", _of_kind("drawdown"))
def test_drawdown(name: str) -> None:
    case = _cases()[name]
    inputs, expected = case["inputs"], case["expected"]
    index = np.array(inputs["accumulated"], dtype=float) + 1.0
    first = date.fromisoformat(inputs["first_date"]).toordinal()
    days = np.arange(first, first + len(index))
    worst, _, longest = rates.drawdowns(index, days)
    if "max_drawdown" in expected:
        assert worst.depth == pytest.approx(expected["max_drawdown"], abs=case["tolerance"])
        assert longest == expected["max_duration_days"]
    else:
        found = rates.recovery_times(index, days)
        assert found is not None
        assert [day.isoformat() for day in found] == [
            expected["recovery_from"],
            expected["recovery_to"],
        ]


_KINDS = {
    "DEPOSIT": "deposit",
    "REMOVAL": "withdrawal",
    "INTEREST": "interest",
    "INTEREST_CHARGE": "interest",
    "FEES": "fee",
    "FEES_REFUND": "fee",
    "TAXES": "tax",
    "DIVIDENDS": "dividend",
    # Deliveries of the fixtures carry their own worth, so they are trades outside the cash.
    "BUY": "buy",
    "DELIVERY_INBOUND": "buy",
    "SELL": "sell",
    "DELIVERY_OUTBOUND": "sell",
}
_NEGATED = ("INTEREST_CHARGE", "FEES_REFUND")
_UNITS = ("buy", "sell", "short_sell", "cover")


def _in(currency: str, each: dict[str, Any]) -> tuple[str, float, float, float]:
    """Currency, gross, fees and tax of a fixture row: what was booked, or the foreign gross."""
    fees, tax = each.get("fees", 0), each.get("taxes", 0)
    net = each["amount"]
    buys = each["type"] in ("BUY", "DELIVERY_INBOUND")
    gross = net - fees - tax if buys else net + fees + tax
    forex = each.get("gross_forex")
    if forex:
        return forex["currency"], forex["amount"], fees / forex["rate"], tax / forex["rate"]
    return each["currency"], gross, fees, tax


def _rows(inputs: dict[str, Any], *, short: bool = False) -> list[Row]:
    rows = []
    for each in inputs["transactions"]:
        kind = _KINDS[each["type"]]
        if short and kind in _UNITS:
            kind = {"sell": "short_sell", "buy": "cover"}[kind]
        currency, gross, fees, tax = _in(inputs["currency"], each)
        if kind not in (*_UNITS, "dividend"):
            gross, fees, tax = each["amount"], 0, 0
        gross = -gross if each["type"] in _NEGATED else gross
        rows.append(
            row(
                each["date"],
                kind,
                each.get("security"),
                each.get("shares"),
                amount=round(gross, 10),
                fees=round(fees, 10),
                tax_withheld=round(tax, 10),
                currency=currency,
                account=each.get("account") or "A1",
            )
        )
    return ledger(*rows)


def _booked(
    inputs: dict[str, Any], foreign: str, series: list[tuple[date, Decimal]]
) -> list[tuple[date, Decimal]]:
    """The rates of a fixture with those its rows were booked at as those of their days: what was
    paid then is the cost, the series holds again from the next day on."""
    points = list(series)
    for each in inputs["transactions"]:
        forex = each.get("gross_forex")
        if forex and forex["currency"] == foreign and inputs["currency"] != foreign:
            day = date.fromisoformat(each["date"])
            after = [rate for when, rate in series if when <= day]
            points.append((day, D(str(forex["amount"])) / D(str(forex["booked"]))))
            points.append((day + timedelta(days=1), after[-1] if after else series[0][1]))
    return points


def _market(inputs: dict[str, Any]) -> tuple[dict[str, Asset], PriceTable, FxTable]:
    assets = {
        each["id"]: Asset(each["id"], currency=each["currency"]) for each in inputs["securities"]
    }
    first = date.fromisoformat(min(each["date"] for each in inputs["transactions"]))
    prices = {}
    for each in inputs["securities"]:
        points = [(date.fromisoformat(day), D(str(close))) for day, close in each["prices"]]
        # In the fixtures the first price also holds before its date.
        prices[each["id"]] = [(first, points[0][1]), *points] if points else []
    pairs = {}
    for name, points in inputs.get("fx", {}).items() if "fx" in inputs else ():
        if name != "rule":
            found = [(date.fromisoformat(day), D(str(rate))) for day, rate in points]
            pairs[(name[:3], name[3:])] = _booked(inputs, name[3:], found)
    return (
        assets,
        PriceTable({code: found for code, found in prices.items() if found}),
        FxTable(pairs),
    )


def _timeline(inputs: dict[str, Any], *, short: bool = False) -> Any:
    assets, prices, fx = _market(inputs)
    last = inputs.get("interval", [None, "2026-01-01"])[1]
    return build(
        _rows(inputs, short=short),
        assets,
        {"A1": Account("A1")},
        prices,
        fx,
        currency=inputs["currency"],
        start=date.fromisoformat(inputs["interval"][0]) if "interval" in inputs else None,
        end=date.fromisoformat(last),
    )


def _interval(inputs: dict[str, Any]) -> dict[str, date]:
    low, high = (date.fromisoformat(day) for day in inputs["interval"])
    return {"start": low, "end": high}


@pytest.mark.parametrize("name", _of_kind("client_index"))
def test_index_of_cash(name: str) -> None:
    case = _cases()[name]
    inputs, expected, near = case["inputs"], case["expected"], case["tolerance"]
    timeline = _timeline(inputs)
    figures = measure(timeline, **_interval(inputs), with_cash=True)
    daily = figures.daily
    if "delta" in expected:
        assert daily.rate == pytest.approx(expected["delta"], abs=near)
    if "accumulated" in expected:
        assert daily.index - 1.0 == pytest.approx(expected["accumulated"], abs=near)
    if "warnings" in expected:
        codes = [issue.code for issue in figures.issues]
        assert codes.count("return_without_base") == expected["warnings"]
    if "first_data_point" in expected:
        first = np.flatnonzero(daily.value)[0]
        found = daily.start + timedelta(days=int(first))
        assert found.isoformat() == expected["first_data_point"]


@pytest.mark.parametrize("name", _of_kind("categories"))
def test_parts_of_the_gain(name: str) -> None:
    case = _cases()[name]
    inputs, expected, near = case["inputs"], case["expected"], case["tolerance"]
    with_cash = not any(each.get("security") for each in inputs["transactions"])
    figures = measure(_timeline(inputs), **_interval(inputs), with_cash=with_cash)
    gain = figures.gain
    found = {
        "initial_value": figures.start_value,
        "final_value": figures.end_value,
        "capital_gains": gain.price_unrealised,
        "realized_capital_gains": gain.price_realised,
        "earnings": gain.income_gross,
        "fees": gain.fees,
        "taxes": gain.taxes,
        "transfers": figures.inflows - figures.outflows,
    }
    for key, value in expected.items():
        if key == "realized_capital_gains" or key in found:
            assert found[key] == pytest.approx(value, abs=near), key


def _security(case: dict[str, Any]) -> None:
    inputs, expected, near = case["inputs"], case["expected"], case["tolerance"]
    if "periodicity" in expected:
        days = [date.fromisoformat(each["date"]) for each in inputs["transactions"]]
        found = periodicity(days)
        assert (found.periodicity, found.events) == (
            expected["periodicity"],
            expected["dividend_events"],
        )
        return
    timeline = _timeline(inputs)
    if "dividend_yield_per_year" in expected:
        (total, _) = income_by_asset(timeline)
        assert total.yield_on_cost == pytest.approx(expected["dividend_yield_per_year"], abs=near)
        return
    figures = measure(timeline, end=date.fromisoformat(inputs["interval"][1]))
    gain = figures.gain
    found_figures = {
        "fifo_cost": figures.end_value - gain.fifo_unrealised,
        "ma_cost": figures.end_value - gain.price_unrealised,
        "realized_fifo": gain.fifo_realised,
        "realized_ma": gain.price_realised,
        "unrealized_fifo": gain.fifo_unrealised,
        "unrealized_ma": gain.price_unrealised,
        "realized_ma_forex": gain.currency_realised,
        "unrealized_ma_forex": gain.currency_unrealised,
    }
    for key, value in expected.items():
        if key in found_figures:
            assert found_figures[key] == pytest.approx(value, abs=near), key


@pytest.mark.parametrize("name", _of_kind("security_record"))
def test_security(name: str) -> None:
    _security(_cases()[name])


@pytest.mark.parametrize("name", _of_kind("trades"))
def test_trades(name: str) -> None:
    case = _cases()[name]
    inputs, near = case["inputs"], case["tolerance"]
    found = trades(_timeline(inputs, short=name == "trades_short"))
    assert len(found) == len(case["expected"]["trades"])
    for trade, expected in zip(found, case["expected"]["trades"], strict=True):
        figures = {
            "closed": trade.closed is not None,
            "long": trade.long,
            "shares": trade.units,
            "entry": trade.entry,
            "exit": trade.exit,
            "profit": trade.gain,
            "profit_gross": trade.gain_gross,
            "return": trade.rate,
            "irr": trade.irr,
        }
        for key, value in expected.items():
            assert figures[key] == pytest.approx(value, abs=near), key


_RATES = {"twr", "twr_annualised", "irr", "max_drawdown", "volatility"}


@pytest.mark.parametrize("name", ["A", "B"])
def test_another_program_agrees(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Rates to 1e-5 and values to 1e-6 relative, as the ledgers state. The sum of the fees is
    theirs rounded to cents row by row: half a cent for each of B's 4,288 trades at most."""
    folder: Path = SHARED / "bench" / name
    expected = json.loads((folder / "expected.json").read_text())
    args = [f"--{each}={folder / each}.csv.gz" for each in ("ledger", "prices", "fx")]
    assert main(["returns", *args, f"--assets={folder / 'assets.csv'}", "--currency", "USD"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["to"]) == (expected["from"], expected["to"])
    for key, value in expected["without_cash"].items():
        if isinstance(value, str):
            assert found[key] == value
        else:
            near = 1e-5 if key in _RATES else 1e-6
            assert float(found[key]) == pytest.approx(value, rel=near), key
    split, fifo = found["split"], found["fifo"]
    average = expected["moving_average"]
    assert float(split["price_realised"]) == pytest.approx(average["realised"], rel=1e-6)
    assert float(split["price_unrealised"]) == pytest.approx(average["unrealised"], rel=1e-6)
    assert float(fifo["realised"]) == pytest.approx(expected["fifo"]["realised"], rel=1e-6)
    assert float(fifo["unrealised"]) == pytest.approx(expected["fifo"]["unrealised"], rel=1e-6)
    assert float(split["income"]) == pytest.approx(expected["dividends"], rel=1e-6)
    assert float(split["fees"]) == pytest.approx(expected["fees"], abs=0.005 * 4288**0.5)
    assert found["issues"] == []
    parts = sum(float(each["contribution"]) for each in found["by_asset"])
    assert parts == pytest.approx(float(found["twr"]), abs=1e-11)
