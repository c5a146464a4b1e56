"""What portfolios hears from the layers below."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.corporate_events.signals import events_changed
from apps.ledger.signals import ledger_changed
from apps.portfolios.signals import figures_rebuilt
from apps.portfolios.tasks import rebuild_workspace, refresh_metrics


@receiver([ledger_changed, events_changed])
def rebuild_after_write(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues a rebuild by id once the write is committed."""
    rebuild_workspace.delay(str(workspace_id))


@receiver(figures_rebuilt)
def refresh_after_rebuild(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues the overview's figures after the positions."""
    refresh_metrics.delay(str(workspace_id))
