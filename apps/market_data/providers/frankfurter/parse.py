"""Frankfurter's rates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from apps.market_data.providers.base import BadShape, FxRow, number, positive


def rows(body: Mapping[str, Any], base: str, quote: str) -> list[FxRow]:
    """Rates by date. ``amount`` other than 1 divides; a date without the pair is left out."""
    amount = number(body.get("amount", 1))
    if amount is None or amount <= 0:
        raise BadShape("unreadable amount")
    found = []
    for text, rates in body["rates"].items():
        try:
            day = date.fromisoformat(text)
        except ValueError as error:
            raise BadShape("unreadable date") from error
        rate = positive(rates.get(quote)) if isinstance(rates, dict) else None
        if rate is not None:
            found.append(FxRow(day, base, quote, rate / amount))
    return sorted(found, key=lambda row: row.date)
