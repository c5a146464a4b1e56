"""B3 public offers (ofertas públicas): shares allotted, by settlement date."""

from __future__ import annotations

from collections.abc import Iterable

from apps.engine.kinds import Kind
from apps.imports.formats.products import guess_class, spot_code
from apps.imports.formats.tables import Record, Source, find_header, records
from apps.imports.formats.types import Action, Format, Market, Parsed, ParsedLine
from apps.imports.formats.values import content_key, institution_key
from apps.imports.formats.verdicts import unit_price

DAY, COMPANY, OFFER, INSTITUTION = "DATA DE LIQUIDACAO", "EMPRESA", "OFERTA", "INSTITUICAO"
QUANTITY, PRICE, VALUE, CODE = "QUANTIDADE", "PRECO", "VALOR", "CODIGO DE NEGOCIACAO"
REQUIRED = frozenset({DAY, COMPANY, OFFER, INSTITUTION, QUANTITY, PRICE, VALUE, CODE})


def read(source: Source, sheets: Iterable[str]) -> Parsed:
    """Every allotment as a purchase."""
    lines = []
    for sheet in sheets:
        header = find_header(source, sheet, REQUIRED)
        lines += [_line(record) for record in records(source, sheet, header)]
    return Parsed(Format.B3_OFFERS, lines)


def _line(record: Record) -> ParsedLine:
    day, printed = record.day(DAY), record.text(CODE).upper()
    quantity, price, value = (
        record.number(QUANTITY),
        record.number(PRICE),
        record.number(VALUE),
    )
    if not printed:
        raise record.error("missing_cell", CODE)
    if value is None and quantity and price is not None:
        value = quantity * price
    code = spot_code(printed, Market.OFFER)
    line = ParsedLine(
        number=record.row,
        sheet=record.sheet,
        raw=record.raw,
        content_key=content_key(Format.B3_OFFERS, (day, printed, quantity, price, value)),
        kind=Kind.BUY,
        side="C",
        trade_date=day,
        settlement_date=day,
        ticker=code,
        product_name=record.text(COMPANY),
        institution=record.text(INSTITUTION),
        institution_key=institution_key(record.text(INSTITUTION)),
        movement=record.text(OFFER),
        quantity=quantity,
        amount=value,
        currency="BRL",
        market=Market.OFFER,
        asset_class_guess=guess_class(code, record.text(COMPANY)),
    )
    if not quantity or value is None:
        # A reservation that got nothing.
        line.action, line.kind, line.reason = Action.IGNORE, None, "nothing_allotted"
    else:
        line.unit_price = unit_price(value, quantity)
    return line
