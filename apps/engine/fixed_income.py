"""Fixed income by its terms, and the price formulas of the Treasury.

Business days are weekdays outside the ``holidays`` given (the ANBIMA national calendar in
practice), over 252 a year, from the settlement day inclusive to the end exclusive. Rates are
fractions (0.06 = 6 %); index values come as published, in percent. Rounding happens only where
the issuer or the exchange prescribes it, by the named functions.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Iterable, Iterator, Set
from datetime import date, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from itertools import pairwise

from apps.engine.kinds import Indexer
from apps.engine.prices import IndexTable
from apps.engine.types import FixedIncomeTerms, Issue

YEAR = Decimal(252)
ONE = Decimal(1)
_HUNDRED = Decimal(100)
_NO_HOLIDAYS: frozenset[date] = frozenset()
# Without a calendar, a gap longer than any chain of holidays means missing rates.
_LONGEST_GAP = 5


def truncate(value: Decimal, places: int) -> Decimal:
    """Cut, without rounding, at ``places`` decimals (as Treasury and B3 do)."""
    return value.quantize(ONE.scaleb(-places), rounding=ROUND_DOWN)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Commercial rounding at ``places`` decimals."""
    return value.quantize(ONE.scaleb(-places), rounding=ROUND_HALF_UP)


def is_business_day(day: date, holidays: Set[date] = _NO_HOLIDAYS) -> bool:
    """Whether ``day`` is a weekday outside the holidays."""
    return day.weekday() < 5 and day not in holidays


def business_days(start: date, end: date, holidays: Set[date] = _NO_HOLIDAYS) -> int:
    """Business days from ``start`` inclusive to ``end`` exclusive (0 when not before it)."""
    span = (end - start).days
    if span <= 0:
        return 0
    weeks, rest = divmod(span, 7)
    first = start.weekday()
    count = weeks * 5 + sum(1 for step in range(rest) if (first + step) % 7 < 5)
    return count - sum(1 for day in holidays if start <= day < end and day.weekday() < 5)


def yearly_factor(rate: Decimal, days: int) -> Decimal:
    """(1 + rate)^(days/252): growth of a yearly rate or spread over business days."""
    return (ONE + rate) ** (Decimal(days) / YEAR)


def daily_factor(rates: Iterable[Decimal], percent: Decimal = ONE) -> Decimal:
    """Product of (1 + rate/100 x percent) over daily rates in percent (SGS 12, SGS 11).

    ``percent`` is the fraction of the index paid (1.10 = 110 % of CDI). The running product is
    truncated at 16 decimals, as B3 does.
    """
    factor = ONE
    unit = ONE.scaleb(-16)
    for rate in rates:
        factor = (factor * (ONE + rate / _HUNDRED * percent)).quantize(unit, rounding=ROUND_DOWN)
    return factor


def ltn_price(rate: Decimal, days: int, face: Decimal = Decimal(1000)) -> Decimal:
    """Tesouro Prefixado (LTN): face/(1+rate)^(days/252), truncated at cents."""
    return truncate(face / yearly_factor(rate, days), 2)


def lft_price(vna: Decimal, selic_factor: Decimal, spread: Decimal, days: int) -> Decimal:
    """Tesouro Selic (LFT): projected VNA x 1/(1+spread)^(days/252), truncated at cents.

    ``selic_factor`` carries the last VNA to the settlement day.
    """
    return truncate(vna * selic_factor / yearly_factor(spread, days), 2)


def ntnb_quote(rate: Decimal, days: int) -> Decimal:
    """Quote of a Tesouro IPCA+ without coupons: 100/(1+rate)^(days/252), truncated at 4."""
    return truncate(_HUNDRED / yearly_factor(rate, days), 4)


def ntnb_price(
    vna: Decimal, ipca_projected: Decimal, elapsed: Decimal, rate: Decimal, days: int
) -> Decimal:
    """Tesouro IPCA+ (NTN-B Principal): VNA x (1+IPCA)^elapsed x quote/100, truncated at cents.

    ``ipca_projected`` is a fraction, ``elapsed`` the share of the month since the 15th.
    """
    projected = vna * (ONE + ipca_projected) ** elapsed
    return truncate(projected * ntnb_quote(rate, days) / _HUNDRED, 2)


