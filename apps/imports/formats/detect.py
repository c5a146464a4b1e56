"""What a file is: by the names of its sheets and columns, never by its own name."""

from __future__ import annotations

from collections.abc import Callable

from apps.imports.formats import (
    b3_movimentacao,
    b3_negociacao,
    b3_offers,
    b3_posicao,
    exitus_csv,
)
from apps.imports.formats.errors import FormatError
from apps.imports.formats.tables import Source, header_key
from apps.imports.formats.types import Detected, Format

_TABLES: tuple[tuple[Format, frozenset[str], str], ...] = (
    (Format.B3_OFFERS, b3_offers.REQUIRED, ""),
    (Format.B3_NEGOCIACAO, b3_negociacao.REQUIRED, "NEGOCIACAO"),
    (Format.B3_MOVIMENTACAO, b3_movimentacao.REQUIRED, "MOVIMENTACAO"),
)
_KNOWN_ELSEWHERE = {
    "PROVENTOS RECEBIDOS": "b3_income_report",
    "PROVENTOS PROVISIONADOS": "b3_income_report",
    "NEGOCIACOES": "b3_consolidated",
}


def detect_source(source: Source) -> Detected:
    """The format of an opened file; ``FormatError`` where it is none that can be read."""
    if source.members:
        return Detected(Format.EXITUS_ZIP, tuple(source.members))
    for name, required, _sheet in _TABLES:
        sheets = tuple(s for s in source.sheets if _has(source, s, required.issubset))
        if sheets:
            return Detected(name, sheets)
    positions = tuple(s for s in source.sheets if b3_posicao.sheet_kind(s))
    if positions:
        return Detected(Format.B3_POSICAO, positions)
    for name, _required, sheet_name in _TABLES:
        # The right sheet with a wrong header: the reader will say what is missing.
        sheets = tuple(s for s in source.sheets if sheet_name and header_key(s) == sheet_name)
        if sheets:
            return Detected(name, sheets)
    for sheet in source.sheets:
        if header_key(sheet) in _KNOWN_ELSEWHERE:
            raise FormatError(_KNOWN_ELSEWHERE[header_key(sheet)], sheet=sheet)
    if not source.is_csv:
        raise FormatError("unknown_workbook", sheets=", ".join(source.sheets))
    if _has(source, "", exitus_csv.looks_like, first_only=True):
        return Detected(Format.EXITUS_CSV, ("",))
    return Detected(Format.GENERIC_CSV, ("",))


def _has(
    source: Source, sheet: str, test: Callable[[set[str]], bool], *, first_only: bool = False
) -> bool:
    for _number, cells in source.head(sheet):
        if test({header_key(cell) for cell in cells}):
            return True
        if first_only:
            return False
    return False
