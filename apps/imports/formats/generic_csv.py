"""Any CSV, by a mapping of its columns: proposed from the header, corrected and kept by the
person."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.imports.formats.aliases import ALIASES, KINDS
from apps.imports.formats.errors import FormatError
from apps.imports.formats.products import guess_class, spot_code
from apps.imports.formats.tables import Header, Record, Source, header_key, records
from apps.imports.formats.types import Action, Format, Mapping, Market, Parsed, ParsedLine
from apps.imports.formats.values import content_key, fold, institution_key, is_blank, text
from apps.imports.formats.verdicts import decide, unit_price

FIELDS = (
    "date",
    "kind",
    "ticker",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "currency",
    "account",
    "name",
    "note",
)
_NUMBERS = ("quantity", "unit_price", "amount", "fees", "tax_withheld")
_TRADES = frozenset({Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER})
_SAMPLE = 500
_GROUPED = re.compile(r"^[-+(]?\D{0,4}[1-9]\d{0,2}([.,])\d{3}\)?$")


def read(source: Source, *, mapping: Mapping | None = None) -> Parsed:
    """Every row by the mapping, or no row and what the mapping still lacks (``meta``)."""
    header = _header(source)
    columns = [name for name in header.names if name]
    given = mapping or Mapping(columns=propose(columns))
    unknown = [name for name in given.columns.values() if name not in columns]
    if unknown:
        raise FormatError("mapped_column_missing", row=header.row, columns=", ".join(unknown))
    sample = []
    for record in records(source, "", header):
        sample.append(record)
        if len(sample) == _SAMPLE:
            break
    plan, lacks = _complete(given, sample)
    meta = {
        "columns": columns,
        "fingerprint": fingerprint(columns),
        "mapping": plan.to_dict(),
        "lacks": lacks,
        "sample": [record.raw for record in sample[:5]],
    }
    if lacks:
        return Parsed(Format.GENERIC_CSV, [], meta)
    lines = [_line(record, plan) for record in records(source, "", header)]
    return Parsed(Format.GENERIC_CSV, lines, meta)


def fingerprint(columns: Iterable[str]) -> str:
    """What the same kind of file has in common: its header."""
    joined = "\x1f".join(header_key(name) for name in columns)
    return hashlib.sha256(joined.encode()).hexdigest()


def propose(columns: Iterable[str]) -> dict[str, str]:
    """Our fields for the columns whose names are known, the best name of each first."""
    by_key = {header_key(name): name for name in columns}
    found: dict[str, str] = {}
    for wanted in FIELDS:
        for alias in ALIASES[wanted]:
            name = by_key.get(fold(alias))
            if name is not None and name not in found.values():
                found[wanted] = name
                break
    return found


def _header(source: Source) -> Header:
    for at, cells in source.head(""):
        names = [text(cell) for cell in cells]
        if sum(1 for name in names if name and not name[0].isdigit()) >= 2:
            return Header(at, names, {header_key(n): i for i, n in reversed([*enumerate(names)])})
    raise FormatError("missing_header", row=1, columns="Data, Operação, Ativo, Quantidade, Preço")


def _complete(mapping: Mapping, sample: list[Record]) -> tuple[Mapping, list[str]]:
    """Settle what a mapping leaves to the file; the list names what the person must say."""
    lacks = [] if "date" in mapping.columns else ["date"]
    if "kind" not in mapping.columns and mapping.sign == "kind":
        lacks.append("kind")
    if mapping.sign in ("quantity", "amount") and mapping.sign not in mapping.columns:
        lacks.append(mapping.sign)
    if not {"amount", "unit_price"} & mapping.columns.keys():
        lacks.append("amount")
    decimal, order = mapping.decimal, mapping.date_order
    if decimal == "auto":
        decimal = decimal_mark(_cells(mapping, sample, _NUMBERS))
        if not decimal:
            lacks.append("decimal")
    if order == "auto":
        order = date_order(_cells(mapping, sample, ("date",)))
        if not order:
            lacks.append("date_order")
    settled = Mapping(
        columns=mapping.columns,
        decimal=decimal or "auto",
        date_order=order or "auto",
        sign=mapping.sign,
        currency=mapping.currency,
        account=mapping.account,
        kinds=mapping.kinds,
    )
    return settled, lacks


def _cells(mapping: Mapping, sample: list[Record], fields: Iterable[str]) -> list[str]:
    keys = [header_key(mapping.columns[f]) for f in fields if f in mapping.columns]
    return [record.text(key) for record in sample for key in keys if record.text(key)]


def decimal_mark(cells: Iterable[str]) -> str:
    """The decimal mark of a set of cells: the last separator of those that have both or end in
    other than three digits. Empty where ``1.234`` could be either; a point where none matters."""
    doubtful = False
    for cell in cells:
        last = max(cell.rfind(","), cell.rfind("."))
        if last < 0:
            continue
        if "," in cell and "." in cell:
            return cell[last]
        if cell.count(cell[last]) > 1:
            return "," if cell[last] == "." else "."
        if _GROUPED.match(cell.replace(" ", "")):
            doubtful = True
            continue
        return cell[last]
    return "" if doubtful else "."


def date_order(cells: Iterable[str]) -> str:
    """``dmy``, ``mdy`` or ``ymd``; empty where no part of any date is above twelve."""
    seen = False
    for cell in cells:
        if re.match(r"^\d{4}[-/]", cell):
            return "ymd"
        parts = re.match(r"^(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}", cell)
        if not parts:
            continue
        seen = True
        if int(parts[1]) > 12:
            return "dmy"
        if int(parts[2]) > 12:
            return "mdy"
    return "" if seen else "dmy"


class _Row:
    """A record read through a mapping."""

    def __init__(self, record: Record, mapping: Mapping) -> None:
        self.record, self.mapping = record, mapping

    def key(self, name: str) -> str | None:
        column = self.mapping.columns.get(name)
        return header_key(column) if column else None

    def text(self, name: str) -> str:
        key = self.key(name)
        return self.record.text(key) if key else ""

    def number(self, name: str) -> Decimal | None:
        key = self.key(name)
        if not key or is_blank(self.record.get(key)):
            return None
        return self.record.number(key, style=self.mapping.decimal, signed=True)


def _line(record: Record, mapping: Mapping) -> ParsedLine:
    row = _Row(record, mapping)
    day = record.day(row.key("date") or "", order=mapping.date_order)
    numbers = {name: row.number(name) for name in _NUMBERS}
    quantity, amount = numbers["quantity"], numbers["amount"]
    word = row.text("kind")
    account = row.text("account") or mapping.account
    printed = row.text("ticker").upper()
    code = spot_code(printed.split(" - ")[0].strip(), Market.FRACTIONAL)
    line = ParsedLine(
        number=record.row,
        sheet="",
        raw=record.raw,
        content_key=content_key(
            Format.GENERIC_CSV, (day, word, printed, *numbers.values(), row.text("currency"))
        ),
        trade_date=day,
        ticker=code,
        product_name=row.text("name"),
        institution=account,
        institution_key=institution_key(account),
        account=account,
        movement=word,
        quantity=abs(quantity) if quantity is not None else None,
        unit_price=_positive(numbers["unit_price"]),
        amount=amount,
        fees=_positive(numbers["fees"]),
        tax_withheld=_positive(numbers["tax_withheld"]),
        currency=(row.text("currency") or mapping.currency).upper(),
        note=row.text("note"),
        asset_class_guess=guess_class(code, row.text("name")),
    )
    _classify(line, mapping, quantity, amount)
    return line


def _positive(value: Decimal | None) -> Decimal | None:
    return abs(value) if value is not None else None


def _classify(
    line: ParsedLine, mapping: Mapping, quantity: Decimal | None, amount: Decimal | None
) -> None:
    word = fold(line.movement)
    own = {fold(key): value for key, value in mapping.kinds.items()}
    kind = Kind(own[word]) if own.get(word) in list(Kind) else KINDS.get(word)
    signed = quantity if mapping.sign == "quantity" else amount
    if mapping.sign != "kind" and (kind is None or kind in _TRADES) and signed:
        bought = signed > 0 if mapping.sign == "quantity" else signed < 0
        by_sign = Kind.BUY if bought else Kind.SELL
        if kind is not None and kind is not by_sign:
            decide(line, "side_contradicts", kind, by_sign, side=format(signed, "f"))
            return
        kind = by_sign
    elif quantity is not None and quantity < 0 and kind is Kind.BUY:
        decide(line, "side_contradicts", Kind.BUY, Kind.SELL, side=format(quantity, "f"))
        return
    if kind is None:
        decide(line, "unknown_kind", Kind.BUY, Kind.SELL, Kind.DIVIDEND, Kind.DEPOSIT)
        return
    line.kind = kind
    if kind in _TRADES:
        _trade(line)
    else:
        _other(line)


def _trade(line: ParsedLine) -> None:
    if not line.ticker:
        decide(line, "missing_product", line.kind or "")
        return
    if not line.quantity:
        decide(line, "missing_quantity", line.kind or "")
        return
    line.amount = _positive(line.amount)
    if line.amount is not None and line.unit_price is not None:
        exact = line.quantity * line.unit_price
        # A total that already holds the fees is not the gross: then the price tells.
        if line.fees and abs(abs(line.amount - exact) - line.fees) <= Decimal("0.01"):
            line.amount = exact
    elif line.amount is None and line.unit_price is not None:
        line.amount = line.quantity * line.unit_price
    if line.amount is None:
        decide(line, "missing_value", line.kind or "")
    else:
        line.unit_price = unit_price(line.amount, line.quantity)


def _other(line: ParsedLine) -> None:
    if line.kind is Kind.BONUS:
        if not line.quantity:
            decide(line, "missing_quantity", Kind.BONUS)
        return
    line.amount = _positive(line.amount)
    if line.amount is None and line.quantity and line.unit_price is not None:
        line.amount = line.quantity * line.unit_price
    if line.amount is None:
        decide(line, "missing_value", line.kind or "")
    elif line.kind in (Kind.SPLIT, Kind.MERGER, Kind.SPIN_OFF, Kind.RENAME, Kind.FX):
        line.action = Action.DECIDE
        decide(line, "needs_details", line.kind)
