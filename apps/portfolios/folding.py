"""Folds of a loaded ledger, in each asset's currency and in the reports'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from apps.engine.holdings import Fold, Holding
from apps.engine.legal import legal_fold
from apps.portfolios.loading import Ledger

HoldingKey = tuple[str, str | None, str]
By = Literal["asset", "account"]


def fold_native(ledger: Ledger) -> tuple[Fold, Fold]:
    """The ledger folded in each asset's currency: per holder, and per account."""
    legal = legal_fold(ledger.rows, ledger.assets, ledger.accounts, by="asset", fx=ledger.fx)
    by_account = legal_fold(ledger.rows, ledger.assets, ledger.accounts, by="account", fx=ledger.fx)
    return legal, by_account


def fold_in(ledger: Ledger, currency: str, by: By, native: Fold) -> Mapping[HoldingKey, Holding]:
    """The holdings in one currency.

    Only assets that touched another currency are folded again, with those their events link them
    to; the others are already in it.
    """
    foreign = foreign_assets(ledger, currency)
    if not foreign:
        return native.holdings
    rows = [row for row in ledger.rows if row.asset in foreign or row.to_asset in foreign]
    converted = legal_fold(
        rows, ledger.assets, ledger.accounts, by=by, currency=currency, fx=ledger.fx
    ).holdings
    kept = {key: h for key, h in native.holdings.items() if key[2] not in foreign}
    return kept | converted


def foreign_assets(ledger: Ledger, currency: str) -> set[str]:
    """Assets with anything in another currency, and every asset their events link to them."""
    found = {code for code, asset in ledger.assets.items() if asset.currency != currency}
    found |= {row.asset for row in ledger.rows if row.asset and row.currency != currency}
    links = {
        (row.asset, row.to_asset)
        for row in ledger.rows
        if row.asset and row.to_asset in ledger.assets
    }
    grew = True
    while grew:
        more = {
            there
            for pair in links
            for here, there in (pair, pair[::-1])
            if here in found and there is not None
        } - found
        found |= more
        grew = bool(more)
    return found
