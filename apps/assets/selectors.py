"""Reads of assets and calendars."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset, Currency, Exchange, Holiday, TickerHistory
from apps.common.errors import NotFound
from apps.engine import kinds
from apps.engine import types as engine


def assets_of(*, access: Access) -> QuerySet[Asset]:
    """The installation's assets and the workspace's own."""
    return Asset.objects.visible_to(access.workspace.pk)


def assets_detailed(*, access: Access) -> QuerySet[Asset]:
    """:func:`assets_of` with terms and former codes. Two queries whatever the number."""
    return (
        assets_of(access=access)
        .select_related("terms")
        .prefetch_related("former_tickers")
        .order_by("ticker", "market", "pk")
    )


def asset_get(*, access: Access, asset_id: object) -> Asset:
    """One asset with its exchange and terms. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(asset_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = assets_of(access=access).select_related("exchange", "terms").filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos este ativo."))
    return found


def asset_search(*, access: Access, text: str, limit: int = 12) -> list[Asset]:
    """Assets whose code begins with, or whose name contains, ``text``; the closest first."""
    text = text.replace("\0", "").strip()
    if not text:
        return []
    found = assets_of(access=access).filter(Q(ticker__istartswith=text) | Q(name__icontains=text))
    ranked = sorted(
        found[:200],
        key=lambda a: (
            a.ticker.upper() != text.upper(),
            not a.ticker.upper().startswith(text.upper()),
            a.ticker,
        ),
    )
    return ranked[:limit]


def asset_index(*, access: Access) -> dict[tuple[str, str], Asset]:
    """Visible assets by (code, market), former codes included; the workspace's own win.

    Two queries whatever the number of assets.
    """
    index: dict[tuple[str, str], Asset] = {}
    own: list[Asset] = []
    for asset in assets_of(access=access):
        if asset.workspace_id is None:
            index[asset.ticker.upper(), asset.market] = asset
        else:
            own.append(asset)
    for asset in own:
        index[asset.ticker.upper(), asset.market] = asset
    former = TickerHistory.objects.select_related("asset").filter(
        asset__in=assets_of(access=access)
    )
    for alias in former:
        index.setdefault((alias.ticker.upper(), alias.asset.market), alias.asset)
    return index


def engine_assets(*, asset_ids: Iterable[uuid.UUID]) -> dict[str, engine.Asset]:
    """The engine's view of assets, keyed by their id as text. One query."""
    rows = Asset.objects.select_related("terms").filter(pk__in=set(asset_ids))
    return {str(asset.pk): engine_asset(asset) for asset in rows}


def engine_asset(asset: Asset) -> engine.Asset:
    """One asset as the engine knows it; its id is the code."""
    terms = getattr(asset, "terms", None)
    return engine.Asset(
        code=str(asset.pk),
        asset_class=kinds.AssetClass(asset.asset_class),
        market=asset.market,
        currency=asset.currency,
        issuer=asset.issuer,
        underlying=str(asset.underlying_id) if asset.underlying_id else None,
        option_type=asset.option_type,
        strike=asset.strike,
        expiry=asset.expiry,
        multiplier=asset.multiplier,
        name=asset.name,
        country=asset.country,
        isin=asset.isin,
        cnpj=asset.cnpj,
        tax_class=asset.tax_class,
        term_days=asset.term_days,
        terms=engine.FixedIncomeTerms(
            indexer=kinds.Indexer(terms.indexer),
            issue_date=terms.issue_date,
            maturity=terms.maturity,
            unit_value=terms.unit_value,
            percent=terms.percent,
            rate=terms.rate,
            index_lag=terms.index_lag,
        )
        if terms is not None
        else None,
    )


def holidays_of(*, exchange_code: str) -> frozenset[dt.date]:
    """Weekdays on which the exchange is closed."""
    return frozenset(
        Holiday.objects.filter(exchange_id=exchange_code).values_list("date", flat=True)
    )


def exchanges_all() -> QuerySet[Exchange]:
    """Every exchange."""
    return Exchange.objects.all()


def currencies_all() -> QuerySet[Currency]:
    """Every currency."""
    return Currency.objects.all()
