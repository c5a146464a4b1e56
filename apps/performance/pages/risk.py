"""The page of risk."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np

from apps.accounts.access import Access
from apps.performance.asked import WINDOWS, Asked
from apps.performance.pages.controls import answered, page_of
from apps.performance.pages.returns import comparison_rows
from apps.performance.selectors import WINDOWS as WINDOW_DAYS
from apps.performance.selectors import (
    Performance,
    allocated,
    measured,
    performance,
    rolling_returns,
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
        "rolling": _windows(access, found, asked.window),
        "rolling_from": _rolling_from(found, asked.window),
        "is_empty": not len(found.figures.flows),
        "comparisons": comparison_rows(access, found),
        "concentration": allocated(found.scope).concentration,
        "windows": list(WINDOW_LABELS.items()),
        "window": asked.window,
        "risk_free": found.scope.query.risk_free,
    }


def _rolling_from(found: Performance, window: str) -> dt.date:
    """The day from which the first window that ends inside the period is measured."""
    return max(
        found.scope.start - dt.timedelta(days=WINDOW_DAYS[window]), found.scope.timeline.start
    )


def _windows(access: Access, found: Performance, window: str) -> Json | None:
    """The worst, middle, best and last window that ends inside the period; ``None`` where the
    history is shorter than one."""
    longer = replace(found.scope, start=_rolling_from(found, window))
    rates = rolling_returns(measured(access, longer), window).rate
    if not len(rates):
        return None
    return {
        "worst": float(rates.min()),
        "median": float(np.median(rates)),
        "best": float(rates.max()),
        "last": float(rates[-1]),
    }
