"""What a closing keeps of a month, and how later figures differ from it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

_SCALARS = ("stock_sales", "gold_sales", "exempt_gain", "exempt_gain_gold", "tax_due")
# What is paid of a form comes after the closing; what is due does not.
_FORM = ("code", "amount", "due_date", "carried_in", "carried_out")


def snapshot_of(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a month that may not change once it is closed."""
    kept: dict[str, Any] = {name: figures[name] for name in _SCALARS if name in figures}
    for bucket, values in (figures.get("buckets") or {}).items():
        kept |= {f"buckets.{bucket}.{name}": value for name, value in values.items()}
    form = figures.get("darf") or {}
    kept |= {f"darf.{name}": form[name] for name in _FORM if name in form}
    return kept


def differences(before: Mapping[str, Any], figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What changed since a closing: the name of each figure, before, after and, of numbers, the
    change. A figure that was absent counts as zero."""
    after = snapshot_of(figures)
    found = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if _number(old) == _number(new) if _numeric(old, new) else old == new:
            continue
        change = _number(new) - _number(old) if _numeric(old, new) else None
        found.append(
            {
                "field": name,
                "before": old,
                "after": new,
                "change": None if change is None else format(change, "f"),
            }
        )
    return found


def _numeric(*values: Any) -> bool:
    try:
        for value in values:
            _number(value)
    except InvalidOperation:
        return False
    return True


def _number(value: Any) -> Decimal:
    return Decimal(str(value)) if value not in (None, "") else Decimal(0)
