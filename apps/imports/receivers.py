"""Hands queued batches to a worker."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.imports import selectors, tasks
from apps.imports.signals import batch_queued
from apps.ledger.signals import ledger_changed


@receiver(batch_queued)
def start_work(*, batch_id: uuid.UUID, step: str, **_kwargs: Any) -> None:
    """Queues the step by id once the write is committed."""
    task = tasks.apply_batch if step == "apply" else tasks.parse_batch
    task.delay(str(batch_id))


@receiver(ledger_changed)
def plan_again(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues a new look at the files under review; most workspaces have none."""
    if selectors.batches_waiting(workspace_id=workspace_id):
        tasks.replan_waiting.delay(str(workspace_id))
