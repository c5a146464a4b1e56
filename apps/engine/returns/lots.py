"""Average and FIFO of one position, event by event: where money came back from capital or worth
moved without units, a chain of plain steps will not do."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from apps.engine.returns.model import Events, What


def walk(
    events: Events,
    places: NDArray[np.intp],
    side: float,
    held: float,
    cost: float,
    own: float,
) -> tuple[float, float, float, float, float, float]:
    """Realised gain, the part of it that is exchange rates, FIFO gain, and the costs left
    (average, in the own currency, FIFO) of one side of one position."""
    lots: deque[list[float]] = deque([[held, cost]] if held or cost else [])
    realised = currency = fifo = 0.0
    for place in places:
        what = What(int(events.what[place]))
        units, rate = float(events.units[place]), float(events.rate[place])
        gross = float(events.gross[place])
        worth = gross if what in (What.OPEN, What.CLOSE, What.LOWER) else side * gross
        if what in (What.OPEN, What.MOVE_IN):
            cost += worth
            own += worth / rate if rate else 0.0
            held += units
            if units or not lots:
                lots.append([units, worth])
            else:
                _spread(lots, -worth)
        elif units == 0.0:
            excess = max(0.0, worth - max(cost, 0.0))
            realised += side * excess
            part = (worth - excess) / cost if cost > 0.0 else 0.0
            currency += 0.0
            own *= 1.0 - part
            cost -= worth - excess
            fifo += side * _spread(lots, worth)
        else:
            part = min(1.0, -units / held) if held > 0.0 else 1.0
            if held + units <= abs(held) * 1e-11:
                part = 1.0
            gone, own_gone = cost * part, own * part
            realised += side * (worth - gone)
            currency += side * (own_gone * rate - gone)
            cost, own = cost - gone, own - own_gone
            fifo += side * (worth - _take(lots, -units, whole=part == 1.0))
            held = 0.0 if part == 1.0 else held + units
    return realised, currency, fifo, cost, own, float(np.sum([lot[1] for lot in lots]))


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


def _take(lots: deque[list[float]], units: float, *, whole: bool) -> float:
    """Cost of the oldest units, which are removed."""
    if whole:
        cost = sum(lot[1] for lot in lots)
        lots.clear()
        return cost
    cost = 0.0
    while units > 0.0 and lots:
        lot = lots[0]
        if lot[0] <= units:
            units -= lot[0]
            cost += lot[1]
            lots.popleft()
        else:
            part = lot[1] * units / lot[0]
            lot[0] -= units
            lot[1] -= part
            cost += part
            units = 0.0
    return cost
