"""One asset of a portfolio: its own return, and its price with a person's trades and cost."""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.performance.query import Query
from apps.performance.selectors.prices import AssetPrices, asset_prices
from apps.performance.selectors.returns import Performance, measured
from apps.performance.selectors.scope import scope_of
from apps.performance.selectors.timelines import Building


@dataclass(frozen=True, slots=True)
class AssetPerformance:
    """``performance`` is the asset's own over the period, in the report's currency (its income
    counted, its cash not); ``prices`` is in the asset's currency, over all of its life here."""

    asset: Asset
    performance: Performance
    prices: AssetPrices
    is_ready: bool = True


def asset_performance(*, access: Access, asset: Asset, query: Query) -> AssetPerformance | Building:
    """The return of one asset wherever the workspace holds it, with its price series as traded and
    adjusted, its trades and income marked, and its average price line."""
    scope = scope_of(access=access, query=query_of_asset(query, asset))
    if isinstance(scope, Building):
        return scope
    return AssetPerformance(
        asset, measured(access, scope), asset_prices(access=access, asset=asset)
    )


def query_of_asset(query: Query, asset: Asset) -> Query:
    """The same question about one asset."""
    return replace(query, assets=(str(asset.pk),), cash=False)
