"""The text of a movement: normalised, split from its state, with its side."""

from __future__ import annotations

import re
from dataclasses import dataclass

from apps.imports.formats.values import fold

CREDIT, DEBIT = "C", "D"
_SLASH = re.compile(r"\s*/\s*")
_SUFFIX = re.compile(
    r"^(?P<base>.+?) - (?P<state>TRANSFERID[OA]|CANCELAD[OA]|REATIVAD[OA]|EXCLUID[OA]|"
    r"EXERCIDO|EXCERCIDO|NAO EXERCIDO|SOLICITAD[OA])$"
)
RIGHTS = frozenset(
    {
        "DIREITO DE SUBSCRICAO",
        "DIREITOS DE SUBSCRICAO",
        "DIREITO SOBRAS DE SUBSCRICAO",
        "DIREITOS SOBRAS DE SUBSCRICAO",
    }
)
ASSIGNMENT_OF_RIGHTS = "CESSAO DE DIREITOS"
TRANSFERS = frozenset({"TRANSFERENCIA", "TRANSFERENCIA SEM FINANCEIRO", "TRANSF. SEM FINANCEIRO"})
FRACTION, AUCTION = "FRACAO EM ATIVOS", "LEILAO DE FRACAO"
REQUEST, RECEIPT = "SOLICITACAO DE SUBSCRICAO", "RECIBO DE SUBSCRICAO"


@dataclass(frozen=True, slots=True)
class Movement:
    """A movement's text without its state: ``JUROS SOBRE CAPITAL PROPRIO`` + ``TRANSFERIDO``."""

    base: str
    state: str = ""


def read_movement(cell: str) -> Movement:
    """Normalise a movement and split its state off."""
    name = _SLASH.sub("/", fold(cell)).rstrip("/").strip()
    match = _SUFFIX.match(name)
    if not match:
        return Movement(name)
    state = match["state"].replace("EXCERCIDO", "EXERCIDO")
    return Movement(match["base"], state[:-1] + "O" if state.endswith("A") else state)


def read_side(cell: str) -> str:
    """``C`` or ``D``; empty where the cell says neither."""
    return {"CREDITO": CREDIT, "DEBITO": DEBIT}.get(fold(cell), "")
