"""The shapes of an explanation: parts, in blocks, of a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from apps.performance.words import MONEY, Definition


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what it is, how much, and the row, asset or day it comes from. ``kind`` is
    ``money``, ``rate``, ``ratio``, ``days`` or ``date``; ``sign`` says how it enters (+1, -1, 0 for
    what is only told)."""

    label: str
    value: float | None
    kind: str = MONEY
    sign: int = 1
    date: dt.date | None = None
    asset: str = ""
    transaction: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """Parts that belong together; ``adds`` when their signed sum is the figure."""

    title: str
    parts: Sequence[Part]
    adds: bool = False


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure with its definition and its parts."""

    code: str
    definition: Definition
    value: float | None
    currency: str
    start: dt.date
    end: dt.date
    blocks: Sequence[Block]
    is_ready: bool = True


Answer = tuple[float | None, list[Block]]
