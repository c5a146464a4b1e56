"""Returns after tax: what is owed leaves the value as it arises.

Figures of a measurement are already after what was withheld at source; here comes the tax that the
holder owes. Tax counts on the day given for it, as a cost of that day that nobody pays in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from apps.engine.grid import Floats
from apps.engine.returns import rates
from apps.engine.returns.figures import Figures
from apps.engine.returns.money_weighted import irr_of

_CENT = 0.005


@dataclass(frozen=True, slots=True)
class AfterTax:
    """``gain`` is the absolute gain less ``tax``. ``twr``, ``twr_annualised`` and ``irr`` are as of
    the figures with each tax a cost of its day; None where they cannot be told."""

    tax: float
    gain: float
    twr: float | None
    twr_annualised: float | None
    irr: float | None


def after_tax(figures: Figures, dues: Iterable[tuple[date, float]]) -> AfterTax:
    """The figures after taxes dated within the period, (start, end]; others are left out.

    r = (V + out - tax) / (V before + in) - 1 on the day of a tax. One of a day that opens with
    nothing (all was sold before) counts on the last day before it that had something.
    """
    daily = figures.daily
    taxes, total = np.zeros(len(daily.value)), 0.0
    base = daily.value[:-1] + daily.inflow[1:]
    held = np.concatenate(([False], np.abs(base) > rates.NOTHING))
    homeless = False
    for day, amount in dues:
        place = (day - figures.start).days
        if not 0 < place < len(taxes) or not amount:
            continue
        total += amount
        places = np.flatnonzero(held[: place + 1])
        if len(places):
            taxes[int(places[-1])] += amount
        else:
            homeless = True
            taxes[place] += amount
    irr, _why = irr_of(figures.money - taxes)
    twr = None if homeless else _chained(daily.rate, base, taxes)
    yearly = None
    if twr is not None:
        yearly = rates.annualised(twr, (figures.end - figures.start).days)
    return AfterTax(total, figures.absolute_gain - total, twr, yearly, irr)


def _chained(rate: Floats, base: Floats, taxes: Floats) -> float | None:
    """The day returns less their tax, chained; None where tax takes more than all there was."""
    less = np.zeros(len(rate))
    np.divide(taxes[1:], base, out=less[1:], where=taxes[1:] != 0.0)
    factors = 1.0 + rate - less
    return None if (factors < 0.0).any() else float(np.prod(factors)) - 1.0


def opens_with_nothing(figures: Figures) -> bool:
    """Whether all the gain that selling at the end would tax was made within the period."""
    return abs(figures.start_value) < _CENT
