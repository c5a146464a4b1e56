"""Daily value and net invested, against day-by-day arithmetic."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from apps.engine.fixed_income import is_business_day, unit_price
from apps.engine.grid import accrual_grid, days_between, fx_grid
from apps.engine.holdings import fold
from apps.engine.kinds import AssetClass, Indexer
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.series import Series, daily_values
from apps.engine.tests.support import D, asset, ledger, row
from apps.engine.types import Asset, FixedIncomeTerms, Row
from apps.engine.valuation import value

START, END = date(2024, 1, 1), date(2024, 1, 10)


def _series(*rows: Row, prices: dict[str, Any] | None = None, **options: Any) -> Series:
    table = PriceTable(
        {
            code: [(date(2024, 1, day), D(str(close))) for day, close in points.items()]
            for code, points in (prices or {}).items()
        }
    )
    options.setdefault("currency", "BRL")
    assets = options.pop("assets", {})
    fx = options.pop("fx", FxTable())
    return daily_values(ledger(*rows), assets, {}, table, fx, start=START, end=END, **options)


def test_quantities_of_each_day_at_carried_prices() -> None:
    found = _series(
        row("2024-01-03", "buy", "XPTO3", 10, 9, fees=1),
        row("2024-01-06", "sell", "XPTO3", 4, 12, fees=2),
        prices={"XPTO3": {2: 9, 4: 10, 8: 11}},
    )
    assert len(found.dates) == 10
    assert found.dates[0] == START
    #                1  2  3   4    5    6   7   8   9   10
    assert list(found.value) == [0, 0, 90, 100, 100, 60, 60, 66, 66, 66]
    # 91 put in, 46 taken out
    assert list(found.net_invested) == [0, 0, 91, 91, 91, 45, 45, 45, 45, 45]
    assert not found.estimated.any()
    assert found.issues == []


def test_a_split_with_no_price_that_day_does_not_jump() -> None:
    found = _series(
        row("2024-01-02", "buy", "XPTO3", 10, 10),
        row("2024-01-05", "split", "XPTO3", ratio=2),
        prices={"XPTO3": {2: 10, 7: 6}},
    )
    assert list(found.value) == [0, 100, 100, 100, 100, 100, 120, 120, 120, 120]
    assert list(found.net_invested[1:]) == [100] * 9


def test_bonus_and_transfers_put_no_money_in_but_capital_returned_takes_it_out() -> None:
    found = _series(
        row("2024-01-02", "buy", "XPTO3", 10, 10, account="A"),
        row("2024-01-03", "bonus", "XPTO3", 5, 4, account="A"),
        row("2024-01-04", "transfer_out", "XPTO3", 15, account="A"),
        row("2024-01-06", "transfer_in", "XPTO3", 15, account="B"),
        row("2024-01-08", "return_of_capital", "XPTO3", amount=30, account="B"),
        prices={"XPTO3": {1: 10}},
    )
    assert list(found.net_invested) == [0, 100, 100, 100, 100, 100, 100, 70, 70, 70]
    assert list(found.value[2:]) == [150] * 8  # never nowhere between departure and arrival


def test_without_a_price_it_counts_at_cost_and_says_so() -> None:
    found = _series(row("2024-01-02", "buy", "XPTO3", 10, 10), prices={"XPTO3": {5: 12}})
    assert list(found.value) == [0, 100, 100, 100, 120, 120, 120, 120, 120, 120]
    assert list(found.estimated) == [False, True, True, True, *[False] * 6]
    (issue,) = found.issues
    assert (issue.code, issue.params["from"], issue.params["to"]) == (
        "valued_at_cost",
        "2024-01-02",
        "2024-01-04",
    )


def test_what_has_neither_price_nor_cost_is_left_out_and_named() -> None:
    found = _series(
        row("2024-01-02", "transfer_in", "LOST3", 10), row("2024-01-02", "buy", "A", 1, 5)
    )
    assert list(found.value[1:]) == [5] * 9
    assert "left_out_of_value" in [issue.code for issue in found.issues]


def test_values_follow_the_exchange_rate_and_money_in_its_own_day() -> None:
    fx = FxTable({("USD", "BRL"): [(START, D(5)), (date(2024, 1, 6), D(6))]})
    found = _series(
        row("2024-01-02", "buy", "AAPL", 1, 100, currency="USD"),
        prices={"AAPL": {2: 100}},
        fx=fx,
        assets=asset("AAPL", currency="USD"),
    )
    assert list(found.value) == [0, 500, 500, 500, 500, 600, 600, 600, 600, 600]
    assert set(found.net_invested[1:]) == {500}


def test_cash_counts_when_asked() -> None:
    found = _series(
        row("2024-01-01", "deposit", None, amount=1000),
        row("2024-01-03", "buy", "XPTO3", 10, 10, fees=1),
        row("2024-01-05", "dividend", "XPTO3", amount=7),
        row("2024-01-07", "withdrawal", None, amount=200),
        prices={"XPTO3": {3: 11}},
        with_cash=True,
    )
    assert list(found.value) == [1000, 1000, 1009, 1009, 1016, 1016, 816, 816, 816, 816]
    assert list(found.net_invested) == [1000] * 6 + [800] * 4


def test_a_future_is_worth_its_adjustments_only() -> None:
    found = _series(
        row("2024-01-03", "buy", "WIN", 1, 100000),
        prices={"WIN": {3: 100000}},
        assets=asset("WIN", asset_class=AssetClass.FUTURE),
    )
    assert not found.value.any()


def test_every_day_agrees_with_the_exact_valuation() -> None:
    rows = ledger(
        row("2024-01-02", "buy", "AAAA3", "10.5", "9.99", fees="0.3"),
        row("2024-01-03", "buy", "BBBB3", 7, "3.21"),
        row("2024-01-04", "short_sell", "CCCC3", 5, 20),
        row("2024-01-05", "sell", "AAAA3", "2.5", "10.01"),
        row("2024-01-06", "split", "BBBB3", ratio=3),
        row("2024-01-07", "merger", "BBBB3", ratio="0.5", to_asset="AAAA3"),
        row("2024-01-08", "cover", "CCCC3", 5, 19),
        row("2024-01-09", "rename", "AAAA3", to_asset="DDDD3"),
    )
    prices = PriceTable(
        {
            code: [(START + timedelta(days=n), D(base) + D(n) / 7) for n in range(0, 10, step)]
            for code, base, step in (
                ("AAAA3", 9, 1),
                ("BBBB3", 3, 3),
                ("CCCC3", 20, 2),
                ("DDDD3", 9, 1),
            )
        }
    )
    fx = FxTable()
    found = daily_values(rows, {}, {}, prices, fx, start=START, end=END, currency="BRL")
    for place, day in enumerate(found.dates):
        valued = value(fold(rows, {}, {}, on=day, currency="BRL"), prices, fx, on=day)
        exact = sum((each.market_value for each in valued), D(0))
        if day < date(2024, 1, 9):  # the old code's prices are the new one's past
            assert found.value[place] == pytest.approx(float(exact), abs=1e-9), day


def test_rates_on_a_grid_are_those_of_the_table() -> None:
    fx = FxTable(
        {
            ("USD", "BRL"): [(date(2024, 1, 3), D(5)), (date(2024, 1, 6), D("5.5"))],
            ("BRL", "EUR"): [(date(2024, 1, 4), D("0.16"))],
            ("BRL", "USD"): [(date(2024, 1, 8), D("0.25"))],
        }
    )
    days = days_between(START, END)
    for base, quote in (("USD", "BRL"), ("BRL", "USD"), ("USD", "EUR"), ("EUR", "EUR"), ("X", "Y")):
        grid = fx_grid(fx, base, quote, days)
        for place, day in enumerate(days):
            rate = fx.rate(base, quote, date.fromordinal(int(day)))
            if rate is None:
                assert np.isnan(grid[place])
            else:
                assert grid[place] == pytest.approx(float(rate), rel=1e-12)


HOLIDAYS = frozenset({date(2024, 1, 1), date(2024, 2, 12), date(2024, 2, 13)})


def _daily_index() -> list[tuple[date, Decimal]]:
    days = [date(2024, 1, 2) + timedelta(days=step) for step in range(120)]
    return [(day, D("0.04")) for day in days if is_business_day(day, HOLIDAYS)]


INDEXES = IndexTable(
    {
        "CDI": _daily_index(),
        "SELIC": _daily_index()[:40],
        "IPCA": [(date(2023, 12, 1), D("0.56")), (date(2024, 1, 1), D("0.42"))],
    }
)


@pytest.mark.parametrize("holidays", [HOLIDAYS, frozenset()])
@pytest.mark.parametrize(
    "terms",
    [
        FixedIncomeTerms(Indexer.CDI, date(2024, 1, 4), date(2024, 4, 1), D(1000), D("1.1")),
        FixedIncomeTerms(Indexer.CDI, date(2024, 1, 4), None, D(1000), rate=D("0.02")),
        FixedIncomeTerms(Indexer.SELIC, date(2024, 1, 4), None, D(1000), rate=D("0.001")),
        FixedIncomeTerms(
            Indexer.PREFIXED, date(2024, 1, 5), date(2024, 3, 9), D(10), rate=D("0.1")
        ),
        FixedIncomeTerms(Indexer.IPCA, date(2024, 1, 15), None, D(1000), rate=D("0.06")),
        FixedIncomeTerms(Indexer.IPCA, date(2024, 1, 31), date(2024, 3, 20), D(1), index_lag=0),
        FixedIncomeTerms(Indexer.IPCA, date(2023, 1, 31), date(2024, 3, 20), D(1)),
    ],
)
def test_accruals_on_a_grid_are_those_of_the_formula(
    terms: FixedIncomeTerms, holidays: frozenset[date]
) -> None:
    days = days_between(date(2024, 1, 1), date(2024, 4, 20))
    grid, _issues = accrual_grid(terms, days, INDEXES, holidays)
    for place, day in enumerate(days):
        exact, _ = unit_price(terms, date.fromordinal(int(day)), INDEXES, holidays)
        if exact is None:
            assert np.isnan(grid[place])
        else:
            assert grid[place] == pytest.approx(float(exact), rel=1e-12), date.fromordinal(int(day))


def test_fixed_income_accrues_in_the_chart() -> None:
    terms = FixedIncomeTerms(
        Indexer.PREFIXED, date(2024, 1, 2), date(2026, 1, 2), D(1000), rate=D("0.1")
    )
    assets = {"CDB1": Asset("CDB1", currency="BRL", terms=terms)}
    found = _series(row("2024-01-02", "buy", "CDB1", 2, 1000), assets=assets, holidays=HOLIDAYS)
    assert found.value[1] == 2000
    assert found.value[2] == pytest.approx(2000 * 1.1 ** (1 / 252))
    assert found.issues == []
