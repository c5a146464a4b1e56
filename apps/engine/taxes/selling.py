"""What selling would cost in tax: of what is held, alone or all at once, and the cheapest way to
raise an amount.

The law is read as it stands on a day for each *pool*, a set of assets whose gains and losses meet:
``stock`` and ``gold`` (spot, with their small-sales limits), ``common``, ``fii``, ``abroad``,
``crypto``, ``source`` (taxed paper by paper, losses compensate nothing) and ``exempt``. Answers are
estimates of the next sale; ``simulate`` assesses a sale exactly.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import product

from apps.engine.taxes.model import ZERO
from apps.engine.taxes.money import cents, progressive

STOCK, GOLD, COMMON, FII = "stock", "gold", "common", "fii"
ABROAD, CRYPTO, SOURCE, EXEMPT = "abroad", "crypto", "source", "exempt"
_SMALL = Decimal("0.000001")
_TRIES = 6


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that may be sold, whole or in multiples of ``step``. Money in BRL, before fees.

    ``tax`` is what the paper itself withholds when sold whole (pool ``source``); ``acquired`` the
    day of the lot, where lots are taxed one by one.
    """

    asset: str
    pool: str
    quantity: Decimal
    value: Decimal
    cost: Decimal
    step: Decimal = Decimal(1)
    tax: Decimal = ZERO
    acquired: dt.date | None = None

    @property
    def gain(self) -> Decimal:
        """Value less cost."""
        return self.value - self.cost

    @property
    def ratio(self) -> Decimal:
        """Gain in each real received."""
        return self.gain / self.value if self.value else ZERO


@dataclass(frozen=True, slots=True)
class Room:
    """Where the period stands before the next sale.

    ``limits`` is what may still be sold within each limit (absent: no exemption), ``spot`` the net
    result so far that a limit may exempt, ``results`` and ``losses`` the other results of the
    period and the losses carried, by pool; ``rates`` the rate of each pool, ``brackets`` those of
    crypto.
    """

    limits: Mapping[str, Decimal] = field(default_factory=dict)
    spot: Mapping[str, Decimal] = field(default_factory=dict)
    results: Mapping[str, Decimal] = field(default_factory=dict)
    losses: Mapping[str, Decimal] = field(default_factory=dict)
    rates: Mapping[str, Decimal] = field(default_factory=dict)
    brackets: Sequence[Mapping[str, object]] = ()


@dataclass(frozen=True, slots=True)
class PoolTax:
    """A pool after the sales: ``gain`` is what they add to it, ``base`` what is taxed, ``tax`` how
    much more than without them. ``exempt`` where a limit holds."""

    pool: str
    sales: Decimal
    gain: Decimal
    exempt: bool
    base: Decimal
    rate: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Sold:
    """Part of a candidate that a plan sells."""

    candidate: Candidate
    quantity: Decimal
    value: Decimal
    gain: Decimal


@dataclass(frozen=True, slots=True)
class Plan:
    """Sales with the tax they bring. ``keeps`` names the limits the plan stays within."""

    keeps: frozenset[str]
    sold: tuple[Sold, ...]
    value: Decimal
    tax: Decimal
    pools: tuple[PoolTax, ...]

    @property
    def net(self) -> Decimal:
        """What is left after tax."""
        return self.value - self.tax


def _within(pool: str, sales: Decimal, room: Room) -> bool:
    left = room.limits.get(pool)
    return left is not None and sales <= left


def _part(candidate: Candidate, quantity: Decimal) -> Sold:
    share = quantity / candidate.quantity if candidate.quantity else ZERO
    return Sold(candidate, quantity, candidate.value * share, candidate.gain * share)


