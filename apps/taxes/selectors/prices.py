"""What the papers of a holder are worth now: as positions price them."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.edits import last_edit
from apps.accounts.models import Holder
from apps.assets.models import Asset
from apps.market_data.selectors import market_version
from apps.portfolios.models import Position
from apps.portfolios.pricing import Priced, of_todays_shares, prices_now

CACHE_SECONDS = 6 * 3600


def assets_priced(
    *, access: Access, ids: list[uuid.UUID]
) -> tuple[dict[uuid.UUID, Asset], dict[uuid.UUID, Priced]]:
    """Assets with their terms, and today's price of those that have one: of the market, typed, or
    on the paper's own curve. Kept by the version of market data; one query then."""
    rows = Asset.objects.visible_to(access.workspace.pk).select_related("terms")
    assets = rows.in_bulk(ids)
    newest = max((asset.updated_at for asset in assets.values()), default=None)
    said = repr((sorted(map(str, assets)), newest))
    workspace = access.workspace.pk
    key = (
        f"taxes:prices:{workspace}:{market_version()}:{timezone.localdate()}"
        f":{last_edit(workspace)}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
    )
    found: dict[uuid.UUID, Priced] | None = cache.get(key)
    if found is None:
        found = prices_now(workspace_id=workspace, assets=assets)
        cache.set(key, found, CACHE_SECONDS)
    return assets, found


def of_shares_held(
    *, holder: Holder, prices: Mapping[uuid.UUID, Priced]
) -> dict[uuid.UUID, Priced]:
    """Prices brought to the shares held now where a split came after them. One query."""
    today = timezone.localdate()
    rows = Position.objects.filter(
        workspace_id=holder.workspace_id, holder=holder, asset_id__in=prices, account__isnull=True
    ).exclude(splits=[])
    brought = dict(prices)
    for pk, splits in rows.values_list("asset_id", "splits"):
        ratios = [(dt.date.fromisoformat(day), Decimal(ratio)) for day, ratio in splits]
        shown, _ = of_todays_shares(prices[pk], ratios, today)
        if shown is not None:
            brought[pk] = shown
    return brought


def price_notes(priced: Priced | None) -> dict[str, Any]:
    """Where a price came from, for a line; None where somebody gave the price."""
    if priced is None:
        return {"price_source": None, "price_as_of": None, "price_stale": False}
    return {
        "price_source": priced.source,
        "price_as_of": priced.as_of,
        "price_stale": priced.stale,
    }
