"""Returns after the taxes their holders owe, and after those of selling everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holders_of
from apps.engine.grid import Floats, fx_grid
from apps.engine.returns import Figures
from apps.engine.returns.after_tax import AfterTax as Taxed
from apps.engine.returns.after_tax import after_tax, opens_with_nothing
from apps.market_data.selectors import fx_table
from apps.performance.selectors.scope import Scope
from apps.taxes import selectors as taxes

HOME = "BRL"
#: Why nothing can be told.
NOT_ASSESSED, NARROW, CASH, NO_RATE = "not_assessed", "narrow", "cash", "fx_rate_missing"


@dataclass(frozen=True, slots=True)
class Owed:
    """A tax in the report's currency on the day it counts; ``kind`` as in ``taxes.Due``."""

    kind: str
    date: dt.date
    amount: float
    is_incomplete: bool


@dataclass(frozen=True, slots=True)
class Sold:
    """If everything were sold at the end: the ``tax`` of that alone, what the portfolio is worth
    after it, and, where the period opens with nothing, the figures of the period (``None``
    otherwise: part of the gain taxed was made before). ``left_out`` names what has no price, no
    cost or no sale."""

    tax: float
    end_value: float
    taxed: Taxed | None
    left_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class AfterTax:
    """Figures after tax. ``taxed`` is ``None`` where they are not known, and ``reason`` says why;
    ``sold`` is ``None`` unless the period ends with the timeline."""

    reason: str = ""
    taxed: Taxed | None = None
    owed: Sequence[Owed] = ()
    sold: Sold | None = None
    is_stale: bool = False
    is_incomplete: bool = False


def after_tax_of(access: Access, scope: Scope, figures: Figures) -> AfterTax:
    """What of the figures is left after tax.

    Known for everything one or more holders have, without cash: taxes are of a holder, not of an
    asset, and cash may tell of the same payments. Nine queries a holder and at most three more.
    """
    reason, holders = _holders(access, scope)
    if reason:
        return AfterTax(reason)
    states = [taxes.state_of(access=access, holder=holder) for holder in holders]
    if not holders or any(state.built_at is None for state in states):
        return AfterTax(NOT_ASSESSED)
    grid = _rates(scope)
    if grid is None:
        return AfterTax(NO_RATE)
    owed: list[Owed] = []
    for holder in holders:
        for due in taxes.dues_of(access=access, holder=holder, since=scope.start):
            # Months and years that are not over count on the last day there is.
            day = min(due.date, scope.timeline.end)
            if figures.start < day <= figures.end:
                amount = float(due.amount) * float(grid[scope.timeline.at(day)])
                owed.append(Owed(due.kind, day, amount, due.is_incomplete))
    owed.sort(key=lambda each: (each.date, each.kind))
    dues = [(each.date, each.amount) for each in owed]
    return AfterTax(
        taxed=after_tax(figures, dues),
        owed=owed,
        sold=_sold(access, scope, figures, holders, dues, float(grid[-1])),
        is_stale=any(state.is_stale for state in states),
        is_incomplete=any(each.is_incomplete for each in owed),
    )


def tax_mark(*, access: Access) -> str:
    """Tells apart what the taxes of a workspace were when something was answered. One query."""
    return taxes.workspace_mark(access=access)


def _holders(access: Access, scope: Scope) -> tuple[str, list[Holder]]:
    """Whose taxes these are; why nobody's, where something of theirs is left out."""
    if scope.with_cash:
        return CASH, []
    lines = scope.timeline.lines
    mine = {lines[int(at)].holder for at in np.flatnonzero(scope.lines)}
    for line, inside in zip(lines, scope.lines, strict=True):
        if not inside and not line.is_cash and line.holder in mine:
            return NARROW, []
    return "", [holder for holder in holders_of(access=access) if str(holder.pk) in mine]


def _rates(scope: Scope) -> Floats | None:
    """What a real is worth in the report's currency, day by day; before the first rate, it."""
    if scope.currency == HOME:
        return np.ones(scope.timeline.days)
    grid = fx_grid(fx_table(), HOME, scope.currency, scope.timeline.ordinals)
    known = np.flatnonzero(~np.isnan(grid))
    if not len(known):
        return None
    grid[: known[0]] = grid[known[0]]
    return grid


def _sold(
    access: Access,
    scope: Scope,
    figures: Figures,
    holders: Sequence[Holder],
    dues: Sequence[tuple[dt.date, float]],
    rate: float,
) -> Sold | None:
    """Prices and positions are those of now: only the end of the timeline can be sold."""
    if figures.end != scope.timeline.end:
        return None
    tax, left = 0.0, []
    for holder in holders:
        plan = taxes.after_tax(access=access, holder=holder)
        tax += float(plan["tax"]) * rate
        left += [line["ticker"] for line in plan["left_out"]]
    taxed = None
    if opens_with_nothing(figures):
        taxed = after_tax(figures, [*dues, (figures.end, tax)])
    return Sold(tax, figures.end_value - tax, taxed, left)
