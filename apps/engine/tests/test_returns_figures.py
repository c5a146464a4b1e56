"""Risk, benchmarks, months and income: the worked examples of the user guide, and a few more."""

from __future__ import annotations

import json
from datetime import date, timedelta
from math import exp, sqrt
from pathlib import Path

import numpy as np
import pytest

from apps.engine.cli import main
from apps.engine.prices import IndexTable
from apps.engine.returns import (
    PriceGrid,
    StoreError,
    benchmarks,
    columns_of,
    concentration,
    from_bytes,
    heat_map,
    income_by_asset,
    income_by_month,
    measure,
    periodicity,
    rates,
    rolling,
    table_by,
    to_bytes,
    trades,
)
from apps.engine.returns.files import price_arrays, read_price_arrays
from apps.engine.returns.money_weighted import irr, irr_of_each
from apps.engine.tests.returns_support import day, laid, prices
from apps.engine.tests.returns_support import rates as fx_rates
from apps.engine.tests.support import D, ledger, row


def _days(count: int) -> np.ndarray:
    first = date(2024, 1, 1).toordinal()
    return np.arange(first, first + count)


def test_volatility_on_paper() -> None:
    whole, below = rates.deviations(np.array([exp(0.01) - 1, exp(-0.01) - 1]))
    assert whole == pytest.approx(0.02)
    assert below == pytest.approx(0.01 * sqrt(2))
    assert rates.deviations(np.array([0.1])) == (0.0, 0.0)


def test_money_weighted_return_on_paper() -> None:
    one, _ = irr([(date(2010, 1, 1), -200), (date(2010, 12, 31), 210)])
    assert one == pytest.approx(1.05 ** (365 / 364) - 1)
    first = date(2021, 1, 1)
    year = timedelta(days=365)
    found, why = irr([(first, -100), (first + year, 230), (first + 2 * year, -132)])
    assert (found, why and why.code) == (None, "irr_several")
    found, why = irr([(first, -100), (first + year, -5)])
    assert (found, why and why.code) == (None, "irr_none")


def test_money_weighted_returns_of_many_lists_at_once() -> None:
    # A year each: +5 %; nothing at all; only paid in; two rates (10 % and 20 %, which the first
    # year's 230 of 100 paid and the second's 132 due allow); lost half; paid and got back at once.
    lists = [
        [(0, -200.0), (365, 210.0)],
        [],
        [(0, -100.0), (365, -5.0)],
        [(0, -100.0), (365, 230.0), (730, -132.0)],
        [(10, -100.0), (375, 50.0)],
        [(7, 1e-12), (8, -1e-12)],
    ]
    flows = [each for several in lists for each in several]
    rates_found, roots = irr_of_each(
        np.array([amount for _, amount in flows]),
        np.array([day for day, _ in flows]),
        np.array([len(several) for several in lists]),
    )
    assert rates_found[0] == pytest.approx(0.05)
    assert rates_found[4] == pytest.approx(-0.5)
    assert [rates_found[place] for place in (1, 2, 3, 5)] == [None] * 4
    assert roots == [1, 0, 0, 2, 1, 0]


def test_drawdown_on_paper() -> None:
    worst, now, longest = rates.drawdowns(np.array([1.0, 1.2, 0.9, 1.2, 1.1]), _days(5))
    assert worst.depth == pytest.approx(0.25)
    assert (worst.peak, worst.trough) == (date(2024, 1, 2), date(2024, 1, 3))
    assert worst.recovery == date(2024, 1, 4)
    assert now.depth == pytest.approx(1 - 1.1 / 1.2)
    assert (now.peak, now.recovery) == (date(2024, 1, 4), None)
    assert longest == 3
    still, _, _ = rates.drawdowns(np.ones(3), _days(3))
    assert (still.depth, still.peak) == (0.0, still.trough)


