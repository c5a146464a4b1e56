"""Writes of assets."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.assets.classes import default_exchange
from apps.assets.models import Asset, AssetClass, FixedIncomeTerms
from apps.common.errors import Forbidden, Invalid


@dataclass(frozen=True, slots=True)
class TermsInput:
    """Terms of a fixed-income paper; fractions, not percent."""

    indexer: str
    issue_date: dt.date
    maturity: dt.date | None = None
    percent: Decimal = Decimal(1)
    rate: Decimal = Decimal(0)
    unit_value: Decimal = Decimal(1)


@transaction.atomic
def asset_create(
    *,
    access: Access,
    ticker: str,
    asset_class: str,
    name: str = "",
    market: str = "BR",
    currency: str = "BRL",
    isin: str = "",
    cnpj: str = "",
    sector: str = "",
    country: str = "",
    terms: TermsInput | None = None,
) -> Asset:
    """Adds an asset seen in this workspace only. Raises :class:`Invalid`."""
    access.require_editor()
    ticker = " ".join(ticker.split())
    if not ticker:
        raise Invalid("required", _("Informe o código do ativo."), field="ticker")
    if asset_class not in AssetClass.values:
        raise Invalid(
            "unknown_class", _("Escolha a classe do ativo."), field="asset_class"
        )
    visible = Asset.objects.visible_to(access.workspace.pk)
    if visible.filter(ticker__iexact=ticker, market=market).exists():
        raise Invalid("taken", _("Este ativo já existe."), field="ticker")
    asset = Asset.objects.create(
        workspace=access.workspace,
        ticker=ticker,
        name=name.strip(),
        asset_class=asset_class,
        market=market,
        currency=currency,
        isin=isin,
        cnpj=cnpj,
        sector=sector,
        country=country or market[:2],
        exchange_id=default_exchange(asset_class, market),
    )
    if terms is not None:
        _terms_store(asset, terms)
    return asset


def _terms_store(asset: Asset, terms: TermsInput) -> None:
    if terms.maturity is not None and terms.maturity <= terms.issue_date:
        raise Invalid(
            "maturity_before_issue",
            _("O vencimento deve ser depois da emissão."),
            field="maturity",
        )
    FixedIncomeTerms.objects.update_or_create(
        asset=asset,
        defaults={
            "indexer": terms.indexer,
            "issue_date": terms.issue_date,
            "maturity": terms.maturity,
            "percent": terms.percent,
            "rate": terms.rate,
            "unit_value": terms.unit_value,
        },
    )


@transaction.atomic
def asset_terms_set(*, access: Access, asset: Asset, terms: TermsInput) -> Asset:
    """Gives a workspace's own paper its terms. Raises :class:`Forbidden` for shared assets."""
    access.require_editor()
    if asset.workspace_id != access.workspace.pk:
        raise Forbidden(
            "shared_asset",
            _("Este ativo é da instalação; só um administrador o altera."),
        )
    _terms_store(asset, terms)
    return asset
