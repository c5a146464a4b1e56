"""Where the worth is: by class, currency, country, sector, broker or asset; against targets; and
how much of it hangs on how few."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from apps.accounts.access import Access
from apps.engine.returns import concentration, table_by
from apps.engine.returns.figures import Concentration
from apps.performance.query import Query
from apps.performance.selectors.scope import CASH, Names, Scope, group_key, group_label, scope_of
from apps.performance.selectors.timelines import Building
from apps.portfolios.models import Portfolio

#: Of how many of the largest assets the joint share is told.
TOPS = (1, 3, 5, 10)
NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Slice:
    """One group: its worth, its share of the total and, with targets, how far it is from them.

    ``target`` and ``drift`` (share less target) are fractions; ``to_target`` is the money to buy
    (positive) or to sell. ``None``: no target was given, or no total to take a share of.
    """

    key: str
    label: str
    value: float
    share: float | None
    target: float | None
    drift: float | None
    to_target: float | None
    children: tuple[Slice, ...] = ()


@dataclass(frozen=True, slots=True)
class Allocation:
    """The worth at the close of ``on``, divided by ``group_by``, the largest first."""

    scope: Scope
    on: dt.date
    currency: str
    group_by: str
    total: float
    slices: Sequence[Slice]
    concentration: Concentration
    target_by: str
    targets: Sequence[Slice]
    is_ready: bool = True


def allocation(*, access: Access, query: Query) -> Allocation | Building:
    """The worth of the portfolio at the end of the period, divided by ``query.group_by``.

    ``targets`` holds the same by class or by asset, whichever the portfolio's targets are given
    to, with a slice for what has a target and no worth yet; empty without targets.
    """
    scope = scope_of(access=access, query=query)
    return scope if isinstance(scope, Building) else allocated(scope)


def allocated(scope: Scope) -> Allocation:
    """The allocation of a scope."""
    worth = scope.timeline.values[:, scope.timeline.at(scope.end)]
    values = {int(at): float(worth[at]) for at in np.flatnonzero(scope.lines)}
    total = math.fsum(values.values())
    target_by, targets = _targets(scope.portfolio)
    by_target = _slices(scope, values, target_by, total, targets) if targets else []
    given = targets if scope.query.group_by == target_by else {}
    return Allocation(
        scope=scope,
        on=scope.end,
        currency=scope.currency,
        group_by=scope.query.group_by,
        total=total,
        slices=_slices(scope, values, scope.query.group_by, total, given),
        concentration=_concentration(scope),
        target_by=target_by,
        targets=by_target,
    )


def _concentration(scope: Scope) -> Concentration:
    """The concentration of the worth at the end, by asset; cash is not one."""
    rows = table_by(
        scope.timeline, "asset", lines=scope.lines, start=scope.end, end=scope.end, irr=False
    )
    return concentration(rows, TOPS)


def _targets(portfolio: Portfolio | None) -> tuple[str, dict[str, float]]:
    if portfolio is None:
        return "", {}
    weights = {
        target.asset_class or str(target.asset_id): float(target.weight)
        for target in portfolio.targets.all()
    }
    return portfolio.target_by, weights


def _slices(
    scope: Scope,
    values: Mapping[int, float],
    grouping: str,
    total: float,
    targets: Mapping[str, float],
) -> list[Slice]:
    sums: dict[str, float] = dict.fromkeys(targets, 0.0)
    inner: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for at, value in values.items():
        if abs(value) <= NOTHING:
            continue
        line = scope.timeline.lines[at]
        key = group_key(line, grouping, scope.names)
        sums[key] = sums.get(key, 0.0) + value
        inner[key][line.asset or f"{CASH}:{line.currency}"] += value
    found = [
        _slice(
            key,
            _label(key, grouping, scope),
            value,
            total,
            targets.get(key, 0.0) if targets else None,
            _children(inner[key], total, scope.names) if grouping != "asset" else (),
        )
        for key, value in sums.items()
    ]
    return sorted(found, key=lambda s: (-s.value, s.label))


def _label(key: str, grouping: str, scope: Scope) -> str:
    label = group_label(key, grouping, scope.names)
    if label or grouping != "asset" or scope.portfolio is None:
        return label
    # A target of something nobody holds yet: the timeline does not know its name.
    named = {str(t.asset_id): t.asset.ticker for t in scope.portfolio.targets.all() if t.asset}
    return named.get(key, "")


def _children(values: Mapping[str, float], total: float, names: Names) -> tuple[Slice, ...]:
    found = [
        _slice(key, group_label(key, "asset", names), value, total, None)
        for key, value in values.items()
    ]
    return tuple(sorted(found, key=lambda s: (-s.value, s.label)))


def _slice(
    key: str,
    label: str,
    value: float,
    total: float,
    target: float | None,
    children: tuple[Slice, ...] = (),
) -> Slice:
    share = value / total if total > NOTHING else None
    drift = share - target if share is not None and target is not None else None
    to_target = target * total - value if target is not None and total > NOTHING else None
    return Slice(key, label, value, share, target, drift, to_target, children)