def taxes(sold: Iterable[Sold], room: Room) -> tuple[PoolTax, ...]:
    """Tax that sales add to each pool, given where the period stands."""
    sales: dict[str, Decimal] = {}
    gains: dict[str, Decimal] = {}
    positive = at_source = ZERO
    for each in sold:
        pool = each.candidate.pool
        sales[pool] = sales.get(pool, ZERO) + each.value
        gains[pool] = gains.get(pool, ZERO) + each.gain
        if pool == CRYPTO:
            positive += max(each.gain, ZERO)
        if each.candidate.quantity:
            at_source += each.candidate.tax * each.quantity / each.candidate.quantity
    found: list[PoolTax] = []
    common_before = room.results.get(COMMON, ZERO)
    common_after = common_before + gains.get(COMMON, ZERO)
    for pool in (STOCK, GOLD):
        spot = room.spot.get(pool, ZERO)
        after = spot + gains.get(pool, ZERO)
        was = _within(pool, ZERO, room) and spot > ZERO
        stays = _within(pool, sales.get(pool, ZERO), room) and after > ZERO
        common_before += ZERO if was else spot
        common_after += ZERO if stays else after
        if pool in sales:
            found.append(PoolTax(pool, sales[pool], gains[pool], stays, ZERO, ZERO, ZERO))
    touched = bool({STOCK, GOLD, COMMON} & sales.keys())
    for pool, before, after in (
        (COMMON, common_before, common_after),
        *(
            (
                each,
                room.results.get(each, ZERO),
                room.results.get(each, ZERO) + gains.get(each, ZERO),
            )
            for each in (FII, ABROAD)
        ),
    ):
        if not (touched if pool == COMMON else pool in sales):
            continue
        loss, rate = room.losses.get(pool, ZERO), room.rates.get(pool, ZERO)
        base = max(after - loss, ZERO)
        more = cents(base * rate) - cents(max(before - loss, ZERO) * rate)
        gain = gains.get(pool, ZERO)
        found.append(PoolTax(pool, sales.get(pool, ZERO), gain, False, base, rate, more))
    if CRYPTO in sales:
        exempt = _within(CRYPTO, sales[CRYPTO], room)
        so_far = room.spot.get(CRYPTO, ZERO)
        base = ZERO if exempt else so_far + positive
        brackets = [dict(each) for each in room.brackets]
        due = ZERO if _within(CRYPTO, ZERO, room) else so_far
        more = cents(progressive(base, brackets)) - cents(progressive(due, brackets))
        rate = room.rates.get(CRYPTO, ZERO)
        found.append(PoolTax(CRYPTO, sales[CRYPTO], gains[CRYPTO], exempt, base, rate, more))
    if SOURCE in sales:
        gain = gains[SOURCE]
        found.append(PoolTax(SOURCE, sales[SOURCE], gain, False, gain, ZERO, cents(at_source)))
    if EXEMPT in sales:
        found.append(PoolTax(EXEMPT, sales[EXEMPT], gains[EXEMPT], True, ZERO, ZERO, ZERO))
    return tuple(found)


def plan_of(sold: Sequence[Sold], room: Room, keeps: frozenset[str] = frozenset()) -> Plan:
    """A plan of these sales."""
    pools = taxes(sold, room)
    tax = sum((pool.tax for pool in pools), ZERO)
    return Plan(keeps, tuple(sold), sum((each.value for each in sold), ZERO), tax, pools)


def sell_all(candidates: Iterable[Candidate], room: Room) -> Plan:
    """Everything sold at once."""
    return plan_of([_part(each, each.quantity) for each in candidates], room)


def sell_alone(candidate: Candidate, room: Room) -> Decimal:
    """Tax of selling this whole and nothing else."""
    return plan_of([_part(candidate, candidate.quantity)], room).tax


def raise_cash(
    amount: Decimal, candidates: Iterable[Candidate], room: Room
) -> tuple[Plan | None, list[Plan]]:
    """The plan that leaves ``amount`` after tax with the least tax, and the other ways tried, the
    cheapest first. None where everything sold would not be enough; the best of the others then
    sells all that brings money.

    Each way keeps within some of the limits and crosses the others. Within one, the next real comes
    from where its tax is least: losses first where they save tax, then what is exempt or sheltered
    by losses, then the smallest gain in each real. That is the least tax up to a unit of each
    asset, since each pool's tax grows ever faster with what is sold of it.
    """
    usable = [each for each in candidates if each.quantity > ZERO and each.value > ZERO]
    limits = sorted({each.pool for each in usable} & room.limits.keys())
    plans: list[Plan] = []
    for choice in product((True, False), repeat=len(limits)):
        keeps = frozenset(pool for pool, kept in zip(limits, choice, strict=True) if kept)
        plan = _planned(amount, usable, room, keeps)
        same = [(each.candidate, each.quantity) for each in plan.sold]
        if not any([(e.candidate, e.quantity) for e in known.sold] == same for known in plans):
            plans.append(plan)
    enough = [plan for plan in plans if plan.net >= amount]
    enough.sort(key=lambda plan: (plan.tax, len(plan.sold), plan.value))
    if enough:
        return enough[0], enough[1:]
    return None, sorted(plans, key=lambda plan: -plan.net)


@dataclass(slots=True)
class _Bucket:
    """A pool being sold from: ``base`` is what would be taxed now, below zero while losses
    shelter gains. ``queue`` has what goes first in front, with the units left of it."""

    rate: Decimal
    base: Decimal
    queue: list[tuple[Candidate, Decimal]]

    def next(self) -> tuple[Decimal, int, Decimal]:
        """Tax in the next real received, its rank among what costs the same (losses, then what is
        exempt, then what uses losses up), and for how many reais that is true."""
        candidate, quantity = self.queue[0]
        value = candidate.value * quantity / candidate.quantity
        ratio = candidate.ratio
        if candidate.pool == SOURCE:
            return candidate.tax / candidate.value, 1, value
        rank = 0 if ratio < ZERO else 2 if self.rate else 1
        taxed = self.base > ZERO or (self.base == ZERO and ratio > ZERO)
        if self.base and ratio and (self.base > ZERO) == (ratio < ZERO):
            value = min(value, -self.base / ratio)  # until the base crosses zero
        return (self.rate * ratio if taxed else ZERO), rank, value

    def take(self, value: Decimal) -> Decimal:
        """Units that leave for ``value`` reais."""
        candidate, quantity = self.queue[0]
        units = min(value * candidate.quantity / candidate.value, quantity)
        self.base += candidate.ratio * value
        if abs(self.base) < _SMALL:
            self.base = ZERO
        if quantity - units < candidate.step * _SMALL:
            units = quantity
            self.queue.pop(0)
        else:
            self.queue[0] = (candidate, quantity - units)
        return units


