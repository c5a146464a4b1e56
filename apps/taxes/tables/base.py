"""A table of plain cells, and how stored lines become one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: a cell is text, a date, a decimal, or None for what is unknown."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def money(value: Any) -> Decimal | None:
    """A stored figure; None is unknown."""
    return None if value in (None, "") else Decimal(str(value))


def day(value: Any) -> dt.date | None:
    """A stored day."""
    return dt.date.fromisoformat(value) if isinstance(value, str) and value else value


def rows_of(
    lines: Sequence[Mapping[str, Any]], names: Sequence[tuple[str, str]]
) -> list[list[Any]]:
    """Lines as rows; ``names`` are keys with what they hold: ``money``, ``day`` or ``text``."""
    read = {"money": money, "day": day}
    return [
        [
            read[kind](line.get(name)) if kind in read else line.get(name) or ""
            for name, kind in names
        ]
        for line in lines
    ]
