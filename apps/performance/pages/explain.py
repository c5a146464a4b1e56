"""Why a figure is what it is, for the side panel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from apps.accounts.access import Access
from apps.performance.asked import NO_KEY, Asked
from apps.performance.pages.controls import answered, compared_label, page_of
from apps.performance.selectors import About, Explained, explain
from apps.performance.selectors.parts import Block, Part

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A part as it enters: ``shown`` carries the sign it is added with."""

    part: Part
    shown: float | None


@dataclass(frozen=True, slots=True)
class Shown:
    """Parts of one block with their sum, where they add up to the figure."""

    block: Block
    lines: Sequence[Line]
    total: float | None
    has_dates: bool


def explain_page(*, access: Access, asked: Asked, code: str) -> Json:
    """A figure in words and in parts. Raises ``NotFound`` for one nobody knows."""
    about = About(asked.benchmark, asked.part, asked.window)
    select = partial(explain, code=code, about=about)
    found, asked = answered(select, access=access, asked=asked)
    part = NO_KEY if asked.part == "" else asked.part or ""
    page = page_of(access=access, asked=asked, found=found, content=_content)
    return {**page, "part": part}


def _content(found: Explained) -> Json:
    return {
        "e": found,
        "definition": found.definition,
        "of": compared_label(found.of),
        "blocks": [_shown(b) for b in found.blocks],
    }


def _shown(block: Block) -> Shown:
    lines = [Line(part, _entering(part)) for part in block.parts]
    known = [line.shown for line in lines if line.part.sign and line.shown is not None]
    return Shown(
        block,
        lines,
        math.fsum(known) if block.adds else None,
        any(part.date for part in block.parts),
    )


def _entering(part: Part) -> float | None:
    return -part.value if part.sign < 0 and part.value is not None else part.value
