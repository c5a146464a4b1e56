"""Named periods of the charts."""

from __future__ import annotations

import datetime as dt

MONTHS_OF = {"1m": 1, "6m": 6, "12m": 12, "5y": 60}


def months_before(day: dt.date, months: int) -> dt.date:
    """The same day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    following = dt.date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (following - dt.timedelta(days=1)).day
    return dt.date(year, month + 1, min(day.day, last))


def period_start(period: str, end: dt.date) -> dt.date | None:
    """The day a named period that ends on ``end`` starts; ``None`` is the whole history."""
    if period == "ytd":
        return dt.date(end.year, 1, 1)
    months = MONTHS_OF.get(period)
    return None if months is None else months_before(end, months)
