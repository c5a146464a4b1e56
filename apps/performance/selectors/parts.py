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
class About:
    """What of a figure is asked beside its name: the ``benchmark`` of a comparison, the ``part`` of
    the whole (a key of the question's grouping; ``None``: all of it; how many for the largest), the
    length of moving windows."""

    benchmark: str = ""
    part: str | None = None
    window: str = "12m"


@dataclass(frozen=True, slots=True)
class Explained:
    """A figure with its definition and its parts; ``of`` names the part or the benchmark."""

    code: str
    definition: Definition
    value: float | None
    currency: str
    start: dt.date
    end: dt.date
    blocks: Sequence[Block]
    of: str = ""
    is_ready: bool = True


Answer = tuple[float | None, list[Block]]
