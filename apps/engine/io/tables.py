"""Cells, tables and the market files: assets, accounts, prices, rates, indexes."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path

from apps.engine.kinds import AssetClass, Indexer, TaxClass
from apps.engine.prices import FxTable, IndexTable
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, FixedIncomeTerms, Issue

ASSET_COLUMNS = [
    "asset",
    "class",
    "market",
    "currency",
    "issuer",
    "underlying",
    "option_type",
    "strike",
    "expiry",
    "multiplier",
    "term_days",
    "name",
    "indexer",
    "index_percent",
    "rate",
    "unit_value",
    "issue_date",
    "maturity",
    "index_lag",
    "isin",
    "cnpj",
    "sector",
    "country",
    "quote_symbol",
    "tax_class",
]
ACCOUNT_COLUMNS = ["account", "institution", "holder", "currency"]
FX_COLUMNS = ["date", "base", "quote", "rate", "rate_buy"]
INDEX_COLUMNS = ["date", "index", "value"]

# Figures beyond this many digits either way are typing errors, and would overflow arithmetic.
LARGEST = 20
_CLASSES = {each.value: each for each in AssetClass}
_TAX_CLASSES = frozenset(TaxClass)
_INDEXERS = {each.value: each for each in Indexer}
# Given without an indexer they would say nothing; ``rate`` and the rest have defaults.
_TERMS = ("index_percent", "rate", "unit_value", "issue_date", "maturity", "index_lag")


class InputError(Exception):
    """A file that cannot be used at all; the text names file, line and reason."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


#: A year outside is a slip of the keyboard, and every figure would stretch over the centuries.
FIRST_YEAR, LAST_YEAR = 1900, 2199


