"""Hands queued batches to a worker."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.imports import tasks
from apps.imports.signals import batch_queued


@receiver(batch_queued)
def start_work(*, batch_id: uuid.UUID, step: str, **_kwargs: Any) -> None:
    """Queues the step by id once the write is committed."""
    task = tasks.apply_batch if step == "apply" else tasks.parse_batch
    task.delay(str(batch_id))
