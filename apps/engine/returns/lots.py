"""Average and FIFO of one position, event by event: where money came back from capital or worth
moved without units, a chain of plain steps will not do."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from apps.engine.returns.model import Events, What


class Position:
    """One side of one position: what is held, its cost in the measurement's currency and in its
    own, its lots, and what closing gave."""

    __slots__ = ("cost", "currency", "fifo", "held", "lots", "own", "realised", "side")

    def __init__(self, side: float, held: float, cost: float, own: float) -> None:
        self.side, self.held, self.cost, self.own = side, held, cost, own
        self.lots: deque[list[float]] = deque([[held, cost]] if held or cost else [])
        self.realised = self.currency = self.fifo = 0.0

    @property
    def figures(self) -> tuple[float, float, float, float, float, float]:
        """Realised gain, the part of it that is exchange rates, FIFO gain, and the costs left
        (average, in the own currency, FIFO)."""
        left = float(np.sum([lot[1] for lot in self.lots]))
        return self.realised, self.currency, self.fifo, self.cost, self.own, left

    def step(self, what: What, units: float, rate: float, worth: float) -> None:
        """An event on its own: units for ``worth``, or worth without units."""
        if what in (What.OPEN, What.MOVE_IN):
            lots = [[units, worth]] if units or not self.lots else []
            self.arrive(units, worth, worth / rate if rate else 0.0, lots)
        elif units == 0.0:
            excess = max(0.0, worth - max(self.cost, 0.0))
            self.realised += self.side * excess
            self.own *= 1.0 - ((worth - excess) / self.cost if self.cost > 0.0 else 0.0)
            self.cost -= worth - excess
            self.fifo += self.side * _spread(self.lots, worth)
        else:
            gone, own_gone, lots = self._close(units)
            self.realised += self.side * (worth - gone)
            self.currency += self.side * (own_gone * rate - gone)
            self.fifo += self.side * (worth - sum(lot[1] for lot in lots))

    def arrive(self, units: float, cost: float, own: float, lots: list[list[float]]) -> None:
        """Units come with their cost; without units it is spread over those held."""
        self.cost += cost
        self.own += own
        self.held += units
        brought = sum(lot[0] for lot in lots)
        if not lots or (units == 0.0 and self.lots):
            _spread(self.lots, -cost)
        elif brought > 0.0:
            self.lots.extend([lot[0] * units / brought, lot[1]] for lot in lots)
        else:
            self.lots.append([units, sum(lot[1] for lot in lots)])

    def depart(self, units: float, worth: float) -> tuple[float, float, list[list[float]]]:
        """Cost that leaves with units or, without units, as much of it as ``worth``, seen from
        the owner: in the measurement's currency, in the own, and by lots."""
        if units != 0.0:
            gone, own_gone, lots = self._close(units)
        else:
            gone = min(max(worth, 0.0), max(self.cost, 0.0))
            part = gone / self.cost if self.cost > 0.0 else 0.0
            own_gone = self.own * part
            self.cost, self.own = self.cost - gone, self.own - own_gone
            lots = [[lot[0], lot[1] * part] for lot in self.lots]
            for lot in self.lots:
                lot[1] *= 1.0 - part
        return (
            self.side * gone,
            self.side * own_gone,
            [[lot[0], lot[1]] for lot in lots],
        )

    def _close(self, units: float) -> tuple[float, float, list[list[float]]]:
        part = min(1.0, -units / self.held) if self.held > 0.0 else 1.0
        if self.held + units <= abs(self.held) * 1e-11:
            part = 1.0
        gone, own_gone = self.cost * part, self.own * part
        self.cost, self.own = self.cost - gone, self.own - own_gone
        lots = _take(self.lots, -units, whole=part == 1.0)
        self.held = 0.0 if part == 1.0 else self.held + units
        return gone, own_gone, lots


def walk(
    events: Events,
    places: NDArray[np.intp],
    side: float,
    held: float,
    cost: float,
    own: float,
) -> tuple[float, float, float, float, float, float]:
    """The figures of one side of one position whose moves are with others that do not count."""
    position = Position(side, held, cost, own)
    for place in places:
        what = What(int(events.what[place]))
        gross = float(events.gross[place])
        worth = gross if what in (What.OPEN, What.CLOSE, What.LOWER) else side * gross
        position.step(what, float(events.units[place]), float(events.rate[place]), worth)
    return position.figures


def _spread(lots: deque[list[float]], money: float) -> float:
    """Lower the cost of lots by money received, by units; the excess over their cost is gain.
    Negative money raises them."""
    whole = sum(lot[0] for lot in lots)
    if not lots or whole <= 0.0:
        return money
    excess = 0.0
    for lot in lots:
        cut = money * lot[0] / whole
        kept = min(cut, lot[1]) if cut > 0.0 else cut
        lot[1] -= kept
        excess += cut - kept
    return excess


def _take(lots: deque[list[float]], units: float, *, whole: bool) -> list[list[float]]:
    """The oldest lots, which are removed."""
    if whole:
        taken = list(lots)
        lots.clear()
        return taken
    taken = []
    while units > 0.0 and lots:
        lot = lots[0]
        if lot[0] <= units:
            units -= lot[0]
            taken.append(lots.popleft())
        else:
            part = lot[1] * units / lot[0]
            lot[0] -= units
            lot[1] -= part
            taken.append([units, part])
            units = 0.0
    return taken
