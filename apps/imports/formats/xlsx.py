"""A lean reader of .xlsx sheets.

It reads the sheet's XML as a stream, ignores the sheet's own claim about its size (B3 and others
write ``A1``), keeps numbers as the decimals the file spells, and refuses archives that unpack to
more than their limits and XML that declares entities.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any
from xml.parsers import expat

from apps.imports.formats.errors import FormatError
from apps.imports.formats.types import Limits, Raw
from apps.imports.formats.values import excel_day, excel_number

_CHUNK = 64 * 1024
_MAX_COLUMNS = 200
_DATE_IDS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
_LETTERS = re.compile(r"^[A-Z]+")
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


class UnsafeXml(Exception):
    """The XML declares a document type or entities, which no spreadsheet needs."""


class Workbook:
    """An opened .xlsx. ``sheets`` names its sheets in order; :meth:`rows` streams one."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._limits = limits
        self._zip = open_archive(data, limits)
        self._parts: dict[str, str] = {}
        self._epoch_1904 = False
        self._read_index()
        self.sheets = tuple(self._parts)
        self._strings = self._read_strings()
        self._date_styles = self._read_styles()

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Raw]]]:
        """Rows that hold something: (number in the sheet, cells from column A)."""
        reader = _SheetReader(self._strings, self._date_styles, self._epoch_1904, sheet)
        count = 0
        try:
            for chunk in self._stream(self._parts[sheet]):
                for row in reader.feed(chunk):
                    count += 1
                    if count > self._limits.max_rows + 20:
                        raise FormatError("too_many_rows", sheet=sheet, limit=self._limits.max_rows)
                    yield row
            yield from reader.close()
        except expat.ExpatError as error:
            raise FormatError("damaged", sheet=sheet, row=reader.row + 1) from error
        except UnsafeXml as error:
            raise FormatError("unsafe", sheet=sheet) from error

    def _stream(self, part: str) -> Iterator[bytes]:
        try:
            with self._zip.open(part) as handle:
                left = self._limits.max_unpacked
                while chunk := handle.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise FormatError("bomb")
                    yield chunk
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise FormatError("damaged") from error
        except KeyError as error:
            raise FormatError("damaged") from error
        except Exception as error:
            # zlib.error has no public base besides Exception.
            if type(error).__module__ == "zlib":
                raise FormatError("damaged") from error
            raise

    def _elements(self, part: str) -> list[tuple[str, dict[str, str]]]:
        found: list[tuple[str, dict[str, str]]] = []
        parser = _parser()
        parser.StartElementHandler = lambda name, attrs: found.append((_local(name), attrs))
        try:
            for chunk in self._stream(part):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FormatError("damaged") from error
        except UnsafeXml as error:
            raise FormatError("unsafe") from error
        return found

    def _read_index(self) -> None:
        if "xl/workbook.xml" not in self._zip.namelist():
            raise FormatError("wrong_type")
        targets: dict[str, str] = {}
        for name, attrs in self._elements("xl/_rels/workbook.xml.rels"):
            if name == "Relationship":
                target = attrs.get("Target", "")
                full = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                targets[attrs.get("Id", "")] = str(PurePosixPath(full))
        for name, attrs in self._elements("xl/workbook.xml"):
            if name == "workbookPr":
                self._epoch_1904 = attrs.get("date1904") in ("1", "true")
            elif name == "sheet":
                key = next((v for k, v in attrs.items() if k.rpartition(":")[2] == "id"), "")
                if key in targets:
                    self._parts[attrs.get("name", "")] = targets[key]
        if not self._parts:
            raise FormatError("damaged")

    def _read_strings(self) -> list[str]:
        strings: list[str] = []
        if "xl/sharedStrings.xml" not in self._zip.namelist():
            return strings
        pieces: list[str] = []
        state = {"text": False, "phonetic": 0}

        def start(name: str, attrs: dict[str, str]) -> None:
            local = _local(name)
            if local == "si":
                pieces.clear()
            elif local == "rPh":
                state["phonetic"] += 1
            elif local == "t":
                state["text"] = not state["phonetic"]

        def end(name: str) -> None:
            local = _local(name)
            if local == "si":
                strings.append("".join(pieces))
            elif local == "rPh":
                state["phonetic"] -= 1
            elif local == "t":
                state["text"] = False

        def chars(data: str) -> None:
            if state["text"]:
                pieces.append(data)

        parser = _parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = chars
        try:
            for chunk in self._stream("xl/sharedStrings.xml"):
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise FormatError("damaged") from error
        except UnsafeXml as error:
            raise FormatError("unsafe") from error
        return strings

    def _read_styles(self) -> frozenset[str]:
        if "xl/styles.xml" not in self._zip.namelist():
            return frozenset()
        custom: dict[str, str] = {}
        dates: set[str] = set()
        inside, position = False, 0
        for name, attrs in self._elements("xl/styles.xml"):
            if name == "numFmt":
                custom[attrs.get("numFmtId", "")] = attrs.get("formatCode", "")
            elif name == "cellXfs":
                inside = True
            elif name in ("cellStyles", "dxfs"):
                inside = False
            elif name == "xf" and inside:
                if _is_date(attrs.get("numFmtId", "0"), custom):
                    dates.add(str(position))
                position += 1
        return frozenset(dates)


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits) -> bytes:
    """The whole of one file of an archive, within the limits."""
    try:
        with archive.open(entry) as handle:
            found = handle.read(limits.max_unpacked + 1)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise FormatError("damaged") from error
    except zlib.error as error:
        raise FormatError("damaged") from error
    if len(found) > limits.max_unpacked:
        raise FormatError("bomb")
    return found


