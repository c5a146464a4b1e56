"""SGS's rows: dates and values are text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from apps.market_data.providers.base import BadShape, IndexRow, day_first, number


def rows(raw: Iterable[Mapping[str, object]], *, start: date, end: date) -> list[IndexRow]:
    """Values by date; an empty value is no row, of a repeated date the last one stays, and
    dates outside the window (targets are published ahead) are cut."""
    found: dict[date, IndexRow] = {}
    for item in raw:
        try:
            day = day_first(str(item.get("data", "")))
        except ValueError as error:
            raise BadShape("unreadable date") from error
        text = str(item.get("valor") or "").strip()
        if not text:
            continue
        value = number(text)
        if value is None:
            raise BadShape("unreadable value")
        if start <= day <= end:
            found[day] = IndexRow(day, value)
    return [found[day] for day in sorted(found)]