def monthly_anniversaries(start: date, end: date) -> Iterator[tuple[date, date]]:
    """Periods from one monthly anniversary of ``start`` to the next, the last containing or
    reaching ``end``. A day that a month lacks falls on its last."""
    step = 0
    opened = start
    while opened < end:
        step += 1
        year, month = divmod(start.year * 12 + start.month - 1 + step, 12)
        closed = date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
        yield opened, closed
        opened = closed


def _issue(code: str, **params: object) -> Issue:
    return Issue(
        code, str(params.get("index", "")), {key: str(value) for key, value in params.items()}
    )


def _daily(
    index: str, start: date, end: date, percent: Decimal, indexes: IndexTable, holidays: Set[date]
) -> tuple[Decimal | None, int, list[Issue]]:
    """Growth by a daily index over [start, end), the days it covered, and what is missing."""
    days, rates = indexes.series(index)
    first, stop = bisect_left(days, start), bisect_left(days, end)
    known = days[first:stop]
    if not known:
        if not business_days(start, end, holidays):
            return ONE, 0, []
        return None, 0, [_issue("index_missing", index=index, date=start)]
    if holidays:
        holes = business_days(start, known[-1] + timedelta(days=1), holidays) - sum(
            1 for day in known if is_business_day(day, holidays)
        )
    else:
        chain = [start - timedelta(days=1), *known]
        holes = sum(1 for before, after in pairwise(chain) if (after - before).days > _LONGEST_GAP)
    if holes:
        return None, 0, [_issue("index_missing", index=index, date=start, days=holes)]
    issues = []
    if business_days(known[-1] + timedelta(days=1), end, holidays):
        issues.append(_issue("index_stale", index=index, last_date=known[-1]))
    return daily_factor(rates[first:stop], percent), len(known), issues


def _monthly(
    terms: FixedIncomeTerms, end: date, indexes: IndexTable, holidays: Set[date]
) -> tuple[Decimal | None, list[Issue]]:
    """Growth by IPCA: each month's index, in proportion to the business days elapsed."""
    factor = ONE
    last, _values = indexes.series("IPCA")
    for opened, closed in monthly_anniversaries(terms.issue_date, end):
        year, month = divmod(opened.year * 12 + opened.month - 1 - terms.index_lag, 12)
        of_month = date(year, month + 1, 1)
        value = indexes.exact("IPCA", of_month)
        if value is None:
            if not last or of_month < last[-1]:
                return None, [_issue("index_missing", index="IPCA", date=of_month)]
            # Later months are not published yet: the accrual stops there, and says so.
            return factor, [_issue("index_stale", index="IPCA", last_date=last[-1])]
        growth = ONE + value / _HUNDRED
        if closed <= end:
            factor *= growth
            continue
        whole = business_days(opened, closed, holidays)
        if whole:
            factor *= growth ** (Decimal(business_days(opened, end, holidays)) / Decimal(whole))
    return factor, []


def unit_price(
    terms: FixedIncomeTerms,
    on: date,
    indexes: IndexTable,
    holidays: Set[date] = _NO_HOLIDAYS,
) -> tuple[Decimal | None, list[Issue]]:
    """Accrued gross value of one unit at the open of ``on``, unrounded.

    Yields from the issue date inclusive to ``on`` exclusive, at most to maturity. A hole in the
    index makes it ``None`` with an ``index_missing`` issue; an index whose last days are not
    published yet stops the accrual there, with ``index_stale``. Without holidays the days of a
    daily index are its own calendar, and other papers carry ``holidays_missing``.
    """
    if on < terms.issue_date:
        return None, [_issue("before_issue", date=on, issue_date=terms.issue_date)]
    end = on if terms.maturity is None else min(on, terms.maturity)
    start = terms.issue_date
    issues: list[Issue] = []
    if terms.indexer in (Indexer.CDI, Indexer.SELIC):
        index = terms.indexer.value.upper()
        factor, days, issues = _daily(index, start, end, terms.percent, indexes, holidays)
        if factor is None:
            return None, issues
        if terms.rate:
            covered = business_days(start, end, holidays) if holidays and not issues else days
            factor *= yearly_factor(terms.rate, covered)
        return terms.unit_value * factor, issues
    if not holidays and end > start:
        issues.append(_issue("holidays_missing"))
    growth: Decimal | None = ONE
    if terms.indexer is Indexer.IPCA:
        growth, found = _monthly(terms, end, indexes, holidays)
        issues += found
    if growth is None:
        return None, issues
    fixed = yearly_factor(terms.rate, business_days(start, end, holidays))
    return terms.unit_value * growth * fixed, issues
