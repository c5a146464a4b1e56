"""The words for what the engine reports in codes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.ledger.models import Kind
from apps.portfolios.pricing import TERMS

SOURCES = {
    TERMS: lambda: _("curva do papel"),
    "manual": lambda: _("digitado"),
    "history": lambda: _("fechamento"),
    "demo": lambda: _("demonstração"),
}


def source_label(code: str) -> str:
    """Where a price came from, for people."""
    return SOURCES[code]() if code in SOURCES else code


def kind_label(kind: str) -> str:
    """The name of a ledger kind."""
    return str(Kind(kind).label)


def event_note(params: Mapping[str, Any]) -> str:
    """What a corporate event did, in its own terms."""
    ratio = params.get("ratio")
    return _("proporção %(ratio)s") % {"ratio": ratio} if ratio is not None else ""
