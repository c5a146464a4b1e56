"""The figures of the overview and the evolution of worth."""

from __future__ import annotations

import datetime as dt
import uuid
from bisect import bisect_left
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.market_data.selectors import market_version
from apps.portfolios.figures import Group, Positions, PositionView
from apps.portfolios.models import Build
from apps.portfolios.selectors.positions import built_version, group_positions, positions_on
from apps.portfolios.signals import evolution_missing

TOP = 8
PRICE_ISSUES = frozenset({"price_missing", "price_stale", "index_stale", "price_before_split"})
CACHE_SECONDS = 6 * 3600
EVOLUTION_SECONDS = 3 * 24 * 3600
EVOLUTION_ASK_SECONDS = 30
# A chart this wide cannot show more; weekly points stand in for daily ones beyond it.
MAX_POINTS = 800


def figures_key(
    workspace_id: uuid.UUID, ledger: int, market: int, day: dt.date, currency: str
) -> str:
    """Where the overview's figures are kept, by version and never patched."""
    return f"metrics:{workspace_id}:all:{ledger}:{market}:{day}:{currency}"


def dashboard_figures(
    *, access: Access, currency: str = "BRL", on: dt.date | None = None
) -> dict[str, Any]:
    """The overview of a day: worth, change, gains, income, allocation, largest positions.

    Money is ``Decimal`` in ``currency``; ``None`` is unknown. Kept in Redis by version.
    """
    workspace = access.workspace
    today = timezone.localdate()
    day = today if on is None or on >= today else on
    version = built_version(workspace_id=workspace.pk) if day == today else workspace.ledger_version
    key = figures_key(workspace.pk, version, market_version(), day, currency)
    found: dict[str, Any] | None = cache.get(key)
    if found is None:
        found = _figures(access, currency, on)
        cache.set(key, found, CACHE_SECONDS)
    return {**found, "is_stale": version != workspace.ledger_version}


def _figures(access: Access, currency: str, on: dt.date | None) -> dict[str, Any]:
    positions = positions_on(access=access, currency=currency, on=on)
    totals = positions.totals
    held = positions.open_rows
    by_account = positions_on(access=access, currency=currency, on=on, by="account")
    build = Build.objects.filter(pk=access.workspace.pk).first()
    return {
        "on": positions.on,
        "currency": currency,
        "worth": positions.worth_shown,
        "positions_value": totals.value_shown,
        "cash": positions.cash_value,
        "has_cash": bool(positions.cash),
        "value_missing": totals.value_missing,
        "missing_prices": [r.ticker for r in held if r.report.value is None],
        "day_change": totals.day_change,
        "day_change_share": totals.day_change_share,
        "day_change_missing": totals.day_change_missing,
        "cost": totals.cost,
        "cost_missing": totals.cost_missing,
        "unrealised": totals.unrealised_shown,
        "unrealised_share": totals.unrealised_share,
        "realised": totals.realised,
        "realised_missing": totals.realised_missing,
        "income": totals.income,
        "income_missing": totals.income_missing,
        "positions": len(held),
        "allocation": {
            "class": _shares(group_positions(held, "class", totals), positions),
            "currency": _shares(group_positions(held, "currency", totals), positions),
            "broker": _shares(group_positions(by_account.open_rows, "broker", totals), positions),
        },
        "top": [_row(r) for r in sorted(held, key=_by_value)[:TOP]],
        "movers": [_row(r) for r in sorted(held, key=_by_move) if _move(r)][:TOP],
        "stale_prices": [r.ticker for r in held if r.price_stale],
        "oldest_price": min((_day(r) for r in held if r.price_as_of is not None), default=None),
        "issue_count": _issue_count(build, held),
        "built_at": build.built_at if build else None,
        "rows": build.rows if build else 0,
    }


def _day(row: PositionView) -> dt.date:
    as_of = row.price_as_of
    return timezone.localdate(as_of) if isinstance(as_of, dt.datetime) else as_of or dt.date.min


