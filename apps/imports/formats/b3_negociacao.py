"""B3 Negociação: exchange trades by trade date, without fees."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from apps.engine.kinds import Kind
from apps.imports.formats.products import guess_class, spot_code
from apps.imports.formats.tables import Record, Source, find_header, records
from apps.imports.formats.types import Action, Format, Market, Parsed, ParsedLine
from apps.imports.formats.values import content_key, fold, institution_key
from apps.imports.formats.verdicts import decide, unit_price

DAY, SIDE, MARKET, TERM = "DATA DO NEGOCIO", "TIPO DE MOVIMENTACAO", "MERCADO", "PRAZO/VENCIMENTO"
INSTITUTION, CODE = "INSTITUICAO", "CODIGO DE NEGOCIACAO"
QUANTITY, PRICE, VALUE = "QUANTIDADE", "PRECO", "VALOR"
REQUIRED = frozenset({DAY, SIDE, MARKET, INSTITUTION, CODE, QUANTITY, PRICE, VALUE})

_SIDES = {"COMPRA": "C", "VENDA": "D"}


def read(source: Source, sheets: Iterable[str]) -> Parsed:
    """Every trade with its verdict."""
    lines: list[ParsedLine] = []
    keys: dict[str, str] = {}
    for sheet in sheets:
        header = find_header(source, sheet, REQUIRED)
        for record in records(source, sheet, header):
            lines.append(_line(record, keys))
    return Parsed(Format.B3_NEGOCIACAO, lines)


def market_of(cell: str) -> str:
    """The market a trade was made in; empty where the word is not known."""
    name = fold(cell)
    if name == "MERCADO A VISTA":
        return Market.SPOT
    if name == "MERCADO FRACIONARIO":
        return Market.FRACTIONAL
    if name.startswith("EXERCICIO DE OPCAO"):
        return Market.EXERCISE
    if name in ("OPCAO DE COMPRA", "OPCAO DE VENDA"):
        return Market.OPTION
    if "TERMO" in name:
        return Market.TERM
    if "FUTURO" in name:
        return Market.FUTURE
    return ""


def _line(record: Record, keys: dict[str, str]) -> ParsedLine:
    day = record.day(DAY)
    side_cell, market_cell = record.text(SIDE), record.text(MARKET)
    quantity, price, value = (
        record.number(QUANTITY),
        record.number(PRICE),
        record.number(VALUE),
    )
    market, printed = market_of(market_cell), record.text(CODE).upper()
    code = spot_code(printed, market)
    institution = record.text(INSTITUTION)
    if institution not in keys:
        keys[institution] = institution_key(institution)
    if not printed:
        raise record.error("missing_cell", CODE)
    if not quantity:
        raise record.error("missing_cell", QUANTITY)
    amount = value if value is not None else _product(quantity, price)
    if amount is None:
        raise record.error("missing_cell", VALUE)
    line = ParsedLine(
        number=record.row,
        sheet=record.sheet,
        raw=record.raw,
        content_key=content_key(
            Format.B3_NEGOCIACAO,
            (day, side_cell, market_cell, record.text(TERM), printed, quantity, price, value),
        ),
        trade_date=day,
        ticker=code,
        institution=institution,
        institution_key=keys[institution],
        side=_SIDES.get(fold(side_cell), ""),
        movement=market_cell,
        quantity=quantity,
        unit_price=price
        if price is not None and price * quantity == amount
        else unit_price(amount, quantity),
        amount=amount,
        currency="BRL",
        market=market,
        asset_class_guess=guess_class(code, market=market),
    )
    if market == Market.OPTION:
        line.option_type = "call" if "COMPRA" in fold(market_cell) else "put"
    if market in (Market.OPTION, Market.TERM, Market.FUTURE) and TERM in record.keys:
        line.expiry = record.day(TERM, required=False)
    _classify(line, side_cell, market_cell)
    return line


def _product(quantity: Decimal, price: Decimal | None) -> Decimal | None:
    return quantity * price if price is not None else None


def _classify(line: ParsedLine, side_cell: str, market_cell: str) -> None:
    if not line.side:
        decide(line, "unknown_trade_side", Kind.BUY, Kind.SELL, side=side_cell)
        return
    line.kind = Kind.BUY if line.side == "C" else Kind.SELL
    if line.market == Market.EXERCISE:
        call = "COMPRA" in fold(market_cell)
        # Whoever exercises a call buys and a put sells; the writer does the opposite.
        exercised = call == (line.side == "C")
        line.action, line.reason = Action.CONTEXT, "option_exercise"
        line.needs = ("underlying",)
        line.choices = (Kind.EXERCISE if exercised else Kind.ASSIGNMENT, line.kind)
        line.params = {"market": market_cell}
    elif line.market == Market.FUTURE:
        decide(line, "future_trade", line.kind)
    elif not line.market:
        decide(line, "unknown_market", line.kind, market=market_cell)
