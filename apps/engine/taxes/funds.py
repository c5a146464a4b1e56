"""Investment funds at source: the half-yearly advance (come-cotas), the top-up at redemption, IOF.

Each lot remembers the gain already taxed and the tax taken for it; that gain has become cost. At
redemption the lot pays its bracket on the gain since, and what its bracket asks beyond the advance
on the gain before. Kinds of fund (``tax_class`` of the asset): ``long`` (the default), ``short``,
``equity`` (no advance, one rate), ``entity`` (investment entities: one rate, no advance) and
``exempt``. An asset that does not say is known by the average term of its portfolio or by the
class in its name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from apps.engine.kinds import TaxClass
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.fixed_income import income_tax_rate, iof_rate
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.money import by_days, cents, total
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.types import Asset

LONG, SHORT = TaxClass.LONG, TaxClass.SHORT
EQUITY, ENTITY, EXEMPT = TaxClass.EQUITY, TaxClass.ENTITY, TaxClass.EXEMPT
# The regulator makes funds carry their class in their names.
_NAMED = {
    EQUITY: re.compile(r"\bFI[CF]*A\b|\ba[cç][oõ]es\b", re.IGNORECASE),
    SHORT: re.compile(r"\bcurto\s+prazo\b", re.IGNORECASE),
}
_ADVANCED = frozenset({LONG, SHORT})
_FREE_OF_IOF = frozenset({EQUITY, ENTITY, EXEMPT})


@dataclass(frozen=True, slots=True)
class FundLot:
    """Units of one application. ``cost`` includes gains already ``taxed``, for which ``paid`` was
    taken; None = unknown."""

    ref: str
    acquired: dt.date
    account: str
    units: Decimal
    cost: Decimal | None
    taxed: Decimal = ZERO
    paid: Decimal = ZERO

    def part(self, units: Decimal) -> FundLot:
        """The same lot with fewer units."""
        if units == self.units:
            return self
        share = units / self.units
        cost = None if self.cost is None else self.cost * share
        taxed = self.taxed * share if self.taxed else ZERO
        paid = self.paid * share if self.paid else ZERO
        return FundLot(self.ref, self.acquired, self.account, units, cost, taxed, paid)


@dataclass(frozen=True, slots=True)
class Advance:
    """One come-cotas: ``tax`` on the gains of the lots, paid in ``units``; the lots after it."""

    gain: Decimal
    rate: Decimal
    tax: Decimal
    units: Decimal
    lots: tuple[FundLot, ...]


@dataclass(frozen=True, slots=True)
class UnitsRedeemed:
    """Part of one lot redeemed. ``gain`` is since the last advance; ``top_up`` is what the bracket
    asks beyond the advances on the gain before; ``tax`` includes it. ``loss_used`` is an earlier
    loss of funds of the same kind and administrator."""

    lot: FundLot
    days: int
    proceeds: Decimal
    gain: Decimal | None
    iof: Decimal
    loss_used: Decimal
    taxable: Decimal
    rate: Decimal
    top_up: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class FundRedemption:
    """A redemption of one or more lots; ``gain`` and ``net`` None where a lot's cost is unknown."""

    gain: Decimal | None
    iof: Decimal
    top_up: Decimal
    tax: Decimal
    net: Decimal | None
    loss: Decimal
    loss_used: Decimal
    redeemed: tuple[UnitsRedeemed, ...]
    left: tuple[FundLot, ...]


def kind_of_fund(asset: Asset | None, day: dt.date, rules: RuleBook) -> str:
    """Kind of a fund as its asset tells it; empty where it does not."""
    if asset is None or asset.tax_class not in ("", TaxClass.SME):
        return asset.tax_class if asset else ""
    rule = rules.find("FUND-CC", day)
    if asset.term_days is not None and rule is not None and "short_term_days" in rule.value:
        return SHORT if asset.term_days <= rule.decimal("short_term_days") else LONG
    for kind, name in _NAMED.items():
        if name.search(asset.name):
            return kind
    return ""


def advance_rate(kind: str, day: dt.date, rules: RuleBook) -> Decimal:
    """Rate of come-cotas of a kind of fund; zero for those that have none."""
    return rules.on("FUND-CC", day).decimal(kind) if kind in _ADVANCED else ZERO


def advance_days(year: int, calendar: BankCalendar, rules: RuleBook) -> list[dt.date]:
    """Days of come-cotas of a year: the last business day of each of its months."""
    rule = rules.find("FUND-CC", dt.date(year, 12, 31))
    months = rule.value["months"] if rule else []
    return [calendar.last_business_day(year, int(month)) for month in months]


def final_rate(kind: str, days: int, day: dt.date, rules: RuleBook) -> Decimal:
    """Rate of a redemption after ``days`` calendar days."""
    if kind == EXEMPT:
        return ZERO
    if kind == ENTITY:
        rule = rules.find("FUND-ENTITY", day)
        return rule.decimal("rate") if rule else income_tax_rate(days, day, rules)
    rule = rules.on("FUND-CC", day)
    if kind == EQUITY:
        return rule.decimal("equity")
    if kind == SHORT:
        return by_days(days, rule.value["short_brackets"])
    return income_tax_rate(days, day, rules)


