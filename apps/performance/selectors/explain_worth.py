"""Why the concentration and the yields are what they are."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from apps.performance.selectors.allocation import allocated
from apps.performance.selectors.income import AssetIncome, income_of
from apps.performance.selectors.parts import Answer, Block, Explained, Part
from apps.performance.selectors.scope import Scope, group_label
from apps.performance.words import DEFINITIONS, RATE, RATIO

YIELDS = frozenset({"yield_on_value", "yield_on_cost", "growth"})
SUMS = frozenset({"income_last_year", "income_year_before", "income_average"})
APART = YIELDS | SUMS | {"hhi"}


CENT = 0.005


def worth_explained(scope: Scope, code: str) -> Explained:
    """The parts of one of ``APART``."""
    value, blocks = worth_answer(scope, code)
    return Explained(code, DEFINITIONS[code], value, scope.currency, scope.start, scope.end, blocks)


def worth_answer(scope: Scope, code: str) -> Answer:
    """The figure and its parts."""
    if code == "hhi":
        return _hhi(scope)
    return _sum(scope, code) if code in SUMS else _yield(scope, code)


def _hhi(scope: Scope) -> Answer:
    found = allocated(scope).concentration
    parts = [
        Part(group_label(key, "asset", scope.names), share, RATE, sign=0, asset=key)
        for key, share in found.shares
    ]
    value = found.hhi if found.shares else None
    return value, [Block(_("participações, cujos quadrados se somam"), parts)]


def _sum(scope: Scope, code: str) -> Answer:
    """Gross income by month: of the last twelve, of the twelve before them, or the mean."""
    income = income_of(scope)
    if code == "income_average":
        parts = [Part(_month(m.month), m.gross, sign=0) for m in income.months]
        total = income.total.gross if income.total else 0.0
        told = [
            Part(_("soma dos meses"), total, sign=0),
            Part(_("quantos meses"), float(len(parts)), RATIO, sign=0),
        ]
        mean = total / len(parts) if parts else None
        return mean, [Block("", told), Block(_("mês a mês"), parts)]
    first, last = _year(scope.end, 1 if code == "income_last_year" else 2)
    parts = [
        Part(item.ticker, gross, sign=1, asset=item.asset)
        for item, gross in (
            (item, item.row.last_year if code == "income_last_year" else item.row.year_before)
            for item in _payers(scope)
        )
        if gross
    ]
    value = 0.0
    if income.total is not None:
        recent = code == "income_last_year"
        value = income.total.last_year if recent else income.total.year_before
    rest = value - sum(part.value or 0.0 for part in parts)
    if abs(rest) > CENT:
        parts.append(Part(_("sem ativo"), rest))
    days = [
        Part(_("depois do fechamento de"), None, "date", sign=0, date=first),
        Part(_("até o fechamento de"), None, "date", sign=0, date=last),
    ]
    return value, [Block(_("por ativo"), parts, True), Block(_("de quando a quando"), days)]


def _payers(scope: Scope) -> Sequence[AssetIncome]:
    """Assets that paid in the last two years, whatever the start of the period."""
    first, _last = _year(scope.end, 2)
    start = max(min(first, scope.start), scope.timeline.start)
    return income_of(replace(scope, start=start)).assets


def _year(end: dt.date, back: int) -> tuple[dt.date, dt.date]:
    """The ``back``-th year before a day: the days at whose closes it opens and ends."""
    return _years_before(end, back), _years_before(end, back - 1)


def _years_before(day: dt.date, years: int) -> dt.date:
    last = calendar.monthrange(day.year - years, day.month)[1]
    return day.replace(year=day.year - years, day=min(day.day, last))


def _month(day: dt.date) -> str:
    return f"{day.month:02}/{day.year}"


def _yield(scope: Scope, code: str) -> Answer:
    total = income_of(scope).total
    if total is None:
        return None, [Block("", [Part(_("proventos dos últimos 12 meses"), 0.0, sign=0)])]
    parts = [Part(_("proventos dos últimos 12 meses"), total.last_year, sign=0, date=scope.end)]
    if code == "growth":
        parts.append(Part(_("proventos dos 12 meses anteriores"), total.year_before, sign=0))
    else:
        share: float | None = getattr(total, code)
        # The divisor, from the quotient: what is held, at the end of the period.
        base = total.last_year / share if share else None
        words = _("valor final") if code == "yield_on_value" else _("custo do que se tem")
        parts.append(Part(words, base, sign=0, date=scope.end))
    return getattr(total, code), [Block("", parts)]
