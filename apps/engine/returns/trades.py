"""Trades: what each sale brought, against the purchases it used up, first in first out."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from apps.engine.returns.measure import Lines, mask_of
from apps.engine.returns.model import Timeline, What
from apps.engine.returns.money_weighted import irr


@dataclass(frozen=True, slots=True)
class Trade:
    """One closing row with the lots it used, or (``closed`` None) all that is still open of one
    position, at its worth of the last day.

    ``entry`` is what the lots cost and ``exit`` what closing brought, fees and taxes included (for
    a short: what its sale brought and what covering cost). ``gain_gross`` is without fees and
    taxes. ``rate`` is the gain over the entry, ``irr`` its yearly rate. Units are today's shares.
    """

    holder: str
    asset: str
    long: bool
    opened: date
    closed: date | None
    units: float
    entry: float
    exit: float
    gain: float
    gain_gross: float
    rate: float | None
    irr: float | None
    refs: tuple[str, ...]


@dataclass(slots=True)
class _Lot:
    day: int
    units: float
    gross: float
    paid: float
    ref: str


@dataclass(slots=True)
class _Position:
    """Open lots of one side of one position."""

    side: int
    lots: deque[_Lot] = field(default_factory=deque)

    def take(self, units: float) -> list[_Lot]:
        """The oldest lots that make up some units."""
        taken = []
        while self.lots and units > 1e-11:
            lot = self.lots[0]
            if lot.units <= units * (1.0 + 1e-11):
                taken.append(self.lots.popleft())
                units -= lot.units
                continue
            part = units / lot.units
            taken.append(_Lot(lot.day, units, lot.gross * part, lot.paid * part, lot.ref))
            lot.units -= units
            lot.gross *= 1.0 - part
            lot.paid *= 1.0 - part
            units = 0.0
        return taken


def trades(
    timeline: Timeline,
    *,
    lines: Lines = None,
    start: date | None = None,
    end: date | None = None,
) -> list[Trade]:
    """Trades closed in (``start``, ``end``] and those open on ``end``, by the day they opened."""
    mask = mask_of(timeline, lines, with_cash=False)
    events = timeline.events
    last = timeline.days - 1 if end is None else timeline.at(end)
    first = -1 if start is None else timeline.at(start)
    chosen = np.flatnonzero(mask[events.line] & (events.day <= last) & (events.units != 0.0))
    found: list[Trade] = []
    for group in np.split(chosen, np.flatnonzero(np.diff(events.pool[chosen])) + 1):
        if len(group):
            found += _of_position(timeline, group.tolist(), first, last, mask)
    return sorted(found, key=lambda trade: (trade.opened, trade.asset, trade.closed or date.max))


def _of_position(
    timeline: Timeline, places: list[int], first: int, last: int, mask: np.typing.NDArray[np.bool_]
) -> Iterator[Trade]:
    events = timeline.events
    side = int(events.side[places[0]])
    position = _Position(side)
    pools = timeline.line_pool
    for place in places:
        units, day = float(events.units[place]), int(events.day[place])
        peer, what = int(events.peer[place]), What(int(events.what[place]))
        moves = what in (What.MOVE_OUT, What.MOVE_IN)
        if moves and peer >= 0 and mask[peer] and pools[peer] == pools[events.line[place]]:
            continue  # from one account to another: nothing was traded
        gross = float(events.gross[place]) * (side if moves else 1)
        costs = float(events.fees[place] + events.tax[place])
        ref = timeline.refs[int(events.row[place])]
        if units > 0.0:
            position.lots.append(_Lot(day, units, gross, gross + side * costs, ref))
            continue
        lots = position.take(-units)
        if lots and day > first:
            yield _trade(timeline, events.line[place], side, lots, day, gross, costs, ref)
    if position.lots:
        line = timeline.line_pool[events.line[places[0]]]
        own = mask & (timeline.line_pool == line) & ~timeline.cash_lines
        worth = side * float(timeline.values[own, last].sum())
        yield _trade(
            timeline, events.line[places[0]], side, list(position.lots), last, worth, 0.0, None
        )


def _trade(
    timeline: Timeline,
    line: int,
    side: int,
    lots: list[_Lot],
    day: int,
    gross: float,
    costs: float,
    ref: str | None,
) -> Trade:
    entry, whole = sum(lot.paid for lot in lots), sum(lot.gross for lot in lots)
    out = gross - side * costs
    gain = side * (out - entry)
    flows = [(timeline.date(lot.day), -lot.paid) for lot in lots] + [(timeline.date(day), out)]
    rate = irr(flows)[0]
    of = timeline.lines[int(line)]
    return Trade(
        holder=of.holder,
        asset=of.asset,
        long=side > 0,
        opened=timeline.date(min(lot.day for lot in lots)),
        closed=None if ref is None else timeline.date(day),
        units=sum(lot.units for lot in lots),
        entry=entry,
        exit=out,
        gain=gain,
        gain_gross=side * (gross - whole),
        rate=gain / entry if entry > 0.0 else None,
        irr=None if rate is None else side * rate,
        refs=(*(lot.ref for lot in lots), *(() if ref is None else (ref,))),
    )
