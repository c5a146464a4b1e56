"""Reads of portfolios and tags, and what a portfolio selects."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.portfolios.models import AssetTag, Portfolio


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
    items = list(portfolio.items.all())
    accounts = frozenset(str(item.account_id) for item in items if item.account_id)
    tags = {item.tag for item in items if item.tag}
    assets = {str(item.asset_id) for item in items if item.asset_id}
    if tags:
        tagged = AssetTag.objects.filter(workspace_id=portfolio.workspace_id, name__in=tags)
        assets |= {str(pk) for pk in tagged.values_list("asset_id", flat=True)}
    return Chosen(
        accounts if portfolio.by_account else None,
        frozenset(assets) if portfolio.by_asset else None,
        frozenset(item.asset_class for item in items if item.asset_class),
    )


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
