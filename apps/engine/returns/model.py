"""What a ledger becomes once it is laid over days: the timeline every figure is taken from.

A timeline is made once per ledger and currency (``build``) and holds NumPy arrays only. It is
never changed, so it can be kept, sent elsewhere (``to_bytes``) and measured any number of times,
for any part of it and any period.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Days, Floats
from apps.engine.types import Issue

_Answer = TypeVar("_Answer")
#: Questions of a timeline whose answers are kept.
_KEPT = 8

Mask = NDArray[np.bool_]
Ints = NDArray[np.int32]
Codes = NDArray[np.int8]

#: ``peer`` of a movement with the world outside the ledger (deposit, gift, custody elsewhere).
OUTSIDE = -1
#: ``peer`` of what is earned or spent without money changing place (interest, account fees).
NOBODY = -2


class What(IntEnum):
    """What an event does to its line."""

    OPEN = 1  # units come in for money (or for nothing: bonus shares)
    CLOSE = 2  # units leave for money
    INCOME = 3  # dividends, interest: gross in ``gross``
    COST = 4  # a fee or a tax without a trade
    RESULT = 5  # a gain without units (futures, fractions): in ``gross``
    LOWER = 6  # money back from capital: lowers the cost, its excess is gain
    MOVE_OUT = 7  # units, or part of the value, leave for another line or for outside
    MOVE_IN = 8  # the other half
    MONEY = 9  # a cash line's own movement: deposit, withdrawal, exchange


class Marked(IntEnum):
    """Why a stretch of values is less than certain."""

    COST = 1  # no price yet: counted at what it cost
    STALE = 2  # a price older than any chain of holidays, carried on
    UNKNOWN = 3  # neither price nor cost, or no exchange rate: left out
    TERMS = 4  # accrued by the paper's own terms
    RATE = 5  # before the first exchange rate known, which is used


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the timeline: one asset in one account, or one currency of its cash.

    ``asset`` is empty for cash, whose ``asset_class`` is "cash". ``currency`` is the one the
    asset is priced in.
    """

    holder: str
    account: str
    asset: str
    currency: str
    asset_class: str = ""

    @property
    def is_cash(self) -> bool:
        """Whether this is a balance and not an asset."""
        return not self.asset


def sums(places: NDArray[np.signedinteger[Any]], figures: Floats, count: int) -> Floats:
    """Sum of the figures that share a place, for each of ``count`` places."""
    found: Floats = np.bincount(places, figures, count).astype(np.float64, copy=False)
    return found


def pool_numbers(lines: Sequence[Line]) -> NDArray[np.intp]:
    """Number of each line's holder and asset (or cash currency), in the order they first appear."""
    pools: dict[tuple[str, str, str], int] = {}
    return np.array(
        [
            pools.setdefault(
                (line.holder, line.asset, "" if line.asset else line.currency), len(pools)
            )
            for line in lines
        ],
        dtype=np.intp,
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of one line's values that rests on something other than a price of those days;
    ``first`` and ``last`` are days of the grid, both included."""

    line: int
    first: int
    last: int
    why: Marked


@dataclass(frozen=True, slots=True)
class Events:
    """Everything that happened, one entry per line concerned, in the order it took effect.

    ``day`` counts grid days. ``side`` is 1 for long and -1 for short positions; ``units`` is how
    many were opened (positive) or closed (negative) on that side, in today's shares: splits are
    already in it. Money is in the timeline's currency at the day's rate, ``rate`` being that of the
    line's own. ``inflow`` counts from the start of the day and ``outflow`` at its
    end, both seen from the line; ``peer`` is the line at the other end (``OUTSIDE``, ``NOBODY``).
    ``row`` points into ``Timeline.refs``. Entries of one holder, asset and side stand together:
    ``pool`` numbers them, long sides even, short sides odd. ``part`` is read where worth leaves
    without units (a spin-off): the units, in today's shares, whose cost goes along; negative where
    nobody says, and as much cost goes as the worth that left.
    """

    line: Ints
    day: Ints
    what: Codes
    side: Codes
    units: Floats
    gross: Floats
    rate: Floats
    fees: Floats
    tax: Floats
    inflow: Floats
    outflow: Floats
    peer: Ints
    row: Ints
    pool: Ints
    part: Floats

    def __len__(self) -> int:
        return len(self.line)


@dataclass(frozen=True)
class Timeline:
    """Daily values of every line with all that moved them, in ``currency``.

    ``values[line, day]`` is the worth at the close of grid day ``day``, the first of which is
    ``start``. ``rates[code]`` is the worth of one unit of a currency on each day. ``issues`` are
    those of the ledger and of its valuation.
    """

    currency: str
    start: date
    lines: tuple[Line, ...]
    values: Floats
    events: Events
    refs: tuple[str, ...]
    rates: Mapping[str, Floats]
    marks: tuple[Mark, ...] = ()
    issues: tuple[Issue, ...] = ()
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """How many days the grid has."""
        return int(self.values.shape[1])

    @property
    def end(self) -> date:
        """Last day of the grid."""
        return date.fromordinal(self.start.toordinal() + self.days - 1)

    @cached_property
    def ordinals(self) -> Days:
        """Day numbers of the grid."""
        first = self.start.toordinal()
        return np.arange(first, first + self.days, dtype=np.int64)

    @cached_property
    def line_pool(self) -> NDArray[np.intp]:
        """Number of each line's holder and asset (or cash currency), half its pool's."""
        return pool_numbers(self.lines)

    @cached_property
    def cash_lines(self) -> Mask:
        """Which lines are cash."""
        return np.array([line.is_cash for line in self.lines], dtype=bool)

    @cached_property
    def _asked(self) -> dict[Hashable, Any]:
        return {}

    def once(self, question: Hashable, answer: Callable[[], _Answer]) -> _Answer:
        """What ``answer`` tells, kept for the next who asks the same: figures and a table of one
        period share what they start from. Only the last few questions are kept; what is kept is
        never changed."""
        found = self._asked.get(question)
        if found is None:
            if len(self._asked) >= _KEPT:
                self._asked.clear()
            found = self._asked[question] = answer()
        told: _Answer = found
        return told

    def at(self, day: date) -> int:
        """Grid day of a date, the nearest one where it lies outside."""
        return min(max(day.toordinal() - self.start.toordinal(), 0), self.days - 1)

    def date(self, day: int) -> date:
        """Date of a grid day."""
        return date.fromordinal(self.start.toordinal() + int(day))

    def where(
        self,
        *,
        holder: str | None = None,
        accounts: set[str] | None = None,
        assets: set[str] | None = None,
        classes: set[str] | None = None,
        currencies: set[str] | None = None,
    ) -> Mask:
        """Lines that meet every condition given. Cash has the class "cash" and no asset, so
        conditions on assets leave it out."""
        return np.array(
            [
                (holder is None or line.holder == holder)
                and (accounts is None or line.account in accounts)
                and (assets is None or line.asset in assets)
                and (classes is None or line.asset_class in classes)
                and (currencies is None or line.currency in currencies)
                for line in self.lines
            ],
            dtype=bool,
        )
