"""The exchange format of Exitus: one row per ledger entry."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from apps.engine.kinds import Bucket, Kind
from apps.imports.formats.errors import FormatError
from apps.imports.formats.tables import Record, Source, find_header, records
from apps.imports.formats.types import Action, Format, Parsed, ParsedLine
from apps.imports.formats.values import content_key, institution_key
from apps.imports.formats.verdicts import decide

COLUMNS = (
    "date",
    "time",
    "kind",
    "asset",
    "account",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "currency",
    "fx_rate",
    "ratio",
    "to_asset",
    "cost_share",
    "note",
    "bucket",
)
REQUIRED = frozenset({"DATE", "KIND"})
_KNOWN = frozenset(name.upper() for name in COLUMNS)
_TIME = re.compile(r"^\d{2}:\d{2}(:\d{2}(\.\d+)?)?$")
_SIGNED = ("amount",)
# What ``apps.ledger.exports`` protects.
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
_NUMBERS = (
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "fx_rate",
    "ratio",
    "cost_share",
)


def looks_like(names: set[str]) -> bool:
    """Whether a header is ours: its own names for the essential columns."""
    return {"DATE", "KIND", "ASSET", "QUANTITY"} <= names or (
        names >= REQUIRED and len(names & _KNOWN) >= 4
    )


def read(source: Source) -> Parsed:
    """Every row with its verdict; an unknown column is an error that names it."""
    header = find_header(source, "", REQUIRED)
    unknown = [name for name in header.keys if name not in _KNOWN]
    if unknown:
        raise FormatError("unknown_columns", row=header.row, columns=", ".join(unknown).lower())
    found = records(source, "", header, totals=False)
    return Parsed(Format.EXITUS_CSV, [_line(record) for record in found])


def bare(text: str) -> str:
    """Free text without the apostrophe that keeps spreadsheets from taking it for a formula."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_DANGEROUS) else text


def _note(record: Record) -> str:
    """The note as it was written, breaks of line included."""
    cell = record.get("NOTE")
    return bare(cell.strip()) if isinstance(cell, str) else ""


def _line(record: Record) -> ParsedLine:
    day = record.day("DATE")
    numbers: dict[str, Any] = {
        name: record.number(name.upper(), style="plain", signed=name in _SIGNED)
        for name in _NUMBERS
    }
    kind_cell, note = record.text("KIND"), _note(record)
    line = ParsedLine(
        number=record.row,
        sheet="",
        raw=record.raw,
        content_key=content_key(
            Format.EXITUS_CSV,
            (
                day,
                record.text("TIME"),
                kind_cell,
                record.text("ASSET"),
                *numbers.values(),
                record.text("CURRENCY"),
                record.text("TO_ASSET"),
                record.text("BUCKET"),
                note,
            ),
        ),
        trade_date=day,
        time=_clock(record),
        ticker=record.text("ASSET"),
        account=record.text("ACCOUNT"),
        institution=record.text("ACCOUNT"),
        institution_key=institution_key(record.text("ACCOUNT")),
        movement=kind_cell,
        currency=record.text("CURRENCY").upper(),
        to_ticker=record.text("TO_ASSET"),
        bucket=record.text("BUCKET"),
        note=note,
        **numbers,
    )
    if line.bucket and line.bucket not in list(Bucket):
        raise record.error("unknown_bucket", "BUCKET")
    if line.currency and not re.fullmatch(r"[A-Z]{3}", line.currency):
        raise record.error("bad_currency", "CURRENCY")
    try:
        line.kind = Kind(kind_cell.lower())
    except ValueError:
        decide(line, "unknown_kind", Kind.BUY, Kind.SELL)
        return line
    _check(line)
    return line


def _clock(record: Record) -> time | None:
    cell = record.text("TIME")
    if not cell:
        return None
    try:
        if not _TIME.match(cell):
            raise ValueError
        return time.fromisoformat(cell)
    except ValueError:
        raise record.error("bad_time", "TIME") from None


def _check(line: ParsedLine) -> None:
    """What the kind cannot do without is left to the person, with its kind proposed."""
    if line.kind is None:
        return
    if line.kind in _TRADES:
        if not line.quantity:
            decide(line, "missing_quantity", line.kind)
        elif line.amount is None and line.unit_price is None:
            decide(line, "missing_value", line.kind)
    elif line.kind in _PAID and line.amount is None:
        decide(line, "missing_value", line.kind)
    elif line.kind in _RATIO and line.ratio is None:
        decide(line, "missing_ratio", line.kind)
    elif line.kind in _TARGET and not line.to_ticker:
        decide(line, "missing_target", line.kind)
    if line.kind not in _NO_ASSET and not line.ticker and line.action is Action.RECORD:
        decide(line, "missing_product", line.kind)


_TRADES = frozenset({Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER})
_PAID = frozenset(
    {
        Kind.DIVIDEND,
        Kind.JCP,
        Kind.DISTRIBUTION,
        Kind.INTEREST,
        Kind.LENDING_INCOME,
        Kind.DEPOSIT,
        Kind.WITHDRAWAL,
        Kind.FEE,
        Kind.TAX,
        Kind.RETURN_OF_CAPITAL,
        Kind.DAILY_ADJUSTMENT,
        Kind.OPENING_LOSS,
        Kind.DARF_PAYMENT,
    }
)
_RATIO = frozenset({Kind.SPLIT, Kind.MERGER})
_TARGET = frozenset({Kind.SPIN_OFF, Kind.MERGER, Kind.RENAME, Kind.FX})
_NO_ASSET = frozenset(
    {
        Kind.DEPOSIT,
        Kind.WITHDRAWAL,
        Kind.FEE,
        Kind.TAX,
        Kind.FX,
        Kind.INTEREST,
        Kind.OPENING_LOSS,
        Kind.DARF_PAYMENT,
    }
)
