"""Background work of the derived figures."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.db import OperationalError

from apps.market_data.tasks import fill_rates, histories_queue, refresh_quotes
from apps.portfolios import services
from apps.portfolios.demo.build import demo_extend

RETRY = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}


@shared_task(name="portfolios.rebuild_workspace", **RETRY)
def rebuild_workspace(workspace_id: str) -> bool:
    """Folds a workspace's ledger when its figures are older than it."""
    return services.workspace_rebuild(workspace_id=uuid.UUID(workspace_id))


@shared_task(name="portfolios.refresh_metrics", **RETRY)
def refresh_metrics(workspace_id: str) -> None:
    """Puts a workspace's overview into Redis; comes back for what was put off."""
    wait = services.metrics_refresh(workspace_id=uuid.UUID(workspace_id))
    if wait:
        refresh_metrics.apply_async((workspace_id,), countdown=wait)


@shared_task(name="portfolios.refresh_all_metrics", **RETRY)
def refresh_all_metrics() -> int:
    """Queues the overview of every workspace that holds something."""
    found = services.workspaces_active()
    for workspace_id in found:
        refresh_metrics.delay(str(workspace_id))
    return len(found)


@shared_task(name="portfolios.sweep_stale", **RETRY)
def sweep_stale() -> int:
    """Queues workspaces left stale by a lost message."""
    found = services.workspaces_stale()
    for workspace_id in found:
        rebuild_workspace.delay(str(workspace_id))
    return len(found)


@shared_task(name="portfolios.refresh_held_quotes", **RETRY)
def refresh_held_quotes() -> int:
    """Queues fresh quotes of what anybody holds, where its exchange is open."""
    batches = services.held_batches()
    for ids in batches:
        refresh_quotes.delay(ids, only_open=True)
    return len(batches)


@shared_task(name="portfolios.fill_held_history", **RETRY)
def fill_held_history(workspace_id: str) -> int:
    """Queues the daily history a workspace needs and does not have."""
    need = services.history_needed(workspace_id=uuid.UUID(workspace_id))
    if need.start is not None:
        fill_rates.delay(need.start.isoformat())
    return histories_queue(need.missing)


@shared_task(name="portfolios.extend_demo", **RETRY)
def extend_demo() -> bool:
    """Tells the demonstration's prices of the day, where there is one."""
    return demo_extend()