def test_value_at_risk_on_paper() -> None:
    losses = -np.arange(1, 101) / 1000
    assert rates.value_at_risk(losses, 0.95) == pytest.approx(0.096)
    assert rates.value_at_risk(losses[:19], 0.95) is None
    assert rates.value_at_risk(-losses, 0.95) == 0.0


def test_beta_on_paper() -> None:
    logs = np.array([0.01, -0.02, 0.03])
    beta, correlation, tracking = rates.regression(np.expm1(2 * logs), np.expm1(logs))
    assert (beta, correlation) == (pytest.approx(2), pytest.approx(1))
    assert tracking == pytest.approx(logs.std(ddof=1) * sqrt(252))
    assert rates.regression(logs, np.zeros(3))[:2] == (None, None)


def _two_assets() -> object:
    return laid(
        row("2024-01-02", "buy", "A", 10, 10),
        row("2024-01-02", "buy", "B", 10, 10),
        prices=prices(
            A={"2024-01-02": 10, "2024-01-03": 11}, B={"2024-01-02": 10, "2024-01-04": 12.1}
        ),
    )


def test_contributions_on_paper() -> None:
    timeline = _two_assets()
    parts = {each.key: each.contribution for each in table_by(timeline, "asset")}
    assert parts == {"A": pytest.approx(0.05), "B": pytest.approx(0.105)}
    assert measure(timeline).twr == pytest.approx(0.155)


def test_concentration_on_paper() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 5, 10),
        row("2024-01-02", "buy", "B", 3, 10),
        row("2024-01-02", "buy", "C", 2, 10),
        end="2024-01-03",
    )
    found = concentration(table_by(timeline, "asset"))
    assert found.hhi == pytest.approx(0.38)
    assert found.effective == pytest.approx(1 / 0.38)
    assert found.top[1] == pytest.approx(0.5)
    assert [key for key, _ in found.shares] == ["A", "B", "C"]


def test_daily_rates_count_from_the_next_day() -> None:
    timeline = laid(row("2024-01-02", "buy", "A", 1, 10), end="2024-01-05")
    cdi = IndexTable({"CDI": [(day("2024-01-02"), D("0.04")), (day("2024-01-03"), D("0.05"))]})
    levels = benchmarks.daily_rate(timeline, cdi, "CDI", 1.1).levels
    assert levels[:2] == pytest.approx([1, 1])
    assert levels[2] == pytest.approx(1.00044)
    assert levels[3:] == pytest.approx([1.00044 * 1.00055] * 2)
    missing = benchmarks.daily_rate(timeline, IndexTable(), "SELIC")
    assert [issue.code for issue in missing.issues] == ["benchmark_missing"]


def test_inflation_and_a_spread() -> None:
    timeline = laid(row("2024-01-01", "buy", "A", 1, 10), end="2024-12-30")
    ipca = IndexTable({"IPCA": [(date(2024, month, 1), D("0.5")) for month in range(1, 13)]})
    levels = benchmarks.monthly_rate(timeline, ipca, spread=0.06)
    # 31 January: the whole month and 31 days of 6 % a year.
    assert levels.levels[31] == pytest.approx(1.005 * 1.06 ** (31 / 365))
    assert levels.levels[-1] == pytest.approx(1.005 ** (11 + 30 / 31) * 1.06)


