"""B3's fixed-width quotation files (layout: SeriesHistoricas_Layout.pdf, 245 characters a line).

A day, a month or a year; as text, zipped or gzipped; read line by line, never whole.
"""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from apps.market_data.providers.base import BadShape

# The largest year so far is under 1 GB of text.
MAX_BYTES = 3 * 1024**3
SPOT, FRACTIONAL = "010", "020"


@dataclass(frozen=True, slots=True)
class Traded:
    """A close as traded, for one share. ``fractional``: of the odd-lot market (ticker without its
    F), good only where the round lot did not trade."""

    ticker: str
    date: date
    close: Decimal
    isin: str
    fractional: bool = False


def read(path: Path) -> Iterator[Traded]:
    """Closes of the cash market. Raises ``BadShape`` naming the line: a file that is cut short or
    is something else must not pass for a complete one."""
    with _opened(path) as stream:
        size = lines = quotes = 0
        trailer: int | None = None
        for raw in stream:
            lines += 1
            size += len(raw)
            if size > MAX_BYTES:
                raise BadShape("file above 3 GB")
            line = raw.decode("latin-1").rstrip("\r\n")
            if lines == 1 and not line.startswith("00COTAHIST"):
                raise BadShape("line 1: not a COTAHIST file")
            kind = line[:2]
            if kind == "99":
                trailer = int(line[31:42].strip() or 0)
                break
            if kind == "01":
                quotes += 1
                if line[24:27] in (SPOT, FRACTIONAL):
                    yield _traded(line, lines)
            elif kind != "00" and line.strip():
                raise BadShape(f"line {lines}: unknown record {kind!r}")
        if trailer is None:
            raise BadShape(f"line {lines}: the trailer is missing, the file is cut short")
        # Counts with or without header and trailer are both seen.
        if trailer and not quotes <= trailer <= quotes + 2:
            raise BadShape(f"{quotes} quotes where the trailer tells {trailer}")


def _traded(line: str, number: int) -> Traded:
    try:
        close = Decimal(int(line[108:121])) / 100
        per = int(line[210:217] or 1) or 1
        day = date(int(line[2:6]), int(line[6:8]), int(line[8:10]))
    except ValueError as error:
        raise BadShape(f"line {number}: unreadable figure") from error
    fractional = line[24:27] == FRACTIONAL
    ticker = line[12:24].strip()
    return Traded(
        ticker=ticker.removesuffix("F") if fractional else ticker,
        date=day,
        # Prices of old papers are for a lot of 1,000.
        close=close / per,
        isin=line[230:242].strip(),
        fractional=fractional,
    )


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as plain:
        start = plain.read(2)
        plain.seek(0)
        if start == b"PK":
            with zipfile.ZipFile(plain) as archive:
                names = [name for name in archive.namelist() if not name.endswith("/")]
                if len(names) != 1:
                    raise BadShape(f"{len(names)} files in the archive instead of one")
                with archive.open(names[0]) as inner:
                    yield inner  # type: ignore[misc]
        elif start == b"\x1f\x8b":
            with gzip.open(plain) as inner:
                yield inner  # type: ignore[misc]
        else:
            yield plain