def open_archive(data: bytes, limits: Limits) -> zipfile.ZipFile:
    """An archive whose listing is within the limits; nothing of it is unpacked yet."""
    try:
        archive = zipfile.ZipFile(BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise FormatError("damaged") from error
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > limits.max_entries
        or unpacked > limits.max_unpacked
        or unpacked > limits.max_ratio * max(len(data), 1024)
    ):
        raise FormatError("bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise FormatError("encrypted")
    return archive


def _is_date(format_id: str, custom: dict[str, str]) -> bool:
    if format_id in custom:
        code = _NOT_DATE.sub("", custom[format_id]).lower()
        return any(mark in code for mark in ("d", "y", "mmm")) or ("h" in code and "m" in code)
    return format_id.isdigit() and int(format_id) in _DATE_IDS


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _parser() -> Any:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_args: Any) -> Any:
        raise UnsafeXml

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser


class _SheetReader:
    """Turns the stream of a sheet into rows."""

    def __init__(
        self, strings: list[str], dates: frozenset[str], epoch_1904: bool, sheet: str
    ) -> None:
        self._strings, self._dates = strings, dates
        self._epoch_1904, self._sheet = epoch_1904, sheet
        self.row = 0
        self._cells: list[Raw] = []
        self._out: list[tuple[int, list[Raw]]] = []
        self._column = -1
        self._type = self._style = ""
        self._text: list[str] = []
        self._collect = False
        self._columns: dict[str, int] = {}
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._chars

    def feed(self, chunk: bytes) -> list[tuple[int, list[Raw]]]:
        self._parser.Parse(chunk, False)
        rows, self._out = self._out, []
        return rows

    def close(self) -> list[tuple[int, list[Raw]]]:
        self._parser.Parse(b"", True)
        return self._out

    def _start(self, name: str, attrs: dict[str, str]) -> None:
        if ":" in name:
            name = _local(name)
        if name == "c":
            reference = attrs.get("r")
            self._column = self._index(reference) if reference else self._column + 1
            self._type = attrs.get("t", "n")
            self._style = attrs.get("s", "")
            self._text = []
        elif name in ("v", "t"):
            self._collect = True
        elif name == "row":
            given = attrs.get("r", "")
            self.row = int(given) if given.isdigit() else self.row + 1
            self._column = -1
            self._cells = []

    def _end(self, name: str) -> None:
        if ":" in name:
            name = _local(name)
        if name in ("v", "t"):
            self._collect = False
        elif name == "c":
            if self._text and self._column < _MAX_COLUMNS:
                missing = self._column - len(self._cells)
                if missing > 0:
                    self._cells.extend([None] * missing)
                self._cells.append(self._value("".join(self._text)))
        elif name == "row" and any(cell is not None for cell in self._cells):
            self._out.append((self.row, self._cells))

    def _chars(self, data: str) -> None:
        if self._collect:
            self._text.append(data)

    def _index(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            if not _LETTERS.match(letters) or len(letters) > 3:
                return _MAX_COLUMNS
            known = 0
            for letter in letters:
                known = known * 26 + ord(letter) - 64
            known -= 1
            self._columns[letters] = known
        return known

    def _value(self, raw: str) -> Raw:
        kind = self._type
        if kind == "s":
            try:
                return self._strings[int(raw)]
            except (ValueError, IndexError) as error:
                raise FormatError("damaged", sheet=self._sheet, row=self.row) from error
        if kind == "n":
            try:
                value = excel_number(raw)
            except InvalidOperation as error:
                raise FormatError("damaged", sheet=self._sheet, row=self.row) from error
            if self._style in self._dates:
                return self._moment(value)
            return value
        if kind == "b":
            return raw == "1"
        if kind == "d":
            try:
                return datetime.fromisoformat(raw)
            except ValueError:
                return raw
        return raw

    def _moment(self, value: Decimal) -> Raw:
        try:
            start = excel_day(value, epoch_1904=self._epoch_1904)
        except ValueError:
            return value
        seconds = int((value % 1) * 86400 + Decimal("0.5"))
        if not seconds:
            return start
        # A cell has no zone: it is the clock of wherever the file was made.
        midnight = datetime(start.year, start.month, start.day)  # noqa: DTZ001
        return midnight + timedelta(seconds=seconds)
