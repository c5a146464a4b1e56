"""Invented daily closes: the same for a given day on every machine, whenever they are made.

Only sums and products of IEEE doubles are used (no exponential, no logarithm), so that the last
bit is the same everywhere; closes become ``Decimal`` with two places at once.
"""

from __future__ import annotations

import datetime as dt
import random
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import ROUND_HALF_UP, Decimal

from apps.portfolios.demo.catalogue import START, DemoAsset

CENT = Decimal("0.01")
_DAY = dt.timedelta(days=1)
# How far the invented market stands from its trend; straight lines between these days.
_SWINGS: tuple[tuple[dt.date, float], ...] = (
    (dt.date(2014, 11, 3), 1.00), (dt.date(2015, 9, 25), 0.93), (dt.date(2016, 1, 20), 0.84),
    (dt.date(2016, 10, 31), 1.02), (dt.date(2017, 5, 17), 1.00), (dt.date(2017, 5, 19), 0.93),
    (dt.date(2018, 1, 26), 1.06), (dt.date(2018, 6, 18), 0.89), (dt.date(2018, 12, 3), 1.03),
    (dt.date(2020, 1, 23), 1.06), (dt.date(2020, 2, 20), 1.04), (dt.date(2020, 3, 23), 0.58),
    (dt.date(2020, 6, 8), 0.86), (dt.date(2020, 12, 18), 1.05), (dt.date(2021, 6, 7), 1.08),
    (dt.date(2021, 11, 30), 0.93), (dt.date(2022, 4, 1), 1.04), (dt.date(2022, 7, 14), 0.91),
    (dt.date(2022, 10, 21), 1.05), (dt.date(2023, 3, 23), 0.90), (dt.date(2023, 7, 26), 1.03),
    (dt.date(2023, 10, 27), 0.94), (dt.date(2023, 12, 27), 1.06), (dt.date(2024, 6, 17), 0.94),
    (dt.date(2024, 8, 28), 1.03), (dt.date(2024, 12, 30), 0.91), (dt.date(2025, 7, 4), 1.04),
    (dt.date(2026, 1, 28), 1.06), (dt.date(2026, 6, 12), 0.96), (dt.date(2026, 11, 1), 1.00),
)  # fmt: skip
# Share of yesterday's distance from the guide that is left today: closes wander, but come back.
_MEMORY = 0.985


def _normal(source: random.Random) -> float:
    """Nearly normal, mean 0 and deviation 1: the sum of twelve uniforms less six."""
    return sum(source.random() for _ in range(12)) - 6.0


def _between(
    points: Sequence[tuple[dt.date, float]], days: Sequence[dt.date], day: dt.date
) -> float:
    """The value on ``day`` on straight lines between ``points``; flat before and after them."""
    place = bisect_right(days, day)
    if place == 0 or place == len(points):
        return points[max(place - 1, 0)][1]
    (before, low), (after, high) = points[place - 1], points[place]
    return low + (high - low) * ((day - before).days / (after - before).days)


def market_levels(until: dt.date) -> dict[dt.date, float]:
    """The invented market's distance from its trend on every day."""
    source = random.Random("exitus demo market")  # noqa: S311 - a story, not a secret
    days = [day for day, _level in _SWINGS]
    levels: dict[dt.date, float] = {}
    wander = 0.0
    day = START
    while day <= until:
        if day.weekday() < 5:
            wander = _MEMORY * wander + 0.0065 * _normal(source)
        levels[day] = _between(_SWINGS, days, day) * (1.0 + wander)
        day += _DAY
    return levels


def closes(
    asset: DemoAsset, levels: Mapping[dt.date, float], closed: Set[dt.date], until: dt.date
) -> Iterator[tuple[dt.date, Decimal]]:
    """Closes as traded from the listing to ``until``; days of ``closed`` have none."""
    source = random.Random(f"exitus demo {asset.ticker}")  # noqa: S311 - a story, not a secret
    points = [
        (dt.date(asset.guide_year + n, 11, 1), float(text))
        for n, text in enumerate(asset.guide.split())
    ]
    days = [day for day, _price in points]
    every_day = asset.exchange == "CRYPTO"
    end = until if asset.last is None else min(until, asset.last)
    wander = 0.0
    day = asset.listed
    while day <= end and points:
        if every_day or day.weekday() < 5:
            wander = _MEMORY * wander + asset.noise * _normal(source)
            swing = 1.0 + asset.beta * (levels[day] - 1.0)
            price = _between(points, days, day) * max(swing, 0.1) * max(1.0 + wander, 0.1)
            if every_day or day not in closed:
                yield day, round_cents(Decimal(price) / adjustment(asset, day))
        day += _DAY


def round_cents(value: Decimal) -> Decimal:
    """Half up to the cent."""
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def adjustment(asset: DemoAsset, day: dt.date) -> Decimal:
    """What brings a close of ``day`` to today's unit count: the product of later changes."""
    factor = Decimal(1)
    for change in (*asset.splits, *asset.bonus):
        if change > day:
            factor /= asset.new_units(change)
    return factor
