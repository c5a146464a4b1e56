"""Reads the price file, which may be long."""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import isleap
from datetime import date
from decimal import Decimal
from itertools import islice, repeat
from math import isfinite
from operator import add, gt, le

from apps.engine.io.tables import (
    LARGEST,
    BadCell,
    CellReader,
    bad_row,
    no_extra,
    read_text,
    table_of,
)
from apps.engine.prices import PriceTable
from apps.engine.types import Issue

PRICE_COLUMNS = ["date", "asset", "close"]
_CHUNK = 20_000

# A plain row of date, asset and close. Everything it accepts the row-by-row reader accepts too;
# what it does not (quotes, exponents, zeros, spaces) is left to that one.
_DATE = (
    r"[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|02-29)"
)
_CLOSE = r"(?![0.]+\n)[0-9]{1,20}+(?:\.[0-9]{1,20}+)?+\n"
_RUN = re.compile(rf"{_DATE},([^,\n\"\r\s]*+),{_CLOSE}(?:{_DATE},\1,{_CLOSE})*+")
_ROWS = re.compile(rf"(?:{_DATE},[^,\n\"\r\s]*+,{_CLOSE})*+")
# Fewer rows than this in a row of one asset: the file goes by date, not by asset.
_SHORT_RUN = 8


def _columns(lines: list[str]) -> tuple[list[str], list[str], list[str]] | None:
    """The three columns of plain lines; None where a line has not exactly three cells."""
    if set(map(str.count, lines, repeat(","))) != {2}:
        return None
    cells = ",".join(lines).split(",")
    return cells[0::3], cells[1::3], cells[2::3]


def _all_prices(closes: list[str]) -> bool:
    """Whether every cell is a positive finite number. Much cheaper than Decimal, and strict:
    NaN fails every comparison but hides from ``min``, so the sum is looked at as well."""
    try:
        numbers = list(map(float, closes))
    except ValueError:
        return False
    return (
        min(numbers) > 0.0
        and max(numbers) < 10.0**LARGEST
        and isfinite(sum(numbers))
        and "_" not in "".join(closes)
    )


class _Prices:
    """Collects closes: all of them, or each asset's last on or before a day."""

    def __init__(self, path: str, last_on: date | None) -> None:
        self.path = path
        self.limit = None if last_on is None else last_on.isoformat()
        self.reader = CellReader()
        self.issues: list[Issue] = []
        self.series: dict[str, dict[str, str]] = {}
        self.last: dict[str, tuple[str, str]] = {}

    def chunk(self, days: list[str], assets: list[str], closes: list[str]) -> bool:
        """Take many rows at once; False, and nothing taken, where any of them is bad."""
        try:
            for day in set(days) - self.reader.days.keys():
                self.reader.day(day)
        except BadCell:
            return False
        if not _all_prices(closes):
            return False
        limit = self.limit
        if limit is None:
            series = self.series
            for asset, day, close in zip(assets, days, closes, strict=True):
                if asset in series:
                    series[asset][day] = close
                else:
                    series[asset] = {day: close}
        elif max(days) <= limit and self._in_order(days, assets):
            # The last row of each asset in the chunk is its newest.
            for asset, place in dict(zip(assets, range(len(assets)), strict=True)).items():
                self._keep(asset, days[place], closes[place])
        else:
            for asset, day, close in zip(assets, days, closes, strict=True):
                if day <= limit:
                    self._keep(asset, day, close)
        return True

    @staticmethod
    def _in_order(days: list[str], assets: list[str]) -> bool:
        if all(map(le, days, islice(days, 1, None))):
            return True
        keys = list(map(add, assets, days))
        return all(map(le, keys, islice(keys, 1, None)))

    def _keep(self, asset: str, day: str, close: str) -> None:
        newest = self.last.get(asset)
        if newest is None or newest[0] <= day:
            self.last[asset] = (day, close)

    def row(self, line: int, cells: list[str], width: int, at: tuple[int, int, int]) -> None:
        """Take one row, or report it."""
        day, asset, close = (cells[place].strip() for place in at)
        try:
            no_extra(cells, width)
            self.reader.day(day)
            if not _all_prices([close]):
                raise BadCell("not a price" if close else "empty", "close", close)
        except BadCell as error:
            self.issues.append(bad_row(self.path, line, error))
            return
        if self.limit is None:
            self.series.setdefault(asset, {})[day] = close
        elif day <= self.limit:
            self._keep(asset, day, close)

    def table(self) -> PriceTable:
        """What was collected."""
        days = self.reader.days
        if self.limit is not None:
            return PriceTable(
                {asset: [(days[day], Decimal(close))] for asset, (day, close) in self.last.items()}
            )
        return PriceTable(
            {
                asset: [(days[day], Decimal(close)) for day, close in found.items()]
                for asset, found in self.series.items()
            }
        )