def rule_of(kind: str, day: dt.date, rules: RuleBook) -> Rule:
    """The rule a redemption of a kind of fund goes by."""
    if kind == ENTITY:
        return rules.find("FUND-ENTITY", day) or rules.on("RF-IR", day)
    return rules.on("RF-IR" if kind == LONG else "FUND-CC", day)


def come_cotas(
    lots: Sequence[FundLot], unit_price: Decimal, rate: Decimal, taken: Decimal | None = None
) -> Advance:
    """Take the advance: tax in cents on the gain of each lot at ``unit_price``, paid in units.

    ``taken`` is the number of units the administrator says it took, else tax / price. Each lot
    gives in proportion to its tax; its gain becomes cost.
    """
    gains = [
        ZERO if lot.cost is None else max(lot.units * unit_price - lot.cost, ZERO) for lot in lots
    ]
    gain = total(gains)
    tax = cents(gain * rate)
    units = tax / unit_price if taken is None and unit_price else taken or ZERO
    held = total(lot.units for lot in lots)
    after = []
    for lot, own in zip(lots, gains, strict=True):
        share = own / gain if gain else lot.units / held
        left = lot.units - units * share
        cost = lot.cost
        if cost is not None:
            # the units given were paid for with the gain: what is left is worth cost + gain - tax
            cost = left * unit_price if own else cost * left / lot.units
        after.append(
            replace(lot, units=left, cost=cost, taxed=lot.taxed + own, paid=lot.paid + tax * share)
        )
    return Advance(gain, rate, tax, units, tuple(lot for lot in after if lot.units > ZERO))


def redeem(
    lots: Sequence[FundLot],
    units: Decimal,
    proceeds: Decimal,
    day: dt.date,
    kind: str,
    rules: RuleBook,
    *,
    losses: Decimal = ZERO,
    day_zero: str = "first",
) -> FundRedemption:
    """Redeem ``units`` for ``proceeds``, oldest lots first. ``losses`` may reduce the gains."""
    redeemed: list[UnitsRedeemed] = []
    left: list[FundLot] = []
    need, carried = units, losses
    for lot in lots:
        if need <= ZERO:
            left.append(lot)
            continue
        size = min(lot.units, need)
        need -= size
        if size < lot.units:
            left.append(lot.part(lot.units - size))
        own = _redeem_lot(
            lot.part(size), proceeds * size / units, day, kind, rules, carried, day_zero
        )
        carried -= own.loss_used
        redeemed.append(own)
    unknown = any(each.gain is None for each in redeemed)
    tax, iof = total(each.tax for each in redeemed), total(each.iof for each in redeemed)
    return FundRedemption(
        gain=None if unknown else total(each.gain for each in redeemed),
        iof=iof,
        top_up=total(each.top_up for each in redeemed),
        tax=tax,
        net=None if unknown else proceeds - iof - tax,
        loss=-total(each.gain for each in redeemed if each.gain is not None and each.gain < ZERO),
        loss_used=total(each.loss_used for each in redeemed),
        redeemed=tuple(redeemed),
        left=tuple(left),
    )


def taxable_share(
    gain: Decimal,
    days: int,
    day: dt.date,
    kind: str,
    losses: Decimal,
    rules: RuleBook,
    day_zero: str = "first",
) -> tuple[Decimal, Decimal]:
    """What IOF takes of a gain, and how much of the losses it then uses."""
    iof = ZERO
    if kind not in _FREE_OF_IOF:
        iof = cents(gain * iof_rate(days, day, rules, day_zero=day_zero))
    return iof, ZERO if kind == EXEMPT else min(losses, gain - iof)


def _redeem_lot(
    lot: FundLot,
    proceeds: Decimal,
    day: dt.date,
    kind: str,
    rules: RuleBook,
    losses: Decimal,
    day_zero: str,
) -> UnitsRedeemed:
    days = (day - lot.acquired).days
    rate = final_rate(kind, days, day, rules)
    top_up = cents(max(lot.taxed * rate - lot.paid, ZERO))
    gain = None if lot.cost is None else proceeds - lot.cost
    earned = max(gain or ZERO, ZERO)
    iof, used = taxable_share(earned, days, day, kind, losses, rules, day_zero)
    taxable = earned - iof - used
    tax = cents(taxable * rate) + top_up
    return UnitsRedeemed(lot, days, proceeds, gain, iof, used, taxable, rate, top_up, tax)


def redeem_today(
    lots: Iterable[FundLot],
    unit_price: Decimal,
    day: dt.date,
    kind: str,
    rules: RuleBook,
    *,
    losses: Decimal = ZERO,
    day_zero: str = "first",
) -> FundRedemption:
    """What all the units held would bring, redeemed on ``day``."""
    held = list(lots)
    units = total(lot.units for lot in held)
    return redeem(
        held, units, units * unit_price, day, kind, rules, losses=losses, day_zero=day_zero
    )
