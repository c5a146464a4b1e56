"""Tables to take away: CSV and XLSX with the same columns."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from apps.common.api import plain

CSV = "csv"
XLSX = "xlsx"
MEDIA = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cell = str | int | float | Decimal | dt.date | None
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the name programs read, the words people do, and how its figures are written
    (``money``, ``rate``, ``date``, ``text`` or ``number``). ``code`` marks what only programs
    need (an identifier); ``show`` gives the words for a cell that holds a code."""

    name: str
    label: str
    kind: str = "text"
    code: bool = False
    show: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns; an unknown cell is ``None``."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]

    def for_people(self) -> Table:
        """The same without what only programs need: words in place of names and codes."""
        kept = [at for at, column in enumerate(self.columns) if not column.code]
        columns = [self.columns[at] for at in kept]
        rows = [
            [
                row[at] if column.show is None or row[at] is None else str(column.show(row[at]))
                for at, column in zip(kept, columns, strict=True)
            ]
            for row in self.rows
        ]
        named = [replace(column, name=_capital(column.label), show=None) for column in columns]
        return Table(self.name, named, rows)


FORMATS = {"money": "#,##0.00", "rate": "0.00%", "date": "yyyy-mm-dd", "number": "0.########"}


def table_csv(table: Table) -> bytes:
    """UTF-8, comma, ISO dates, decimal point; unknown is empty."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.name for column in table.columns])
    for row in table.rows:
        writer.writerow([_text(cell) for cell in row])
    return out.getvalue().encode()


def table_xlsx(tables: Iterable[Table]) -> bytes:
    """A sheet for each table, with real numbers and dates."""
    book = Workbook(write_only=True)
    for table in tables:
        sheet = book.create_sheet(title=_title(table.name))
        sheet.freeze_panes = "A2"
        for place, column in enumerate(table.columns, 1):
            sheet.column_dimensions[get_column_letter(place)].width = max(12, len(column.label) + 2)
        sheet.append([_head(sheet, _capital(column.label)) for column in table.columns])
        for row in table.rows:
            sheet.append(
                [
                    _cell(sheet, value, column.kind)
                    for value, column in zip(row, table.columns, strict=True)
                ]
            )
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table_file(
    tables: Sequence[Table], form: str, stem: str, *, for_people: bool = False
) -> tuple[bytes, str, str]:
    """The first table as CSV, or all of them as XLSX: bytes, media type and file name. Files for
    people have words for headers, no identifiers, and a mark by which spreadsheets know UTF-8."""
    if for_people:
        tables = [table.for_people() for table in tables]
    body = table_csv(tables[0]) if form == CSV else table_xlsx(tables)
    if for_people and form == CSV:
        body = codecs.BOM_UTF8 + body
    return body, MEDIA[form], f"{stem}.{form}"


def _capital(text: str) -> str:
    return str(text)[:1].upper() + str(text)[1:]


def _title(name: str) -> str:
    return "".join(c for c in name if c not in "[]:*?/\\")[:31] or "1"


def _head(sheet: Any, label: str) -> Any:
    cell = WriteOnlyCell(sheet, value=_safe(label))
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Cell, kind: str) -> Any:
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, str):
        return _safe(value)
    written: Any = value  # its stubs know neither decimals nor dates without a time
    cell = WriteOnlyCell(sheet, value=written)
    if kind in FORMATS:
        cell.number_format = FORMATS[kind]
    return cell


def _text(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return number(value) or ""
    if isinstance(value, Decimal):
        return plain(value)
    return _safe(value) if isinstance(value, str) else str(value)


def number(value: float | None, places: int = 10) -> str | None:
    """A float as a plain decimal; ``None`` where it is unknown."""
    if value is None or value != value or value in (float("inf"), float("-inf")):
        return None
    text = f"{value:.{places}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _safe(text: str) -> str:
    """Text a spreadsheet will not run as a formula."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text
