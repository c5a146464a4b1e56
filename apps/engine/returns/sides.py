"""What one position has to know of another that its shares come from or go to."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.holdings import Fold


@dataclass(slots=True)
class Known:
    """What one position has to know of another that shares may come from or go to, by the row (its
    identity) and the side: the cost that ``arrived``, the units ``held`` of the account that a
    spin-off concerns."""

    arrived: dict[tuple[int, int], float] = field(default_factory=dict)
    held: dict[int, float] = field(default_factory=dict)


_ARRIVALS = ("spin_off_in", "merger_in", "rename_in")


def known_of(folded: Fold) -> Known:
    """What the positions of a fold say of each other."""
    found = Known()
    for holding in folded.holdings.values():
        for steps, side in ((holding.raw_steps, 1), (holding.raw_short_steps, -1)):
            level: dict[str, Decimal] = {}
            for row, quantity, cost, formula, sign, _gain, _rate in steps:
                if formula in _ARRIVALS:
                    found.arrived[id(row), side] = 0.0 if cost is None else abs(float(cost))
                elif formula == "spin_off_out":
                    whole = sum(level.values(), Decimal(0))
                    held = max(min(level.get(row.account, Decimal(0)), whole), Decimal(0))
                    found.held[id(row)] = float(held)
                level[row.account] = level.get(row.account, Decimal(0)) + quantity * sign
    return found
