"""What timelines hear of: somebody who waits, figures rebuilt, a market that moved."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.market_data.signals import market_changed
from apps.performance.services import REFRESH_SECONDS, refresh_due
from apps.performance.signals import timeline_missing
from apps.performance.tasks import build_timeline, refresh_timelines, refresh_used_timelines
from apps.portfolios.signals import figures_rebuilt


@receiver(timeline_missing)
def build_what_is_asked_for(*, workspace_id: uuid.UUID, currency: str, **_kwargs: Any) -> None:
    """Queues the timeline somebody waits for."""
    build_timeline.delay(str(workspace_id), currency)


@receiver(figures_rebuilt)
def build_ahead(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues the workspace's main timeline, and those looked at lately, after its positions."""
    refresh_timelines.delay(str(workspace_id))


@receiver(market_changed)
def follow_the_market(*, workspace_id: uuid.UUID | None, **_kwargs: Any) -> None:
    """Queues the timelines looked at lately, once for many changes."""
    if refresh_due():
        refresh_used_timelines.apply_async(countdown=REFRESH_SECONDS)
