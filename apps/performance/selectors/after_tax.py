"""Returns after the taxes their holders owe, and after those of selling everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.core.cache import cache

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
KEPT_SECONDS = 6 * 3600
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
    asset, and cash may tell of the same payments. Two queries and one more for each holder, whose
    taxes are read once for all questions.
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
    known = [
        _facts(access, scope, holder, state) for holder, state in zip(holders, states, strict=True)
    ]
    owed: list[Owed] = []
    for facts in known:
        for due in facts.dues:
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
        sold=_sold(scope, figures, known, dues, float(grid[-1])),
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


@dataclass(frozen=True, slots=True)
class _Facts:
    """What no question changes: a holder's dues, and the tax of selling everything now."""

    dues: Sequence[taxes.Due]
    latent: Decimal
    left_out: Sequence[str]


def _facts(access: Access, scope: Scope, holder: Holder, state: taxes.State) -> _Facts:
    """Kept by assessment, prices and day; ten queries where it is not."""
    version = scope.ready.version
    key = f"after-tax:{holder.pk}:{state.version}:{version.market}:{version.day}"
    found: _Facts | None = cache.get(key)
    if found is None:
        dues = taxes.dues_of(access=access, holder=holder, since=dt.date.min)
        plan = taxes.after_tax(access=access, holder=holder)
        left = [str(line["ticker"]) for line in plan["left_out"]]
        found = _Facts(dues, plan["tax"], left)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _sold(
    scope: Scope,
    figures: Figures,
    known: Sequence[_Facts],
    dues: Sequence[tuple[dt.date, float]],
    rate: float,
) -> Sold | None:
    """Prices and positions are those of now: only the end of the timeline can be sold."""
    if figures.end != scope.timeline.end:
        return None
    tax = sum(float(facts.latent) for facts in known) * rate
    left = [ticker for facts in known for ticker in facts.left_out]
    taxed = None
    if opens_with_nothing(figures):
        taxed = after_tax(figures, [*dues, (figures.end, tax)])
    return Sold(tax, figures.end_value - tax, taxed, left)
