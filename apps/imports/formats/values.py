"""Cells to values: numbers, dates and texts as Brazilian files print them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache

from apps.imports.formats.types import Raw

_SPACES = re.compile(r"\s+")
_BLANK = frozenset({"", "-", "–", "—", "--"})
_MONEY = re.compile(r"^(?:R\$|US\$|U\$|\$|€|BRL|USD|EUR)\s*", re.IGNORECASE)
_PT = re.compile(r"^(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)(?:,\d+)?$")
_EN = re.compile(r"^(?:[1-9]\d{0,2}(?:,\d{3})+|\d+)(?:\.\d+)?$")
_PLAIN = re.compile(r"^-?\d+(?:\.\d+)?$")
_DMY = re.compile(r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[ T,]+\d{1,2}:\d{2}(?::\d{2})?)?$")
_YMD = re.compile(r"^(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[ T]\d{2}:\d{2}.*)?$")
# Excel keeps doubles and shows 15 significant digits: the rest is binary noise.
_EXCEL = Context(prec=15)
_EPOCH = date(1899, 12, 30)
_FIRST_YEAR, _LAST_YEAR = 1950, 2199


def text(value: Raw) -> str:
    """A cell as text: no-break and doubled spaces become one, the ends are trimmed."""
    if type(value) is str:
        return _clean(value)
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bool):
        return "1" if value else "0"
    return _clean(str(value))


# Files repeat themselves: the same institution, market and date on thousands of rows.
@lru_cache(maxsize=4096)
def _clean(value: str) -> str:
    return _SPACES.sub(" ", value.replace("\u00a0", " ")).strip()


def is_blank(value: Raw) -> bool:
    """Whether a cell says nothing; B3 prints a dash for that."""
    return value is None or (isinstance(value, str) and _clean(value) in _BLANK)


@lru_cache(maxsize=4096)
def fold(value: str) -> str:
    """Upper case without accents, spaces collapsed: for comparing headers and words."""
    spread = unicodedata.normalize("NFD", text(value))
    bare = "".join(c for c in spread if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).upper()


def excel_number(raw: str) -> Decimal:
    """The number of an Excel cell without binary noise: 36.709999999999997 is 36.71."""
    return trim(_EXCEL.create_decimal(raw))


def trim(value: Decimal) -> Decimal:
    """Without trailing zeros and without an exponent."""
    short = value.normalize()
    return short.quantize(Decimal(1)) if short.as_tuple().exponent > 0 else short  # type: ignore[operator]


def number(value: Raw, *, style: str = "auto") -> Decimal | None:
    """A cell as a number, ``None`` where it is blank; ``ValueError`` where it is neither.

    ``style`` is ``","`` or ``"."`` for the decimal mark, ``"plain"`` for exchange files, or
    ``"auto"``: Brazilian first (``1.234`` is one thousand), then English.
    """
    if is_blank(value):
        return None
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str):
        raise ValueError("not a number")
    raw = text(value)
    if style == "plain":
        if not _PLAIN.match(raw):
            raise ValueError("not a plain number")
        return Decimal(raw)
    negative = False
    if raw.startswith("(") and raw.endswith(")"):
        negative, raw = True, raw[1:-1].strip()
    if raw[:1] in "+-−":
        negative, raw = raw[0] != "+", raw[1:].strip()
    raw = _MONEY.sub("", raw)
    if raw[:1] in ("-", "−"):
        negative, raw = True, raw[1:].strip()
    raw = raw.replace(" ", "")
    if style in (",", "auto") and _PT.match(raw):
        plain = raw.replace(".", "").replace(",", ".")
    elif style in (".", "auto") and _EN.match(raw):
        plain = raw.replace(",", "")
    else:
        raise ValueError("not a number")
    try:
        parsed = Decimal(plain)
    except InvalidOperation as error:  # pragma: no cover - the patterns above only let digits by
        raise ValueError("not a number") from error
    return -parsed if negative else parsed


def day(value: Raw, *, order: str = "dmy") -> date | None:
    """A cell as a date, ``None`` where it is blank; ``ValueError`` where it is no date.

    Text with slashes is read in ``order``; ISO dates, Excel dates and Excel day numbers are read
    whatever the order.
    """
    if is_blank(value):
        return None
    if isinstance(value, datetime):
        parsed = value.date()
    elif isinstance(value, date):
        parsed = value
    elif isinstance(value, Decimal):
        parsed = excel_day(value)
    elif isinstance(value, str):
        parsed = _day_of_text(text(value), order)
    else:
        raise ValueError("not a date")
    if not _FIRST_YEAR <= parsed.year <= _LAST_YEAR:
        raise ValueError("not a plausible year")
    return parsed


def excel_day(serial: Decimal, *, epoch_1904: bool = False) -> date:
    """The day of an Excel serial number."""
    if not 0 < serial < 3_000_000:
        raise ValueError("not a date")
    return (date(1904, 1, 1) if epoch_1904 else _EPOCH) + timedelta(days=int(serial))


def _day_of_text(raw: str, order: str) -> date:
    iso = _YMD.match(raw)
    if iso:
        return date(int(iso[1]), int(iso[2]), int(iso[3]))
    match = _DMY.match(raw)
    if not match:
        raise ValueError("not a date")
    first, second, year = int(match[1]), int(match[2]), int(match[3])
    return date(year, first, second) if order == "mdy" else date(year, second, first)


def institution_key(name: str) -> str:
    """An institution's name without what reports spell differently: accents, dots, company form.

    ``XP INVESTIMENTOS CCTVM S/A`` and ``XP Investimentos CCTVM S.A.`` are one.
    """
    bare = re.sub(r"[^A-Z0-9 ]+", " ", re.sub(r"\bS\s*[./]\s*A\b\.?", " ", fold(name)))
    words = [word for word in bare.split() if word not in ("SA", "LTDA")]
    return " ".join(words)


def content_key(kind: str, cells: Iterable[Raw]) -> str:
    """The hash by which a row is known again, however a later file prints it."""
    parts = [kind]
    for cell in cells:
        if is_blank(cell):
            parts.append("")
        elif isinstance(cell, Decimal):
            parts.append(format(trim(cell), "f"))
        else:
            parts.append(fold(text(cell)))
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()
