"""Late payment of a DARF: the fine by day and the interest by month."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from apps.engine.fixed_income import round_half_up
from apps.engine.prices import IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.rules import RuleBook

#: Index of the Selic accumulated in each month, percent, dated any day of it (SGS 4390).
MONTHLY_SELIC = "SELIC_MONTHLY"
_HUNDRED = Decimal(100)
# Daily rates are never as far apart, holidays and all.
_MONTHLY_GAP = 25
_ONE = Decimal(1)


class LateCharges(NamedTuple):
    """Charges for paying ``principal`` late. Rates are fractions; ``fine`` and ``interest`` are in
    cents, both on the principal. ``missing`` are the months whose Selic is unknown, left out."""

    days: int
    fine_rate_uncapped: Decimal
    fine_rate: Decimal
    fine: Decimal
    interest_rate: Decimal
    interest: Decimal
    total: Decimal
    missing: tuple[date, ...] = ()


def _next_month(month: date) -> date:
    year, place = divmod(month.year * 12 + month.month, 12)
    return date(year, place + 1, 1)


def monthly_selic(month: date, indexes: IndexTable) -> Decimal | None:
    """Selic accumulated in a month as a fraction: as published, else from the daily rates, rounded
    to two decimals of percent as the central bank does. None where neither is known.

    A ``SELIC`` series with one value a month is read as monthly already.
    """
    first = month.replace(day=1)
    after = _next_month(first)
    for name in (MONTHLY_SELIC, "SELIC_4390", "4390"):
        days, rates = indexes.series(name)
        place = bisect_left(days, after)
        if place and days[place - 1] >= first:
            return rates[place - 1] / _HUNDRED
    days, rates = indexes.series("SELIC")
    start, stop = bisect_left(days, first), bisect_left(days, after)
    if stop - start == 1 and _is_monthly(days, start, first):
        return rates[start] / _HUNDRED
    if start == stop or (stop == len(days) and not _reaches_the_end(days[-1], after)):
        return None
    factor = _ONE
    for rate in rates[start:stop]:
        factor *= _ONE + rate / _HUNDRED
    return round_half_up((factor - _ONE) * _HUNDRED, 2) / _HUNDRED


def _is_monthly(days: Sequence[date], place: int, first: date) -> bool:
    """Whether the only value of a month is of the whole month: its neighbours, or its date where
    it has none, are a month away."""
    around = [days[near] for near in (place - 1, place + 1) if 0 <= near < len(days)]
    apart = all(abs(near - days[place]).days >= _MONTHLY_GAP for near in around)
    return apart and bool(around or days[place] == first)


def _reaches_the_end(last: date, after: date) -> bool:
    """Whether no weekday is left between a day and the next month."""
    return all(
        (last + timedelta(days=step)).weekday() >= 5 for step in range(1, (after - last).days)
    )


def late_charges(
    principal: Decimal,
    due: date,
    paid: date,
    *,
    rules: RuleBook,
    calendar: BankCalendar,
    indexes: IndexTable | None = None,
    selic: Mapping[date, Decimal] | None = None,
    interest_rate: Decimal | None = None,
) -> LateCharges:
    """Fine and interest on ``principal`` due on ``due`` and paid on ``paid`` (Lei 9.430 art. 61).

    The fine counts calendar days from the first business day after the due date to the payment,
    inclusive, up to its cap. Interest sums the monthly Selic of the months between and the fixed
    rate of the month of payment; nothing within the due month. ``selic`` gives monthly fractions by
    the first of the month and wins over ``indexes``; ``interest_rate`` wins over both.
    """
    rule = rules.on("DARF-LATE", due)
    first = calendar.next_business_day(due)
    days = max((paid - first).days + 1, 0) if paid > due else 0
    uncapped = rule.decimal("daily") * days
    fine_rate = min(uncapped, rule.decimal("cap"))
    missing: list[date] = []
    rate = ZERO
    if interest_rate is not None:
        rate = interest_rate
    elif (paid.year, paid.month) > (due.year, due.month):
        rate = rule.decimal("payment_month")
        month = _next_month(due)
        while (month.year, month.month) < (paid.year, paid.month):
            known = selic.get(month) if selic is not None else None
            if known is None and indexes is not None:
                known = monthly_selic(month, indexes)
            if known is None:
                missing.append(month)
            else:
                rate += known
            month = _next_month(month)
    fine = round_half_up(principal * fine_rate, 2)
    interest = round_half_up(principal * rate, 2)
    return LateCharges(
        days,
        uncapped,
        fine_rate,
        fine,
        rate,
        interest,
        principal + fine + interest,
        tuple(missing),
    )
