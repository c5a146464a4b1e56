"""The page of risk."""

from __future__ import annotations

from typing import Any

import numpy as np

from apps.accounts.access import Access
from apps.performance.forms import WINDOWS, Asked
from apps.performance.pages.controls import answered, page_of
from apps.performance.pages.returns import comparison_rows
from apps.performance.selectors import Performance, allocated, performance, rolling_returns

Json = dict[str, Any]
WINDOW_LABELS = dict(zip(WINDOWS, ("1M", "3M", "6M", "12M", "24M", "36M"), strict=True))


def risk_page(*, access: Access, asked: Asked) -> Json:
    """Everything the page of risk shows."""
    found, asked = answered(performance, access=access, asked=asked)
    return page_of(
        access=access, asked=asked, found=found, content=lambda known: _content(known, asked)
    )


def _content(found: Any, asked: Asked) -> Json:
    risk = found.figures.risk
    return {
        "f": found.figures,
        "risk": risk,
        "falls": {"max": -risk.max_drawdown.depth, "now": -risk.current_drawdown.depth},
        "rolling": _windows(found, asked.window),
        "is_empty": not len(found.figures.flows),
        "comparisons": comparison_rows(found),
        "concentration": allocated(found.scope).concentration,
        "windows": list(WINDOW_LABELS.items()),
        "window": asked.window,
        "risk_free": found.scope.query.risk_free,
    }


def _windows(found: Performance, window: str) -> Json | None:
    """The worst, middle, best and last window; ``None`` where none fits in the period."""
    rates = rolling_returns(found, window).rate
    if not len(rates):
        return None
    return {
        "worst": float(rates.min()),
        "median": float(np.median(rates)),
        "best": float(rates.max()),
        "last": float(rates[-1]),
    }
