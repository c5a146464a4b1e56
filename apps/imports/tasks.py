"""Background work of imports."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.db import OperationalError

from apps.imports import services

RETRY = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}


@shared_task(name="imports.parse_batch", **RETRY)
def parse_batch(batch_id: str) -> None:
    """Reads a file and plans its lines."""
    services.batch_parse(batch_id=uuid.UUID(batch_id))


@shared_task(name="imports.apply_batch", **RETRY)
def apply_batch(batch_id: str) -> None:
    """Records a batch in one transaction; does nothing the second time."""
    services.batch_apply_run(batch_id=uuid.UUID(batch_id))


@shared_task(name="imports.replan_waiting", **RETRY)
def replan_waiting(workspace_id: str) -> int:
    """Plans the files under review again, against the ledger as it is now."""
    return services.batches_replan(workspace_id=uuid.UUID(workspace_id))


@shared_task(name="imports.sweep_stuck", **RETRY)
def sweep_stuck() -> int:
    """Queues again the batches whose message was lost."""
    return services.batches_sweep()
