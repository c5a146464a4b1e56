"""What must hold of the returns of any ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.engine.prices import FxTable, PriceTable
from apps.engine.returns import (
    Timeline,
    build,
    from_bytes,
    measure,
    rates,
    table_by,
    to_bytes,
)
from apps.engine.returns import columns as columns_module
from apps.engine.returns.lots import walk
from apps.engine.returns.money_weighted import irr
from apps.engine.tests.support import ledger, row
from apps.engine.types import Row

FIRST = date(2024, 1, 1)
DAYS = 40
CODES = ("AAA3", "BBB4", "CCC5")
ACCOUNTS = ("x", "y")
CURRENCY = {"AAA3": "BRL", "BBB4": "BRL", "CCC5": "USD"}


@st.composite
def markets(draw: st.DrawFn) -> tuple[PriceTable, FxTable]:
    """A price for every day, and a rate."""
    series = {}
    for code in CODES:
        moves = draw(st.lists(st.integers(-9, 10), min_size=DAYS, max_size=DAYS))
        close, points = Decimal(50), []
        for place, move in enumerate(moves):
            close = max(Decimal(1), close + Decimal(move) / 2)
            points.append((FIRST + timedelta(days=place), close))
        series[code] = points
    moves = draw(st.lists(st.integers(-5, 5), min_size=DAYS, max_size=DAYS))
    rate, points = Decimal(5), []
    for place, move in enumerate(moves):
        rate = max(Decimal(1), rate + Decimal(move) / 20)
        points.append((FIRST + timedelta(days=place), rate))
    return PriceTable(series), FxTable({("USD", "BRL"): points})


@st.composite
def histories(draw: st.DrawFn, *, odd: bool = True) -> list[Row]:
    """Trades, income and events in the order of their days; nothing is sold that is not held."""
    held: dict[tuple[str, str], int] = {}
    rows: list[Row] = []
    kinds = ["buy", "buy", "sell", "dividend", "split", "bonus"]
    if odd:
        kinds += ["transfer", "short", "return_of_capital", "fee"]
    places = sorted(draw(st.lists(st.integers(1, DAYS - 2), min_size=1, max_size=25)))
    for place in places:
        day = (FIRST + timedelta(days=place)).isoformat()
        code, account = draw(st.sampled_from(CODES)), draw(st.sampled_from(ACCOUNTS))
        kind = draw(st.sampled_from(kinds))
        own = held.get((code, account), 0)
        common: dict[str, Any] = {"account": account, "currency": CURRENCY[code]}
        price = draw(st.integers(1, 100))
        fees = draw(st.integers(0, 3))
        if kind in ("sell", "dividend", "split", "bonus", "transfer", "return_of_capital"):
            kind = kind if own else "buy"
        if kind == "buy":
            size = draw(st.integers(1, 50))
            rows.append(row(day, "buy", code, size, price, fees=fees, **common))
            held[(code, account)] = own + size
        elif kind == "sell":
            size = draw(st.integers(1, own))
            tax = draw(st.integers(0, 1))
            rows.append(row(day, "sell", code, size, price, fees=fees, tax_withheld=tax, **common))
            held[(code, account)] = own - size
        elif kind == "dividend":
            tax = draw(st.integers(0, 2))
            rows.append(row(day, "dividend", code, amount=price + 2, tax_withheld=tax, **common))
        elif kind == "split":
            rows.append(row(day, "split", code, ratio=2, **common))
            held[(code, account)] = own * 2
        elif kind == "bonus":
            rows.append(row(day, "bonus", code, 3, 1, **common))
            held[(code, account)] = own + 3
        elif kind == "transfer":
            other = ACCOUNTS[1 - ACCOUNTS.index(account)]
            rows.append(row(day, "transfer_out", code, own, **common))
            rows.append(row(day, "transfer_in", code, own, **{**common, "account": other}))
            held[(code, account)] = 0
            held[(code, other)] = held.get((code, other), 0) + own
        elif kind == "short":
            rows.append(row(day, "short_sell", f"S{code}", 2, price, fees=fees, **common))
        elif kind == "return_of_capital":
            rows.append(row(day, "return_of_capital", code, amount=price, **common))
        else:
            rows.append(row(day, "fee", None, amount=price, **common))
    return ledger(*rows)


def timeline_of(rows: list[Row], market: tuple[PriceTable, FxTable], **more: Any) -> Timeline:
    options = {"currency": "BRL", "end": FIRST + timedelta(days=DAYS - 1), **more}
    return build(rows, {}, {}, *market, **options)


many = settings(max_examples=25, deadline=None)


@many
@given(histories(), markets(), st.booleans(), st.integers(0, DAYS - 1))
def test_parts_add_up_over_any_period(
    rows: list[Row], market: Any, with_cash: bool, opening: int
) -> None:
    timeline = timeline_of(rows, market)
    start = FIRST + timedelta(days=opening)
    figures = measure(timeline, start=start, with_cash=with_cash)
    size = 1e-9 * max(1.0, float(np.abs(timeline.values).sum(axis=0).max()), figures.inflows)
    assert figures.gain.total == pytest.approx(figures.absolute_gain, abs=size)
    for key in ("asset", "class", "account", "currency"):
        table = table_by(timeline, key, start=start, with_cash=with_cash)
        total = sum(each.gain.total for each in table)
        assert total == pytest.approx(figures.absolute_gain, abs=size)
        parts = sum(each.contribution for each in table)
        near = 1e-9 * max(1.0, max((abs(each.contribution) for each in table), default=0.0))
        assert parts == pytest.approx(figures.twr, abs=near)
    gain = figures.gain
    fifo, average = (
        gain.fifo_realised + gain.fifo_unrealised,
        gain.price_realised + gain.price_unrealised,
    )
    assert fifo == pytest.approx(average, abs=size)


@many
@given(histories(), markets(), st.booleans(), st.integers(0, DAYS - 1))
def test_a_row_of_a_table_is_its_lines_measured_alone(
    rows: list[Row], market: Any, with_cash: bool, opening: int
) -> None:
    timeline = timeline_of(rows, market)
    options: dict[str, Any] = {"start": FIRST + timedelta(days=opening), "with_cash": with_cash}
    for key in ("asset", "class", "account"):
        for each in table_by(timeline, key, **options):
            alone = measure(timeline, lines=each.lines, **options)
            assert each.twr == pytest.approx(alone.twr, rel=1e-9, abs=1e-9)
            near = None if alone.irr is None else pytest.approx(alone.irr, rel=1e-7, abs=1e-9)
            assert each.irr == near
            assert each.inflows == pytest.approx(alone.inflows)
            assert each.outflows == pytest.approx(alone.outflows)
            # Its small line is the index on evenly spread days, the first and the last among them.
            days = np.linspace(0, len(alone.daily.index) - 1, len(each.spark)).astype(int)
            assert each.spark == pytest.approx(alone.daily.index[days], rel=1e-9, abs=1e-9)


@many
@given(histories(), markets(), st.lists(st.integers(1, DAYS - 2), max_size=4))
def test_chained_intervals_give_the_whole(rows: list[Row], market: Any, cuts: list[int]) -> None:
    timeline = timeline_of(rows, market)
    edges = [timeline.start, *(FIRST + timedelta(days=cut) for cut in cuts), timeline.end]
    edges = sorted({max(edge, timeline.start) for edge in edges})
    whole = measure(timeline)
    parts = [measure(timeline, start=low, end=high) for low, high in pairwise(edges)]
    chained = np.prod([1.0 + part.twr for part in parts])
    assert chained - 1.0 == pytest.approx(whole.twr, rel=1e-9, abs=1e-9)
    gains = sum(part.absolute_gain for part in parts)
    assert gains == pytest.approx(whole.absolute_gain, abs=1e-6)


@many
@given(histories(odd=False), markets(), st.integers(1, 1000))
def test_a_deposit_bought_at_the_close_leaves_the_return(
    rows: list[Row], market: Any, size: int
) -> None:
    """Money that comes in and stands still all day (bought and sold at one price) is neutral."""
    timeline = timeline_of(rows, market)
    when = timeline.at(FIRST + timedelta(days=5))
    daily = measure(timeline).daily
    value, inflow = daily.value.copy(), daily.inflow.copy()
    before, _ = rates.day_returns(value, inflow, daily.outflow)
    out = daily.outflow.copy()
    # In at the start of the day and out at its end with the day's own return.
    inflow[when] += size
    out[when] += size * (1.0 + before[when])
    after, _ = rates.day_returns(value, inflow, out)
    base = daily.value[when - 1] + daily.inflow[when]
    if base > 1e-6:
        assert after == pytest.approx(before, abs=1e-9)


@many
@given(histories(), markets(), st.sampled_from([Decimal("0.01"), Decimal(3), Decimal(1000)]))
def test_rates_do_not_depend_on_the_size(rows: list[Row], market: Any, factor: Decimal) -> None:
    prices, fx = market
    larger = PriceTable(
        {
            code: list(zip(days, (close * factor for close in closes), strict=True))
            for code in prices.assets()
            for days, closes in (prices.series(code),)
        }
    )
    scaled = [
        replace(
            each,
            **{
                name: None if value is None else value * factor
                for name in ("unit_price", "amount", "fees", "tax_withheld")
                for value in (getattr(each, name),)
            },
        )
        for each in rows
    ]
    small, large = timeline_of(rows, market), timeline_of(scaled, (larger, fx))
    first, second = measure(small), measure(large)
    assert second.twr == pytest.approx(first.twr, rel=1e-7, abs=1e-7)
    assert second.risk.volatility == pytest.approx(first.risk.volatility, rel=1e-6, abs=1e-7)
    if first.irr is not None and second.irr is not None and abs(first.irr) < 1e6:
        assert second.irr == pytest.approx(first.irr, rel=1e-6, abs=1e-7)


@many
@given(histories(odd=False), markets())
def test_ordinary_rows_and_the_fold_agree(rows: list[Row], market: Any) -> None:
    direct = timeline_of(rows, market)
    with patch.object(columns_module, "_ordinary", return_value=False):
        folded = timeline_of(rows, market)
    first, second = measure(direct), measure(folded)
    assert first.daily.value == pytest.approx(second.daily.value, rel=1e-9, abs=1e-7)
    assert first.twr == pytest.approx(second.twr, rel=1e-9, abs=1e-9)
    for name in ("price_realised", "price_unrealised", "fifo_realised", "currency_realised"):
        one, other = getattr(first.gain, name), getattr(second.gain, name)
        assert one == pytest.approx(other, rel=1e-8, abs=1e-6), name


@many
@given(histories(odd=False), markets())
def test_chains_agree_with_a_walk_event_by_event(rows: list[Row], market: Any) -> None:
    timeline = timeline_of(rows, market)
    events = timeline.events
    gain = measure(timeline).gain
    sums = np.zeros(3)
    for pool in np.unique(events.pool):
        places = np.flatnonzero((events.pool == pool) & (events.what <= 2))
        sums += walk(events, places, 1.0, 0.0, 0.0, 0.0)[:3]
    expected = (gain.price_realised, gain.currency_realised, gain.fifo_realised)
    assert sums == pytest.approx(expected, rel=1e-8, abs=1e-6)


@many
@given(histories(), markets(), st.randoms(use_true_random=False))
def test_order_of_independent_rows_of_a_day_changes_nothing(
    rows: list[Row], market: Any, random: Any
) -> None:
    """Rows of different assets or accounts on one day, in any order."""
    days: dict[date, dict[str, list[Row]]] = {}
    for each in rows:
        days.setdefault(each.date, {}).setdefault(each.asset or "", []).append(each)
    shuffled: list[Row] = []
    for groups in days.values():
        order = list(groups)
        random.shuffle(order)
        for name in order:
            shuffled += groups[name]
    moved = [replace(each, seq=place) for place, each in enumerate(shuffled)]
    first, second = measure(timeline_of(rows, market)), measure(timeline_of(moved, market))
    assert second.twr == pytest.approx(first.twr, rel=1e-9, abs=1e-9)
    assert second.gain.price_realised == pytest.approx(first.gain.price_realised, abs=1e-6)


@many
@given(histories(), markets())
def test_currency_round_trip(rows: list[Row], market: Any) -> None:
    """Every value in dollars at the rate of its day is the one in reais."""
    reais = timeline_of(rows, market)
    dollars = timeline_of(rows, market, currency="USD")
    assert reais.lines == dollars.lines
    rate = reais.rates["USD"] if "USD" in reais.rates else 1.0 / dollars.rates["BRL"]
    back = dollars.values * rate
    assert back == pytest.approx(reais.values, rel=1e-9, abs=1e-6)


@many
@given(histories(), markets())
def test_bytes_bring_the_same_timeline_back(rows: list[Row], market: Any) -> None:
    timeline = timeline_of(rows, market)
    again = from_bytes(to_bytes(timeline))
    assert (again.values == timeline.values).all()
    assert again.lines == timeline.lines
    assert again.marks == timeline.marks
    assert again.issues == timeline.issues
    assert measure(again, with_cash=True).gain == measure(timeline, with_cash=True).gain


@many
@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(-1000, 1000)), max_size=12))
def test_a_money_weighted_return_balances_its_flows(flows: list[tuple[int, int]]) -> None:
    dated = [(FIRST + timedelta(days=day), float(amount)) for day, amount in flows]
    rate, issue = irr(dated)
    assert (rate is None) == (issue is not None)
    if rate is not None and -0.999 < rate < 1e3:
        start = min(day for day, _ in dated)
        now = sum(amount / (1.0 + rate) ** ((day - start).days / 365.0) for day, amount in dated)
        size = sum(
            abs(amount) / (1.0 + rate) ** ((day - start).days / 365.0) for day, amount in dated
        )
        assert abs(now) <= 1e-6 * size