def _leap_days_exist(body: str) -> bool:
    """Whether every 29 February is of a leap year, the one thing the pattern of a date cannot
    tell (and no year is 0)."""
    place = body.find("-02-29")
    while place >= 0:
        year = body[place - 4 : place]
        if not year.isdigit() or not isleap(int(year)):  # no digits: the name of an asset
            return False
        place = body.find("-02-29", place + 1)
    return "\n0000" not in body and not body.startswith("0000")


def _newest(lines: list[str], limit: str) -> int:
    """How many lines, ascending by date, are on or before a day."""
    return bisect_right(lines, limit + "\x7f")


def _last_closes(body: str, limit: str) -> dict[str, tuple[str, str]] | None:
    """Each asset's last (day, close) on or before ``limit`` of a file in order.

    Recognises plain rows grouped by asset or sorted by date, each group ascending, and leaves
    the scanning to the regular expression engine; None for any other file.
    """
    if not body.endswith("\n"):
        body += "\n"
    newest: list[str] = []
    place = runs = 0
    while place < len(body):
        match = _RUN.match(body, place)
        if match is None:
            return None
        lines = body[place : match.end()].split("\n")
        lines.pop()
        place = match.end()
        runs += 1
        if len(lines) < _SHORT_RUN and runs > 50:
            break
        if any(map(gt, lines, islice(lines, 1, None))):
            return None
        count = _newest(lines, limit)
        newest += lines[count - 1 : count] if count else []
    if place < len(body):
        match = _ROWS.match(body)
        lines = body.split("\n")
        lines.pop()
        if match is None or match.end() < len(body) or any(map(gt, lines, islice(lines, 1, None))):
            return None
        lines = lines[: _newest(lines, limit)]
        newest = list({line[11 : line.index(",", 11)]: line for line in lines}.values())
    if not _leap_days_exist(body):
        return None
    closes: dict[str, tuple[str, str]] = {}
    for line in newest:
        day, asset, close = line.split(",")
        if asset not in closes or closes[asset][0] <= day:
            closes[asset] = (day, close)
    return closes


def read_prices(path: str, last_on: date | None = None) -> tuple[PriceTable, list[Issue]]:
    """Closing prices. With ``last_on`` only each asset's last on or before that day is kept,
    which is all a valuation needs; every row is checked either way.

    Files of a million rows are common here, so plain ones are taken column by column, some
    thousand lines at a time; a chunk with anything odd in it is read again row by row.
    """
    text = read_text(path)
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    quoted = '"' in text or "\r" in text
    table = text if quoted else text[: text.find("\n") + 1] or text
    header, rows = table_of(path, table, PRICE_COLUMNS, PRICE_COLUMNS)
    first, second, third = (header.index(name) for name in PRICE_COLUMNS)
    at = (first, second, third)
    prices = _Prices(path, last_on)
    width = len(header)
    if quoted:
        for line, cells in rows:
            prices.row(line, cells, width, at)
        return prices.table(), prices.issues
    if prices.limit is not None and header == PRICE_COLUMNS:
        closes = _last_closes(text[text.find("\n") + 1 :], prices.limit)
        if closes is not None:
            return PriceTable(
                {
                    asset: [(date.fromisoformat(day), Decimal(close))]
                    for asset, (day, close) in closes.items()
                }
            ), []
    lines = text.split("\n")
    if not lines[-1]:
        lines.pop()
    for start in range(1, len(lines), _CHUNK):
        some = lines[start : start + _CHUNK]
        columns = _columns(some)
        if columns is not None and prices.chunk(*(columns[place] for place in at)):
            continue
        for line, content in enumerate(some, start + 1):
            cells = content.split(",")
            if any(cells):
                cells += [""] * (width - len(cells))
                prices.row(line, cells, width, at)
    return prices.table(), prices.issues
