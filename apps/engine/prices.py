"""Tables of prices, exchange rates and index values, looked up by date."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

# Where several crossings exist, the one through the currency quoted most widely is taken.
_PIVOTS = ("BRL", "USD", "EUR")

Series = tuple[list[date], list[Decimal]]


def _sorted_series(points: Iterable[tuple[date, Decimal]]) -> Series:
    """Dates ascending with their values; of two values for a date the later given wins."""
    unique = dict(points)
    days = sorted(unique)
    return days, [unique[day] for day in days]


class PriceTable:
    """Closing prices as traded (never adjusted), in the currency of the asset."""

    __slots__ = ("_series",)

    def __init__(self, prices: Mapping[str, Iterable[tuple[date, Decimal]]] | None = None) -> None:
        self._series = {asset: _sorted_series(points) for asset, points in (prices or {}).items()}

    def on(self, asset: str, day: date) -> tuple[Decimal, date] | None:
        """Last close on or before ``day`` with its date, or None when there is none."""
        series = self._series.get(asset)
        if series is None:
            return None
        place = bisect_right(series[0], day)
        return (series[1][place - 1], series[0][place - 1]) if place else None

    def series(self, asset: str) -> Series:
        """All dates and closes of an asset, oldest first (both empty when unknown)."""
        return self._series.get(asset, ([], []))

    def assets(self) -> list[str]:
        """Assets that have a price."""
        return sorted(self._series)

    @property
    def last_date(self) -> date | None:
        """Date of the newest price of all."""
        return max((days[-1] for days, _values in self._series.values() if days), default=None)


class FxTable:
    """Exchange rates: 1 ``base`` = rate ``quote``. Inverted where only the inverse is known and
    crossed once where neither is. The last rate on or before the date holds; before the first
    rate there is none."""

    __slots__ = ("_cache", "_neighbours", "_series", "buy")

    def __init__(
        self,
        rates: Mapping[tuple[str, str], Iterable[tuple[date, Decimal]]] | None = None,
        buy: FxTable | None = None,
    ) -> None:
        #: The same pairs at the buying rate (PTAX compra), where known.
        self.buy = buy
        self._series = {
            pair: _sorted_series((day, rate) for day, rate in points if rate > 0)
            for pair, points in (rates or {}).items()
        }
        neighbours: dict[str, set[str]] = {}
        for base, quote in self._series:
            neighbours.setdefault(base, set()).add(quote)
            neighbours.setdefault(quote, set()).add(base)
        self._neighbours = neighbours
        self._cache: dict[tuple[str, str, date], tuple[Decimal, date] | None] = {}

    def _direct(self, base: str, quote: str, day: date) -> tuple[Decimal, date] | None:
        best: tuple[Decimal, date] | None = None
        for pair, inverse in (((base, quote), False), ((quote, base), True)):
            series = self._series.get(pair)
            if series is None:
                continue
            place = bisect_right(series[0], day)
            if place and (best is None or series[0][place - 1] > best[1]):
                rate = series[1][place - 1]
                best = (1 / rate if inverse else rate, series[0][place - 1])
        return best

    def _find(self, base: str, quote: str, day: date) -> tuple[Decimal, date] | None:
        if base == quote:
            return Decimal(1), day
        found = self._direct(base, quote, day)
        if found is not None:
            return found
        for pivot in self.pivots(base, quote):
            first = self._direct(base, pivot, day)
            second = self._direct(pivot, quote, day)
            if first is not None and second is not None:
                return first[0] * second[0], min(first[1], second[1])
        return None

    def on(self, base: str, quote: str, day: date) -> tuple[Decimal, date] | None:
        """Rate in force on ``day`` with the date it is from, or None when there is none."""
        key = (base, quote, day)
        try:
            return self._cache[key]
        except KeyError:
            found = self._cache[key] = self._find(base, quote, day)
            return found

    def rate(self, base: str, quote: str, day: date) -> Decimal | None:
        """Rate in force on ``day``: units of ``quote`` per unit of ``base``, or None."""
        found = self.on(base, quote, day)
        return None if found is None else found[0]

    def series(self, base: str, quote: str) -> Series:
        """Dates and rates given for exactly this pair, oldest first (both empty when none)."""
        return self._series.get((base, quote), ([], []))

    def pivots(self, base: str, quote: str) -> list[str]:
        """Currencies through which a pair can be crossed, in the order they are tried."""
        shared = self._neighbours.get(base, set()) & self._neighbours.get(quote, set())
        return [each for each in _PIVOTS if each in shared] + sorted(shared.difference(_PIVOTS))

    def pairs(self) -> list[tuple[str, str]]:
        """Pairs given, as (base, quote)."""
        return sorted(self._series)


class IndexTable:
    """Index values by date: percent a day for CDI and Selic, percent a month for IPCA and IGP-M
    (dated the first of the month), points for the rest. Names are read in any case."""

    __slots__ = ("_series", "_values")

    def __init__(self, values: Mapping[str, Iterable[tuple[date, Decimal]]] | None = None) -> None:
        self._series = {
            name.upper(): _sorted_series(points) for name, points in (values or {}).items()
        }
        self._values = {
            name: dict(zip(days, numbers, strict=True))
            for name, (days, numbers) in self._series.items()
        }

    def exact(self, index: str, day: date) -> Decimal | None:
        """Value published for exactly that day, or None."""
        return self._values.get(index.upper(), {}).get(day)

    def on(self, index: str, day: date) -> tuple[Decimal, date] | None:
        """Last value on or before ``day`` with its date, or None."""
        days, numbers = self.series(index)
        place = bisect_right(days, day)
        return (numbers[place - 1], days[place - 1]) if place else None

    def series(self, index: str) -> Series:
        """All dates and values of an index, oldest first (both empty when unknown)."""
        return self._series.get(index.upper(), ([], []))

    def names(self) -> list[str]:
        """Indexes that have a value."""
        return sorted(self._series)