def test_the_same_money_in_a_benchmark() -> None:
    timeline = laid(
        row("2024-01-03", "buy", "A", 10, 10),
        row("2024-01-04", "buy", "A", 11, 10),
        prices=prices(A={"2024-01-03": 10, "2024-01-04": 10}),
    )
    index = IndexTable(
        {
            "IBOV": [
                (day("2024-01-02"), D(100)),
                (day("2024-01-03"), D(110)),
                (day("2024-01-04"), D(121)),
            ]
        }
    )
    levels = benchmarks.points(timeline, index, "IBOV")
    found = measure(timeline, benchmarks={"IBOV": levels}).comparisons["IBOV"]
    assert found.end_value == pytest.approx(242)
    assert found.gain == pytest.approx(32)
    assert found.twr == pytest.approx(0.21)
    assert found.excess == pytest.approx(1 / 1.21 - 1)
    dollars = benchmarks.points(
        timeline,
        index,
        "IBOV",
        currency="USD",
        fx=fx_rates("USDBRL", {"2024-01-02": 5, "2024-01-04": 6}),
    )
    assert dollars.growth(0, 2) == pytest.approx(1.21 * 1.2 - 1)
    same = benchmarks.asset(timeline, prices(A={"2024-01-02": 10, "2024-01-04": 11}), "A")
    assert same.growth(0, 2) == pytest.approx(0.1)


def test_sharpe_over_a_fixed_rate() -> None:
    closes = {"2024-01-01": 10.0}
    for place in range(1, 366):
        when = (date(2024, 1, 1) + timedelta(days=place)).isoformat()
        closes[when] = closes["2024-01-01"] * (1 + 0.15 * place / 365 + 0.01 * (place % 2))
    timeline = laid(row("2024-01-01", "buy", "A", 1, 10), prices=prices(A=closes))
    free = benchmarks.constant(timeline, 0.10)
    figures = measure(timeline, risk_free=free)
    risk = figures.risk
    assert risk.risk_free == pytest.approx(0.10)
    excess = (figures.twr_annualised or 0) - 0.10
    assert risk.sharpe == pytest.approx(excess / risk.volatility_annualised)
    assert risk.sortino == pytest.approx(excess / risk.downside_annualised)
    assert measure(timeline).risk.sharpe is None


def test_months_and_years_chain_to_the_whole() -> None:
    timeline = laid(
        row("2023-12-15", "buy", "A", 10, 10),
        prices=prices(
            A={
                "2023-12-15": 10,
                "2023-12-29": 11,
                "2024-01-31": 12.1,
                "2024-02-10": 12,
                "2024-02-15": 13.31,
            }
        ),
    )
    figures = measure(timeline)
    cells = {(cell.year, cell.month): cell for cell in heat_map(figures.daily)}
    assert cells[(2023, 12)].rate == pytest.approx(0.1)
    assert cells[(2024, 1)].rate == pytest.approx(0.1)
    assert cells[(2024, 1)].complete
    assert not cells[(2024, 2)].complete
    assert cells[(2024, 0)].rate == pytest.approx(0.21)
    assert figures.risk.best_month is not None
    window = rolling(figures.daily, 31)
    assert window.start == timeline.start + timedelta(days=31)
    assert window.rate[-1] == pytest.approx(13.31 / 11 - 1)
    assert len(rolling(figures.daily, 500).rate) == 0


def test_income_yield_and_growth() -> None:
    timeline = laid(
        row("2022-06-01", "buy", "A", 10, 10),
        row("2023-05-10", "dividend", "A", amount=8),
        row("2024-05-10", "jcp", "A", amount=10, tax_withheld=1.5),
        row("2024-05-20", "interest", None, amount=3),
        prices=prices(A={"2022-06-01": 10, "2024-06-30": 20}),
    )
    total, only = income_by_asset(timeline)
    assert (total.key, only.key) == ("", "A")
    assert only.yield_on_value == pytest.approx(10 / 200)
    assert only.yield_on_cost == pytest.approx(10 / 100)
    assert only.growth == pytest.approx(10 / 8 - 1)
    assert (only.gross, only.withheld) == (18, 1.5)
    cells = income_by_month(timeline, with_cash=True)
    assert [(cell.month.isoformat(), cell.key, cell.net) for cell in cells] == [
        ("2023-05-01", "A", 8),
        ("2024-05-01", "", 3),
        ("2024-05-01", "A", 8.5),
    ]


