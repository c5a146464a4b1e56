"""What every answer shares: how figures are written, and what was measured."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.common.tables import number
from apps.performance.selectors import Building, Note, Scope

#: A chart this wide cannot show more; every n-th day stands for the others beyond it.
MAX_POINTS = 800
Floats = NDArray[np.float64]
Json = dict[str, Any]


def money(value: float | None) -> str | None:
    """Money as text, to a hundredth of a cent."""
    return number(value, 4)


def rate(value: float | None) -> str | None:
    """A fraction as text."""
    return number(value, 10)


def building_json(found: Building) -> Json:
    """What is told while nobody has built the figures."""
    return {"status": "building", "step": found.step, "steps": found.steps}


def scope_json(scope: Scope) -> Json:
    """What was measured, and how fresh it is."""
    portfolio = scope.portfolio
    return {
        "portfolio": str(portfolio.pk) if portfolio else "all",
        "name": portfolio.name if portfolio else "",
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "currency": scope.currency,
        "cash": scope.with_cash,
        "cash_tracked": scope.cash_tracked,
        "is_stale": scope.ready.is_stale,
        "is_behind": scope.ready.is_behind,
    }


def notes_json(notes: Iterable[Note]) -> list[Json]:
    """What keeps the figures from being whole."""
    return [
        {
            "code": note.code,
            "asset": note.asset or None,
            "ticker": note.ticker,
            "from": note.first.isoformat() if note.first else None,
            "to": note.last.isoformat() if note.last else None,
            "days": note.days,
        }
        for note in notes
    ]


def points(count: int) -> NDArray[np.intp]:
    """At most ``MAX_POINTS`` places, counted from the newest so that it is always one of them."""
    step = max(1, -(-count // MAX_POINTS))
    return np.arange(count - 1, -1, -step, dtype=np.intp)[::-1]


def dates(start: dt.date, places: Iterable[Any]) -> list[str]:
    """ISO dates of places counted from ``start``."""
    first = start.toordinal()
    return [dt.date.fromordinal(first + int(place)).isoformat() for place in places]


def moneys(values: Floats) -> list[str | None]:
    """Money of a series, to the cent."""
    return [number(value, 2) for value in values.tolist()]


def rates(values: Floats) -> list[str | None]:
    """Fractions of a series."""
    return [number(value, 6) for value in values.tolist()]
