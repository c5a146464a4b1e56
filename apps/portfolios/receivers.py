"""What portfolios hears from the layers below."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.corporate_events.signals import events_changed
from apps.ledger.signals import ledger_changed
from apps.market_data.signals import market_changed
from apps.portfolios.services import METRICS_DEBOUNCE_SECONDS, metrics_refresh_due
from apps.portfolios.signals import evolution_missing, figures_rebuilt
from apps.portfolios.tasks import (
    fill_held_history,
    rebuild_workspace,
    refresh_all_metrics,
    refresh_metrics,
)


@receiver([ledger_changed, events_changed])
def rebuild_after_write(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues a rebuild by id once the write is committed."""
    rebuild_workspace.delay(str(workspace_id))


@receiver(figures_rebuilt)
def refresh_after_rebuild(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues the overview's figures after the positions, and the history they miss."""
    refresh_metrics.delay(str(workspace_id))
    fill_held_history.delay(str(workspace_id))


@receiver(evolution_missing)
def build_what_is_looked_at(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues the overview's figures for whoever waits for its chart."""
    refresh_metrics.delay(str(workspace_id))


@receiver(market_changed)
def refresh_after_market(*, workspace_id: uuid.UUID | None, **_kwargs: Any) -> None:
    """Queues the overviews that follow a change of prices: one workspace's, or all at once."""
    if workspace_id is not None:
        refresh_metrics.delay(str(workspace_id))
    elif metrics_refresh_due():
        refresh_all_metrics.apply_async(countdown=METRICS_DEBOUNCE_SECONDS)
