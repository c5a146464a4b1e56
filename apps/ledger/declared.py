"""Reads positions out of last year's Bens e Direitos, as people paste them.

One position a line. Columns may be separated by tabs, semicolons, pipes or spaces; the line may be
the declaration's own sentence ("100 AÇÕES PETR4 ... R$ 2.850,00"). Where a line has the situation
of two years the last value is the one that counts. Nothing is guessed: what a line does not say is
left empty for the person to fill in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from apps.common.text import strip_accents
from apps.ledger.parsing import parse_decimal

MAX_LINES = 150
_TICKER = re.compile(r"\b[A-Z][A-Z0-9]{3}\d{1,2}[BF]?\b")
_ABROAD = re.compile(r"^[A-Z][A-Z.\-]{0,6}$")
_CNPJ = re.compile(r"\b\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}\b")
_DATE = re.compile(r"\b\d{1,2}/\d{1,2}/\d{2,4}\b|\b\d{4}-\d{2}-\d{2}\b")
_AVERAGE = re.compile(
    r"(?:PRECO|CUSTO|VALOR)\s+(?:MEDIO|UNITARIO)(?:\s+(?:DE|POR|UNITARIO|ACAO|COTA|A))*\s*:?\s*"
    r"(?:R\$|US\$)?\s*[\d.,]+"
)
_COUNTED = re.compile(
    r"(?<![\d.,/-])(\d[\d.,]*)\s*(?:\([^)]*\)\s*)?"
    r"(?:ACOES|ACAO|COTAS?|QUOTAS?|UNITS?|UNIDADES?|BDRS?|TITULOS?|PAPEIS|ETFS?|BITCOINS?)\b"
)
_LABELLED = re.compile(r"(?:QUANTIDADE|QTDE?|QTD)\.?\s*:?\s*(\d[\d.,]*)")
_NUMBER = re.compile(r"(?<![\w/])(?:R\$|US\$)?\s*\d[\d.,]*(?![\w/%])")
_MONEY = re.compile(r"(?:R\$|US\$)\s*\d[\d.,]*|(?<![\w/.,])\d[\d.]*,\d{2}(?![\w/%,])")
_CODE_COLUMNS = re.compile(r"^\s*\d{2}\s*[-–]?\s*\d{2}\s+|^\s*\d{2}\s*[-–]\s+")


@dataclass(frozen=True, slots=True)
class DeclaredLine:
    """What one line says; empty where it does not say. ``number`` counts from 1."""

    number: int
    text: str
    ticker: str
    quantity: Decimal | None
    total_cost: Decimal | None


def parse_declared(text: str) -> list[DeclaredLine]:
    """Every line that is not blank and not a header."""
    found = []
    for number, raw in enumerate(text.splitlines(), start=1):
        line = " ".join(raw.replace("\u00a0", " ").replace("\t", " \t ").split(" ")).strip()
        if not line.strip() or not any(char.isdigit() for char in line):
            continue
        found.append(_read(number, line))
    return found


def _read(number: int, line: str) -> DeclaredLine:
    columns = [cell.strip() for cell in re.split(r"[\t;|]", line)]
    cells = [cell for cell in columns if cell]
    if len(cells) == 1:
        cells = line.split()
    by_column = _by_column(cells)
    shown = " ".join(line.split())[:500]
    if by_column is not None:
        return DeclaredLine(number, shown, *by_column)
    return DeclaredLine(number, shown, *_by_sentence(line))


def _by_column(cells: list[str]) -> tuple[str, Decimal | None, Decimal | None] | None:
    """A code, a quantity and perhaps a cost, and nothing else."""
    if cells and cells[-1] in ("R$", "US$"):
        return None
    joined = [cell for cell in cells if cell not in ("R$", "US$")]
    if not 2 <= len(joined) <= 3:
        return None
    codes = [cell for cell in joined if _is_code(cell)]
    if len(codes) != 1:
        return None
    numbers = [_number(cell) for cell in joined if cell != codes[0]]
    if any(value is None for value in numbers):
        return None
    return codes[0].upper(), numbers[0], numbers[1] if len(numbers) > 1 else None


def _is_code(cell: str) -> bool:
    code = cell.upper()
    return bool(_TICKER.fullmatch(code) or _ABROAD.fullmatch(code))


def _by_sentence(line: str) -> tuple[str, Decimal | None, Decimal | None]:
    text = strip_accents(line).upper().replace("\t", "  ")
    text = _CNPJ.sub(" ", text)
    text = _DATE.sub(" ", text)
    text = _AVERAGE.sub(" ", text)
    text = _CODE_COLUMNS.sub(" ", text)
    codes = _TICKER.findall(text)
    ticker = codes[0] if codes else ""
    counted = _COUNTED.search(text) or _LABELLED.search(text)
    quantity = _number(counted.group(1)) if counted else None
    values = [_number(match.group()) for match in _MONEY.finditer(text)]
    cost = next((value for value in reversed(values) if value is not None), None)
    if quantity is None:
        quantity = _only_integer(_TICKER.sub(" ", _MONEY.sub(" ", text)))
    return ticker, quantity, cost


def _only_integer(text: str) -> Decimal | None:
    """The quantity of a line whose only other number it is."""
    numbers = [_number(match.group()) for match in _NUMBER.finditer(text)]
    known = [value for value in numbers if value is not None]
    return known[0] if len(known) == 1 else None


def _number(text: str) -> Decimal | None:
    try:
        return parse_decimal(text.strip().rstrip(".,"), portuguese=True)
    except ValueError:
        return None
