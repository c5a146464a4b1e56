"""Which part of a timeline a question is about, and the names of what is in it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from apps.accounts.access import Access
from apps.assets.models import Asset, AssetClass, Currency
from apps.brokers.models import Account
from apps.common.errors import Invalid
from apps.engine.returns import Line, Timeline
from apps.performance.query import WHOLE, Query, bounds
from apps.performance.selectors.timelines import Building, Ready, timeline_of
from apps.portfolios.loading import holder_names
from apps.portfolios.models import Portfolio
from apps.portfolios.selectors import WHOLE as EVERYTHING
from apps.portfolios.selectors import Chosen, portfolio_chosen, portfolio_get, tags_of

Mask = NDArray[np.bool_]
CASH = "cash"
COMMON = frozenset({"BRL", "USD", "EUR"})


@dataclass(frozen=True, slots=True)
class AssetName:
    """What is shown of an asset, and what it is grouped by."""

    id: str
    ticker: str
    name: str
    asset_class: str
    currency: str
    country: str
    sector: str


@dataclass(frozen=True, slots=True)
class Names:
    """Names of everything a timeline holds, by id as text."""

    assets: Mapping[str, AssetName]
    accounts: Mapping[str, str]
    brokers: Mapping[str, str]
    holders: Mapping[str, str]
    tags: Mapping[str, list[str]]

    def ticker(self, asset: str) -> str:
        """The code of an asset; empty for cash."""
        found = self.assets.get(asset)
        return found.ticker if found else ""


@dataclass(frozen=True, slots=True)
class Scope:
    """A question made plain: these lines of this timeline, over (start, end]."""

    ready: Ready
    query: Query
    portfolio: Portfolio | None
    names: Names
    lines: Mask
    with_cash: bool
    start: dt.date
    end: dt.date

    @property
    def timeline(self) -> Timeline:
        """The timeline of the whole workspace."""
        return self.ready.timeline

    @property
    def currency(self) -> str:
        """The currency every figure is in."""
        return self.timeline.currency

    @property
    def cash_tracked(self) -> bool:
        """Whether every account that traded also tells of the money that came and went; without
        that, figures with cash mean little."""
        return bool(self.timeline.extra.get("cash_tracked"))


def scope_of(*, access: Access, query: Query) -> Scope | Building:
    """What a question is about. A fixed number of queries: four, three more for a portfolio and
    one for tags. Raises ``NotFound`` for a portfolio that is not the workspace's."""
    portfolio = None
    chosen = EVERYTHING
    if query.portfolio != WHOLE:
        portfolio = portfolio_get(access=access, portfolio_id=query.portfolio)
        chosen = portfolio_chosen(portfolio=portfolio)
    currency = currency_of(access=access, query=query)
    ready = timeline_of(access=access, currency=currency)
    if isinstance(ready, Building):
        return ready
    names = names_of(access=access, timeline=ready.timeline, tags=_needs_tags(query))
    start, end = bounds(query, ready.timeline.start, ready.timeline.end)
    with_cash = query.cash and not query.narrows_assets and chosen.assets is None
    lines = lines_of(ready.timeline, chosen, query, names, with_cash=with_cash)
    return Scope(ready, query, portfolio, names, lines, with_cash, start, end)


def currency_of(*, access: Access, query: Query) -> str:
    """The currency to report in: the one asked for, or the workspace's. Raises :class:`Invalid`
    for one nobody knows. One query for an uncommon one."""
    base = access.workspace.base_currency
    code = query.currency or base
    if code in COMMON or code == base or Currency.objects.filter(pk=code).exists():
        return code
    raise Invalid("unknown_currency", _("Não conhecemos esta moeda."), field="currency")


def _needs_tags(query: Query) -> bool:
    return bool(query.tags) or query.group_by == "tag"


def lines_of(
    timeline: Timeline, chosen: Chosen, query: Query, names: Names, *, with_cash: bool
) -> Mask:
    """Lines that the portfolio chooses and the filters of the question leave."""
    tagged = {asset for asset, tags in names.tags.items() if not set(query.tags).isdisjoint(tags)}

    def holds(line: Line) -> bool:
        if line.is_cash and not with_cash:
            return False
        if query.accounts and line.account not in query.accounts:
            return False
        if query.holder and line.holder != query.holder:
            return False
        if query.currencies and line.currency not in query.currencies:
            return False
        if line.is_cash:
            return chosen.accounts is None or line.account in chosen.accounts
        if query.classes and line.asset_class not in query.classes:
            return False
        if query.assets and line.asset not in query.assets:
            return False
        if query.tags and line.asset not in tagged:
            return False
        return chosen.holds(line.account, line.asset, line.asset_class)

    return np.array([holds(line) for line in timeline.lines], dtype=bool)


def names_of(*, access: Access, timeline: Timeline, tags: bool = False) -> Names:
    """Names of everything in the timeline. Three queries, four with tags."""
    ids = [uuid.UUID(asset) for asset in {line.asset for line in timeline.lines} if asset]
    assets = {
        str(row[0]): AssetName(str(row[0]), *row[1:])
        for row in Asset.objects.filter(pk__in=ids).values_list(
            "pk", "ticker", "name", "asset_class", "currency", "country", "sector"
        )
    }
    accounts: dict[str, str] = {}
    brokers: dict[str, str] = {}
    for account in Account.objects.select_related("institution").filter(workspace=access.workspace):
        accounts[str(account.pk)] = account.name
        brokers[str(account.pk)] = str(account.institution)
    holders = holder_names(workspace_id=access.workspace.pk)
    return Names(assets, accounts, brokers, holders, tags_of(access=access) if tags else {})


def group_key(line: Line, grouping: str, names: Names) -> str:
    """The group a line falls in; empty where it has none (an asset without sector)."""
    asset = names.assets.get(line.asset)
    if grouping == "asset":
        return line.asset or f"{CASH}:{line.currency}"
    if grouping == "currency":
        return line.currency
    if grouping == "account":
        return line.account
    if grouping == "broker":
        return names.brokers.get(line.account, "")
    if grouping == "holder":
        return line.holder
    if line.is_cash:
        return CASH
    if grouping == "class":
        return line.asset_class or (asset.asset_class if asset else "")
    if grouping == "tag":
        return ", ".join(names.tags.get(line.asset, ()))
    return getattr(asset, grouping, "") if asset else ""


def group_label(key: str, grouping: str, names: Names) -> str:
    """The words for a group; empty for the one of those that have none."""
    if key == CASH or key.startswith(f"{CASH}:"):
        return key
    if grouping == "asset":
        return names.ticker(key)
    if grouping == "class":
        return str(dict(AssetClass.choices).get(key, key))
    if grouping == "account":
        return names.accounts.get(key, "")
    if grouping == "holder":
        return names.holders.get(key, "")
    return key
