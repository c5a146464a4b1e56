"""Asking the worker for fresh prices of what is held."""

from __future__ import annotations

from apps.accounts.access import Access
from apps.accounts.models import TaskRun
from apps.market_data.tasks import quotes_refresh_start
from apps.portfolios.models import Position


def quotes_refresh_held(*, access: Access) -> TaskRun:
    """Queues a refresh of the workspace's held assets, announced in the bell. Editors only."""
    access.require_editor()
    ids = (
        Position.objects.filter(workspace=access.workspace, account__isnull=True)
        .exclude(quantity=0)
        .values_list("asset_id", flat=True)
        .distinct()
    )
    return quotes_refresh_start(access=access, asset_ids=set(ids))
