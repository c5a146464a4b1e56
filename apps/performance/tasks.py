"""Background work of the timelines."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.db import OperationalError

from apps.performance import services

RETRY = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}


@shared_task(name="performance.build_timeline", **RETRY)
def build_timeline(workspace_id: str, currency: str) -> bool:
    """Lays a workspace's ledger over days, unless that is done already."""
    return services.timeline_build(workspace_id=uuid.UUID(workspace_id), currency=currency)


@shared_task(name="performance.refresh_timelines", **RETRY)
def refresh_timelines(workspace_id: str) -> int:
    """Builds the timelines of a workspace that are wanted after its figures changed."""
    return services.timelines_refresh(workspace_id=uuid.UUID(workspace_id))


@shared_task(name="performance.refresh_used_timelines", **RETRY)
def refresh_used_timelines() -> int:
    """Queues the timelines somebody looked at lately."""
    found = services.timelines_used()
    for workspace_id, currency in found:
        build_timeline.delay(str(workspace_id), currency)
    return len(found)


@shared_task(name="performance.forget_old_timelines", **RETRY)
def forget_old_timelines() -> int:
    """Removes files of timelines that newer ones replaced."""
    return services.timelines_forget()
