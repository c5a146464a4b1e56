"""Writes of derived figures: load, fold, store."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Role, User, Workspace
from apps.accounts.services import workspace_touch
from apps.market_data.services import history_missing, periodic_ensure
from apps.portfolios.loading import ledger_load
from apps.portfolios.models import Build, Position
from apps.portfolios.scope import rates_moved
from apps.portfolios.selectors.dashboard import (
    EVOLUTION_SECONDS,
    dashboard_figures,
    evolution_key,
)
from apps.portfolios.selectors.positions import built_version
from apps.portfolios.series import evolution_series
from apps.portfolios.services.rebuild import REPORT_CURRENCIES, workspace_rebuild

LOG = logging.getLogger(__name__)
QUOTES_BATCH = 40
METRICS_DEBOUNCE_SECONDS = 15
EVOLUTION_REST = 60


def metrics_refresh(*, workspace_id: uuid.UUID) -> int:
    """Computes the overview and the evolution into Redis, so that no page has to.

    The evolution is costly and moves little: during a back-fill it is drawn at once and then again
    only after ``EVOLUTION_REST`` seconds. Answers how long to wait before asking again, 0 when
    nothing was put off.
    """
    build = Build.objects.filter(pk=workspace_id).first()
    if build is not None and rates_moved(build):
        # Costs are converted as they are folded: those of rows whose rates came late.
        workspace_touch(workspace_id=workspace_id, since=dt.date(1900, 1, 1))
        workspace_rebuild(workspace_id=workspace_id)
    workspace = Workspace.objects.get(pk=workspace_id)
    access = Access(workspace, Role.VIEWER, User())
    for currency in REPORT_CURRENCIES:
        dashboard_figures(access=access, currency=currency)
    version = built_version(workspace_id=workspace_id)
    today = timezone.localdate()
    if cache.add(f"evolution-rest:{workspace_id}:{version}:{today}", 1, EVOLUTION_REST):
        evolutions_build(workspace_id=workspace_id)
        return 0
    asked = cache.add(f"evolution-asked:{workspace_id}:{version}", 1, EVOLUTION_REST)
    return EVOLUTION_REST + 1 if asked else 0


def evolutions_build(
    *, workspace_id: uuid.UUID, currencies: Sequence[str] = REPORT_CURRENCIES
) -> dict[str, dict[str, Any]]:
    """Daily worth and net contributions of the whole history by currency, kept in Redis by ledger
    version."""
    version = built_version(workspace_id=workspace_id)
    ledger = ledger_load(workspace_id=workspace_id)
    today = timezone.localdate()
    made: dict[str, dict[str, Any]] = {}
    for currency in currencies:
        series = evolution_series(workspace_id=workspace_id, ledger=ledger, currency=currency)
        cache.set(evolution_key(workspace_id, version, currency, today), series, EVOLUTION_SECONDS)
        cache.set(f"evolution:{workspace_id}:last:{currency}", series, EVOLUTION_SECONDS)
        made[currency] = series
    return made


def workspaces_stale() -> list[uuid.UUID]:
    """Workspaces whose stored figures are older than their ledger."""
    return list(
        Workspace.objects.filter(
            Q(build__isnull=True) | ~Q(build__ledger_version=F("ledger_version"))
        ).values_list("pk", flat=True)
    )


def workspaces_active() -> list[uuid.UUID]:
    """Workspaces that hold something, whose overview follows the market."""
    return list(
        Position.objects.filter(account__isnull=True)
        .exclude(quantity=0)
        .values_list("workspace_id", flat=True)
        .distinct()
    )


@dataclass(frozen=True, slots=True)
class HistoryNeed:
    """Daily history a workspace wants: since when, and from which day each asset misses it."""

    start: dt.date | None
    missing: dict[uuid.UUID, dt.date]


def history_needed(*, workspace_id: uuid.UUID) -> HistoryNeed:
    """What history the workspace's positions, held or once held, still lack."""
    first = dict(
        Position.objects.filter(
            workspace_id=workspace_id, account__isnull=True, first_date__isnull=False
        )
        .values("asset_id")
        .annotate(first=Min("first_date"))
        .values_list("asset_id", "first")
    )
    if not first:
        return HistoryNeed(None, {})
    return HistoryNeed(min(first.values()), history_missing(starts=first))


def held_batches() -> list[list[str]]:
    """Ids of every asset held by anybody, in batches small enough for one task."""
    ids = sorted(
        str(pk)
        for pk in Position.objects.filter(account__isnull=True, asset__is_demo=False)
        .exclude(quantity=0)
        .values_list("asset_id", flat=True)
        .distinct()
    )
    return [ids[i : i + QUOTES_BATCH] for i in range(0, len(ids), QUOTES_BATCH)]


def metrics_refresh_due() -> bool:
    """Whether overviews should be queued now: many changes within seconds count as one."""
    return bool(cache.add("metrics:refresh-queued", 1, METRICS_DEBOUNCE_SECONDS))


@transaction.atomic
def seed_periodic_tasks() -> int:
    """Makes the periodic tasks of what is held; tells how many were missing."""
    made = [
        periodic_ensure(
            name="portfolios: quotes of what is held",
            task="portfolios.refresh_held_quotes",
            every=dt.timedelta(minutes=15),
        ),
        periodic_ensure(
            name="portfolios: stale figures",
            task="portfolios.sweep_stale",
            every=dt.timedelta(minutes=2),
        ),
        periodic_ensure(
            name="portfolios: overviews",
            task="portfolios.refresh_all_metrics",
            hour="0,6,12,18",
            minute="5",
        ),
    ]
    return sum(made)
