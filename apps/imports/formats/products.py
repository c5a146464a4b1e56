"""What a file calls a product: its code, its name and what it probably is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.engine.kinds import AssetClass
from apps.imports.formats.types import Market
from apps.imports.formats.values import fold

_TICKER = re.compile(r"^[A-Z][A-Z0-9]{3}\d{1,2}[A-Z]?$")
_FRACTIONAL = re.compile(r"^[A-Z0-9]{4}\d{1,2}F$")
_OFFER = re.compile(r"^[A-Z0-9]{4}\d{1,2}L$")
_TERM = re.compile(r"^[A-Z0-9]{4}\d{1,2}T$")
_FUTURE = re.compile(r"^[A-Z][A-Z0-9]{2}[FGHJKMNQUVXZ]\d{2}$")
_OPTION = re.compile(r"^[A-Z][A-Z0-9]{3}[A-X]W?\d{1,4}(?:W\d)?$")
_TERM_PRODUCT = re.compile(r"^TERMO DE \S+ ([A-Z0-9]+)$")
_SPLIT = re.compile(r"\s+[-–]\s+")

FIXED_INCOME = {
    "CDB": AssetClass.CDB,
    "RDB": AssetClass.CDB,
    "LC": AssetClass.CDB,
    "LF": AssetClass.CDB,
    "LCI": AssetClass.LCI,
    "LIG": AssetClass.LCI,
    "LCA": AssetClass.LCA,
    "CRI": AssetClass.CRI,
    "CRA": AssetClass.CRA,
    "DEB": AssetClass.DEBENTURE,
}
_NAMES = (
    (re.compile(r"\bFIAGRO\b"), AssetClass.FIAGRO),
    (re.compile(r"\b(FI[- ]?INFRA|INFRA(ESTRUTURA)? (FIC|FI)\b|FIC? ?INFRA)"), AssetClass.FI_INFRA),
    (re.compile(r"\b(FII|IMOBILI\w*|IMOB)\b"), AssetClass.FII),
    (re.compile(r"\b(ETF|FUNDO DE INDICE|FDO IND\w*|ISHARES|IT NOW|TREND)\b"), AssetClass.ETF),
    (re.compile(r"\bUNIT\b"), AssetClass.UNIT),
)


@dataclass(frozen=True, slots=True)
class Product:
    """``code`` names the asset; ``underlying`` is known for a forward contract."""

    code: str
    name: str = ""
    asset_class: AssetClass | None = None
    underlying: str = ""
    market: str = ""


def spot_code(code: str, market: str) -> str:
    """The asset a traded code stands for: the F of the fractional market and the L of a public
    offer are dropped, and nothing else (an option may end in either)."""
    if market == Market.FRACTIONAL and _FRACTIONAL.match(code):
        return code[:-1]
    if market == Market.OFFER and _OFFER.match(code):
        return code[:-1]
    return code


def is_exchange_code(code: str) -> bool:
    """Whether a code looks like one traded on B3."""
    return bool(_TICKER.match(code))


def guess_class(code: str, name: str = "", market: str = "") -> AssetClass | None:
    """What a B3 code probably is; ``None`` where it cannot be told, as for most codes in 11."""
    if market == Market.OPTION:
        return AssetClass.OPTION
    if market == Market.TERM or _TERM.match(code):
        return AssetClass.TERM
    if market == Market.FUTURE:
        return AssetClass.FUTURE
    if fold(code).startswith("TESOURO"):
        return AssetClass.TREASURY
    digits = re.match(r"^[A-Z][A-Z0-9]{3}(\d{1,2})B?$", code)
    if digits:
        ending = int(digits[1])
        if ending in (3, 4, 5, 6, 7, 8):
            return AssetClass.STOCK
        if ending in (1, 2, 9, 10, 12, 13, 14, 15):
            return AssetClass.RIGHT
        if 31 <= ending <= 39:
            return AssetClass.BDR
        if ending == 11:
            folded = fold(name)
            return next((found for pattern, found in _NAMES if pattern.search(folded)), None)
    if _FUTURE.match(code):
        return AssetClass.FUTURE
    return AssetClass.OPTION if _OPTION.match(code) else None


def read_product(cell: str) -> Product:
    """The ``Produto`` column: ``EXMP4 - NAME``, ``CDB - CDB123 - BANK``, ``Tesouro Selic 2029``."""
    parts = _SPLIT.split(cell.strip(), maxsplit=2)
    head = fold(parts[0])
    if head in FIXED_INCOME:
        return _fixed_income(head, parts)
    forward = _TERM_PRODUCT.match(head)
    if forward and len(parts) > 1:
        code = fold(parts[1])
        return Product(code, cell, AssetClass.TERM, forward[1], Market.TERM)
    if head in ("OPCAO DE COMPRA", "OPCAO DE VENDA") and len(parts) > 1:
        return Product(fold(parts[1]), cell, AssetClass.OPTION, market=Market.OPTION)
    if head == "FUTURO" and len(parts) > 1:
        return Product(fold(parts[1]), cell, AssetClass.FUTURE, market=Market.FUTURE)
    if head.startswith("TESOURO"):
        return Product(cell.strip(), cell.strip(), AssetClass.TREASURY)
    if is_exchange_code(head):
        name = " - ".join(parts[1:])
        return Product(head, name, guess_class(head, name))
    return Product(cell.strip(), cell.strip())


def _fixed_income(head: str, parts: list[str]) -> Product:
    asset_class = FIXED_INCOME[head]
    code = parts[1].strip() if len(parts) > 1 else head
    if not any(character.isdigit() for character in code):
        # Without a registration code only the words tell one paper from another.
        code = " ".join([head, *(part.strip() for part in parts[1:])])
    issuer = parts[2].strip() if len(parts) > 2 else ""
    return Product(code, " ".join(part for part in (head, issuer) if part), asset_class)
