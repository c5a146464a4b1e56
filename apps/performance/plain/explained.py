"""Explanations as plain JSON."""

from __future__ import annotations

from apps.performance.plain.basics import Json, money, rate
from apps.performance.selectors import Explained


def explained_json(item: Explained) -> Json:
    """A figure with its words and its parts."""
    write = {"money": money, "rate": rate}
    return {
        "figure": item.code,
        "name": str(item.definition.name),
        "kind": item.definition.kind,
        "value": write.get(item.definition.kind, rate)(item.value),
        "currency": item.currency,
        "from": item.start.isoformat(),
        "to": item.end.isoformat(),
        "formula": str(item.definition.formula),
        "meaning": str(item.definition.meaning),
        "source": str(item.definition.source),
        "blocks": [
            {
                "title": block.title,
                "adds": block.adds,
                "parts": [
                    {
                        "label": part.label,
                        "value": write.get(part.kind, rate)(part.value),
                        "kind": part.kind,
                        "sign": part.sign,
                        "date": part.date.isoformat() if part.date else None,
                        "asset": part.asset or None,
                        "transaction": part.transaction or None,
                    }
                    for part in block.parts
                ],
            }
            for block in item.blocks
        ],
    }
