"""B3 Posição: what is in custody. Compared with the ledger, never recorded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from apps.engine.kinds import AssetClass
from apps.imports.formats.products import guess_class, read_product
from apps.imports.formats.tables import Header, Record, Source, find_header, header_key, records
from apps.imports.formats.types import Action, Format, Market, Parsed, ParsedLine
from apps.imports.formats.values import content_key, institution_key

PRODUCT, INSTITUTION, QUANTITY = "PRODUTO", "INSTITUICAO", "QUANTIDADE"
REQUIRED = frozenset({PRODUCT, INSTITUTION, QUANTITY})
CODE, ISIN, CLOSE, VALUE = (
    "CODIGO DE NEGOCIACAO",
    "CODIGO ISIN/DISTRIBUICAO",
    "PRECO DE FECHAMENTO",
    "VALOR ATUALIZADO",
)
_LENT = ("EMPRESTIMO", "EMPRESTIMOS", "EMPRESTIMO DE ATIVOS")
SHEETS: dict[str, AssetClass | None] = {
    "ACOES": None,
    "BDR": AssetClass.BDR,
    "ETF": AssetClass.ETF,
    "FUNDO DE INVESTIMENTO": None,
    "FUNDOS": None,
    "TESOURO DIRETO": AssetClass.TREASURY,
    "RENDA FIXA": None,
    **dict.fromkeys(_LENT),
}
_FILE_DAY = re.compile(r"(20\d{2})-(\d{2})-(\d{2})")


def sheet_kind(sheet: str) -> str:
    """Which of B3's position sheets a name is; empty where it is none."""
    name = header_key(sheet)
    if name.startswith("POSICAO - "):
        name = name.removeprefix("POSICAO - ")
    return name if name in SHEETS else ""


def read(source: Source, sheets: Iterable[str], *, filename: str = "") -> Parsed:
    """Every row in custody. Lent assets are listed and left out: they stay the holder's."""
    lines: list[ParsedLine] = []
    for sheet in sheets:
        if not any(True for _row in source.rows(sheet)):
            continue
        header = find_header(source, sheet, REQUIRED)
        lines += [_line(record, header) for record in records(source, sheet, header)]
    return Parsed(Format.B3_POSICAO, lines, meta={"as_of": _day_in(filename)})


def _day_in(filename: str) -> str:
    """The day B3 writes in the file's name: nothing inside the file says it."""
    found = _FILE_DAY.search(filename)
    if not found:
        return ""
    try:
        return date(int(found[1]), int(found[2]), int(found[3])).isoformat()
    except ValueError:
        return ""


def _line(record: Record, header: Header) -> ParsedLine:
    kind = sheet_kind(record.sheet)
    cell = record.text(PRODUCT)
    product = read_product(cell)
    code = record.text(CODE).upper()
    if kind == "TESOURO DIRETO":
        code = cell
    elif kind == "RENDA FIXA":
        code = record.text("CODIGO").upper() or product.code
    quantity = record.number(QUANTITY)
    price = record.number(CLOSE if CLOSE in header.keys else "PRECO ATUALIZADO CURVA")
    value = record.number(VALUE if VALUE in header.keys else "VALOR ATUALIZADO CURVA")
    isin = (
        record.text(ISIN) or record.text("CODIGO ISIN / DISTRIBUICAO") or record.text("CODIGO ISIN")
    )
    line = ParsedLine(
        number=record.row,
        sheet=record.sheet,
        raw=record.raw,
        content_key=content_key(Format.B3_POSICAO, (kind, code or product.code, quantity)),
        action=Action.POSITION,
        ticker=code or product.code,
        product_name=product.name or cell,
        institution=record.text(INSTITUTION),
        institution_key=institution_key(record.text(INSTITUTION)),
        quantity=quantity,
        unit_price=price,
        amount=value,
        currency="BRL",
        market=Market.FIXED_INCOME if kind == "RENDA FIXA" else Market.SPOT,
        asset_class_guess=SHEETS.get(kind)
        or product.asset_class
        or guess_class(code, product.name),
        isin=isin.split(" ")[0][:12],
        cnpj=record.text("CNPJ DA EMPRESA") or record.text("CNPJ DO FUNDO"),
    )
    if quantity is None:
        raise record.error("missing_cell", QUANTITY)
    if kind in _LENT:
        line.action, line.reason = Action.IGNORE, "position_lent"
    return line
