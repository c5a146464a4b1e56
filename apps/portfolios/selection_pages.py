"""What the pages of portfolios show: each selection with what it is worth, and its weights."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.assets.models import Asset, AssetClass
from apps.assets.selectors import assets_of
from apps.brokers.selectors import accounts_of
from apps.common.errors import Invalid
from apps.common.templatetags.ui import class_group, class_tone
from apps.portfolios.figures import PositionView
from apps.portfolios.models import Portfolio
from apps.portfolios.selectors import (
    Chosen,
    assets_known,
    portfolio_chosen,
    portfolios_chosen,
    portfolios_of,
    positions_on,
    tag_names,
)

ZERO = Decimal(0)
CLASS_LABELS: Mapping[str, Any] = dict(AssetClass.choices)
#: Lines offered for what has no weight yet and is not held.
SPARE_LINES = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A coloured part of a bar."""

    label: str
    tone: str
    share: Decimal


@dataclass(frozen=True, slots=True)
class PortfolioCard:
    """A portfolio with what it is worth today. ``share`` is of everything held; ``drift`` how much
    of it stands in the wrong class or asset, as a fraction (half the sum of the distances)."""

    portfolio: Portfolio
    chooses: Sequence[str]
    value: Decimal | None
    missing: int
    positions: int
    share: Decimal | None
    parts: Sequence[Part]
    drift: Decimal | None


def portfolios_page(*, access: Access) -> dict[str, Any]:
    """Every portfolio of the workspace. A fixed number of queries."""
    currency = access.workspace.base_currency
    found = list(portfolios_of(access=access))
    chosen = portfolios_chosen(portfolios=found)
    view = positions_on(access=access, currency=currency, by="account")
    rows = view.open_rows
    whole = sum((row.report.value or ZERO for row in rows), ZERO)
    cards = [_card(p, _among(rows, chosen[p.pk]), whole) for p in found]
    return {"cards": cards, "currency": currency, "on": view.on, "is_stale": view.is_stale}


def _among(rows: Iterable[PositionView], chosen: Chosen) -> list[PositionView]:
    return [r for r in rows if chosen.holds(r.account_id or "", r.asset_id, r.asset_class)]


def _card(portfolio: Portfolio, rows: Sequence[PositionView], whole: Decimal) -> PortfolioCard:
    known = [row for row in rows if row.report.value is not None]
    total = sum((row.report.value or ZERO for row in known), ZERO)
    by_group: dict[str, Decimal] = defaultdict(Decimal)
    for row in known:
        by_group[class_group(row.asset_class)] += row.report.value or ZERO
    parts = [
        Part(group, class_tone(group), value / total)
        for group, value in sorted(by_group.items(), key=lambda item: -item[1])
        if total > 0
    ]
    return PortfolioCard(
        portfolio=portfolio,
        chooses=_chooses(portfolio),
        value=None if rows and not known else total,
        missing=len(rows) - len(known),
        positions=len({row.asset_id for row in rows}),
        share=total / whole if whole > 0 else None,
        parts=parts,
        drift=_drift(portfolio, known, total),
    )


def _chooses(portfolio: Portfolio) -> list[str]:
    """What a portfolio selects, in words, accounts first."""
    items = list(portfolio.items.all())
    words = [item.account.name for item in items if item.account is not None]
    words += [str(CLASS_LABELS.get(i.asset_class, i.asset_class)) for i in items if i.asset_class]
    words += [f"#{item.tag}" for item in items if item.tag]
    words += [item.asset.ticker for item in items if item.asset is not None]
    return words


def _key(row: PositionView, by: str) -> str:
    return row.asset_class if by == Portfolio.TargetBy.CLASS else row.asset_id


def _weights(rows: Iterable[PositionView], by: str, total: Decimal) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        sums[_key(row, by)] += row.report.value or ZERO
    return {key: value / total for key, value in sums.items()} if total > 0 else {}


def _drift(portfolio: Portfolio, rows: Sequence[PositionView], total: Decimal) -> Decimal | None:
    targets = _targets(portfolio)
    if not targets or total <= 0:
        return None
    now = _weights(rows, portfolio.target_by, total)
    gaps = (abs(now.get(k, ZERO) - targets.get(k, ZERO)) for k in now.keys() | targets.keys())
    return sum(gaps, ZERO) / 2


def _targets(portfolio: Portfolio) -> dict[str, Decimal]:
    return {t.asset_class or str(t.asset_id): t.weight for t in portfolio.targets.all()}


# ---- Choosing ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Choices:
    """What a portfolio may be made from, as ``(value, label)``; ``held_classes`` come first."""

    accounts: Sequence[tuple[str, str]]
    classes: Sequence[tuple[str, str]]
    held_classes: frozenset[str]
    tags: Sequence[tuple[str, str]]
    assets: Sequence[tuple[str, str]]


