"""brapi's answers to plain rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from apps.market_data.providers.base import (
    BadShape,
    HistoryRow,
    ProviderError,
    Quote,
    Split,
    as_traded,
    number,
    positive,
    scale_currency,
    unique_by_date,
)
from apps.market_data.providers.brapi.errors import classify

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
_FACTOR = re.compile(r"^\s*([\d.,]+)\s+para\s+([\d.,]+)\s*$", re.IGNORECASE)
_SPLIT_LABELS = ("DESDOBRAMENTO", "GRUPAMENTO", "BONIFICA")


def results_by_symbol(body: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Results by the symbol that was asked. Order says nothing: renamed tickers are mapped."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in body["results"]:
        if isinstance(item, dict):
            found[str(item.get("requestedSymbol") or item.get("symbol") or "").upper()] = item
    return found


def item_error(item: Mapping[str, Any]) -> ProviderError | None:
    """The error of one result inside a good answer."""
    if item.get("error") is True:
        return classify(str(item.get("message", "")), 404)
    return None


def quote(item: Mapping[str, Any], source: str) -> Quote:
    """Raises ``BadShape`` when price, currency or time is missing."""
    price = positive(item.get("regularMarketPrice"))
    raw_currency = str(item.get("currency") or "")
    as_of = moment(item.get("regularMarketTime"))
    if price is None or not raw_currency or as_of is None:
        raise BadShape("quote without price, currency or time")
    currency, scale = scale_currency(raw_currency)
    previous = positive(item.get("regularMarketPreviousClose"))
    return Quote(
        symbol=str(item.get("symbol", "")),
        price=price * scale,
        currency=currency,
        raw_currency=raw_currency,
        as_of=as_of,
        previous_close=None if previous is None else previous * scale,
        source=source,
    )


def history(item: Mapping[str, Any]) -> tuple[list[HistoryRow], list[Split]]:
    """Rows as traded, and the splits that were undone.

    With ``rawClose`` in a row (a paid plan) that is the price; otherwise the split adjustment
    is undone with the answer's own list of share events.
    """
    raw_rows = item.get("historicalDataPrice")
    if not isinstance(raw_rows, list):
        raise BadShape("no historicalDataPrice")
    splits = stock_splits(item)
    adjusted: list[HistoryRow] = []
    traded: list[HistoryRow] = []
    for raw in raw_rows:
        close = positive(raw.get("close"))
        stamp = number(raw.get("date"))
        if close is None or stamp is None:
            continue
        day = datetime.fromtimestamp(int(stamp), UTC).astimezone(SAO_PAULO).date()
        volume = number(raw.get("volume"))
        adj_close = positive(raw.get("adjustedClose"))
        raw_close = positive(raw.get("rawClose"))
        if raw_close is not None:
            traded.append(
                HistoryRow(
                    date=day,
                    close=raw_close,
                    open=positive(raw.get("rawOpen")),
                    high=positive(raw.get("rawHigh")),
                    low=positive(raw.get("rawLow")),
                    adj_close=adj_close,
                    volume=None if volume is None else int(volume),
                    factor=_factor_after(day, splits),
                )
            )
            continue
        adjusted.append(
            HistoryRow(
                date=day,
                close=close,
                open=positive(raw.get("open")),
                high=positive(raw.get("high")),
                low=positive(raw.get("low")),
                adj_close=adj_close,
                volume=None if volume is None else int(volume),
            )
        )
    return unique_by_date([*as_traded(adjusted, splits), *traded]), splits


def stock_splits(item: Mapping[str, Any]) -> list[Split]:
    """Splits, reverse splits and bonuses of ``dividendsData``, each event once.

    Raises ``BadShape`` where ``factor`` and ``completeFactor`` disagree: a wrong factor would
    falsify every earlier price.
    """
    data = item.get("dividendsData") or {}
    found: dict[tuple[date, Decimal], Split] = {}
    for raw in data.get("stockDividends") or []:
        label = str(raw.get("label", "")).upper()
        if not label.startswith(_SPLIT_LABELS):
            continue
        day = _day(raw.get("exDate")) or _day(raw.get("lastDatePrior"), add=1)
        ratio = _ratio(raw)
        if day is None or ratio is None:
            raise BadShape("share event without date or factor")
        found[(day, ratio)] = Split(day, ratio)
    return sorted(found.values(), key=lambda split: split.date)


def _ratio(raw: Mapping[str, Any]) -> Decimal | None:
    factor = positive(raw.get("factor"))
    match = _FACTOR.match(str(raw.get("completeFactor") or ""))
    if match is None:
        return factor
    new, old = (positive(text.replace(",", ".")) for text in match.groups())
    if new is None or old is None:
        return factor
    complete = new / old
    if factor is not None and abs(factor - complete) > complete * Decimal("0.001"):
        raise BadShape("share event whose two factors disagree")
    return complete


def _factor_after(day: date, splits: Iterable[Split]) -> Decimal:
    ratio = Decimal(1)
    for split in splits:
        if split.date > day:
            ratio *= split.ratio
    return 1 / ratio


def _day(value: object, add: int = 0) -> date | None:
    # Midnight in São Paulo written as UTC, at times 13:00 UTC: the local date is the date.
    stamp = moment(value)
    if stamp is None:
        return None
    return date.fromordinal(stamp.astimezone(SAO_PAULO).date().toordinal() + add)


def moment(value: object) -> datetime | None:
    """An ISO 8601 text as an aware moment (UTC where it names no zone)."""
    if not isinstance(value, str):
        return None
    try:
        stamp = datetime.fromisoformat(value)
    except ValueError:
        return None
    return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
