"""Small files in the layouts of B3, made for these tests."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Sequence

import openpyxl

NEGOCIACAO = (
    "Data do Negócio",
    "Tipo de Movimentação",
    "Mercado",
    "Prazo/Vencimento",
    "Instituição",
    "Código de Negociação",
    "Quantidade",
    "Preço",
    "Valor",
)
MOVIMENTACAO = (
    "Entrada/Saída",
    "Data",
    "Movimentação",
    "Produto",
    "Instituição",
    "Quantidade",
    "Preço unitário",
    "Valor da Operação",
)
OFFERS = (
    "Data de liquidação",
    "Empresa",
    "Tipo",
    "Oferta",
    "Instituição",
    "Quantidade",
    "Preço",
    "Valor",
    "Código de Negociação",
)
POSICAO = (
    "Produto",
    "Instituição",
    "Conta",
    "Código de Negociação",
    "CNPJ da Empresa",
    "Código ISIN / Distribuição",
    "Tipo",
    "Escriturador",
    "Quantidade",
    "Quantidade Disponível",
    "Quantidade Indisponível",
    "Motivo",
    "Preço de Fechamento",
    "Valor Atualizado",
)
BROKER = "CORRETORA EXEMPLO S.A."


def xlsx(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook with these sheets, each a list of rows."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def negociacao(*rows: Sequence[object]) -> bytes:
    """A Negociação with its header and these rows."""
    return xlsx({"Negociação": [NEGOCIACAO, *rows]})


def movimentacao(*rows: Sequence[object]) -> bytes:
    """A Movimentação with its header and these rows."""
    return xlsx({"Movimentação": [MOVIMENTACAO, *rows]})


def trade(
    day: object = "10/03/2026",
    side: str = "Compra",
    code: str = "EXMP4",
    quantity: object = 100,
    price: object = 36.71,
    value: object = 3671,
    market: str = "Mercado à Vista",
    broker: str = BROKER,
) -> tuple[object, ...]:
    """A row of Negociação."""
    return (day, side, market, "-", broker, code, quantity, price, value)


def move(
    movement: str,
    side: str = "Credito",
    quantity: object = 100,
    price: object = "-",
    value: object = "-",
    product: str = "EXMP4 - EXEMPLO PARTICIPACOES S.A.",
    day: object = "15/09/2025",
    broker: str = BROKER,
) -> tuple[object, ...]:
    """A row of Movimentação."""
    return (side, day, movement, product, broker, quantity, price, value)


def rewrite(data: bytes, change: dict[str, tuple[str, str]]) -> bytes:
    """The archive with a regular expression replaced in some of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for entry in old.infolist():
            content = old.read(entry)
            if entry.filename in change:
                pattern, replacement = change[entry.filename]
                content = re.sub(pattern, replacement, content.decode(), count=1).encode()
            new.writestr(entry.filename, content)
    return out.getvalue()


def csv(rows: Iterable[str], encoding: str = "utf-8") -> bytes:
    """Lines of text as a file."""
    return ("\r\n".join(rows) + "\r\n").encode(encoding)
