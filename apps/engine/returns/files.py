"""Reads a price file straight into arrays: a million decimals would only be turned into floats."""

from __future__ import annotations

from datetime import date

import numpy as np

from apps.engine.grid import PriceArrays, floats, ordinals
from apps.engine.io.prices import PRICE_COLUMNS, read_prices
from apps.engine.io.tables import FIRST_YEAR, LARGEST, LAST_YEAR, read_text
from apps.engine.prices import PriceTable
from apps.engine.returns import price_bytes
from apps.engine.returns.price_bytes import Parsed
from apps.engine.types import Issue


def price_arrays(table: PriceTable) -> PriceArrays:
    """A table of decimals as arrays."""
    series = {}
    for asset in table.assets():
        dates, closes = table.series(asset)
        series[asset] = (ordinals(dates), floats(closes))
    return PriceArrays(series)


def _ordinal(text: str) -> int:
    if len(text) != 10:
        raise ValueError(text)
    found = date.fromisoformat(text)
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(text)
    return found.toordinal()


def _plain(text: str) -> PriceArrays | None:
    """Prices of a file without quotes, gaps or errors; None for any other, which is then read
    row by row."""
    head, _, body = text.replace("\r\n", "\n").partition("\n")
    if head.split(",") != PRICE_COLUMNS or '"' in body or "_" in body or "\r" in body:
        return None
    if not body.strip("\n"):
        return PriceArrays({})
    parsed = price_bytes.parse(body) or _by_cell(body.removesuffix("\n"))
    if parsed is None:
        return None
    names, which, when, closes = parsed
    key = which * 10_000_000 + when
    if not (np.diff(key) > 0).all():
        order = np.argsort(key, kind="stable")
        key = key[order]
        # Of two prices of one day the one further down the file holds.
        order = order[np.append(key[1:] != key[:-1], True)]
        which, when, closes = which[order], when[order], closes[order]
    edges = np.searchsorted(which, np.arange(len(names) + 1))
    return PriceArrays(
        {
            name: (when[low:high], closes[low:high])
            for name, low, high in zip(names, edges[:-1], edges[1:], strict=True)
        }
    )


def _by_cell(body: str) -> Parsed | None:
    """The same, cell by cell: files that go by date."""
    cells = body.replace("\n", ",").split(",")
    if len(cells) != 3 * (body.count("\n") + 1):
        return None
    try:
        days = {text: _ordinal(text) for text in set(cells[0::3])}
        closes = np.fromiter(map(float, cells[2::3]), np.float64, len(cells) // 3)
    except ValueError:
        return None
    if not ((closes > 0.0) & (closes < 10.0**LARGEST)).all():
        return None
    names = {name: place for place, name in enumerate(dict.fromkeys(cells[1::3]))}
    which = np.fromiter(map(names.__getitem__, cells[1::3]), np.int64, len(closes))
    when = np.fromiter(map(days.__getitem__, cells[0::3]), np.int64, len(closes))
    return Parsed(list(names), which, when, closes)


def read_price_arrays(path: str) -> tuple[PriceArrays, list[Issue]]:
    """Closing prices; bad rows are left out and reported."""
    plain = _plain(read_text(path))
    if plain is not None:
        return plain, []
    table, issues = read_prices(path)
    return price_arrays(table), issues
