"""Numbers and dates as people type them."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation

from django.utils import timezone

from apps.common.formatting import MINUS, is_portuguese, plain_number
from apps.common.text import strip_accents

_CURRENCY = re.compile(r"^(?:R\$|US\$|C\$|A\$|\$|€|£|¥|[A-Z]{3}(?=[\s\d-]))\s*|\s*[A-Z]{3}$")
_NUMBER = re.compile(r"^[+-]?(?:\d[\d.,]*|[.,]\d+)$")
_GROUPED_DOT = re.compile(r"^[1-9]\d{0,2}(?:\.\d{3})+$")
_GROUPED_COMMA = re.compile(r"^[1-9]\d{0,2}(?:,\d{3})+$")
_DAY_MONTH = re.compile(r"^(\d{1,2})[/.\- ](\d{1,2})(?:[/.\- ](\d{2}|\d{4}))?$")
_ISO = re.compile(r"^(\d{4})-(\d{1,2})-(\d{1,2})$")
_BARE = re.compile(r"^(\d{2})(\d{2})(\d{4})$")
_RELATIVE = {
    "hoje": 0,
    "today": 0,
    "ontem": 1,
    "yesterday": 1,
    "anteontem": 2,
}


def parse_decimal(text: str, *, portuguese: bool | None = None) -> Decimal:
    """``1.234,56``, ``1234.56``, ``1,234.56``, ``R$ 1.234``, ``-3,5`` as a decimal.

    Where both marks appear the last one is the decimal mark. A lone mark before three digits is
    read in the reader's language: ``1.234`` is a thousand and some in Portuguese, one and a bit
    in English (``1,234`` the other way round). Raises ``ValueError``.
    """
    if portuguese is None:
        portuguese = is_portuguese()
    raw = text.strip().replace("\u2212", "-").replace("\u00a0", " ")
    negative = raw.startswith("-")
    raw = _CURRENCY.sub("", (raw[1:] if raw[:1] in ("+", "-") else raw).strip())
    raw = ("-" if negative else "") + raw.replace(" ", "").replace("'", "")
    if not _NUMBER.match(raw):
        raise ValueError(text)
    sign, digits = ("-", raw[1:]) if raw[0] == "-" else ("", raw.lstrip("+"))
    try:
        return Decimal(sign + _plain(digits, portuguese))
    except InvalidOperation:
        raise ValueError(text) from None


def _plain(digits: str, portuguese: bool) -> str:
    last_dot, last_comma = digits.rfind("."), digits.rfind(",")
    if last_dot >= 0 and last_comma >= 0:
        decimal_mark = "." if last_dot > last_comma else ","
        whole, _mark, rest = digits.rpartition(decimal_mark)
        grouped = _GROUPED_COMMA if decimal_mark == "." else _GROUPED_DOT
        if not grouped.match(whole):
            raise ValueError(digits)
        return f"{re.sub('[.,]', '', whole)}.{rest or '0'}"
    mark = "." if last_dot >= 0 else ","
    pattern = _GROUPED_DOT if mark == "." else _GROUPED_COMMA
    native_group = (mark == ".") == portuguese
    if pattern.match(digits) and (digits.count(mark) > 1 or native_group):
        return digits.replace(mark, "")
    if digits.count(mark) > 1:
        raise ValueError(digits)
    return digits.replace(mark, ".")


def parse_fraction(text: str) -> Decimal:
    """A fraction, or a percentage when it ends in ``%``. Raises ``ValueError``."""
    raw = text.strip()
    if raw.endswith("%"):
        return parse_decimal(raw[:-1]) / 100
    return parse_decimal(raw)


def parse_date(text: str, *, today: dt.date | None = None) -> dt.date:
    """``hoje``, ``ontem``, ``22/11``, ``22/11/26``, ``22/11/2026``, ``2026-11-22``.

    Days come before months. Without a year it is the latest such day that is not in the future.
    Raises ``ValueError``.
    """
    now = today or timezone.localdate()
    raw = strip_accents(text.strip().lower())
    if raw in _RELATIVE:
        return now - dt.timedelta(days=_RELATIVE[raw])
    if match := _ISO.match(raw):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _BARE.match(raw):
        return dt.date(int(match[3]), int(match[2]), int(match[1]))
    match = _DAY_MONTH.match(raw)
    if match is None:
        raise ValueError(text)
    day, month, year = int(match[1]), int(match[2]), match[3]
    if year is not None:
        full = int(year) + (2000 if len(year) == 2 else 0)
        if len(year) == 2 and full > now.year + 1:
            full -= 100
        return dt.date(full, month, day)
    for candidate in range(now.year, now.year - 5, -1):
        try:
            found = dt.date(candidate, month, day)
        except ValueError:  # 29/02 exists in the last leap year only
            continue
        if found <= now:
            return found
    raise ValueError(text)


def write_decimal(value: Decimal | None) -> str:
    """A value for an input: no grouping, the reader's decimal mark; empty when unknown."""
    if value is None:
        return ""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if is_portuguese() else text


def write_date(value: dt.date | None) -> str:
    """A date for an input, day first."""
    return value.strftime("%d/%m/%Y") if value else ""


def write_money(value: Decimal | None) -> str:
    """Money for an input: grouped, with cents, ``2.850,00``; empty when unknown."""
    if value is None or value != round(value, 2):
        return write_decimal(value)
    return plain_number(value, 2).replace(MINUS, "-")
