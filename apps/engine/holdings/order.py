"""Puts ledger rows in the order they take effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import islice
from operator import attrgetter, le

from apps.engine.kinds import INCOME_KINDS, Kind
from apps.engine.types import Row

_CORPORATE, _IN, _OPEN, _CLOSE, _OUT, _INCOME, _REST = range(7)

# A short sale opens and a cover closes, so each takes the place of its mirror image.
RANK: dict[Kind, int] = {
    **dict.fromkeys(Kind, _REST),
    Kind.SPLIT: _CORPORATE,
    Kind.BONUS: _CORPORATE,
    Kind.SPIN_OFF: _CORPORATE,
    Kind.MERGER: _CORPORATE,
    Kind.RENAME: _CORPORATE,
    Kind.RETURN_OF_CAPITAL: _CORPORATE,
    Kind.FRACTION_SALE: _CORPORATE,
    Kind.TRANSFER_IN: _IN,
    Kind.BUY: _OPEN,
    Kind.SHORT_SELL: _OPEN,
    Kind.SUBSCRIPTION: _OPEN,
    Kind.SELL: _CLOSE,
    Kind.COVER: _CLOSE,
    Kind.TRANSFER_OUT: _OUT,
    **dict.fromkeys(INCOME_KINDS, _INCOME),
}

_DAY = 86_400


def _with_time(row: Row) -> int:
    """Day, then time, then rank. Rows without time stand around the timed ones: what adds to a
    position before them, what takes from it or needs it after them."""
    rank = RANK[row.kind]
    if row.time is None:
        second = 0 if rank <= _OPEN else _DAY + 1
        micro = 0
    else:
        clock = row.time
        second = clock.hour * 3600 + clock.minute * 60 + clock.second
        micro = clock.microsecond
    return ((row.date.toordinal() * (_DAY + 2) + second) * 1_000_000 + micro) * 8 + rank


_SEQ, _TIME, _DATE, _KIND = map(attrgetter, ("seq", "time", "date", "kind"))


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Rows by date, time, rank of the kind within the day, place in the file."""
    ordered = list(rows)
    places = list(map(_SEQ, ordered))
    if not all(map(le, places, islice(places, 1, None))):
        ordered.sort(key=_SEQ)
    if any(map(_TIME, ordered)):
        ordered.sort(key=_with_time)
        return ordered
    days = map(date.toordinal, map(_DATE, ordered))
    ranks = map(RANK.__getitem__, map(_KIND, ordered))
    keys = [day * 8 + rank for day, rank in zip(days, ranks, strict=True)]
    if all(map(le, keys, islice(keys, 1, None))):
        return ordered
    return [ordered[place] for place in sorted(range(len(keys)), key=keys.__getitem__)]
