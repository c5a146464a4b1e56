"""What taxes hears from the layers below."""

from __future__ import annotations

import uuid
from typing import Any

from django.dispatch import receiver

from apps.market_data.signals import market_changed
from apps.portfolios.signals import figures_rebuilt
from apps.taxes.services import ASSESS_DEBOUNCE_SECONDS, assess_all_due
from apps.taxes.signals import assessments_stale
from apps.taxes.tasks import assess_all, assess_workspace


@receiver([figures_rebuilt, assessments_stale])
def assess_after_change(*, workspace_id: uuid.UUID, **_kwargs: Any) -> None:
    """Queues a workspace's assessments after its positions, its choices or the law changed."""
    assess_workspace.delay(str(workspace_id))


@receiver(market_changed)
def assess_after_rates(
    *, asset_ids: frozenset[uuid.UUID], workspace_id: uuid.UUID | None, **_kwargs: Any
) -> None:
    """Queues everybody's assessments after rates and indexes: prices do not move taxes."""
    if not asset_ids and workspace_id is None and assess_all_due():
        assess_all.apply_async(countdown=ASSESS_DEBOUNCE_SECONDS)
