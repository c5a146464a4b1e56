"""Where price gains come from: average and FIFO, realised and not, and what rates did to them.

All pools (holder, asset, side) of a measurement are computed together. A position's cost follows
cost = a x cost before + b, where a is the part that stays and b what is added, so a run of trades
is a chain of such steps, and chains are joined two by two (a2 a1, a2 b1 + b2) until each position
is one step: no loop over trades.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.engine.grid import Floats
from apps.engine.returns.carried import tied_pools
from apps.engine.returns.lots import walk
from apps.engine.returns.model import Mask, Timeline, What, sums

_DUST = 1e-11
_TRADES = np.isin(
    np.arange(len(What) + 1),
    (What.OPEN, What.CLOSE, What.LOWER, What.MOVE_OUT, What.MOVE_IN),
)


@dataclass(frozen=True, slots=True)
class PoolGains:
    """One entry per holder and asset (``Timeline.line_pool``)."""

    realised: Floats
    unrealised: Floats
    currency_realised: Floats
    currency_unrealised: Floats
    fifo_realised: Floats
    fifo_unrealised: Floats
    cost: Floats
    income: Floats
    withheld: Floats
    fees: Floats
    taxes: Floats
    start_value: Floats
    end_value: Floats
    inflow: Floats
    outflow: Floats


def _chain(stays: Floats, added: Floats, longest: int) -> Floats:
    """Cost after each step; ``added`` has one row per kind of cost. Steps start afresh where
    ``stays`` is 0; no run of them is longer than ``longest``."""
    stays, added = stays.copy(), added.copy()
    step = 1
    while step < longest:
        added[:, step:] += stays[step:] * added[:, :-step]
        stays[step:] = stays[step:] * stays[:-step]
        step *= 2
    return added


def pool_gains(
    timeline: Timeline, mask: Mask, start: int, end: int, *, apart: bool = False
) -> PoolGains:
    """Gains over (``start``, ``end``] of the lines of a mask, by holder and asset. What was held
    at the start counts as bought at its worth of that day. Worth that moves between assets of the
    mask takes its cost along, unless each stands ``apart``: then it leaves one and reaches the
    other at what it is worth."""
    moved = np.flatnonzero(
        (timeline.events.what == What.MOVE_OUT) | (timeline.events.what == What.MOVE_IN)
    )
    # Where nothing moves between lines, none stands with another.
    together = not apart and len(moved) > 0
    return timeline.once(
        ("pools", mask.tobytes(), start, end, together),
        lambda: _pool_gains(timeline, mask, start, end, moved, together=together),
    )


def _pool_gains(
    timeline: Timeline,
    mask: Mask,
    start: int,
    end: int,
    moved: NDArray[np.intp],
    *,
    together: bool,
) -> PoolGains:
    events, lines = timeline.events, timeline.line_pool
    pools = int(lines.max(initial=-1)) + 1
    first = _by_pool(lines, timeline.values[:, start], mask, pools)
    last = _by_pool(lines, timeline.values[:, end], mask, pools)
    asset = events.pool >> 1
    inside = mask[events.line] & (events.day <= end)
    peer = events.peer
    within = np.zeros(len(events), dtype=bool)
    if len(moved):
        other = peer[moved]
        known = np.maximum(other, 0)
        same = (other >= 0) & mask[known] & (lines[known] == asset[moved])
        within[moved[same]] = True
    period = inside & (events.day > start)
    earned = period & ~timeline.cash_lines[events.line]

    def total(figures: Floats, chosen: Mask) -> Floats:
        return sums(asset[chosen], figures[chosen], pools)

    income = period & (events.what == What.INCOME)
    result = total(events.gross, earned & (events.what == What.RESULT))
    tied = mask if together else None
    trades = _trades(timeline, inside & ~within, start, first, pools, tied)
    flows = earned & ~within
    return PoolGains(
        realised=trades.realised + result,
        unrealised=np.where(trades.touched, last - trades.cost, 0.0),
        currency_realised=trades.currency,
        currency_unrealised=trades.own_cost * _rate(timeline, end, lines, pools) - trades.cost,
        fifo_realised=trades.fifo + result,
        fifo_unrealised=np.where(trades.touched, last - trades.fifo_cost, 0.0),
        cost=trades.cost,
        income=total(events.gross, income),
        withheld=total(events.tax, income),
        fees=total(events.fees, period),
        taxes=total(events.tax, period),
        start_value=first,
        end_value=last,
        inflow=total(events.inflow, flows),
        outflow=total(events.outflow, flows),
    )


def _by_pool(lines: NDArray[np.intp], column: Floats, mask: Mask, pools: int) -> Floats:
    return sums(lines[mask], column[mask], pools)


def _rate(timeline: Timeline, day: int, lines: NDArray[np.intp], pools: int) -> Floats:
    rates = np.ones(pools)
    rates[lines] = [timeline.rates[line.currency][day] for line in timeline.lines]
    return rates


@dataclass(slots=True)
class _Trades:
    realised: Floats
    currency: Floats
    fifo: Floats
    cost: Floats
    own_cost: Floats
    fifo_cost: Floats
    touched: Mask


def _trades(
    timeline: Timeline, chosen: Mask, start: int, first: Floats, pools: int, tied: Mask | None
) -> _Trades:
    events = timeline.events
    chosen = chosen & _TRADES[events.what]
    before = chosen & (events.day <= start)
    sides = 2 * pools
    held = sums(events.pool[before], events.units[before], sides)
    widest = sums(events.pool[before], np.abs(events.units[before]), sides)
    held[np.abs(held) <= widest * _DUST] = 0.0
    opening = _opening(held, first)
    rate0 = _rate(timeline, start, timeline.line_pool, pools).repeat(2)
    own = np.divide(opening, rate0, out=np.zeros(sides), where=rate0 != 0.0)

    place = np.flatnonzero(chosen & (events.day > start))
    side = np.where(np.arange(sides) % 2 == 0, 1.0, -1.0)
    realised, currency, fifo = np.zeros(sides), np.zeros(sides), np.zeros(sides)
    cost, own_cost, fifo_cost = opening.copy(), own.copy(), opening.copy()
    if len(place):
        pool, what, units = events.pool[place], events.what[place], events.units[place]
        told: list[int] = []
        together = None if tied is None else tied_pools(timeline, place, tied)
        if together is not None:
            for each, position in together.run(side, held, opening, own).items():
                realised[each], currency[each], fifo[each] = position.figures[:3]
                cost[each], own_cost[each], fifo_cost[each] = position.figures[3:]
                told.append(each)
            kept = ~np.isin(pool, told)
            place, pool, what, units = place[kept], pool[kept], what[kept], units[kept]
        odd = (what == What.LOWER) | ((units == 0.0) & (what != What.OPEN))
        for each in np.unique(pool[odd]):
            mine = place[pool == each]
            found = walk(events, mine, side[each], held[each], opening[each], own[each])
            realised[each], currency[each], fifo[each] = found[:3]
            cost[each], own_cost[each], fifo_cost[each] = found[3:]
        if odd.any():
            kept = ~np.isin(pool, np.unique(pool[odd]))
            place, pool, what, units = place[kept], pool[kept], what[kept], units[kept]
    if len(place):
        _plain(
            timeline,
            place,
            pool,
            units,
            side,
            held,
            (realised, currency, fifo, cost, own_cost, fifo_cost),
        )
    cost, own_cost, fifo_cost = cost * side, own_cost * side, fifo_cost * side
    known = timeline.cash_lines
    touched = np.zeros(pools, dtype=bool)
    touched[timeline.line_pool[~known]] = True

    def both(figures: Floats) -> Floats:
        return np.asarray(figures[0::2] + figures[1::2])

    return _Trades(
        both(realised),
        both(currency),
        both(fifo),
        np.where(touched, both(cost), 0.0),
        np.where(touched, both(own_cost), 0.0),
        np.where(touched, both(fifo_cost), 0.0),
        touched,
    )


def _opening(held: Floats, first: Floats) -> Floats:
    """Worth at the start of each side, positive for shorts too, from that of both together."""
    net = held[0::2] - held[1::2]
    unit = np.divide(first, net, out=np.zeros(len(net)), where=net != 0.0)
    worth = np.empty(len(held))
    worth[0::2] = np.where(held[1::2] == 0.0, first, held[0::2] * unit)
    worth[1::2] = np.where(held[1::2] == 0.0, 0.0, held[1::2] * unit)
    return worth


def _plain(
    timeline: Timeline,
    place: NDArray[np.intp],
    pool: NDArray[np.int32],
    units: Floats,
    side: Floats,
    held: Floats,
    answers: tuple[Floats, Floats, Floats, Floats, Floats, Floats],
) -> None:
    """Average and FIFO of the pools in which only purchases and sales happened."""
    realised, currency, fifo, cost, own_cost, fifo_cost = answers
    events = timeline.events
    starts = np.flatnonzero(np.concatenate(([True], pool[1:] != pool[:-1])))
    groups = pool[starts]
    sizes = np.diff(np.append(starts, len(pool)))
    stops = starts + sizes - 1
    # Units scaled by a power of two near their largest: pools of any size share one running sum.
    largest = np.maximum(np.maximum.reduceat(np.abs(units), starts), np.abs(held[groups]))
    scale = np.exp2(-np.ceil(np.log2(np.where(largest > 0.0, largest, 1.0))))
    scaled = units * scale.repeat(sizes)
    opened0 = held[groups] * scale
    running = np.cumsum(scaled)
    offset = opened0 - (running[starts] - scaled[starts])
    after = running + offset.repeat(sizes)
    before = after - scaled
    closing = scaled < 0.0
    part = np.zeros(len(place))
    np.divide(-scaled, before, out=part, where=closing & (before > 0.0))
    np.clip(part, 0.0, 1.0, out=part)
    part[closing & (after <= sizes.repeat(sizes) * 1e-13)] = 1.0
    opens = ~closing
    worth = events.gross[place] * side[pool]
    plainly = events.what[place] <= What.CLOSE
    worth = np.where(plainly, events.gross[place], worth)
    rate = events.rate[place]
    added = np.empty((2, len(place)))
    added[0] = np.where(opens, worth, 0.0)
    added[1] = np.divide(added[0], rate, out=np.zeros(len(place)), where=rate != 0.0)
    stays = 1.0 - part
    begin = np.stack((cost[groups], own_cost[groups]))
    added[:, starts] += stays[starts] * begin
    first_stays = stays[starts].copy()
    stays[starts] = 0.0
    total = _chain(stays, added, int(sizes.max()))
    stays[starts] = first_stays
    previous = np.empty_like(total)
    previous[:, 1:] = total[:, :-1]
    previous[:, starts] = begin
    gone = previous * part
    sign = side[groups]
    proceeds = np.where(closing, worth, 0.0)
    realised[groups] = sign * np.add.reduceat(proceeds - gone[0], starts)
    currency[groups] = sign * np.add.reduceat(gone[1] * rate - gone[0], starts)
    cost[groups], own_cost[groups] = total[0][stops], total[1][stops]
    _fifo(scaled, worth, closing, starts, sizes, opened0, begin[0], sign, groups, fifo, fifo_cost)


def _fifo(
    scaled: Floats,
    worth: Floats,
    closing: Mask,
    starts: NDArray[np.intp],
    sizes: NDArray[np.intp],
    opened0: Floats,
    begin: Floats,
    sign: Floats,
    groups: NDArray[np.int32],
    fifo: Floats,
    fifo_cost: Floats,
) -> None:
    """First in, first out: whatever the order of the sales, what they consumed in all is the
    cost of the oldest units, as many as were sold."""
    came = np.where(closing, 0.0, scaled)
    paid = np.where(closing, 0.0, worth)
    sold = np.add.reduceat(np.where(closing, -scaled, 0.0), starts)
    units = np.insert(came, starts, opened0)
    costs = np.insert(paid, starts, begin)
    heads = starts + np.arange(len(starts))
    whole = np.add.reduceat(units, heads)
    whole_cost = np.add.reduceat(costs, heads)
    span = np.where(whole > 0.0, whole, 1.0)
    lengths = sizes + 1
    # Each pool takes the stretch [2k, 2k + 1] of one common axis.
    axis = np.cumsum(units / span.repeat(lengths))
    axis -= (axis[heads] - units[heads] / span).repeat(lengths)
    axis += 2.0 * np.arange(len(heads)).repeat(lengths)
    total = np.cumsum(costs)
    total -= (total[heads] - costs[heads]).repeat(lengths)
    share = np.minimum(sold / span, 1.0)
    at = 2.0 * np.arange(len(heads)) + share
    spot = np.minimum(np.searchsorted(axis, at, side="left"), heads + sizes)
    spot = np.maximum(spot, heads)
    lot = units[spot] / span
    over = np.divide(axis[spot] - at, lot, out=np.zeros(len(at)), where=lot > 0.0)
    consumed = total[spot] - np.clip(over, 0.0, 1.0) * costs[spot]
    consumed = np.where(share >= 1.0 - 1e-12, whole_cost, np.where(share <= 0.0, 0.0, consumed))
    proceeds = np.add.reduceat(np.where(closing, worth, 0.0), starts)
    fifo[groups] = sign * (proceeds - consumed)
    fifo_cost[groups] = whole_cost - consumed