def _planned(
    amount: Decimal, candidates: Sequence[Candidate], room: Room, keeps: frozenset[str]
) -> Plan:
    """Sales in whole units that leave ``amount``; less where there is not enough."""
    target = amount
    plan = plan_of((), room, keeps)
    for _try in range(_TRIES):
        plan = plan_of(_whole(_greedy(target, candidates, room, keeps), room, keeps), room, keeps)
        if plan.net >= amount:
            break
        target += amount - plan.net  # a unit rounded down is made up for elsewhere
    return plan


def _greedy(
    amount: Decimal, candidates: Sequence[Candidate], room: Room, keeps: frozenset[str]
) -> list[tuple[Candidate, Decimal]]:
    buckets, caps = _buckets(candidates, room, keeps)
    taken: dict[int, Decimal] = {}
    by_id = {id(each): each for each in candidates}
    net = ZERO
    while amount - net > _SMALL:
        choices = []
        for name, bucket in buckets.items():
            left = caps.get(name)
            if bucket.queue and (left is None or left > _SMALL):
                slope, rank, value = bucket.next()
                choices.append((slope, rank, name, value if left is None else min(value, left)))
        if not choices:
            break
        slope, _rank, name, value = min(choices)
        value = min(value, (amount - net) / (1 - slope))
        candidate = buckets[name].queue[0][0]
        taken[id(candidate)] = taken.get(id(candidate), ZERO) + buckets[name].take(value)
        if name in caps:
            caps[name] -= value
        net += value * (1 - slope)
    return [(by_id[key], units) for key, units in taken.items()]


def _whole(
    taken: Iterable[tuple[Candidate, Decimal]], room: Room, keeps: frozenset[str]
) -> list[Sold]:
    """Units rounded up to the step of each asset, or down where the next would cross a limit."""
    left = {pool: room.limits[pool] for pool in keeps}
    found = []
    for candidate, units in taken:
        steps = (units / candidate.step).quantize(_SMALL)
        up = min(steps.to_integral_value(ROUND_CEILING) * candidate.step, candidate.quantity)
        sold = _part(candidate, up)
        if candidate.pool in left and sold.value > left[candidate.pool]:
            sold = _part(candidate, steps.to_integral_value(ROUND_FLOOR) * candidate.step)
        if candidate.pool in left:
            left[candidate.pool] -= sold.value
        if sold.quantity > ZERO:
            found.append(sold)
    return found


def _buckets(
    candidates: Sequence[Candidate], room: Room, keeps: frozenset[str]
) -> tuple[dict[str, _Bucket], dict[str, Decimal]]:
    buckets: dict[str, _Bucket] = {}
    caps: dict[str, Decimal] = {}
    spot = sum((room.spot.get(pool, ZERO) for pool in (STOCK, GOLD) if pool not in keeps), ZERO)
    for each in candidates:
        pool, rate, base = each.pool, ZERO, ZERO
        name = pool
        if pool in keeps:
            name = f"{pool} kept"
            caps[name] = room.limits[pool]
        elif pool == CRYPTO:
            # Gains only: a loss compensates nothing.
            name = CRYPTO if each.gain > ZERO else "crypto loss"
            rate = room.rates.get(CRYPTO, ZERO) if each.gain > ZERO else ZERO
        elif pool == SOURCE:
            name = f"source {each.asset}"
        elif pool != EXEMPT:
            name = COMMON if pool in (STOCK, GOLD) else pool
            rate = room.rates.get(name, ZERO)
            base = room.results.get(name, ZERO) - room.losses.get(name, ZERO)
            base += spot if name == COMMON else ZERO
        buckets.setdefault(name, _Bucket(rate, base, [])).queue.append((each, each.quantity))
    for name, bucket in buckets.items():
        bucket.queue.sort(key=_first_of(name))
    return buckets, caps


def _first_of(name: str) -> Callable[[tuple[Candidate, Decimal]], Decimal]:
    if name.startswith("source "):  # lots of a paper leave in the order they came
        return lambda pair: Decimal((pair[0].acquired or dt.date.min).toordinal())
    if name.endswith(" kept") or name == EXEMPT:
        # A limit is worth most where the gain is largest.
        return lambda pair: -pair[0].ratio
    return lambda pair: pair[0].ratio
