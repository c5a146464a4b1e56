"""The page of allocation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.accounts.access import Access
from apps.common.templatetags.ui import class_tone
from apps.performance.asked import Asked
from apps.performance.pages.controls import CASH_LABEL, NO_GROUP, answered, page_of
from apps.performance.pages.returns import cost_notes
from apps.performance.selectors import Allocation, Slice, allocation
from apps.performance.selectors.scope import CASH, Scope

Json = dict[str, Any]
TONES = 9


@dataclass(frozen=True, slots=True)
class Row:
    """A slice with its words and colour; ``asset_id`` is empty for what is no asset."""

    slice: Slice
    label: str
    tone: str
    asset_id: str

    @property
    def drift(self) -> float | None:
        """How far the share is from the target."""
        return self.slice.drift

    @property
    def surplus(self) -> float | None:
        """What there is beyond the target, in money."""
        return None if self.slice.to_target is None else -self.slice.to_target


def allocation_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of allocation shows."""
    found, asked = answered(allocation, access=access, asked=asked)
    return page_of(access=access, asked=asked, found=found, content=_content)


def _content(found: Allocation) -> Json:
    rows = rows_of(found.scope, found.slices, found.group_by)
    return {
        "a": found,
        "at_cost": cost_notes(found.scope),
        "rows": rows,
        "targets": rows_of(found.scope, found.targets, found.target_by),
        "group_by": found.group_by,
        "tones": json.dumps({row.slice.key: row.tone.removeprefix("tone-") for row in rows}),
        "concentration": found.concentration,
        "is_empty": not rows,
        "negative": any(row.slice.value < 0 for row in rows),
    }


def rows_of(scope: Scope, slices: Sequence[Slice], grouping: str) -> list[Row]:
    """Slices with words and colours; those of classes are the classes' own everywhere."""
    rows = []
    for place, item in enumerate(slices):
        asset_id = item.key if grouping == "asset" and not item.key.startswith(CASH) else ""
        rows.append(Row(item, _label(item), _tone(scope, item.key, grouping, place), asset_id))
    return rows


def _label(item: Slice) -> str:
    if item.key.startswith(CASH):
        return f"{CASH_LABEL} {item.key.partition(':')[2]}".strip()
    return item.label or str(NO_GROUP)


def _tone(scope: Scope, key: str, grouping: str, place: int) -> str:
    if key.startswith(CASH):
        return "tone-10"
    if grouping == "class":
        return class_tone(key)
    if grouping == "asset":
        known = scope.names.assets.get(key)
        return class_tone(known.asset_class) if known else "tone-10"
    return f"tone-{place % TONES + 1}" if key else "tone-10"
