"""Writes of portfolios, their targets and the tags of assets.

None of them touches the ledger: a portfolio only chooses among what it tells, so figures of the
whole stay as they are and those of the portfolio are read anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.models import Asset, AssetClass
from apps.assets.selectors import assets_of
from apps.brokers.selectors import accounts_of
from apps.common.errors import Invalid
from apps.portfolios.models import AssetTag, Portfolio, PortfolioItem, PortfolioTarget

LONGEST_TAG = 40
LONGEST_NAME = 80
# Weights are typed with a few decimals: a third of 100 % may be 33,33 %.
TARGET_TOLERANCE = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a portfolio chooses. Accounts narrow; classes, tags and assets add up."""

    accounts: Sequence[uuid.UUID] = ()
    classes: Sequence[str] = ()
    tags: Sequence[str] = ()
    assets: Sequence[uuid.UUID] = ()


@transaction.atomic
def portfolio_create(
    *, access: Access, name: str, description: str = "", selection: Selection | None = None
) -> Portfolio:
    """Saves a selection under a name. Raises :class:`Invalid` naming the field."""
    access.require_editor()
    portfolio = Portfolio.objects.create(
        workspace=access.workspace,
        name=_name_check(access, name),
        description=_description_check(description),
    )
    _items_store(access, portfolio, selection or Selection())
    return portfolio


@transaction.atomic
def portfolio_update(
    *,
    access: Access,
    portfolio: Portfolio,
    name: str | None = None,
    description: str | None = None,
    selection: Selection | None = None,
) -> Portfolio:
    """Renames a portfolio or chooses anew; what is ``None`` stays. Raises :class:`Invalid`."""
    access.require_editor()
    if name is not None:
        portfolio.name = _name_check(access, name, exclude=portfolio.pk)
    if description is not None:
        portfolio.description = _description_check(description)
    portfolio.save()
    if selection is not None:
        _items_store(access, portfolio, selection)
    return portfolio


@transaction.atomic
def portfolio_delete(*, access: Access, portfolio: Portfolio) -> None:
    """Forgets a selection; nothing it selected is touched."""
    access.require_editor()
    portfolio.delete()


@transaction.atomic
def portfolio_targets_set(
    *, access: Access, portfolio: Portfolio, by: str, weights: Mapping[str, Decimal]
) -> Portfolio:
    """Replaces the weights aimed at: by class code, or by asset id as text. Empty: no target.

    Weights are fractions that make 1 together. Raises :class:`Invalid`.
    """
    access.require_editor()
    if by not in Portfolio.TargetBy.values:
        raise Invalid("invalid_choice", _("Dê metas por classe ou por ativo."), field="target_by")
    for weight in weights.values():
        if not Decimal(0) < weight <= Decimal(1):
            raise Invalid("not_fraction", _("Cada meta fica de 0 a 100 %."), field="targets")
    total = sum(weights.values(), Decimal(0))
    if weights and abs(total - 1) > TARGET_TOLERANCE:
        raise Invalid(
            "targets_total",
            _("As metas somam %(total)s %%; devem somar 100 %%.")
            % {"total": f"{total * 100:.2f}".replace(".", ",")},
            field="targets",
        )
    if by == Portfolio.TargetBy.CLASS:
        _known(weights, set(AssetClass.values), "targets")
        rows = [
            PortfolioTarget(portfolio=portfolio, asset_class=code, weight=weight)
            for code, weight in weights.items()
        ]
    else:
        assets = _assets_check(access, [_uuid(code, "targets") for code in weights], "targets")
        rows = [
            PortfolioTarget(portfolio=portfolio, asset=assets[uuid.UUID(code)], weight=weight)
            for code, weight in weights.items()
        ]
    portfolio.targets.all().delete()
    PortfolioTarget.objects.bulk_create(rows)
    portfolio.target_by = by
    portfolio.save(update_fields=["target_by", "updated_at"])
    return portfolio


@transaction.atomic
def asset_tags_set(*, access: Access, asset: Asset, names: Iterable[str]) -> list[str]:
    """Replaces the workspace's tags of an asset; answers them as kept. Raises :class:`Invalid`."""
    access.require_editor()
    wanted = sorted({_tag_clean(name) for name in names if name.strip()})
    kept = AssetTag.objects.filter(workspace=access.workspace, asset=asset)
    kept.exclude(name__in=wanted).delete()
    present = set(kept.values_list("name", flat=True))
    AssetTag.objects.bulk_create(
        AssetTag(workspace=access.workspace, asset=asset, name=name)
        for name in wanted
        if name not in present
    )
    return wanted


def _tag_clean(name: str) -> str:
    """One spelling of a tag: small letters, single blanks."""
    clean = " ".join(name.split()).lower()
    if len(clean) > LONGEST_TAG:
        raise Invalid("too_long", _("Etiquetas têm até 40 letras."), field="tags")
    return clean


def _name_check(access: Access, name: str, exclude: uuid.UUID | None = None) -> str:
    name = " ".join(name.split())
    if not name:
        raise Invalid("required", _("Dê um nome à carteira."), field="name")
    if len(name) > LONGEST_NAME:
        raise Invalid("too_long", _("O nome tem até 80 letras."), field="name")
    taken = Portfolio.objects.filter(workspace=access.workspace, name__iexact=name)
    if exclude is not None:
        taken = taken.exclude(pk=exclude)
    if taken.exists():
        raise Invalid("taken", _("Já existe uma carteira com este nome."), field="name")
    return name


def _description_check(text: str) -> str:
    text = " ".join(text.split())
    if len(text) > 300:
        raise Invalid("too_long", _("A descrição tem até 300 letras."), field="description")
    return text


def _items_store(access: Access, portfolio: Portfolio, selection: Selection) -> None:
    _accounts_check(access, selection.accounts)
    _known(selection.classes, set(AssetClass.values), "classes")
    _assets_check(access, selection.assets, "assets")
    tags = {_tag_clean(name) for name in selection.tags if name.strip()}
    rows = [PortfolioItem(account_id=pk) for pk in dict.fromkeys(selection.accounts)]
    rows += [PortfolioItem(asset_class=code) for code in dict.fromkeys(selection.classes)]
    rows += [PortfolioItem(tag=name) for name in sorted(tags)]
    rows += [PortfolioItem(asset_id=pk) for pk in dict.fromkeys(selection.assets)]
    for row in rows:
        row.portfolio = portfolio
    portfolio.items.all().delete()
    PortfolioItem.objects.bulk_create(rows)
    portfolio.by_account = bool(selection.accounts)
    portfolio.by_asset = bool(selection.classes or tags or selection.assets)
    portfolio.save(update_fields=["by_account", "by_asset", "updated_at"])


def _uuid(text: str, field: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Invalid("not_found", _("Não encontramos este ativo."), field=field) from None


def _known(given: Iterable[str], known: set[str], field: str) -> None:
    if not set(given) <= known:
        raise Invalid("unknown_class", _("Escolha a classe do ativo."), field=field)


def _accounts_check(access: Access, ids: Iterable[uuid.UUID]) -> None:
    wanted = set(ids)
    if accounts_of(access=access).filter(pk__in=wanted).count() != len(wanted):
        raise Invalid("not_found", _("Não encontramos esta conta."), field="accounts")


def _assets_check(access: Access, ids: Iterable[uuid.UUID], field: str) -> dict[uuid.UUID, Asset]:
    wanted = set(ids)
    found = {asset.pk: asset for asset in assets_of(access=access).filter(pk__in=wanted)}
    if len(found) != len(wanted):
        raise Invalid("not_found", _("Não encontramos este ativo."), field=field)
    return found
