"""Which regime an asset falls under, from its class and its currency alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from apps.engine.kinds import AssetClass
from apps.engine.types import Asset, Row

#: The currency Brazilian tax is reckoned in.
HOME = "BRL"


class Regime(StrEnum):
    """Regimes that share neither rates nor losses."""

    EXCHANGE = "exchange"
    FIXED_INCOME = "fixed_income"
    FUND = "fund"
    CRYPTO = "crypto"
    ABROAD = "abroad"


_BY_CLASS = {
    AssetClass.STOCK_ABROAD: Regime.ABROAD,
    AssetClass.ETF_ABROAD: Regime.ABROAD,
    AssetClass.REIT: Regime.ABROAD,
    AssetClass.CRYPTO_ABROAD: Regime.ABROAD,
    AssetClass.CRYPTO: Regime.CRYPTO,
    AssetClass.TREASURY: Regime.FIXED_INCOME,
    AssetClass.CDB: Regime.FIXED_INCOME,
    AssetClass.LCI: Regime.FIXED_INCOME,
    AssetClass.LCA: Regime.FIXED_INCOME,
    AssetClass.CRI: Regime.FIXED_INCOME,
    AssetClass.CRA: Regime.FIXED_INCOME,
    AssetClass.DEBENTURE: Regime.FIXED_INCOME,
    AssetClass.DEBENTURE_INFRA: Regime.FIXED_INCOME,
    AssetClass.FUND: Regime.FUND,
    AssetClass.BOND: Regime.ABROAD,
}
# Coins are quoted in foreign money on domestic venues as well: their class alone tells.
_CURRENCY_TELLS_NOTHING = frozenset({AssetClass.CRYPTO, AssetClass.CRYPTO_ABROAD})


def regime_of(asset: Asset | None, currency: str) -> Regime:
    """Regime of an asset traded in ``currency``.

    The class decides; a class that exists in both places (share, fund, option, fixed income) is
    abroad when the asset's own currency, or that of its rows where it states none, is foreign. A
    bond with a Brazilian market and in reais is a domestic paper.
    """
    kind = None if asset is None else asset.asset_class
    own = (asset.currency if asset is not None else "") or currency
    if kind is AssetClass.BOND:
        domestic = own == HOME and asset is not None and asset.market in ("", "BR", "B3")
        return Regime.FIXED_INCOME if domestic else Regime.ABROAD
    found = Regime.EXCHANGE if kind is None else _BY_CLASS.get(kind, Regime.EXCHANGE)
    if kind in _CURRENCY_TELLS_NOTHING:
        return found
    return Regime.ABROAD if own and own != HOME else found


def by_regime(rows: Iterable[Row], assets: Mapping[str, Asset]) -> dict[Regime, list[Row]]:
    """Rows of each regime, in the order given. Money rows without an asset belong where their
    currency does."""
    split: dict[Regime, list[Row]] = {regime: [] for regime in Regime}
    known: dict[tuple[str | None, str], list[Row]] = {}
    for row in rows:
        key = (row.asset, row.currency)
        found = known.get(key)
        if found is None:
            asset = assets.get(row.asset) if row.asset else None
            found = known[key] = split[regime_of(asset, row.currency)]
        found.append(row)
    return split
