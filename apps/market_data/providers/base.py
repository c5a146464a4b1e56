"""What every vendor is asked for, what it answers with, and how it fails.

Money and rates are ``Decimal``; a price is positive or absent, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import ClassVar

# Units in which some exchanges quote. Compared case-sensitively: GBp is pence, GBP is pounds.
MINOR_UNITS: Mapping[str, tuple[str, Decimal]] = {
    "GBp": ("GBP", Decimal("0.01")),
    "GBX": ("GBP", Decimal("0.01")),
    "ZAc": ("ZAR", Decimal("0.01")),
    "ILA": ("ILS", Decimal("0.01")),
}


class Capability(StrEnum):
    """What a vendor can be asked for."""

    QUOTE = "quote"
    HISTORY = "history"
    FX = "fx"
    INDEX = "index"


class ProviderError(Exception):
    """A vendor did not give what was asked.

    ``detail`` is short, for the log and the admin; it never holds a key or an address.
    """

    code: ClassVar[str] = "provider_error"
    #: Worth another attempt within seconds.
    retryable: ClassVar[bool] = False
    #: Says something about the vendor's health (counts for the circuit breaker).
    unhealthy: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.code)
        self.detail = detail or self.code


class SymbolNotFound(ProviderError):
    """The vendor does not know the symbol."""

    code = "symbol_not_found"


class AuthFailed(ProviderError):
    """The key is missing or refused."""

    code = "auth_failed"
    unhealthy = True


class PlanRestricted(ProviderError):
    """The key's plan does not include what was asked; other requests may work."""

    code = "plan_restricted"


class QuotaExhausted(ProviderError):
    """The plan's budget is used up until ``reset_at`` (``None``: the vendor does not say)."""

    code = "quota_exhausted"
    unhealthy = True

    def __init__(self, detail: str = "", reset_at: datetime | None = None) -> None:
        super().__init__(detail)
        self.reset_at = reset_at