def _by_value(row: PositionView) -> Decimal:
    return -(row.report.value or Decimal(0))


def _move(row: PositionView) -> Decimal:
    return row.report.day_change or Decimal(0)


def _by_move(row: PositionView) -> Decimal:
    return -abs(_move(row))


def _issue_count(build: Build | None, held: list[PositionView]) -> int:
    priced = sum(not PRICE_ISSUES.isdisjoint(r.issues) for r in held)
    return (len(build.issues) if build else 0) + priced


def _shares(groups: Any, positions: Positions) -> list[dict[str, Any]]:
    return [_share(g, positions.worth) for g in groups if g.totals.value > 0]


def _share(group: Group, worth: Decimal) -> dict[str, Any]:
    value = group.totals.value
    return {
        "key": group.key,
        "label": group.label,
        "value": value,
        "share": value / worth if worth > 0 else None,
        "positions": len(group.positions),
    }


def _row(row: PositionView) -> dict[str, Any]:
    moved = row.report.day_change
    value = row.report.value
    before = value - moved if value is not None and moved is not None else None
    return {
        "asset_id": row.asset_id,
        "ticker": row.ticker,
        "name": row.name,
        "asset_class": row.asset_class,
        "holder": row.holder,
        "value": value,
        "weight": row.weight,
        "unrealised": row.report.unrealised,
        "unrealised_share": row.report.unrealised_share,
        "day_change": moved,
        "day_change_share": moved / before if moved is not None and before else None,
        "price": row.price,
        "price_currency": row.native.currency,
        "price_as_of": row.price_as_of,
        "price_source": row.price_source,
        "price_stale": row.price_stale,
    }


def evolution_key(workspace_id: uuid.UUID, ledger: int, currency: str, today: dt.date) -> str:
    """Where the daily series is kept; quotes of the day do not change it, only its last point."""
    return f"evolution:{workspace_id}:{ledger}:{currency}:{today}"


def evolution(
    *,
    access: Access,
    currency: str = "BRL",
    start: dt.date | None = None,
    end: dt.date | None = None,
) -> dict[str, Any] | None:
    """Worth and net contributions by day; ``None`` while the worker has yet to build them.

    ``{"currency", "dates": [iso], "value": [text|None], "net_invested": [text|None],
    "is_stale", "incomplete": [ticker]}``; at most ``MAX_POINTS`` points.
    """
    workspace = Workspace.objects.only("ledger_version").get(pk=access.workspace.pk)
    today = timezone.localdate()
    version = built_version(workspace_id=workspace.pk)
    found: dict[str, Any] | None = cache.get(evolution_key(workspace.pk, version, currency, today))
    stale = version != workspace.ledger_version
    if found is None:
        found = cache.get(f"evolution:{workspace.pk}:last:{currency}")
        stale = True
    if found is None:
        # Once for all who wait: the page asks again every few seconds.
        if cache.add(f"evolution-wanted:{workspace.pk}", 1, EVOLUTION_ASK_SECONDS):
            evolution_missing.send(sender=None, workspace_id=workspace.pk)
        return None
    return {**_window(found, start, end), "is_stale": stale}


def _window(series: dict[str, Any], start: dt.date | None, end: dt.date | None) -> dict[str, Any]:
    dates: list[str] = series["dates"]
    first = 0 if start is None else _place(dates, start.isoformat())
    last = len(dates) if end is None else _place(dates, (end + dt.timedelta(days=1)).isoformat())
    step = max(1, -(-(last - first) // MAX_POINTS))
    # Counted from the end, so that the newest day is always one of the points.
    places = sorted(range(last - 1, first - 1, -step)) if last > first else []
    return {
        **series,
        "dates": [dates[i] for i in places],
        "value": [series["value"][i] for i in places],
        "net_invested": [series["net_invested"][i] for i in places],
    }


def _place(dates: list[str], day: str) -> int:
    return bisect_left(dates, day)
