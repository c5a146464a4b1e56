"""A file as tables of cells, whatever it was: sheets of an .xlsx or one .csv."""

from __future__ import annotations

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from apps.imports.formats.errors import FormatError
from apps.imports.formats.types import Limits, Raw
from apps.imports.formats.values import day, fold, is_blank, number, text
from apps.imports.formats.xlsx import Workbook, open_archive, read_member

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SEARCH_ROWS = 20
# An archive that holds the first of these is an export of Exitus.
_EXPORTED = ("ledger.csv", "assets.csv", "accounts.csv")
_DELIMITERS = ";,\t|"


class Source:
    """An opened file. ``sheets`` is ``("",)`` for a CSV, whose lines have no sheet; an archive of
    Exitus has no sheets but ``members``, each of which opens as a CSV."""

    def __init__(self, data: bytes, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.is_csv = False
        self.delimiter = ""
        self.sheets: tuple[str, ...]
        self.members: dict[str, zipfile.ZipInfo] = {}
        self._archive: zipfile.ZipFile | None = None
        self._workbook: Workbook | None = None
        self._text = ""
        if not data:
            raise FormatError("empty")
        if len(data) > self.limits.max_bytes:
            raise FormatError("too_big", limit=self.limits.max_bytes // (1024 * 1024))
        if data.startswith(b"PK"):
            archive = open_archive(data, self.limits)
            self.members = _exported(archive)
            if self.members:
                self._archive, self.sheets = archive, ()
                return
            self._workbook = Workbook(data, self.limits)
            self.sheets = self._workbook.sheets
            return
        if data.startswith(_OLE):
            # An encrypted .xlsx is an OLE file holding a stream of this name; the rest is .xls.
            locked = "EncryptedPackage".encode("utf-16-le") in data
            raise FormatError("encrypted" if locked else "old_excel")
        if data.startswith(b"\x1f\x8b"):
            data = _gunzip(data, self.limits)
        self._text = _decode(data)
        self.is_csv = True
        self.delimiter = _delimiter(self._text)
        self.sheets = ("",)

    def member(self, name: str) -> Source:
        """A file of the archive; it must be a CSV."""
        if self._archive is None:
            raise FormatError("wrong_type")
        opened = Source(read_member(self._archive, self.members[name], self.limits), self.limits)
        if not opened.is_csv:
            raise FormatError("wrong_type")
        return opened

    def rows(self, sheet: str) -> Iterator[tuple[int, list[Raw]]]:
        """Rows of a sheet that hold something, numbered as a person counts them."""
        if self._workbook is not None:
            yield from self._workbook.rows(sheet)
            return
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter)
        count, line = 0, 1
        try:
            for cells in reader:
                at, line = line, reader.line_num + 1
                if not any(cell.strip() for cell in cells):
                    continue
                count += 1
                if count > self.limits.max_rows + _SEARCH_ROWS:
                    raise FormatError("too_many_rows", limit=self.limits.max_rows)
                yield at, list(cells)
        except csv.Error as error:
            raise FormatError("damaged", row=line) from error

    def head(self, sheet: str) -> list[tuple[int, list[Raw]]]:
        """The first rows, among which the header is sought."""
        out = []
        for row in self.rows(sheet):
            out.append(row)
            if len(out) == _SEARCH_ROWS:
                break
        return out


def _exported(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The files of an export, wherever in the archive they lie; empty without a ledger."""
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        folder, _slash, name = entry.filename.lower().rpartition("/")
        if name not in _EXPORTED or folder.startswith("__macosx"):
            continue
        if name in found:
            raise FormatError("repeated_file", value=name)
        found[name] = entry
    return found if _EXPORTED[0] in found else {}


def header_key(value: Raw) -> str:
    """A header without accents, case, dots and doubled spaces."""
    return fold(text(value)).replace(".", "").strip(" :*")


@dataclass(slots=True)
class Record:
    """One row under a header."""

    row: int
    sheet: str
    names: Sequence[str]
    keys: dict[str, int]
    cells: list[Raw]

    def get(self, key: str) -> Raw:
        """The cell under a folded header, ``None`` where the file has no such column."""
        index = self.keys.get(key)
        return self.cells[index] if index is not None and index < len(self.cells) else None

    def text(self, key: str) -> str:
        """The cell as text; a dash is nothing."""
        value = self.get(key)
        return "" if is_blank(value) else text(value)

    def number(self, key: str, *, style: str = "auto", signed: bool = False) -> Decimal | None:
        """The cell as a number; refuses the file where it is none."""
        value = self.get(key)
        try:
            parsed = number(value, style=style)
        except ValueError:
            raise self.error("bad_number", key) from None
        if parsed is not None and parsed < 0 and not signed:
            raise self.error("negative_number", key)
        return parsed

    def day(self, key: str, *, order: str = "dmy", required: bool = True) -> date | None:
        """The cell as a date; refuses the file where it is none, or is missing."""
        try:
            parsed = day(self.get(key), order=order)
        except ValueError:
            raise self.error("bad_date", key) from None
        if parsed is None and required:
            raise self.error("missing_date", key)
        return parsed

    def error(self, code: str, key: str, **params: object) -> FormatError:
        """An error naming this row and a column."""
        index = self.keys.get(key)
        column = self.names[index] if index is not None else key
        return FormatError(
            code,
            sheet=self.sheet,
            row=self.row,
            column=column,
            value=text(self.get(key)),
            **params,
        )

    @property
    def raw(self) -> dict[str, str]:
        """What the row said, by header."""
        return {
            name: text(cell)
            for name, cell in zip(self.names, self.cells, strict=False)
            if name and cell is not None
        }

    @property
    def is_total(self) -> bool:
        """Whether this is a row of totals under the data."""
        filled = [cell for cell in self.cells if not is_blank(cell)]
        return len(filled) <= max(2, len(self.names) // 2) and any(
            isinstance(cell, str) and header_key(cell).startswith("TOTAL") for cell in filled
        )


@dataclass(slots=True)
class Header:
    """Where a table begins and what its columns are."""

    row: int
    names: list[str]
    keys: dict[str, int] = field(default_factory=dict)


def find_header(
    source: Source, sheet: str, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> Header:
    """The header row of a sheet; ``FormatError`` naming the columns that are missing."""
    best: Header | None = None
    best_found: set[str] = set()
    for at, cells in source.head(sheet):
        keys: dict[str, int] = {}
        for index, cell in enumerate(cells):
            key = header_key(cell)
            if key and key not in keys:
                keys[key] = index
        found = required & keys.keys()
        if len(found) > len(best_found):
            best, best_found = Header(at, [text(cell) for cell in cells], keys), set(found)
    if best is None or len(best_found) * 2 < len(required):
        raise FormatError("missing_header", sheet=sheet, row=1, columns=_names(required))
    if best_found != required:
        raise FormatError(
            "missing_columns", sheet=sheet, row=best.row, columns=_names(required - best_found)
        )
    return best


def records(source: Source, sheet: str, header: Header, *, totals: bool = True) -> Iterator[Record]:
    """The rows under a header that hold something; rows of totals are left out, unless the file
    is of a format that has none (``totals=False``) and a name may begin like one."""
    for at, cells in source.rows(sheet):
        if at <= header.row:
            continue
        if all(is_blank(cell) for cell in cells):
            continue
        record = Record(at, sheet, header.names, header.keys, cells)
        if not totals or not record.is_total:
            yield record


# How B3 writes the columns whose folded name would look odd in a message.
_TITLES = {
    "CODIGO DE NEGOCIACAO": "Código de Negociação",
    "DATA DE LIQUIDACAO": "Data de liquidação",
    "DATA DO NEGOCIO": "Data do Negócio",
    "ENTRADA/SAIDA": "Entrada/Saída",
    "INSTITUICAO": "Instituição",
    "MOVIMENTACAO": "Movimentação",
    "PRECO": "Preço",
    "PRECO UNITARIO": "Preço unitário",
    "TIPO DE MOVIMENTACAO": "Tipo de Movimentação",
    "VALOR DA OPERACAO": "Valor da Operação",
}


def _names(columns: frozenset[str] | set[str]) -> str:
    return ", ".join(_TITLES.get(name, name.capitalize()) for name in sorted(columns))


def _gunzip(data: bytes, limits: Limits) -> bytes:
    allowed = min(limits.max_unpacked, limits.max_ratio * max(len(data), 1024))
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as handle:
            unpacked = handle.read(allowed + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise FormatError("damaged") from error
    if len(unpacked) > allowed:
        raise FormatError("bomb")
    return unpacked


def _decode(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise FormatError("encoding") from error
    start = data[:64].lstrip().lower()
    binary = data.startswith((b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8", b"{\\rtf"))
    if binary or b"\x00" in data or start.startswith((b"<", b"{", b"[")):
        raise FormatError("wrong_type")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FormatError("encoding")


def _delimiter(content: str) -> str:
    """The separator that splits the first lines most, and most evenly."""
    lines = [line for line in content.splitlines()[:30] if line.strip()][:10]
    if not lines:
        raise FormatError("empty")
    best, best_score = "", (0, 0)
    for candidate in _DELIMITERS:
        widths = [len(row) for row in csv.reader(lines, delimiter=candidate)]
        if widths[0] > 1:
            score = (sum(1 for width in widths if width == widths[0]), widths[0])
            if score > best_score:
                best, best_score = candidate, score
    if not best:
        raise FormatError("wrong_type")
    return best
