"""Reads of portfolios and tags, and what a portfolio selects."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import assets_of
from apps.common.errors import NotFound
from apps.portfolios.models import AssetTag, Portfolio, Position


@dataclass(frozen=True, slots=True)
class Chosen:
    """A selection made plain: ``None`` means any; codes are ids as text, as the engine's are."""

    accounts: frozenset[str] | None = None
    assets: frozenset[str] | None = None
    classes: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether everything is chosen."""
        return self.accounts is None and self.assets is None

    def holds(self, account: str, asset: str, asset_class: str) -> bool:
        """Whether a position of ``asset`` in ``account`` is chosen."""
        if self.accounts is not None and account not in self.accounts:
            return False
        return self.assets is None or asset in self.assets or asset_class in self.classes


WHOLE = Chosen()


def portfolios_of(*, access: Access) -> QuerySet[Portfolio]:
    """The workspace's portfolios by name, with what they select and aim at. Three queries."""
    return (
        Portfolio.objects.filter(workspace=access.workspace)
        .prefetch_related("items__account", "items__asset", "targets__asset")
        .order_by("name", "pk")
    )


def portfolio_get(*, access: Access, portfolio_id: object) -> Portfolio:
    """One portfolio. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(portfolio_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = portfolios_of(access=access).filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos esta carteira."))
    return found


def portfolio_chosen(*, portfolio: Portfolio) -> Chosen:
    """What a portfolio selects now. One query where it selects by tag, none otherwise."""
    return portfolios_chosen(portfolios=[portfolio])[portfolio.pk]


def portfolios_chosen(*, portfolios: Iterable[Portfolio]) -> dict[uuid.UUID, Chosen]:
    """What each portfolio of one workspace selects now, by id. One query where any selects by tag,
    none otherwise."""
    found = list(portfolios)
    wanted = {item.tag for portfolio in found for item in portfolio.items.all() if item.tag}
    tagged: dict[str, set[str]] = defaultdict(set)
    if wanted:
        rows = AssetTag.objects.filter(workspace_id=found[0].workspace_id, name__in=wanted)
        for name, asset_id in rows.values_list("name", "asset_id"):
            tagged[name].add(str(asset_id))
    return {portfolio.pk: _chosen(portfolio, tagged) for portfolio in found}


def _chosen(portfolio: Portfolio, tagged: Mapping[str, Set[str]]) -> Chosen:
    items = list(portfolio.items.all())
    accounts = frozenset(str(item.account_id) for item in items if item.account_id)
    assets = {str(item.asset_id) for item in items if item.asset_id}
    for item in items:
        assets |= tagged.get(item.tag, set())
    return Chosen(
        accounts if portfolio.by_account else None,
        frozenset(assets) if portfolio.by_asset else None,
        frozenset(item.asset_class for item in items if item.asset_class),
    )


def assets_known(*, access: Access, extra: Iterable[uuid.UUID] = ()) -> list[tuple[Asset, bool]]:
    """Assets the workspace has or had, and those of ``extra`` that it may see, by code; and
    whether any of it is still held. One query."""
    rows = Position.objects.filter(workspace=access.workspace, account=None, asset=OuterRef("pk"))
    found = (
        assets_of(access=access)
        .annotate(ever=Exists(rows), held=Exists(rows.exclude(quantity=0)))
        .filter(Q(ever=True) | Q(pk__in=list(extra)))
        .order_by("ticker", "market")
    )
    return [(asset, asset.held) for asset in found]


def tags_of(
    *, access: Access, asset_ids: Iterable[uuid.UUID] | None = None
) -> Mapping[str, list[str]]:
    """The workspace's tags by asset id as text. One query."""
    rows = AssetTag.objects.filter(workspace=access.workspace)
    if asset_ids is not None:
        rows = rows.filter(asset_id__in=set(asset_ids))
    found: dict[str, list[str]] = defaultdict(list)
    for asset_id, name in rows.order_by("name").values_list("asset_id", "name"):
        found[str(asset_id)].append(name)
    return found


def tag_names(*, access: Access) -> Set[str]:
    """Every tag in use. One query."""
    return set(AssetTag.objects.filter(workspace=access.workspace).values_list("name", flat=True))
