"""What on a day counts at something other than a price."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from apps.engine.returns.model import Marked
from apps.performance.selectors.scope import Scope


def at_cost(scope: Scope, day: dt.date) -> list[tuple[str, float]]:
    """Assets of the scope that no price is known of on a day, so that they count at their cost,
    with what that is; the largest first."""
    timeline, at = scope.timeline, scope.timeline.at(day)
    found: dict[str, float] = defaultdict(float)
    for mark in timeline.marks:
        if mark.why is Marked.COST and scope.lines[mark.line] and mark.first <= at <= mark.last:
            found[timeline.lines[mark.line].asset] += float(timeline.values[mark.line, at])
    return sorted(found.items(), key=lambda each: -abs(each[1]))
