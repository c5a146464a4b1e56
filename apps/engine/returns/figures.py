"""The figures a measurement answers with, each beside the parts it is made of.

Money and rates are float64 here (they are time-series figures); rates are fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from apps.engine.grid import Floats
from apps.engine.types import Issue


@dataclass(frozen=True, slots=True)
class Gain:
    """Where the absolute gain comes from. ``total`` is ``end_value - start_value - inflows +
    outflows`` and equals the sum ``price_realised + price_unrealised + income_gross - fees -
    taxes + cash_currency`` (``income_gross - income_withheld`` is the net income; what was
    withheld is part of ``taxes``).

    Price gains include what exchange rates did to them: ``currency_realised`` and
    ``currency_unrealised`` say how much of them that is. ``cash_currency`` is what rates did to
    cash balances. What was held at the start counts as bought at its worth of that day.
    """

    price_realised: float
    price_unrealised: float
    income_gross: float
    income_withheld: float
    fees: float
    taxes: float
    cash_currency: float
    currency_realised: float
    currency_unrealised: float
    fifo_realised: float
    fifo_unrealised: float

    def with_cash(self, cash_currency: float) -> Gain:
        """The same with what exchange rates did to cash."""
        return replace(self, cash_currency=cash_currency)

    @property
    def income_net(self) -> float:
        """Income after what was withheld from it."""
        return self.income_gross - self.income_withheld

    @property
    def currency(self) -> float:
        """All that exchange rates did."""
        return self.currency_realised + self.currency_unrealised + self.cash_currency

    @property
    def price(self) -> float:
        """Price gains without what exchange rates did."""
        return (
            self.price_realised
            + self.price_unrealised
            - self.currency_realised
            - self.currency_unrealised
        )

    @property
    def total(self) -> float:
        """The absolute gain."""
        return (
            self.price_realised
            + self.price_unrealised
            + self.income_gross
            - self.fees
            - self.taxes
            + self.cash_currency
        )


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A fall from a peak of the return index. ``recovery`` is the day the peak was reached
    again, None while it was not. ``depth`` is positive; with no fall it is 0 and the dates are
    the first day."""

    depth: float
    peak: date
    trough: date
    recovery: date | None

    @property
    def days_down(self) -> int:
        """Days from the peak to the bottom."""
        return (self.trough - self.peak).days


@dataclass(frozen=True, slots=True)
class Extreme:
    """The best or worst of some periods: the return and the days it covers, both included."""

    rate: float
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Risk:
    """How uneven the returns were. ``days`` is how many weekdays entered the deviations.

    ``volatility`` and ``downside_deviation`` are of the whole period (daily deviation times the
    square root of ``days``), the annualised ones times the square root of 252. ``sharpe`` and
    ``sortino`` are (annualised return - annualised risk-free rate) over the annualised deviation;
    None without a risk-free rate or where the deviation is 0. ``var_95`` and ``var_99`` are the
    loss of one day not exceeded on 95 % and 99 % of them, positive. None: too little is known.
    """

    days: int
    volatility: float
    volatility_annualised: float
    downside_deviation: float
    downside_annualised: float
    risk_free: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: Drawdown
    current_drawdown: Drawdown
    longest_drawdown_days: int
    best_day: Extreme | None
    worst_day: Extreme | None
    best_month: Extreme | None
    worst_month: Extreme | None
    var_95: float | None
    var_99: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same period, and the same money, in a benchmark.

    ``twr`` is the benchmark's own return, ``end_value`` what the same flows on the same days
    would be worth in it and ``gain`` what they would have gained; ``excess`` is our return
    relative to its, (1 + ours) / (1 + its) - 1, both up to ``known_to``. ``beta``,
    ``correlation`` and ``tracking_error`` (annualised) are of the weekdays' log returns, None with
    fewer than two or no variance.
    ``known_from`` is the day of the period (0 = its opening) from which the benchmark is known:
    before it, it is taken as flat. ``known_to`` is the day of the period up to which it is: the
    last, unless its figures end long before; after it, it is taken as flat.
    """

    name: str
    twr: float
    twr_annualised: float | None
    excess: float
    end_value: float
    gain: float
    irr: float | None
    beta: float | None
    correlation: float | None
    tracking_error: float | None
    known_from: int
    known_to: int
    levels: Floats
    values: Floats


@dataclass(frozen=True, slots=True)
class Daily:
    """One entry per day of the period, the first being its opening (``start``).

    ``index`` is 1 at the opening and chains the day returns; ``drawdown`` is how far below its
    peak it is (positive). ``invested`` is the money put in so far, opening value included.
    """

    start: date
    value: Floats
    inflow: Floats
    outflow: Floats
    rate: Floats
    index: Floats
    drawdown: Floats
    invested: Floats


@dataclass(frozen=True, slots=True)
class Figures:
    """A part of the timeline over (``start``, ``end``]. None: it cannot be told, and ``issues``
    says why."""

    start: date
    end: date
    currency: str
    start_value: float
    end_value: float
    inflows: float
    outflows: float
    absolute_gain: float
    twr: float
    twr_annualised: float | None
    irr: float | None
    gain: Gain
    risk: Risk
    real_twr: float | None
    real_gain: float | None
    inflation: float | None
    inflation_to: date | None
    comparisons: Mapping[str, Comparison]
    daily: Daily
    money: Floats
    issues: tuple[Issue, ...]

    @property
    def flows(self) -> list[tuple[date, float]]:
        """The dated flows the money-weighted return solves for, opening and closing values
        included (negative = put in); ``money`` has them day by day."""
        first = self.start.toordinal()
        return [
            (date.fromordinal(first + int(day)), float(self.money[day]))
            for day in np.flatnonzero(self.money)
        ]


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of a table (an asset, a class, ...) over the period. ``contribution`` is its part
    of the whole's ``twr``: the contributions of all rows add up to it exactly. ``weight`` is its
    share of the end value. ``lines`` are the timeline's, to measure it by itself."""

    key: str
    lines: tuple[int, ...]
    start_value: float
    end_value: float
    inflows: float
    outflows: float
    gain: Gain
    twr: float
    irr: float | None
    contribution: float
    weight: float | None
    spark: Floats


@dataclass(frozen=True, slots=True)
class Concentration:
    """How few positions hold how much. ``hhi`` is the sum of squared shares (1 = one position),
    ``effective`` its inverse, ``top`` the share of the n largest."""

    hhi: float
    effective: float
    top: Mapping[int, float]
    shares: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class MonthReturn:
    """One cell of the heat-map; ``month`` 0 is the whole year. ``complete`` is False where the
    period starts or ends inside it."""

    year: int
    month: int
    rate: float
    first: date
    last: date
    complete: bool


@dataclass(frozen=True, slots=True)
class IncomeCell:
    """Income of one asset (``key``; empty = all) in one month."""

    month: date
    key: str
    gross: float
    withheld: float

    @property
    def net(self) -> float:
        """What arrived."""
        return self.gross - self.withheld


@dataclass(frozen=True, slots=True)
class IncomeRow:
    """Income of one asset, or of all (``key`` empty), over the period.

    ``yield_on_value`` is the gross income of the last twelve months over the end value,
    ``yield_on_cost`` the same over the cost of what is held, ``growth`` the last twelve months
    against the twelve before; None where the divisor is 0.
    """

    key: str
    gross: float
    withheld: float
    last_year: float
    year_before: float
    yield_on_value: float | None
    yield_on_cost: float | None
    growth: float | None
