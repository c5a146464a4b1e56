"""The version of market data: figures are cached by it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.market_data.models import MarketState
from apps.market_data.selectors import SHOWN_KEY
from apps.market_data.signals import market_changed


def market_touch(
    *,
    asset_ids: Iterable[uuid.UUID] = (),
    workspace_id: uuid.UUID | None = None,
    settles: bool = False,
) -> None:
    """Raises the version inside the write's transaction and tells the layers above after commit.

    ``settles`` is for work that comes in many small pieces, such as a back-fill: its changes show
    within seconds instead of at once, so that figures are not computed again after each piece.

    Called last in a transaction: the row is every writer's, and is locked until the commit.
    """
    changed = MarketState.objects.filter(pk=1).update(
        version=F("version") + 1, updated_at=timezone.now()
    )
    if not changed:
        MarketState.objects.get_or_create(pk=1, defaults={"version": 1})
    if not settles:
        transaction.on_commit(lambda: cache.delete(SHOWN_KEY), robust=True)
    ids = frozenset(asset_ids)
    transaction.on_commit(
        lambda: market_changed.send(sender=MarketState, asset_ids=ids, workspace_id=workspace_id)
    )
