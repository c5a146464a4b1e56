"""yfinance's frames to plain rows. The only place where its floats become decimals."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import TYPE_CHECKING, Any

from apps.market_data.providers.base import (
    BadShape,
    HistoryRow,
    Quote,
    Split,
    as_traded,
    scale_currency,
    unique_by_date,
)

if TYPE_CHECKING:
    import pandas


def exact(value: float | None) -> Decimal | None:
    """The price behind Yahoo's float, ``None`` for a hole or anything not above zero.

    Yahoo keeps prices in 32 bits and sends them widened: 99.99 arrives as 99.98999786376953.
    Such a number becomes the shortest decimal with the same 32 bits; any other stays as written.

    >>> exact(99.98999786376953)
    Decimal('99.99')
    >>> exact(512345.67)
    Decimal('512345.67')
    """
    if value is None:
        return None
    number = float(value)
    if not isfinite(number) or number <= 0:
        return None
    if _as_32_bits(number) == number:
        for digits in range(1, 10):
            text = f"{number:.{digits}g}"
            if _as_32_bits(float(text)) == number:
                return Decimal(format(Decimal(text), "f"))
    return Decimal(repr(number))


def _as_32_bits(number: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return float("inf")


def currency_of(meta: Mapping[str, Any]) -> tuple[str, str, Decimal]:
    """Raw currency, ISO currency and scale. Raises ``BadShape`` where Yahoo names none: without
    it pence cannot be told from pounds."""
    raw = str(meta.get("currency") or "")
    if not raw:
        raise BadShape("no currency")
    currency, scale = scale_currency(raw)
    return raw, currency, scale


def quote(
    frame: pandas.DataFrame | None, meta: Mapping[str, Any], symbol: str, source: str
) -> Quote:
    """The last price. Raises ``BadShape`` without price, time or currency."""
    raw, currency, scale = currency_of(meta)
    price = exact(meta.get("regularMarketPrice"))
    stamp = _moment(meta.get("regularMarketTime"))
    if price is None or stamp is None:
        raise BadShape("quote without price or time")
    return Quote(
        symbol=symbol,
        price=price * scale,
        currency=currency,
        raw_currency=raw,
        as_of=stamp,
        previous_close=_previous_close(frame, meta, scale),
        source=source,
    )


def history(
    frame: pandas.DataFrame | None, meta: Mapping[str, Any]
) -> tuple[list[HistoryRow], list[Split]]:
    """Rows as traded and the splits undone. Days without a close are left out."""
    _, _, scale = currency_of(meta)
    if frame is None or frame.empty:
        return [], []
    days = [stamp.date() for stamp in frame.index]
    columns = {
        name: [exact(value) for value in frame[name].tolist()]
        for name in ("Open", "High", "Low", "Close", "Adj Close")
        if name in frame
    }
    volumes = frame["Volume"].tolist() if "Volume" in frame else [None] * len(days)
    adjusted = []
    for position, day in enumerate(days):
        close = columns["Close"][position]
        if close is None:
            continue
        adjusted.append(
            HistoryRow(
                date=day,
                close=close * scale,
                open=_scaled(columns, "Open", position, scale),
                high=_scaled(columns, "High", position, scale),
                low=_scaled(columns, "Low", position, scale),
                adj_close=_scaled(columns, "Adj Close", position, scale),
                volume=_count(volumes[position]),
            )
        )
    splits = _splits(days, frame)
    return unique_by_date(as_traded(adjusted, splits)), splits


def _splits(days: list[date], frame: pandas.DataFrame) -> list[Split]:
    if "Stock Splits" not in frame:
        return []
    found = []
    for day, value in zip(days, frame["Stock Splits"].tolist(), strict=True):
        # 0 marks a day without one. The ratio is numerator / denominator in floating point:
        # 12 significant digits hold every ratio a company ever announced.
        if isfinite(value) and value > 0:
            found.append(Split(day, Decimal(f"{value:.12g}")))
    return found


def _scaled(
    columns: Mapping[str, list[Decimal | None]], name: str, position: int, scale: Decimal
) -> Decimal | None:
    values = columns.get(name)
    value = values[position] if values else None
    return None if value is None else value * scale


def _previous_close(
    frame: pandas.DataFrame | None, meta: Mapping[str, Any], scale: Decimal
) -> Decimal | None:
    # chartPreviousClose precedes the whole window; the close before the last day of the frame
    # is the one wanted.
    if frame is None or frame.empty or "Close" not in frame:
        return None
    stamp = _moment(meta.get("regularMarketTime"))
    closes = [
        (moment.date(), exact(value))
        for moment, value in zip(frame.index, frame["Close"].tolist(), strict=True)
    ]
    zone = frame.index.tz
    last_day = closes[-1][0] if stamp is None else stamp.astimezone(zone).date()
    earlier = [close for day, close in closes if day < last_day and close is not None]
    return earlier[-1] * scale if earlier else None


def _moment(value: object) -> datetime | None:
    # yfinance turns some stamps of the metadata into pandas' own and leaves others in seconds.
    if isinstance(value, datetime):
        stamp = value if value.tzinfo else value.replace(tzinfo=UTC)
        return datetime.fromtimestamp(stamp.timestamp(), UTC)
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return datetime.fromtimestamp(int(value), UTC)
    return None


def _count(value: Any) -> int | None:
    return None if value is None or not isfinite(value) else int(value)
