"""The page of risk."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.engine.returns.figures import Risk
from apps.performance.asked import WINDOWS, Asked
from apps.performance.pages.controls import answered, page_of
from apps.performance.pages.returns import comparison_rows
from apps.performance.selectors import (
    Performance,
    allocated,
    performance,
    windows_ending,
    windows_from,
)

Json = dict[str, Any]
WINDOW_LABELS = dict(zip(WINDOWS, ("1M", "3M", "6M", "12M", "24M", "36M"), strict=True))


def risk_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of risk shows."""
    found, asked = answered(performance, access=access, asked=asked)
    return page_of(
        access=access,
        asked=asked,
        found=found,
        content=lambda known: _content(access, known, asked),
    )


def _content(access: Access, found: Any, asked: Asked) -> Json:
    risk = found.figures.risk
    return {
        "f": found.figures,
        "risk": risk,
        "falls": {"max": -risk.max_drawdown.depth, "now": -risk.current_drawdown.depth},
        "extremes": _extremes(risk),
        "rolling": _windows(found, asked.window),
        "rolling_from": windows_from(found.scope, asked.window),
        "is_empty": not len(found.figures.flows),
        "comparisons": comparison_rows(access, found),
        "concentration": allocated(found.scope).concentration,
        "windows": list(WINDOW_LABELS.items()),
        "window": asked.window,
        "risk_free": found.scope.query.risk_free,
    }


def _windows(found: Performance, window: str) -> Json | None:
    """The worst, middle, best and last window that ends inside the period, with the days each but
    the middle one spans; ``None`` where the history is shorter than one."""
    windows = windows_ending(found, window)
    rates = windows.rate
    if not len(rates):
        return None
    places = {"worst": int(rates.argmin()), "best": int(rates.argmax()), "last": len(rates) - 1}
    spans = {
        name: {
            "rate": float(rates[at]),
            "start": windows.start_of(at),
            "end": windows.end_of(at),
        }
        for name, at in places.items()
    }
    return {**spans, "median": float(np.median(rates))}


def _extremes(risk: Risk) -> list[Json]:
    """Best and worst days and months, each opening at the close of the day before its first."""
    named = (
        (_("Melhor dia"), risk.best_day, False),
        (_("Pior dia"), risk.worst_day, False),
        (_("Melhor mês"), risk.best_month, True),
        (_("Pior mês"), risk.worst_month, True),
    )
    return [
        {
            "label": label,
            "rate": found.rate,
            "opens": found.first - dt.timedelta(days=1),
            "closes": found.last,
            "is_month": is_month,
        }
        for label, found, is_month in named
        if found is not None
    ]
