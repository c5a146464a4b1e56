"""What follows from an asset's class and code."""

from __future__ import annotations

import re

from apps.assets.models import AssetClass

_B3_CODE = re.compile(r"^([A-Z][A-Z0-9]{3})(\d{1,2})([BFL]?)$")
_B3_OPTION = re.compile(r"^[A-Z][A-Z0-9]{3}[A-X]\d{1,4}[EW]?\d?$")

_EXCHANGE_BY_MARKET = {
    "BR": "BVMF",
    "US": "XNYS",
    "GB": "XLON",
    "DE": "XETR",
    "EU": "XETR",
}
_NOT_LISTED = {
    AssetClass.TREASURY,
    AssetClass.CDB,
    AssetClass.LCI,
    AssetClass.LCA,
    AssetClass.CRI,
    AssetClass.CRA,
    AssetClass.DEBENTURE,
    AssetClass.DEBENTURE_INFRA,
    AssetClass.FUND,
    AssetClass.BOND,
}


def default_exchange(asset_class: str, market: str) -> str | None:
    """The exchange whose hours an asset follows; ``None`` where it has none."""
    if asset_class in (AssetClass.CRYPTO, AssetClass.CRYPTO_ABROAD):
        return "CRYPTO"
    if asset_class in _NOT_LISTED:
        return None
    return _EXCHANGE_BY_MARKET.get(market)


def guess_class(ticker: str) -> str | None:
    """The class a B3 code suggests, to be confirmed by a person; ``None`` when it tells nothing.

    3 to 8 are shares, 11 may be a unit, an ETF or a fund (proposed as FII, the most common),
    31 to 35 and 39 BDRs, 1, 2, 9, 10, 12 to 15 rights and receipts.
    """
    code = ticker.upper().strip()
    match = _B3_CODE.match(code)
    if match:
        number = int(match.group(2))
        if 3 <= number <= 8:
            return AssetClass.STOCK
        if number == 11:
            return AssetClass.FII
        if number in (31, 32, 33, 34, 35, 39):
            return AssetClass.BDR
        if number in (1, 2, 9, 10, 12, 13, 14, 15):
            return AssetClass.RIGHT
        return None
    if _B3_OPTION.match(code):
        return AssetClass.OPTION
    return None


def strip_fractional(ticker: str) -> str:
    """The round-lot code of a fractional one: ``PETR4F`` is ``PETR4``."""
    code = ticker.upper().strip()
    match = _B3_CODE.match(code)
    return code[:-1] if match and match.group(3) == "F" else code
