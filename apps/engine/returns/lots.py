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

    __slots__ = ("bare", "cost", "currency", "fifo", "held", "lots", "own", "realised", "side")

    def __init__(self, side: float, held: float, cost: float, own: float) -> None:
        self.side, self.held, self.cost, self.own = side, held, cost, own
        self.lots: deque[list[float]] = deque([[held, cost]] if held or cost else [])
        self.realised = self.currency = self.fifo = 0.0
        # Units whose cost an event took along so far, account by account, and which event.
        self.bare: tuple[object, float] = (None, 0.0)

    @property
    def figures(self) -> tuple[float, float, float, float, float, float]:
        """Realised gain, the part of it that is exchange rates, FIFO gain, and the costs left
        (average, in the own currency, FIFO)."""
        left = float(np.sum([lot[1] for lot in self.lots]))
        return self.realised, self.currency, self.fifo, self.cost, self.own, left

    def step(
        self,
        what: What,
        units: float,
        rate: float,
        worth: float,
        *,
        part: float = -1.0,
        event: object = None,
    ) -> None:
        """An event on its own: units for ``worth``, or worth without units. ``part`` and ``event``
        are those of :meth:`depart`."""
        if what is What.MOVE_OUT and units == 0.0 and part >= 0.0:
            gone, own_gone, lots = self._share(self._fraction(part, event))
            self.realised += self.side * (worth - gone)
            self.currency += self.side * (own_gone * rate - gone)
            self.fifo += self.side * (worth - sum(lot[1] for lot in lots))
        elif what in (What.OPEN, What.MOVE_IN):
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

    def depart(
        self,
        units: float,
        worth: float,
        *,
        part: float = -1.0,
        event: object = None,
        lowered: float = 0.0,
    ) -> tuple[float, float, list[list[float]]]:
        """Cost that leaves with units or, without units, that of ``part`` of them or (negative) as
        much of it as ``worth``, seen from the owner: in the measurement's currency, in the own,
        and by lots. Parts of one ``event`` are parts of the cost before the first; ``lowered`` is
        money that came back for the units: it lowers what they carry, and its excess is gain."""
        if units != 0.0:
            gone, own_gone, lots = self._close(units)
            if lowered:
                kept = min(lowered, max(gone, 0.0))
                self.realised += self.side * (lowered - kept)
                own_gone *= 1.0 - (kept / gone if gone > 0.0 else 0.0)
                gone -= kept
                self.fifo += self.side * _spread(deque(lots), lowered)
        elif part >= 0.0:
            gone, own_gone, lots = self._share(self._fraction(part, event))
        else:
            gone = min(max(worth, 0.0), max(self.cost, 0.0))
            gone, own_gone, lots = self._share(gone / self.cost if self.cost > 0.0 else 0.0)
        return (
            self.side * gone,
            self.side * own_gone,
            [[lot[0], lot[1]] for lot in lots],
        )

    def _fraction(self, part: float, event: object) -> float:
        """What of the cost the cost of so many units is; other accounts' parts of the same event
        left already."""
        taken = self.bare[1] if self.bare[0] == event else 0.0
        self.bare = (event, taken + part)
        left = self.held - taken
        return min(max(part / left, 0.0), 1.0) if left > 0.0 else 0.0

    def _share(self, fraction: float) -> tuple[float, float, list[list[float]]]:
        """Take a fraction of the cost, of every lot alike."""
        gone, own_gone = self.cost * fraction, self.own * fraction
        self.cost, self.own = self.cost - gone, self.own - own_gone
        lots = [[lot[0], lot[1] * fraction] for lot in self.lots]
        for lot in self.lots:
            lot[1] *= 1.0 - fraction
        return gone, own_gone, lots

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
    back = money_back(events, places)
    told = set(back.values())
    for place in places:
        what = What(int(events.what[place]))
        gross, units, rate = events.gross[place], events.units[place], float(events.rate[place])
        worth = float(gross if what in PAID else side * gross)
        if int(place) in told:
            continue
        if int(place) in back:
            # What left was worth its price and the money that came with it.
            worth += float(events.gross[back[int(place)]])
        position.step(
            what,
            float(units),
            rate,
            worth,
            part=float(events.part[place]),
            event=spin_off_of(events, int(place)),
        )
    return position.figures


#: Events whose money is what somebody paid, whichever side the position is on.
PAID = (What.OPEN, What.CLOSE, What.LOWER)


def money_back(events: Events, places: NDArray[np.intp]) -> dict[int, int]:
    """Departures whose row also brought money for the very units that left (a merger partly in
    cash), each with the event of that money."""
    lowered = places[events.what[places] == What.LOWER]
    if not len(lowered):
        return {}
    money = {(int(events.row[each]), int(events.line[each])): int(each) for each in lowered}
    left = places[(events.what[places] == What.MOVE_OUT) & (events.units[places] != 0.0)]
    keys = ((int(each), (int(events.row[each]), int(events.line[each]))) for each in left)
    return {each: money[key] for each, key in keys if key in money}


def spin_off_of(events: Events, place: int) -> tuple[int, int] | None:
    """Which spin-off worth that leaves without units is of, the same for every account: its day
    and what was split off. ``None`` for anything else."""
    if events.what[place] != What.MOVE_OUT or events.units[place] != 0.0:
        return None
    of_peer = np.flatnonzero(events.line == events.peer[place])
    return int(events.day[place]), int(events.pool[of_peer[0]]) >> 1 if len(of_peer) else -1


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