class RateLimited(ProviderError):
    """Asked too fast; ``retry_after`` is in seconds where the vendor says."""

    code = "rate_limited"
    retryable = True
    unhealthy = True

    def __init__(self, detail: str = "", retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Upstream(ProviderError):
    """The vendor failed (5xx) or could not be reached."""

    code = "upstream"
    retryable = True
    unhealthy = True


class Timeout(Upstream):
    """No answer, or no complete answer, in time."""

    code = "timeout"


class BadShape(ProviderError):
    """An answer that is not what the vendor documents (a page of HTML under 200 is common)."""

    code = "bad_shape"
    unhealthy = True


@dataclass(frozen=True, slots=True)
class Instrument:
    """An asset as vendors need to know it. ``ref`` is the caller's key for it.

    ``exchange`` is a MIC or empty, ``market`` the wider place (BR, US, EU). ``quote_symbol`` is
    the symbol someone set by hand, in Yahoo's spelling; it wins over what is derived.
    """

    ref: str
    ticker: str
    exchange: str = ""
    market: str = ""
    currency: str = ""
    asset_class: str = ""
    quote_symbol: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """A last price. ``price`` is in ``currency`` (ISO 4217, minor units already scaled);
    ``raw_currency`` is what the vendor wrote. ``as_of`` is aware."""

    symbol: str
    price: Decimal
    currency: str
    as_of: datetime
    source: str
    raw_currency: str = ""
    previous_close: Decimal | None = None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One session **as traded**.

    ``factor`` brings ``close`` to today's shares: ``close * factor`` is the close adjusted by
    every later split and bonus. ``adj_close`` is the vendor's own figure, adjusted by dividends
    too, where there is one.
    """

    date: date
    close: Decimal
    open: Decimal | None = None
    high: Decimal | None = None
    low: Decimal | None = None
    adj_close: Decimal | None = None
    volume: int | None = None
    factor: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Split:
    """``ratio`` = new shares per old share, in force at the open of ``date``."""

    date: date
    ratio: Decimal


@dataclass(frozen=True, slots=True)
class History:
    """Rows in order of date, one per date, as traded."""

    symbol: str
    currency: str
    source: str
    rows: Sequence[HistoryRow]
    splits: Sequence[Split] = ()


@dataclass(frozen=True, slots=True)
class FxRow:
    """1 ``base`` = ``rate`` ``quote`` (PTAX: sale in ``rate``, purchase in ``rate_buy``)."""

    date: date
    base: str
    quote: str
    rate: Decimal
    rate_buy: Decimal | None = None


@dataclass(frozen=True, slots=True)
class IndexRow:
    """Percent of the day (CDI, Selic) or of the month (IPCA, dated day 1), points otherwise."""

    date: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """One vendor's settings: where, with which key, how patiently, how much at once."""

    base_url: str
    token: str = ""
    connect_timeout: float = 3.05
    read_timeout: float = 10.0
    total_timeout: float = 20.0
    batch_size: int = 1
    cache_dir: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QuoteBatch:
    """What became of each instrument asked for, by ``ref``."""

    quotes: Mapping[str, Quote]
    errors: Mapping[str, ProviderError]


class Provider:
    """A vendor. A subclass answers what its ``capabilities`` say."""

    name: ClassVar[str] = ""
    default_url: ClassVar[str] = ""
    capabilities: ClassVar[frozenset[Capability]] = frozenset()

    def __init__(self, config: ProviderConfig) -> None:
        self.config = config

    def symbol(self, instrument: Instrument) -> str | None:
        """The vendor's name of the instrument; ``None`` when it has none."""
        return None

    def knows_index(self, code: str) -> bool:
        """Whether the index can be asked of this vendor."""
        return False

    def knows_fx(self, base: str, quote: str) -> bool:
        """Whether the pair, in this direction, can be asked of this vendor."""
        return False

    def quotes(self, instruments: Sequence[Instrument], *, now: datetime) -> QuoteBatch:
        """Last prices of at most ``config.batch_size`` instruments in one request.

        Raises ``ProviderError`` when the request as a whole failed.
        """
        raise NotImplementedError

    def history(self, instrument: Instrument, *, start: date, end: date, now: datetime) -> History:
        """Daily history of ``start`` to ``end``, both included."""
        raise NotImplementedError

    def fx(self, base: str, quote: str, *, start: date, end: date, now: datetime) -> list[FxRow]:
        """Daily rates of ``start`` to ``end``, both included."""
        raise NotImplementedError

    def index(self, code: str, *, start: date, end: date, now: datetime) -> list[IndexRow]:
        """Values of ``start`` to ``end``, both included."""
        raise NotImplementedError


def number(value: object) -> Decimal | None:
    """A finite decimal out of a vendor's number or numeric text, else ``None``."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, str):
        try:
            parsed = Decimal(value.strip())
        except InvalidOperation:
            return None
        return parsed if parsed.is_finite() else None
    return None


def day_first(text: str) -> date:
    """``dd/mm/yyyy`` as a date; raises ``ValueError``."""
    day, month, year = text.split("/")
    return date(int(year), int(month), int(day))


def positive(value: object) -> Decimal | None:
    """A price: a number above zero, else ``None``. A vendor's 0 means that it has none."""
    parsed = number(value)
    return parsed if parsed is not None and parsed > 0 else None


def scale_currency(raw: str) -> tuple[str, Decimal]:
    """ISO currency and the multiplier that brings a raw price to it.

    >>> scale_currency("GBp")
    ('GBP', Decimal('0.01'))
    >>> scale_currency("GBP")
    ('GBP', Decimal('1'))
    """
    return MINOR_UNITS.get(raw, (raw.upper(), Decimal(1)))


def as_traded(rows: Iterable[HistoryRow], splits: Sequence[Split]) -> list[HistoryRow]:
    """Undo a vendor's split adjustment, so that each close is what was paid that day.

    ``rows`` are adjusted by all of ``splits``; a split on the day *d* touches the rows before
    *d*. Prices that were touched are rounded to the cent's hundredth (or six places below 1),
    which removes the noise of the vendor's division and no tick of any exchange.
    """
    ordered = sorted(rows, key=lambda row: row.date, reverse=True)
    pending = sorted(splits, key=lambda split: split.date, reverse=True)
    ratio = Decimal(1)
    position = 0
    result: list[HistoryRow] = []
    for row in ordered:
        while position < len(pending) and pending[position].date > row.date:
            ratio *= pending[position].ratio
            position += 1
        if ratio == 1:
            result.append(row)
            continue
        result.append(
            HistoryRow(
                date=row.date,
                close=_unadjust(row.close, ratio),
                open=None if row.open is None else _unadjust(row.open, ratio),
                high=None if row.high is None else _unadjust(row.high, ratio),
                low=None if row.low is None else _unadjust(row.low, ratio),
                adj_close=row.adj_close,
                # Vendors multiply past volumes by the ratio.
                volume=None if row.volume is None else int(Decimal(row.volume) / ratio),
                factor=1 / ratio,
            )
        )
    result.reverse()
    return result


def _unadjust(price: Decimal, ratio: Decimal) -> Decimal:
    traded = price * ratio
    return traded.quantize(Decimal("0.0001") if traded >= 1 else Decimal("0.000001"))


def unique_by_date(rows: Iterable[HistoryRow]) -> list[HistoryRow]:
    """Rows in order of date; of two with the same date the later one in the answer stays."""
    by_date = {row.date: row for row in rows}
    return [by_date[day] for day in sorted(by_date)]