class BadCell(Exception):
    """A cell that cannot be read; its row is left out."""

    def __init__(self, reason: str, column: str, value: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column
        self.value = value


def read_text(path: str) -> str:
    """The text of a plain or gzipped file."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise InputError(path, 0, error.strerror or str(error)) from error
    if data[:2] == b"\x1f\x8b":
        import gzip  # only where needed: a plain file should not pay for it
        from zlib import error as ZlibError

        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, ZlibError) as error:
            raise InputError(path, 0, f"not a readable gzip file ({error})") from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(path, line, "not UTF-8 text") from error


def _header(path: str, cells: Sequence[str], known: Sequence[str], needed: Sequence[str]) -> None:
    for name in cells:
        if name not in known:
            raise InputError(path, 1, f"unknown column {name!r}")
    for name in needed:
        if name not in cells:
            raise InputError(path, 1, f"missing column {name!r}")
    for name in cells:
        if cells.count(name) > 1:
            raise InputError(path, 1, f"column {name!r} appears twice")


def table_of(
    path: str, text: str, known: Sequence[str], needed: Sequence[str]
) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Header, and rows as (line, cells) padded to the header's length; blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error as error:
        raise InputError(path, reader.line_num, str(error)) from error
    if not header:
        raise InputError(path, 1, "empty file, a header row is needed")
    _header(path, header, known, needed)
    width = len(header)
    odd_quotes = text.count('"') % 2

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            for cells in reader:
                if odd_quotes and cells and cells[-1].endswith(("\n", "\r")):
                    # Only a quotation mark nobody closed lets the last cell run on to the end.
                    start = reader.line_num - "".join(cells).count("\n") + 1
                    raise InputError(path, start, "a quotation mark is not closed")
                if len(cells) == width:
                    yield reader.line_num, cells
                elif cells:
                    yield reader.line_num, cells + [""] * (width - len(cells))
        except csv.Error as error:
            raise InputError(path, reader.line_num, str(error)) from error

    return header, rows()


class CellReader:
    """Turns cells into values, remembering those already seen."""

    def __init__(self) -> None:
        self.days: dict[str, date] = {}

    def day(self, text: str, column: str = "date") -> date:
        found = self.days.get(text)
        if found is not None:
            return found
        try:
            if len(text.strip()) != 10:
                raise ValueError(text)
            found = date.fromisoformat(text.strip())
        except ValueError as error:
            raise BadCell("not an ISO date", column, text) from error
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise BadCell(f"year not from {FIRST_YEAR} to {LAST_YEAR}", column, text)
        self.days[text] = found
        return found

    def number(self, text: str, column: str) -> Decimal | None:
        if not text:
            return None
        try:
            if len(text) < LARGEST and not text.strip("0123456789."):
                return Decimal(text)
            value = Decimal(text)
        except InvalidOperation:
            if not text.strip():
                return None
            raise BadCell("not a number", column, text) from None
        if not value.is_finite() or "_" in text or not -LARGEST <= value.adjusted() <= LARGEST:
            raise BadCell("not a number", column, text)
        return value


def _needed(value: Decimal | None, column: str) -> Decimal:
    if value is None:
        raise BadCell("empty", column, "")
    return value


def bad_row(path: str, line: int, error: BadCell) -> Issue:
    """The issue that reports a row left out."""
    params = {
        "file": Path(path).name,
        "line": str(line),
        "column": error.column,
        "value": error.value,
        "reason": error.reason,
    }
    return Issue("row_invalid", str(line), params)


def _each(
    path: str,
    known: Sequence[str],
    needed: Sequence[str],
    use: Callable[[dict[str, str], int], None],
) -> list[Issue]:
    """Feed every row of a small table to ``use`` as a mapping; the issues of the bad ones."""
    header, rows = table_of(path, read_text(path), known, needed)
    issues = []
    for line, cells in rows:
        try:
            no_extra(cells, len(header))
            use(dict(zip(header, map(str.strip, cells), strict=False)), line)
        except BadCell as error:
            issues.append(bad_row(path, line, error))
    return issues


def no_extra(cells: list[str], width: int) -> None:
    """Refuse a row with more filled cells than the header has columns."""
    if len(cells) > width and any(cells[width:]):
        raise BadCell("more cells than columns", "", ",".join(cells[width:]))


def read_assets(path: str) -> tuple[dict[str, Asset], list[Issue]]:
    """Assets by code."""
    assets: dict[str, Asset] = {}
    reader = CellReader()

    def use(row: dict[str, str], _line: int) -> None:
        code, kind = row["asset"], row.get("class", "")
        if not code:
            raise BadCell("empty", "asset", "")
        if kind and kind not in _CLASSES:
            raise BadCell("unknown class", "class", kind)
        if row.get("tax_class") and row["tax_class"] not in _TAX_CLASSES:
            raise BadCell("unknown tax class", "tax_class", row["tax_class"])
        days = reader.number(row.get("term_days", ""), "term_days")
        multiplier = reader.number(row.get("multiplier", ""), "multiplier")
        if multiplier is not None and multiplier <= 0:
            raise BadCell("must be positive", "multiplier", row["multiplier"])
        expiry = row.get("expiry", "")
        described = Asset(
            code=code,
            asset_class=_CLASSES.get(kind),
            market=row.get("market", ""),
            currency=row.get("currency", ""),
            issuer=row.get("issuer", ""),
            underlying=row.get("underlying") or None,
            option_type=row.get("option_type", ""),
            strike=reader.number(row.get("strike", ""), "strike"),
            expiry=reader.day(expiry, "expiry") if expiry else None,
            multiplier=Decimal(1) if multiplier is None else multiplier,
            term_days=None if days is None else int(days),
            name=row.get("name", ""),
            terms=_terms(row, reader),
            country=row.get("country", ""),
            isin=row.get("isin", ""),
            cnpj=row.get("cnpj", ""),
            tax_class=row.get("tax_class", ""),
        )
        if assets.setdefault(code, described) != described:
            raise BadCell("described twice, and not alike", "asset", code)

    return assets, _each(path, ASSET_COLUMNS, ["asset"], use)


def _terms(row: dict[str, str], reader: CellReader) -> FixedIncomeTerms | None:
    """How a fixed-income paper yields; ``None`` for a row that names no indexer."""
    indexer = row.get("indexer", "")
    if not indexer:
        filled = next((name for name in _TERMS if row.get(name)), None)
        if filled is not None:
            raise BadCell("empty", "indexer", "")
        return None
    if indexer not in _INDEXERS:
        raise BadCell("unknown indexer", "indexer", indexer)
    if not row.get("issue_date"):
        raise BadCell("empty", "issue_date", "")
    issued = reader.day(row["issue_date"], "issue_date")
    maturity = reader.day(row["maturity"], "maturity") if row.get("maturity") else None
    if maturity is not None and maturity <= issued:
        raise BadCell("must be after issue_date", "maturity", row["maturity"])

    def number(name: str, default: int) -> Decimal:
        value = reader.number(row.get(name, ""), name)
        return Decimal(default) if value is None else value

    unit, lag = number("unit_value", 1), number("index_lag", 1)
    if unit <= 0:
        raise BadCell("must be positive", "unit_value", row["unit_value"])
    if lag < 0 or lag != int(lag):
        raise BadCell("must be a whole number of months", "index_lag", row["index_lag"])
    return FixedIncomeTerms(
        indexer=_INDEXERS[indexer],
        issue_date=issued,
        maturity=maturity,
        unit_value=unit,
        percent=number("index_percent", 1),
        rate=number("rate", 0),
        index_lag=int(lag),
    )


def read_accounts(path: str) -> tuple[dict[str, Account], list[Issue]]:
    """Accounts by code; an empty institution is the account itself."""
    accounts: dict[str, Account] = {}

    def use(row: dict[str, str], _line: int) -> None:
        code = row["account"]
        described = Account(
            code,
            row.get("institution") or code,
            row.get("holder") or DEFAULT_HOLDER,
            row.get("currency", ""),
        )
        if accounts.setdefault(code, described) != described:
            raise BadCell("described twice, and not alike", "account", code)

    return accounts, _each(path, ACCOUNT_COLUMNS, ["account"], use)


def read_fx(path: str) -> tuple[FxTable, list[Issue]]:
    """Exchange rates, with the buying ones beside them where the file has them."""
    rates: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    buying: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    reader = CellReader()

    def use(row: dict[str, str], _line: int) -> None:
        day, pair = reader.day(row["date"]), (row["base"], row["quote"])
        rate = _needed(reader.number(row["rate"], "rate"), "rate")
        if rate <= 0:
            raise BadCell("must be positive", "rate", row["rate"])
        rates.setdefault(pair, []).append((day, rate))
        buy = reader.number(row.get("rate_buy", ""), "rate_buy")
        if buy is not None:
            buying.setdefault(pair, []).append((day, buy))

    issues = _each(path, FX_COLUMNS, FX_COLUMNS[:4], use)
    return FxTable(rates, FxTable(buying) if buying else None), issues


def read_indexes(path: str) -> tuple[IndexTable, list[Issue]]:
    """Index values."""
    values: dict[str, list[tuple[date, Decimal]]] = {}
    reader = CellReader()

    def use(row: dict[str, str], _line: int) -> None:
        number = _needed(reader.number(row["value"], "value"), "value")
        values.setdefault(row["index"].upper(), []).append((reader.day(row["date"]), number))

    issues = _each(path, INDEX_COLUMNS, INDEX_COLUMNS, use)
    return IndexTable(values), issues
