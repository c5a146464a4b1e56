"""A market that does not exist: prices drawn from a seed by symbol and day.

Used by the local server of the tests and of ``manage.py fakeproviders``. Nothing of it is ever
stored unless someone points the installation at that server.
"""

from __future__ import annotations

import hashlib
import random
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

EPOCH = date(2005, 1, 3)
# Symbols with a share event, so that its undoing can be seen: new shares per old.
SPLITS: dict[str, tuple[date, Decimal, str]] = {
    "DESD3": (date(2024, 6, 3), Decimal(2), "2 para 1"),
    "GRUP3": (date(2025, 3, 10), Decimal("0.1"), "1 para 10"),
}
LEVELS = {"^BVSP": Decimal(120_000), "^GSPC": Decimal(4_000), "IFIX": Decimal(3_000)}
USD_PER = {"EUR": "1.08", "GBP": "1.27", "JPY": "0.0067", "CHF": "1.12", "CAD": "0.73"}


@dataclass(frozen=True, slots=True)
class Bar:
    """One invented session, adjusted by the symbol's splits as vendors do."""

    date: date
    close: Decimal


class FakeMarket:
    """Prices up to the moment that ``now`` tells."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.now = now

    def bars(self, symbol: str, start: date, end: date) -> list[Bar]:
        """Sessions of ``start`` to ``end``, none in the future."""
        days, closes = walk(root(symbol), place(symbol))
        end = min(end, self.now().astimezone(zone(symbol)).date())
        first, last = bisect_right(days, start - timedelta(days=1)), bisect_right(days, end)
        return [
            Bar(day, close) for day, close in zip(days[first:last], closes[first:last], strict=True)
        ]

    def last_two(self, symbol: str) -> tuple[Bar, Bar]:
        """The session before the last, and the last."""
        today = self.now().astimezone(zone(symbol)).date()
        before, last = self.bars(symbol, today - timedelta(days=15), today)[-2:]
        return before, last

    def as_of(self, symbol: str) -> datetime:
        """When the last price was made: now, or the close of the last session."""
        _, last = self.last_two(symbol)
        close = datetime.combine(last.date, time(17), zone(symbol)).astimezone(UTC)
        return min(self.now(), close)


def root(symbol: str) -> str:
    """The symbol without a vendor's suffix: brapi and Yahoo must agree on a price."""
    return symbol.removesuffix(".SA").upper()


def place(symbol: str) -> str:
    """Calendar of a symbol: B3, New York or every day."""
    if "-" in symbol and symbol.rsplit("-", 1)[1] in ("BRL", "USD"):
        return "EVERY_DAY"
    # Tickers of B3 end in a figure; so do its symbols at Yahoo, before the suffix.
    return "BVMF" if root(symbol)[-1:].isdigit() or root(symbol) in ("^BVSP", "IFIX") else "XNYS"


def zone(symbol: str) -> ZoneInfo:
    """Time zone of a symbol's exchange."""
    if symbol.endswith(".L"):
        return ZoneInfo("Europe/London")
    names = {"BVMF": "America/Sao_Paulo", "XNYS": "America/New_York", "EVERY_DAY": "UTC"}
    return ZoneInfo(names[place(symbol)])


def currency(symbol: str) -> str:
    """Currency as Yahoo writes it: London's shares are in pence."""
    if "-" in symbol and symbol.rsplit("-", 1)[1] in ("BRL", "USD"):
        return symbol.rsplit("-", 1)[1]
    if symbol.endswith(".L"):
        return "GBP" if root(symbol).startswith("V") else "GBp"
    return "BRL" if place(symbol) == "BVMF" else "USD"


@lru_cache(maxsize=2048)
def walk(symbol: str, calendar: str) -> tuple[list[date], list[Decimal]]:
    """Every session since 2005 and its close, the same in every process and every window."""
    seed = int.from_bytes(hashlib.sha256(symbol.encode()).digest()[:8], "big")
    draw = random.Random(seed)  # noqa: S311 - invented prices are no secret
    level = LEVELS.get(symbol, Decimal(draw.randrange(800, 8000)) / 100)
    price = float(level)
    closed = _closed(calendar)
    days, closes = [], []
    day = EPOCH
    last = date(EPOCH.year + 40, 1, 1)
    while day < last:
        if calendar == "EVERY_DAY" or (day.weekday() < 5 and day not in closed):
            # A pull towards the first level keeps forty years of chance within sight of it.
            price *= 1 + draw.gauss(0, 0.012) + 0.002 * (float(level) / price - 1)
            days.append(day)
            closes.append(max(Decimal("0.01"), Decimal(f"{price:.2f}")))
        day += timedelta(days=1)
    return days, closes


@lru_cache(maxsize=4)
def _closed(calendar: str) -> frozenset[date]:
    if calendar == "EVERY_DAY":
        return frozenset()
    years = range(EPOCH.year, EPOCH.year + 40)
    return frozenset(holidays.financial_holidays(calendar, years=years))


def rate(base: str, quote: str, day: date) -> Decimal | None:
    """Invented exchange rate of a business day of São Paulo."""

    days, closes = walk("USDBRL", "BVMF")

    def position(wanted: date) -> int | None:
        at = bisect_right(days, wanted) - 1
        return at if at >= 0 and days[at] == wanted else None

    def usd_per(code: str) -> Decimal | None:
        if position(day) is None:
            return None
        if code == "USD":
            return Decimal(1)
        if code == "BRL":
            at = position(day)
            if at is None:
                return None
            # The walk is scaled to begin at 5.
            return closes[0] / closes[at] / 5
        return Decimal(USD_PER[code]) if code in USD_PER else None

    of_base, of_quote = usd_per(base), usd_per(quote)
    if of_base is None or of_quote is None:
        return None
    return (of_base / of_quote).quantize(Decimal("0.0001"))
