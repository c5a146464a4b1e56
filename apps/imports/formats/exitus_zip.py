"""The three files of Exitus in one archive: the ledger, and what its assets and accounts are.

The rows are those of ``ledger.csv``. What ``assets.csv`` and ``accounts.csv`` tell is kept in
``Parsed.meta["told"]`` as JSON, by the codes the ledger uses, and fills what is proposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeVar

from apps.engine.io.tables import ACCOUNT_COLUMNS, ASSET_COLUMNS
from apps.engine.kinds import AssetClass, Indexer, TaxClass
from apps.imports.formats import exitus_csv
from apps.imports.formats.errors import FormatError
from apps.imports.formats.tables import Record, Source, find_header, records
from apps.imports.formats.types import Format, Parsed

LEDGER, ASSETS, ACCOUNTS = "ledger.csv", "assets.csv", "accounts.csv"
MEMBERS = (LEDGER, ASSETS, ACCOUNTS)
Told = dict[str, Any]
T = TypeVar("T")

_CURRENCY = re.compile(r"^[A-Z]{3}$")
_TEXTS = (
    ("market", 8),
    ("issuer", 120),
    ("underlying", 60),
    ("option_type", 4),
    ("name", 160),
    ("isin", 12),
    ("cnpj", 18),
    ("sector", 80),
    ("country", 2),
    ("quote_symbol", 40),
)
_TERMS = ("INDEX_PERCENT", "RATE", "UNIT_VALUE", "ISSUE_DATE", "MATURITY", "INDEX_LAG")


def read(source: Source) -> Parsed:
    """The rows of the ledger with their verdicts, and what the other two files tell."""
    parsed = _of(source, LEDGER, exitus_csv.read)
    told = {
        "assets": _of(source, ASSETS, _assets) if ASSETS in source.members else {},
        "accounts": _of(source, ACCOUNTS, _accounts) if ACCOUNTS in source.members else {},
    }
    return Parsed(Format.EXITUS_ZIP, parsed.lines, {"told": told})


def _of(source: Source, member: str, reader: Callable[[Source], T]) -> T:
    """What ``reader`` finds in a file of the archive; its errors name the file."""
    try:
        return reader(source.member(member))
    except FormatError as error:
        error.sheet = error.sheet or member
        raise


def _rows(source: Source, columns: list[str], code: str) -> Iterator[tuple[str, Record]]:
    """Rows by their code; unknown columns, empty and repeated codes are errors."""
    header = find_header(source, "", frozenset({code}))
    known = {name.upper() for name in columns}
    unknown = [name for name in header.keys if name not in known]
    if unknown:
        raise FormatError("unknown_columns", row=header.row, columns=", ".join(unknown).lower())
    seen: set[str] = set()
    for record in records(source, "", header, totals=False):
        found = record.text(code)
        if not found:
            raise record.error("missing_cell", code)
        if found in seen:
            raise record.error("repeated_code", code)
        seen.add(found)
        yield found, record


def _currency(record: Record) -> str:
    currency = record.text("CURRENCY").upper()
    if currency and not _CURRENCY.match(currency):
        raise record.error("bad_currency", "CURRENCY")
    return currency


def _accounts(source: Source) -> Told:
    return {
        code: {
            "institution": record.text("INSTITUTION")[:160],
            "holder": record.text("HOLDER")[:120],
            "currency": _currency(record),
        }
        for code, record in _rows(source, ACCOUNT_COLUMNS, "ACCOUNT")
    }


def _assets(source: Source) -> Told:
    return {code: _asset(record) for code, record in _rows(source, ASSET_COLUMNS, "ASSET")}


def _asset(record: Record) -> Told:
    said: Told = {"class": record.text("CLASS").lower(), "currency": _currency(record)}
    if said["class"] and said["class"] not in list(AssetClass):
        raise record.error("unknown_class", "CLASS")
    for name, longest in _TEXTS:
        text = exitus_csv.bare(record.text(name.upper()))
        if len(text) > longest:
            raise record.error("too_long", name.upper(), limit=longest)
        said[name] = text
    strike, multiplier = _number(record, "STRIKE"), _number(record, "MULTIPLIER")
    if multiplier is not None and multiplier <= 0:
        raise record.error("not_positive", "MULTIPLIER")
    expiry = record.day("EXPIRY", order="ymd", required=False)
    said["strike"] = _plain(strike)
    said["multiplier"] = _plain(multiplier)
    said["expiry"] = expiry.isoformat() if expiry else ""
    said["tax_class"] = record.text("TAX_CLASS").lower()
    if said["tax_class"] and said["tax_class"] not in list(TaxClass):
        raise record.error("unknown_tax_class", "TAX_CLASS")
    days = _number(record, "TERM_DAYS")
    if days is not None and days != int(days):
        raise record.error("bad_number", "TERM_DAYS")
    said["term_days"] = "" if days is None else str(int(days))
    said["terms"] = _terms(record)
    return {name: value for name, value in said.items() if value}


def _terms(record: Record) -> Told:
    """How a fixed-income paper yields, as the engine's reader takes it; empty where not said."""
    indexer = record.text("INDEXER").lower()
    if not indexer:
        if any(record.text(name) for name in _TERMS):
            raise record.error("missing_cell", "INDEXER")
        return {}
    if indexer not in list(Indexer):
        raise record.error("unknown_indexer", "INDEXER")
    issued = record.day("ISSUE_DATE", order="ymd")
    maturity = record.day("MATURITY", order="ymd", required=False)
    if issued is not None and maturity is not None and maturity <= issued:
        raise record.error("maturity_before_issue", "MATURITY")
    unit = _number(record, "UNIT_VALUE")
    if unit is not None and unit <= 0:
        raise record.error("not_positive", "UNIT_VALUE")
    lag = _number(record, "INDEX_LAG")
    if lag is not None and lag != int(lag):
        raise record.error("bad_number", "INDEX_LAG")
    return {
        "indexer": indexer,
        "issue_date": issued.isoformat() if issued else "",
        "maturity": maturity.isoformat() if maturity else "",
        "percent": _plain(_number(record, "INDEX_PERCENT")) or "1",
        "rate": _plain(_number(record, "RATE", signed=True)) or "0",
        "unit_value": _plain(unit) or "1",
        "index_lag": 1 if lag is None else int(lag),
    }


def _number(record: Record, key: str, *, signed: bool = False) -> Decimal | None:
    return record.number(key, style="plain", signed=signed)


def _plain(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")