@pytest.mark.parametrize(
    ("gap", "name"),
    [(30, "MONTHLY"), (91, "QUARTERLY"), (182, "SEMIANNUAL"), (365, "ANNUAL"), (600, "IRREGULAR")],
)
def test_rhythm_of_payments(gap: int, name: str) -> None:
    days = [date(2020, 1, 15) + timedelta(days=gap * place) for place in range(5)]
    found = periodicity([*days, days[0] + timedelta(days=2)])
    assert (found.periodicity, found.events) == (name, 5)
    assert periodicity(days[:1]).periodicity == "NONE"


def test_trades_first_in_first_out() -> None:
    timeline = laid(
        row("2024-01-02", "buy", "A", 10, 10, fees=10),
        row("2024-01-03", "buy", "A", 10, 20),
        row("2024-01-05", "sell", "A", 15, 30, fees=5),
        prices=prices(A={"2024-01-02": 10, "2024-01-05": 30}),
    )
    closed, still = sorted(trades(timeline), key=lambda trade: trade.closed is None)
    assert (closed.entry, closed.exit) == (pytest.approx(110 + 100), pytest.approx(445))
    assert closed.gain_gross == pytest.approx(450 - 200)
    assert closed.refs == ("0", "1", "2")
    assert (still.units, still.gain) == (5, pytest.approx(50))


