"""Periods, shares and rows made for the overview."""

import datetime as dt
from decimal import Decimal as D

import pytest

from apps.dashboard import selectors
from apps.dashboard.periods import months_before, period_start
from apps.dashboard.sample import SAMPLE


@pytest.mark.parametrize(
    "period, start",
    [
        ("1m", dt.date(2026, 10, 23)),
        ("6m", dt.date(2026, 5, 23)),
        ("ytd", dt.date(2026, 1, 1)),
        ("12m", dt.date(2025, 11, 23)),
        ("5y", dt.date(2021, 11, 23)),
        ("all", None),
    ],
)
def test_periods(period, start):
    assert period_start(period, dt.date(2026, 11, 23)) == start


@pytest.mark.parametrize(
    "day, months, expected",
    [
        (dt.date(2026, 3, 31), 1, dt.date(2026, 2, 28)),
        (dt.date(2024, 3, 31), 1, dt.date(2024, 2, 29)),
        (dt.date(2026, 1, 31), 1, dt.date(2025, 12, 31)),
        (dt.date(2026, 12, 31), 6, dt.date(2026, 6, 30)),
        (dt.date(2026, 1, 15), 13, dt.date(2024, 12, 15)),
    ],
)
def test_a_month_without_that_day_gives_its_last(day, months, expected):
    assert months_before(day, months) == expected


def part(key, value, positions=1):
    return {"key": key, "label": key, "value": D(value), "positions": positions}


def test_classes_are_joined_into_groups_and_cash_completes_the_worth():
    figures = {
        "allocation": {"class": [part("cdb", "100"), part("stock", "300"), part("lci", "50")]},
        "worth": D(500),
        "cash": D(50),
    }
    shares = selectors.allocation_shares(figures)
    assert [(s.label, s.value, s.share) for s in shares] == [
        ("Ações", D(300), D("0.6")),
        ("Renda fixa", D(150), D("0.3")),
        ("Caixa", D(50), D("0.1")),
    ]
    assert sum(s.share for s in shares) == 1
    assert shares[1].positions == 2


def test_shares_of_nothing_are_unknown_and_not_a_division_by_zero():
    figures = {"allocation": {"class": [part("stock", "0")]}, "worth": D(0), "cash": D(0)}
    assert selectors.allocation_shares(figures)[0].share is None


def test_table_keeps_the_last_day_of_each_month_and_unknown_stays_unknown():
    points = {
        "dates": ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"],
        "value": ["10", "11", "12", None],
        "net_invested": ["9", "9", "10", "10"],
    }
    rows = selectors.evolution_table(points=points)
    assert [(r.day, r.value, r.net_invested, r.gain) for r in rows] == [
        (dt.date(2026, 2, 2), None, D(10), None),
        (dt.date(2026, 1, 31), D(11), D(9), D(2)),
    ]


def test_worked_example_of_the_front_door_adds_up():
    # (200 x 27.50 + 1.62) + (100 x 34.90 + 1.03) = 5,501.62 + 3,491.03 = 8,992.65 for 300;
    # the sale of 100 takes 8,992.65 / 3 = 2,997.55; the bonus adds 20 x 18.90 = 378.
    assert SAMPLE.cost == D("8992.65") - D("2997.55") + D("378.00")
    assert SAMPLE.quantity == 220
    assert SAMPLE.average == SAMPLE.cost / 220