def choices_of(*, access: Access, portfolio: Portfolio | None = None) -> Choices:
    """What there is to choose from, with what ``portfolio`` chose already. Three queries."""
    items = list(portfolio.items.all()) if portfolio is not None else []
    known = assets_known(access=access, extra=[i.asset_id for i in items if i.asset_id])
    held = {asset.asset_class for asset, is_held in known if is_held}
    held |= {item.asset_class for item in items if item.asset_class}
    classes = sorted(AssetClass.choices, key=lambda c: c[0] not in held)
    tags = tag_names(access=access) | {item.tag for item in items if item.tag}
    in_order = sorted(known, key=lambda pair: (not pair[1], pair[0].ticker))
    return Choices(
        accounts=[(str(a.pk), a.name) for a in accounts_of(access=access)],
        classes=[(code, str(label)) for code, label in classes],
        held_classes=frozenset(held),
        tags=[(name, name) for name in sorted(tags)],
        assets=[(str(a.pk), _asset_label(a, is_held)) for a, is_held in in_order],
    )


def _asset_label(asset: Asset, is_held: bool) -> str:
    return asset.ticker if is_held else _("%(ticker)s (encerrado)") % {"ticker": asset.ticker}


def selection_initial(*, portfolio: Portfolio) -> dict[str, Any]:
    """What the form of a portfolio starts from."""
    items = list(portfolio.items.all())
    return {
        "name": portfolio.name,
        "description": portfolio.description,
        "accounts": [str(item.account_id) for item in items if item.account_id],
        "classes": [item.asset_class for item in items if item.asset_class],
        "tags": [item.tag for item in items if item.tag],
        "assets": [str(item.asset_id) for item in items if item.asset_id],
    }


# ---- Weights -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WeightLine:
    """A class or an asset with what it weighs now and what is aimed at; fractions."""

    key: str
    label: str
    tone: str
    now: Decimal | None
    target: Decimal | None


@dataclass(frozen=True, slots=True)
class TargetsPage:
    """The weights of a portfolio by class or by asset, the heaviest first."""

    portfolio: Portfolio
    by: str
    lines: Sequence[WeightLine]
    others: Sequence[tuple[str, str]]
    value: Decimal | None
    currency: str


def targets_page(*, access: Access, portfolio: Portfolio, by: str | None) -> TargetsPage:
    """What a portfolio holds beside what it aims at."""
    way = by if by in Portfolio.TargetBy.values else portfolio.target_by
    currency = access.workspace.base_currency
    view = positions_on(access=access, currency=currency, by="account")
    rows = _among(view.open_rows, portfolio_chosen(portfolio=portfolio))
    total = sum((row.report.value or ZERO for row in rows), ZERO)
    now = _weights(rows, way, total)
    targets = _targets(portfolio) if way == portfolio.target_by else {}
    named = {_key(row, way): row for row in rows}
    aimed = {str(t.asset_id): t.asset for t in portfolio.targets.all() if t.asset is not None}
    lines = [
        WeightLine(
            key,
            _line_label(key, way, named, aimed),
            _line_tone(key, way, named, aimed),
            now.get(key),
            targets.get(key),
        )
        for key in sorted(
            named.keys() | targets.keys(), key=lambda k: (-now.get(k, ZERO), -targets.get(k, ZERO))
        )
    ]
    others = [
        (code, str(label))
        for code, label in AssetClass.choices
        if way == Portfolio.TargetBy.CLASS and code not in {line.key for line in lines}
    ]
    known = not rows or any(row.report.value is not None for row in rows)
    return TargetsPage(portfolio, way, lines, others, total if known else None, currency)


def _line_label(
    key: str, by: str, named: Mapping[str, PositionView], aimed: Mapping[str, Asset]
) -> str:
    if by == Portfolio.TargetBy.CLASS:
        return str(CLASS_LABELS.get(key, key))
    return named[key].ticker if key in named else aimed[key].ticker


def _line_tone(
    key: str, by: str, named: Mapping[str, PositionView], aimed: Mapping[str, Asset]
) -> str:
    if by == Portfolio.TargetBy.CLASS:
        return class_tone(key)
    return class_tone(named[key].asset_class if key in named else aimed[key].asset_class)


def weights_given(
    *, access: Access, by: str, weights: Mapping[str, Decimal], extra: Mapping[str, Decimal]
) -> dict[str, Decimal]:
    """Weights by key; those of ``extra`` are named by code of class, or by ticker as typed. Raises
    :class:`Invalid` for a ticker nobody knows."""
    if by == Portfolio.TargetBy.CLASS or not extra:
        return {**weights, **extra}
    named = {text.strip().upper(): weight for text, weight in extra.items()}
    found: dict[str, uuid.UUID] = {}
    for ticker, pk in (
        assets_of(access=access)
        .filter(ticker__in=[text.partition(":")[0] for text in named])
        .order_by("workspace_id")
        .values_list("ticker", "pk")
    ):
        found.setdefault(ticker, pk)
    given = dict(weights)
    for text, weight in named.items():
        asset_id = found.get(text.partition(":")[0])
        if asset_id is None:
            raise Invalid("not_found", _("Não conhecemos o ativo %(ticker)s.") % {"ticker": text})
        given[str(asset_id)] = weight
    return given