def test_bytes_that_are_no_timeline() -> None:
    good = to_bytes(_two_assets())
    assert from_bytes(good).currency == "BRL"
    for bad in (b"", b"nothing", good[: len(good) // 2]):
        with pytest.raises(StoreError):
            from_bytes(bad)


def test_prices_laid_once_serve_any_ledger() -> None:
    table = prices(A={"2024-01-02": 10, "2024-01-05": 12}, B={"2024-01-03": 7})
    rows = [row("2024-01-02", "buy", "A", 1, 10), row("2024-01-03", "buy", "B", 1, 7)]
    plain = laid(*rows, prices=table)
    grid = PriceGrid.of(price_arrays(table))
    ready = columns_of(ledger(*rows), {}, {})
    for each in (grid, price_arrays(table)):
        assert (laid(*rows, prices=each).values == plain.values).all()
    from apps.engine.prices import FxTable
    from apps.engine.returns import build

    again = build(ready, {}, {}, grid, FxTable(), currency="BRL")
    assert (again.values == plain.values).all()


def test_price_files_plain_and_odd(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("date,asset,close\n2024-01-03,A,11\n2024-01-02,A,10\n2024-01-03,A,12\n")
    found, issues = read_price_arrays(str(path))
    assert (found.series["A"][1].tolist(), issues) == ([10, 12], [])
    path.write_text("date,asset,close\n2024-01-02,A,10\n2024-13-02,A,10\n2024-01-03,A,-1\n")
    found, issues = read_price_arrays(str(path))
    assert found.series["A"][1].tolist() == [10]
    assert [issue.params["line"] for issue in issues] == ["3", "4"]


def _files(tmp_path: Path) -> list[str]:
    (tmp_path / "ledger.csv").write_text(
        "date,kind,asset,account,quantity,unit_price,amount,fees,currency\n"
        "2024-01-02,deposit,,x,,,1000,,BRL\n"
        "2024-01-02,buy,A,x,10,10,,1,BRL\n"
        "2024-01-04,dividend,A,x,,,5,,BRL\n"
    )
    (tmp_path / "prices.csv").write_text("date,asset,close\n2024-01-02,A,10\n2024-01-04,A,11\n")
    return [f"--{name}={tmp_path / name}.csv" for name in ("ledger", "prices")]


def test_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    args = _files(tmp_path)
    assert main(["returns", *args, "--series"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["from"], found["to"], found["currency"]) == ("2024-01-01", "2024-01-04", "BRL")
    assert float(found["twr"]) == pytest.approx(115 / 101 - 1)
    assert set(found["split"]) == {
        "price_realised",
        "price_unrealised",
        "income",
        "fees",
        "taxes",
        "currency",
    }
    assert [each["date"] for each in found["series"]][-1] == "2024-01-04"
    assert float(found["series"][-1]["twr"]) == pytest.approx(115 / 101 - 1)
    assert found["by_asset"][0]["asset"] == "A"
    assert main(["returns", *args, "--cash", "--risk-free", "0.05", "--from", "2024-01-02"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert float(found["twr"]) == pytest.approx((899 + 110 + 5) / 999 - 1)
    assert float(found["risk_free"]) == pytest.approx(0.05)


def test_command_refuses_what_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = _files(tmp_path)
    assert main(["returns", *args, "--from", "2024-02-01", "--to", "2024-01-01"]) == 2
    assert "--from" in capsys.readouterr().err
    assert main(["returns", args[0], "--prices", str(tmp_path / "none.csv")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_file_by_asset_reads_as_one_by_date(tmp_path: Path) -> None:
    closes = ["10", "0.1", ".5", "7.", "123456789.123456", "99.9999"]
    lines = [
        f"2024-02-{place + 1:02d},{code},{close}\n"
        for code in ("AAA3", "ÁB", "C-USD")
        for place, close in enumerate(closes)
    ]
    found = []
    for each in (lines, sorted(lines)):
        path = tmp_path / "prices.csv"
        path.write_text("date,asset,close\n" + "".join(each), encoding="utf-8")
        found.append(read_price_arrays(str(path))[0].series)
    assert found[0].keys() == found[1].keys()
    for code in found[0]:
        assert found[0][code][1].tolist() == [float(close) for close in closes]
        assert found[1][code][1].tolist() == found[0][code][1].tolist()
        assert found[1][code][0].tolist() == found[0][code][0].tolist()


def test_a_benchmark_that_ends_early_is_held_against_the_same_days() -> None:
    """The asset goes 10 -> 11 -> 22, the index 100 -> 105 and ends with the 11: what came after
    says nothing about the index, nor about inflation and the free rate."""
    closes = prices(A={"2024-01-02": 10, "2024-02-01": 11, "2024-06-03": 22})
    timeline = laid(row("2024-01-02", "buy", "A", 1, 10), prices=closes, end="2024-06-03")
    indexes = IndexTable(
        {
            "IBOV": [(day("2024-01-02"), D(100)), (day("2024-02-01"), D(105))],
            "IPCA": [(day("2024-01-01"), D("1"))],
            "CDI": [(day("2024-01-31"), D("1"))],
        }
    )
    found = measure(
        timeline,
        start=day("2024-01-02"),
        benchmarks={"IBOV": benchmarks.points(timeline, indexes, "IBOV")},
        inflation=benchmarks.monthly_rate(timeline, indexes),
        risk_free=benchmarks.daily_rate(timeline, indexes),
    )
    ibov = found.comparisons["IBOV"]
    assert found.twr == pytest.approx(1.2)
    assert ibov.known_to == 30
    assert ibov.excess == pytest.approx(1.1 / 1.05 - 1)
    assert found.inflation_to == day("2024-01-31")
    # 29 of January's 31 days, in which the asset still stood at 10.
    assert found.real_twr == pytest.approx(1 / 1.01 ** (29 / 31) - 1)
    until_june = measure(timeline, start=day("2024-01-02"), end=day("2024-02-05"))
    assert until_june.inflation_to is None
    after = measure(
        timeline,
        start=day("2024-05-02"),
        benchmarks={"IBOV": benchmarks.points(timeline, indexes, "IBOV")},
        inflation=benchmarks.monthly_rate(timeline, indexes),
        risk_free=benchmarks.daily_rate(timeline, indexes),
    )
    assert after.comparisons["IBOV"].known_to == 0
    assert (after.inflation, after.real_twr, after.real_gain) == (None, None, None)
    assert after.risk.sharpe is None
