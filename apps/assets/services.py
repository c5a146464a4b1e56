"""Writes of assets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.services import workspace_touch
from apps.assets.classes import default_exchange
from apps.assets.models import Asset, AssetClass, Exchange, FixedIncomeTerms
from apps.common.checks import currency_check
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
    index_lag: int = 1


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
    issuer: str = "",
    quote_symbol: str = "",
    underlying: Asset | None = None,
    option_type: str = "",
    strike: Decimal | None = None,
    expiry: dt.date | None = None,
    multiplier: Decimal = Decimal(1),
    tax_class: str = "",
    term_days: int | None = None,
    terms: TermsInput | None = None,
) -> Asset:
    """Adds an asset seen in this workspace only. Raises :class:`Invalid`."""
    access.require_editor()
    if underlying is not None and underlying.workspace_id not in (None, access.workspace.pk):
        raise Invalid("not_found", _("Não encontramos este ativo."), field="underlying")
    ticker = _ticker_check(ticker, asset_class)
    visible = Asset.objects.visible_to(access.workspace.pk)
    if visible.filter(ticker__iexact=ticker, market=market).exists():
        raise Invalid("taken", _("Este ativo já existe."), field="ticker")
    asset = Asset.objects.create(
        workspace=access.workspace,
        ticker=ticker,
        name=name.strip(),
        asset_class=asset_class,
        market=market,
        currency=currency_check(currency),
        isin=isin,
        cnpj=cnpj,
        sector=sector,
        country=country or market[:2],
        issuer=issuer,
        quote_symbol=quote_symbol,
        underlying=underlying,
        option_type=option_type,
        strike=strike,
        expiry=expiry,
        multiplier=multiplier,
        tax_class=tax_class,
        term_days=term_days,
        exchange=Exchange.objects.filter(pk=default_exchange(asset_class, market)).first(),
    )
    if terms is not None:
        _terms_store(asset, terms)
    return asset


def _ticker_check(ticker: str, asset_class: str) -> str:
    ticker = " ".join(ticker.split())
    if not ticker:
        raise Invalid("required", _("Informe o código do ativo."), field="ticker")
    if asset_class not in AssetClass.values:
        raise Invalid("unknown_class", _("Escolha a classe do ativo."), field="asset_class")
    return ticker


@transaction.atomic
def assets_create(*, access: Access, given: Sequence[dict[str, Any]]) -> list[Asset]:
    """Adds many assets as :func:`asset_create` does each, all or none, in their order.

    Each says what an asset is by the names of its fields; terms are not among them.
    """
    access.require_editor()
    wanted = {
        (_ticker_check(each["ticker"], each["asset_class"]).upper(), each["market"])
        for each in given
    }
    taken = (
        Asset.objects.visible_to(access.workspace.pk)
        .annotate(code=Upper("ticker"))
        .filter(code__in={code for code, _market in wanted})
        .values_list("code", "market")
    )
    if len(wanted) < len(given) or not wanted.isdisjoint(taken):
        raise Invalid("taken", _("Este ativo já existe."), field="ticker")
    exchanges = Exchange.objects.in_bulk()
    return Asset.objects.bulk_create(
        Asset(
            workspace=access.workspace,
            **{
                **each,
                "ticker": _ticker_check(each["ticker"], each["asset_class"]),
                "name": each["name"].strip(),
                "currency": currency_check(each["currency"]),
                "country": each["country"] or each["market"][:2],
                "exchange": exchanges.get(
                    default_exchange(each["asset_class"], each["market"]) or ""
                ),
            },
        )
        for each in given
    )


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
            "index_lag": terms.index_lag,
        },
    )


def _require_own(access: Access, asset: Asset) -> None:
    if asset.workspace_id != access.workspace.pk:
        raise Forbidden(
            "shared_asset", _("Este ativo é da instalação; só um administrador o altera.")
        )


@transaction.atomic
def asset_update(
    *,
    access: Access,
    asset: Asset,
    name: str | None = None,
    asset_class: str | None = None,
    sector: str | None = None,
    isin: str | None = None,
    cnpj: str | None = None,
    issuer: str | None = None,
    quote_symbol: str | None = None,
    tax_class: str | None = None,
    term_days: int | None = None,
) -> Asset:
    """Corrects a workspace's own asset; what is ``None`` stays. Figures are rebuilt.

    Raises :class:`Forbidden` for shared assets, :class:`Invalid` for an unknown class.
    """
    access.require_editor()
    _require_own(access, asset)
    if asset_class is not None and asset_class not in AssetClass.values:
        raise Invalid("unknown_class", _("Escolha a classe do ativo."), field="asset_class")
    given = {
        "name": name,
        "asset_class": asset_class,
        "sector": sector,
        "isin": isin,
        "cnpj": cnpj,
        "issuer": issuer,
        "quote_symbol": quote_symbol,
        "tax_class": tax_class,
        "term_days": term_days,
    }
    for field, value in given.items():
        if value is not None:
            setattr(asset, field, value)
    asset.save()
    if any(value is not None for value in (asset_class, tax_class, term_days)):
        # These decide how rows are folded, valued and taxed, from the first one on.
        workspace_touch(workspace_id=access.workspace.pk, since=dt.date(1900, 1, 1))
    return asset


@transaction.atomic
def asset_terms_set(*, access: Access, asset: Asset, terms: TermsInput) -> Asset:
    """Gives a workspace's own paper its terms. Raises :class:`Forbidden` for shared assets."""
    access.require_editor()
    _require_own(access, asset)
    _terms_store(asset, terms)
    return asset
