"""Events of every kind of row, from the steps of a fold: whatever that one accepts, refuses or
cuts down is so here too."""

from __future__ import annotations

from collections.abc import Callable

from apps.engine.holdings import Fold, Holding
from apps.engine.holdings.model import RawStep
from apps.engine.kinds import Kind
from apps.engine.returns.draft import SPLIT, Draft, gross_of, number
from apps.engine.returns.model import OUTSIDE, What
from apps.engine.returns.sides import Known, known_of
from apps.engine.types import Row


class _Side:
    """One side of one holding, step by step."""

    def __init__(self, draft: Draft, holding: Holding, side: int, known: Known) -> None:
        self.draft = draft
        self.known = known
        self.holding = holding
        self.side = side
        self.level: dict[int, float] = {}
        self.paid_fees: set[int] = set()
        self.departed: tuple[Row, float, float] | None = None

    def line(self, row: Row, asset: str | None = None) -> int:
        return self.draft.line(row.account, asset or row.asset or "", row.currency)

    def grow(self, line: int, delta: float) -> None:
        self.level[line] = self.level.get(line, 0.0) + delta

    def fees(self, row: Row, line: int) -> None:
        """Fees of a row that moves no other money, once."""
        fees = number(row.fees)
        if fees and id(row) not in self.paid_fees:
            self.paid_fees.add(id(row))
            self.draft.money(row, line, What.COST, fees=fees, received=-fees)

    def trade(self, row: Row, line: int, delta: float, gross: float, *, closes: bool) -> None:
        """Units for money, on either side; a closing row cut down to what is held keeps that
        share of its figures, and the rest of its money reaches the cash from outside."""
        asked = abs(number(row.quantity))
        share = min(1.0, abs(delta) / asked) if closes and asked and row.quantity else 1.0
        fees, tax = number(row.fees), number(row.tax_withheld)
        receives = closes == (self.side > 0)
        net = gross - fees - tax if receives else gross + fees + tax
        self.draft.money(
            row,
            line,
            What.CLOSE if closes else What.OPEN,
            side=self.side,
            delta=delta,
            gross=gross * share,
            fees=fees * share,
            tax=tax * share,
            paid=None if receives else net * share,
            received=net * share if receives else None,
        )
        if share < 1.0 - 1e-12:
            rest(self.draft, row, (net if receives else -net) * (1.0 - share))

    def step(self, step: RawStep) -> None:
        row, quantity, cost, formula, sign = step[0], step[1], step[2], step[3], step[4]
        delta = float(quantity) * sign
        paper = 0.0 if cost is None else float(cost)
        handler = _FORMULAS.get(formula)
        if handler is not None:
            handler(self, row, delta, paper)

    # One method per formula of the fold.

    def bought(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        if row.amount is None and row.unit_price is None:
            # Nobody knows what was paid: the units arrive at their worth of the day.
            self.arrive(row, line, delta, 0.0)
            return
        gross = gross_of(row, self.draft.assets.get(row.asset or ""))
        self.trade(row, line, delta, gross, closes=False)

    def sold(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        gross = gross_of(row, self.draft.assets.get(row.asset or ""))
        self.trade(row, line, delta, gross, closes=True)

    def oversold(self, row: Row, _delta: float, _cost: float) -> None:
        gross = gross_of(row, self.draft.assets.get(row.asset or ""))
        out = number(row.fees) + number(row.tax_withheld)
        covers = row.kind is Kind.COVER
        rest(self.draft, row, -gross - out if covers else gross - out)

    def split(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        ratio = number(row.ratio)
        self.draft.plain(row, line, SPLIT, side=self.side, delta=delta, ratio=ratio)

    def bonus(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        self.draft.plain(row, line, What.OPEN, side=self.side, delta=delta)

    def result(self, row: Row, _delta: float, _cost: float) -> None:
        gross = gross_of(row)
        fees, tax = number(row.fees), number(row.tax_withheld)
        net = gross - fees - tax
        self.draft.money(
            row, self.line(row), What.RESULT, gross=gross, fees=fees, tax=tax, received=net
        )

    def lowered(self, row: Row, _delta: float, _cost: float) -> None:
        gross = gross_of(row)
        fees, tax = number(row.fees), number(row.tax_withheld)
        net = gross - fees - tax
        self.draft.money(
            row, self.line(row), What.LOWER, gross=gross, fees=fees, tax=tax, received=net
        )

    def rights(self, row: Row, delta: float, cost: float) -> None:
        source = self.line(row, row.to_asset)
        self.grow(source, delta)
        self.draft.move(
            row,
            source,
            self.line(row),
            left=-delta,
            came=0.0,
            priced=source,
            size=-delta,
            cost=abs(cost),
        )

    def arrive(self, row: Row, line: int, delta: float, cost: float) -> None:
        self.draft.move(
            row, OUTSIDE, line, left=0.0, came=delta, priced=line, size=delta, cost=abs(cost)
        )

    def transfer_out(self, row: Row, delta: float, cost: float) -> None:
        self.departing()
        self.grow(self.line(row), delta)
        self.fees(row, self.line(row))
        self.departed = (row, -delta, abs(cost))

    def departing(self) -> None:
        """A departure nobody received goes outside."""
        if self.departed is None:
            return
        row, units, cost = self.departed
        line = self.line(row)
        self.departed = None
        self.draft.move(
            row, line, OUTSIDE, left=units, came=0.0, priced=line, size=units, cost=cost
        )

    def transfer_in(self, row: Row, delta: float, cost: float) -> None:
        line = self.line(row)
        out = self.departed
        self.grow(line, delta)
        if out is not None and out[0].date == row.date and out[0].quantity == row.quantity:
            self.departed = None
            source = self.line(out[0])
            moved = min(out[1], delta)
            if moved:
                self.draft.move(
                    row,
                    source,
                    line,
                    left=moved,
                    came=moved,
                    priced=line,
                    size=moved,
                    cost=out[2] or abs(cost),
                )
            if delta - moved > 1e-12 * delta:
                self.arrive(row, line, delta - moved, cost * (delta - moved) / delta)
        else:
            self.departing()
            self.arrive(row, line, delta, cost)
        self.fees(row, line)

    def spun_from(self, row: Row, _delta: float, _cost: float) -> None:
        cost, units = self.known.arrived.get((id(row), self.side)), number(row.quantity)
        if cost is None:
            return
        target, share = self.line(row, row.to_asset), row.cost_share
        given = share is not None and 0 <= share <= 1
        part = number(share) * self.known.held[id(row)] if given else -1.0
        self.draft.half(
            row,
            self.line(row),
            What.MOVE_OUT,
            0.0,
            target,
            1,
            priced=target,
            size=units,
            cost=cost,
            part=part,
        )

    def spun_off(self, row: Row, delta: float, cost: float) -> None:
        target = self.line(row, row.to_asset)
        self.grow(target, delta)
        # Shares of a company split off from one that is not held come from nothing.
        source = self.line(row) if id(row) in self.known.held else OUTSIDE
        self.draft.half(
            row,
            target,
            What.MOVE_IN,
            delta,
            source,
            1,
            priced=target,
            size=delta,
            cost=abs(cost),
        )

    def given_up(self, row: Row, delta: float, _cost: float) -> None:
        source = self.line(row)
        self.grow(source, delta)
        if row.kind is Kind.MERGER and row.amount is not None and self.side > 0:
            self.lowered(row, 0.0, 0.0)
        self.exchange(row, What.MOVE_OUT, delta, self.line(row, row.to_asset))

    def exchanged(self, row: Row, delta: float, _cost: float) -> None:
        target = self.line(row, row.to_asset)
        self.grow(target, delta)
        self.exchange(row, What.MOVE_IN, delta, target)

    def exchange(self, row: Row, what: What, delta: float, target: int) -> None:
        """One half of shares becoming those of another asset, worth what these are."""
        leaves = what is What.MOVE_OUT
        ratio = number(row.ratio) if row.kind is Kind.MERGER else 1.0
        line, peer = (self.line(row), target) if leaves else (target, self.line(row))
        self.draft.half(
            row,
            line,
            what,
            delta,
            peer,
            self.side,
            priced=target,
            size=self.side * abs(delta) * (ratio if leaves else 1.0),
            cost=self.side * self.known.arrived.get((id(row), self.side), 0.0),
        )

    def renamed(self, row: Row, _delta: float, _cost: float) -> None:
        for line, units in list(self.level.items()):
            known = self.draft.lines[line]
            if known.asset != row.asset or abs(units) <= 1e-12:
                continue
            target = self.draft.line(known.account, row.to_asset or "", row.currency)
            self.level[line] = 0.0
            self.grow(target, units)
            self.draft.move(
                row,
                line,
                target,
                left=units,
                came=units,
                priced=target,
                size=self.side * units,
                cost=0.0,
                side=self.side,
            )

    def option_ended(self, row: Row, delta: float, cost: float) -> None:
        source = self.line(row)
        self.grow(source, delta)
        terms = self.draft.assets.get(row.asset or "")
        target = OUTSIDE
        if terms is not None and terms.underlying:
            target = self.line(row, terms.underlying)
        self.draft.move(
            row,
            source,
            target,
            left=-delta,
            came=0.0,
            priced=source,
            size=-delta * self.side,
            cost=self.side * abs(cost),
            side=self.side,
            side_in=1,
        )

    def underlying(self, row: Row, delta: float, _cost: float) -> None:
        terms = self.draft.assets[row.asset or ""]
        line = self.line(row, terms.underlying)
        self.grow(line, delta)
        units = number(row.quantity) * float(terms.multiplier)
        gross = min(abs(delta), units) * number(terms.strike)
        fees = number(row.fees)
        opens = delta > 0
        self.draft.money(
            row,
            line,
            What.OPEN if opens else What.CLOSE,
            side=self.side,
            delta=delta,
            gross=gross,
            fees=fees,
            paid=gross + fees if opens else None,
            received=None if opens else gross - fees,
        )
        if not opens and units - abs(delta) > 1e-9:
            rest(self.draft, row, (units - abs(delta)) * number(terms.strike))

    def expired(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        self.draft.plain(row, line, What.CLOSE, side=self.side, delta=delta)

    def future(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.draft.plain(
            row, line, What.OPEN if delta > 0 else What.CLOSE, side=self.side, delta=delta
        )
        self.fees(row, line)

    def taxed_units(self, row: Row, delta: float, _cost: float) -> None:
        line = self.line(row)
        self.grow(line, delta)
        amount = number(row.amount)
        self.draft.plain(
            row, line, What.CLOSE, side=self.side, delta=delta, gross=amount, tax=amount
        )


_FORMULAS: dict[str, Callable[[_Side, Row, float, float], None]] = {
    "buy": _Side.bought,
    "short_sell": _Side.bought,
    "subscription": _Side.bought,
    "sell": _Side.sold,
    "cover": _Side.sold,
    "maturity": _Side.sold,
    "fraction_sale": _Side.sold,
    "oversold": _Side.oversold,
    "cover_without_short": _Side.oversold,
    "split": _Side.split,
    "bonus": _Side.bonus,
    "fraction_of_bonus": _Side.result,
    "daily_adjustment": _Side.result,
    "return_of_capital": _Side.lowered,
    "rights_used": _Side.rights,
    "transfer_out": _Side.transfer_out,
    "transfer_in": _Side.transfer_in,
    "spin_off_out": _Side.spun_from,
    "spin_off_in": _Side.spun_off,
    "merger_out": _Side.given_up,
    "merger_in": _Side.exchanged,
    "rename_out": _Side.given_up,
    "rename_in": _Side.exchanged,
    "rename": _Side.renamed,
    "exercise": _Side.option_ended,
    "assignment": _Side.option_ended,
    "exercise_in": _Side.underlying,
    "exercise_out": _Side.underlying,
    "assignment_in": _Side.underlying,
    "assignment_out": _Side.underlying,
    "expiry": _Side.expired,
    "future": _Side.future,
    "come_cotas": _Side.taxed_units,
}


def rest(draft: Draft, row: Row, money: float) -> None:
    """Money that reaches the cash for units nobody had."""
    peer, rate = draft.booked(row)
    figures = {"inflow": money} if money > 0 else {"outflow": -money}
    draft.plain(row, peer, What.MONEY, cash=money * rate, peer=OUTSIDE, **figures)


def _income(draft: Draft, holding: Holding) -> None:
    for row, _gross, _withheld in holding.raw_income:
        gross = gross_of(row)
        fees, tax = number(row.fees), number(row.tax_withheld)
        line = draft.line(row.account, row.asset or "", row.currency)
        draft.money(
            row, line, What.INCOME, gross=gross, fees=fees, tax=tax, received=gross - fees - tax
        )


def emit(draft: Draft, folded: Fold) -> None:
    """Events of every holding of a fold."""
    known = known_of(folded)
    for holding in folded.holdings.values():
        for steps, side in ((holding.raw_steps, 1), (holding.raw_short_steps, -1)):
            each = _Side(draft, holding, side, known)
            for step in steps:
                if step[3] != "transfer_in":
                    each.departing()
                each.step(step)
            each.departing()
        _income(draft, holding)
