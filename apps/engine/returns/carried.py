"""Costs that go along when worth moves between positions of one measurement.

A new ticker, an exchange of shares or the exercise of an option sells nothing: what the units cost
moves with them, and their gain shows when the new ones are sold. Positions so tied are walked
together, event by event, each waiting for the one it received from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns.lots import PAID, Position, money_back, spin_off_of
from apps.engine.returns.model import Mask, Timeline, What


@dataclass(frozen=True, slots=True)
class _Load:
    """What left a position, seen from its owner (a short position's proceeds are negative)."""

    cost: float
    own: float
    lots: list[list[float]]


def links(timeline: Timeline, place: NDArray[np.intp]) -> dict[int, int]:
    """For each arrival among some events, the departure it comes from."""
    events = timeline.events
    what = events.what[place]
    out = {
        (int(events.row[each]), int(events.line[each]), int(events.peer[each])): int(each)
        for each in place[what == What.MOVE_OUT]
        if events.peer[each] >= 0
    }
    found = {}
    for each in place[what == What.MOVE_IN]:
        key = (int(events.row[each]), int(events.peer[each]), int(events.line[each]))
        if key in out:
            found[int(each)] = out[key]
    return found


class Walk:
    """Positions tied by moves, each told once from its first event to its last."""

    def __init__(
        self, timeline: Timeline, place: NDArray[np.intp], arrivals: dict[int, int]
    ) -> None:
        self.timeline = timeline
        self.arrivals = arrivals
        self.departures = set(arrivals.values())
        pool = timeline.events.pool
        tied = {int(pool[each]) for each in (*arrivals, *self.departures)}
        self.queues = {each: place[pool[place] == each].tolist() for each in sorted(tied)}
        self.done = dict.fromkeys(self.queues, 0)
        self.busy: set[int] = set()
        self.positions: dict[int, Position] = {}
        self.loads: dict[int, _Load] = {}
        self.premiums = self._premiums()
        self.back = {
            departure: money
            for queue in self.queues.values()
            for departure, money in money_back(timeline.events, np.array(queue)).items()
        }
        self.told = set(self.back.values())

    def _premiums(self) -> dict[int, list[int]]:
        """Trades with the arrivals without units that are part of their price: the cost of an
        option exercised, of a right used."""
        events = self.timeline.events
        trades = {
            (int(events.pool[each]), int(events.row[each])): each
            for queue in self.queues.values()
            for each in queue
            if events.what[each] <= What.CLOSE
        }
        found: dict[int, list[int]] = {}
        for each in self.arrivals:
            trade = trades.get((int(events.pool[each]), int(events.row[each])))
            if trade is not None and events.units[each] == 0.0:
                found.setdefault(trade, []).append(each)
        return found

    def run(self, side: Floats, held: Floats, cost: Floats, own: Floats) -> dict[int, Position]:
        """Every position at its end; the arguments say how each began."""
        for pool in self.queues:
            self.positions[pool] = Position(
                float(side[pool]), float(held[pool]), float(cost[pool]), float(own[pool])
            )
        for pool, queue in self.queues.items():
            self._advance(pool, len(queue))
        return self.positions

    def _advance(self, pool: int, until: int) -> None:
        self.busy.add(pool)
        while self.done[pool] < until:
            place = self.queues[pool][self.done[pool]]
            self.done[pool] += 1
            self._event(pool, place)
        self.busy.discard(pool)

    def _load(self, arrival: int) -> _Load | None:
        """What an arrival brings; None where the giver waits for the receiver."""
        departure = self.arrivals[arrival]
        giver = int(self.timeline.events.pool[departure])
        if departure not in self.loads and giver not in self.busy:
            self._advance(giver, self.queues[giver].index(departure) + 1)
        return self.loads.get(departure)

    def _event(self, pool: int, place: int) -> None:
        events, position = self.timeline.events, self.positions[pool]
        what = What(int(events.what[place]))
        units, rate = float(events.units[place]), float(events.rate[place])
        gross = float(events.gross[place])
        worth = gross if what in PAID else position.side * gross
        part, event = float(events.part[place]), spin_off_of(events, place)
        back = self.back.get(place)
        lowered = 0.0 if back is None else float(events.gross[back])
        if place in self.told:
            return
        if place in self.departures:
            self.loads[place] = _Load(
                *position.depart(units, worth, part=part, event=event, lowered=lowered)
            )
            return
        if place in self.arrivals:
            if any(place in group for group in self.premiums.values()):
                return
            load = self._load(place)
            if load is None:
                position.step(what, units, rate, worth)
            else:
                sign = position.side
                own = load.own if self._same_currency(place) else load.cost / rate if rate else 0.0
                position.arrive(units, sign * load.cost, sign * own, load.lots)
            return
        for arrival in self.premiums.get(place, ()):
            load = self._load(arrival)
            extra = float(events.gross[arrival]) if load is None else load.cost
            worth += position.side * extra if what is What.OPEN else -position.side * extra
        position.step(what, units, rate, worth + lowered, part=part, event=event)

    def _same_currency(self, place: int) -> bool:
        lines, events = self.timeline.lines, self.timeline.events
        ours, theirs = lines[int(events.line[place])], lines[int(events.peer[place])]
        return ours.currency == theirs.currency


def tied_pools(timeline: Timeline, place: NDArray[np.intp], mask: Mask) -> Walk | None:
    """The walk of those positions of a mask that others of it are tied to; None without any."""
    events = timeline.events
    moves = place[(events.what[place] == What.MOVE_OUT) | (events.what[place] == What.MOVE_IN)]
    if not len(moves):
        return None
    peer = events.peer[moves]
    arrivals = links(timeline, moves[(peer >= 0) & mask[np.maximum(peer, 0)]])
    return Walk(timeline, place, arrivals) if arrivals else None
