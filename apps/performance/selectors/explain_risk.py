"""Why the figures of risk are what they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
from django.utils.translation import gettext as _

from apps.performance.selectors.parts import About, Answer, Block, Part
from apps.performance.selectors.returns import Performance, windows_ending
from apps.performance.words import DAYS, DEFINITIONS, RATE, RATIO

MOST_FALLS = 20


def _risk(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        f, risk = found.figures, found.figures.risk
        parts = [Part(_("dias úteis medidos"), float(risk.days), DAYS, sign=0)]
        if code in ("volatility_annualised", "downside_annualised"):
            whole = risk.volatility if code.startswith("vol") else risk.downside_deviation
            parts += [Part(_("no período inteiro"), whole, RATE, sign=0)]
        if code in ("sharpe", "sortino"):
            spread = risk.volatility_annualised if code == "sharpe" else risk.downside_annualised
            parts += [
                Part(_("retorno anualizado"), f.twr_annualised, RATE, sign=0),
                Part(
                    _("%(index)s anualizado") % {"index": found.scope.query.risk_free},
                    risk.risk_free,
                    RATE,
                    sign=0,
                ),
                Part(str(DEFINITIONS[f"{_spread(code)}"].name), spread, RATE, sign=0),
            ]
        return getattr(risk, code), [Block("", parts), *_worst_days(found, code)]

    return tell


def _worst_days(found: Performance, code: str) -> list[Block]:
    """The days that a value at risk stands between: the worst ones, and how many are as bad."""
    if code not in ("var_95", "var_99") or getattr(found.figures.risk, code) is None:
        return []
    daily, limit = found.figures.daily, -getattr(found.figures.risk, code)
    days = [daily.start + dt.timedelta(days=at) for at in range(len(daily.rate))]
    falls = sorted(
        (float(rate), day)
        for rate, day in zip(daily.rate.tolist(), days, strict=True)
        if rate <= limit and rate < 0.0 and day.weekday() < 5
    )
    parts = [Part(_("dia"), rate, RATE, sign=0, date=day) for rate, day in falls[:MOST_FALLS]]
    return [Block(_("os piores dias"), parts)] if parts else []


def _spread(code: str) -> str:
    return "volatility_annualised" if code == "sharpe" else "downside_annualised"


def _drawdown(code: str) -> Callable[[Performance, About], Answer]:
    def tell(found: Performance, _about: About) -> Answer:
        fall = getattr(found.figures.risk, code)
        daily = found.figures.daily

        def level(day: dt.date) -> float:
            return float(daily.index[(day - daily.start).days])

        parts = [
            Part(_("índice no topo"), level(fall.peak), RATIO, sign=0, date=fall.peak),
            Part(_("índice no fundo"), level(fall.trough), RATIO, sign=0, date=fall.trough),
            Part(_("dias de queda"), float(fall.days_down), DAYS, sign=0),
        ]
        if fall.recovery is not None:
            parts.append(Part(_("recuperado"), None, "date", sign=0, date=fall.recovery))
        return fall.depth, [Block("", parts)]

    return tell


def _longest(found: Performance, _about: About) -> Answer:
    """Stretches below a peak, the longest first: from the day it was set to the day it was passed
    again, or the end."""
    daily = found.figures.daily
    below = np.concatenate(([0], (daily.drawdown > 0.0).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(below)).tolist()
    stretches = []
    for first, after in zip(edges[::2], edges[1::2], strict=True):
        top = first - 1
        while top > 0 and daily.index[top - 1] == daily.index[top]:
            top -= 1
        stretches.append((min(after, len(daily.index) - 1) - top, daily.start + dt.timedelta(top)))
    stretches.sort(key=lambda each: (-each[0], each[1]))
    parts = [
        Part(_("dias a partir deste topo"), float(days), DAYS, sign=0, date=day)
        for days, day in stretches[:MOST_FALLS]
    ]
    return float(found.figures.risk.longest_drawdown_days), [Block(_("os mais longos"), parts)]


def _median(found: Performance, about: About) -> Answer:
    windows = windows_ending(found, about.window)
    rates = windows.rate
    if not len(rates):
        return None, [Block(_("o histórico é mais curto do que a janela"), [])]
    low, high = float(rates.min()), float(rates.max())
    parts = [
        Part(_("janelas medidas, uma por dia"), float(len(rates)), DAYS, sign=0),
        Part(_("dias de cada uma"), float(windows.days), DAYS, sign=0),
        Part(_("a pior"), low, RATE, sign=0, date=windows.end_of(int(rates.argmin()))),
        Part(_("a melhor"), high, RATE, sign=0, date=windows.end_of(int(rates.argmax()))),
    ]
    return float(np.median(rates)), [Block("", parts)]


RISK: dict[str, Callable[[Performance, About], Answer]] = {
    **{
        code: _risk(code)
        for code in (
            "volatility_annualised",
            "downside_annualised",
            "sharpe",
            "sortino",
            "var_95",
            "var_99",
        )
    },
    "max_drawdown": _drawdown("max_drawdown"),
    "current_drawdown": _drawdown("current_drawdown"),
    "longest_drawdown": _longest,
    "rolling_median": _median,
}
