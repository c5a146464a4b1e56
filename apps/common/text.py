"""Comparing names as people write them."""

from __future__ import annotations

import re
import unicodedata

_PUNCTUATION = re.compile(r"[^A-Z0-9 ]+")
_SPACES = re.compile(r"\s+")


def strip_accents(text: str) -> str:
    """``text`` without diacritics."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def normalise_name(name: str) -> str:
    """A company's name for comparison: upper case, no accents, no punctuation, no legal suffix.

    ``"Corretora Exemplo S/A"`` and ``"CORRETORA EXEMPLO S.A."`` are the same.
    """
    text = strip_accents(name).upper().replace("S/A", "SA").replace("S.A.", "SA")
    text = _PUNCTUATION.sub(" ", text)
    words = [w for w in _SPACES.sub(" ", text).strip().split(" ") if w]
    while len(words) > 1 and words[-1] in {
        "SA",
        "LTDA",
        "INC",
        "CORP",
        "DTVM",
        "CTVM",
        "CCTVM",
    }:
        words.pop()
    return " ".join(words)
