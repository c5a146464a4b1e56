"""What each line cost so far: the worth of what has no price yet."""

from __future__ import annotations

from bisect import bisect_right

import numpy as np

from apps.engine.grid import Floats
from apps.engine.returns.draft import SPLIT, Table
from apps.engine.returns.model import What


class CostBook:
    """Costs of the lines of a table, entry by entry in the order of the days, each in its line's
    own currency. What moves between lines takes its share of the cost along."""

    def __init__(self, table: Table, rates: tuple[Floats, Floats]) -> None:
        row_rate, own_rate = rates
        self.own_rate = own_rate
        self.local = np.divide(
            row_rate, own_rate, out=np.ones(len(row_rate)), where=own_rate != 0.0
        )
        self.table = table
        self.cost: dict[int, float] = {}
        self.held: dict[int, float] = {}
        self.steps: dict[int, tuple[list[int], list[float]]] = {}
        self.left: dict[tuple[int, int, int], tuple[float, float]] = {}
        # What leaves is known before it arrives.
        late = table["what"] == What.MOVE_IN
        order = (
            np.lexsort((late, table["day"]))
            if late.any()
            else np.argsort(table["day"], kind="stable")
        )
        for place in order.tolist():
            self._entry(place)

    def levels(self, line: int, first: int, count: int) -> Floats:
        """Cost of a line at the end of each of some days."""
        days, costs = self.steps.get(line, ([], []))
        grid = np.zeros(count)
        for day, cost in zip(days, costs, strict=True):
            grid[max(day - first, 0) :] = cost
        return grid

    def at(self, line: int, day: int) -> float:
        """Cost of a line at the end of a day."""
        days, costs = self.steps.get(line, ([], []))
        place = bisect_right(days, day)
        return costs[place - 1] if place else 0.0

    def _entry(self, place: int) -> None:
        table = self.table
        line, what = int(table["line"][place]), int(table["what"][place])
        side = float(table["side"][place])
        delta = float(table["delta"][place]) * side
        if delta == 0.0 and what not in (What.LOWER, What.MOVE_OUT, What.MOVE_IN):
            return
        cost, held = self.cost.get(line, 0.0), self.held.get(line, 0.0)
        key = (int(table["row"][place]), line, int(table["peer"][place]))
        if what == What.OPEN:
            cost += side * abs(float(table["gross"][place])) * self.local[place]
        elif what == What.MOVE_IN:
            cost += self._came(place, side, (key[0], key[2], key[1]))
        elif what == What.MOVE_OUT and delta == 0.0:
            gone = min(abs(float(table["cost"][place])) * self.local[place], max(cost, 0.0))
            cost -= gone
        elif what in (What.CLOSE, What.MOVE_OUT):
            gone = cost * min(1.0, abs(delta / held)) if held else 0.0
            cost -= gone
            self.left[key] = (gone, self.own_rate[place])
        elif what == What.LOWER:
            cost = max(cost - float(table["gross"][place]) * self.local[place], 0.0)
        held += delta
        if what != SPLIT and abs(held) <= 1e-11 * max(1.0, abs(delta)):
            cost = held = 0.0
        self.cost[line], self.held[line] = cost, held
        days, costs = self.steps.setdefault(line, ([], []))
        if days and days[-1] == int(table["day"][place]):
            costs[-1] = cost
        else:
            days.append(int(table["day"][place]))
            costs.append(cost)

    def _came(self, place: int, side: float, key: tuple[int, int, int]) -> float:
        """Cost an arrival brings: what left the other line, else what its row states."""
        if key in self.left and self.table["delta"][place] != 0.0:
            gone, rate = self.left[key]
            own = self.own_rate[place]
            return gone * rate / own if own else 0.0
        return side * abs(float(self.table["cost"][place])) * float(self.local[place])
