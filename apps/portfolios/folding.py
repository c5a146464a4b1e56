"""Folds of a loaded ledger, in each asset's currency and in the reports'."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from apps.engine.holdings import Fold, Holding, fold
from apps.portfolios.loading import Ledger

HoldingKey = tuple[str, str | None, str]
By = Literal["asset", "account"]


def fold_native(ledger: Ledger) -> tuple[Fold, Fold]:
    """The ledger folded in each asset's currency: per holder, and per account."""
    legal = fold(ledger.rows, ledger.assets, ledger.accounts, by="asset", fx=ledger.fx)
    by_account = fold(ledger.rows, ledger.assets, ledger.accounts, by="account", fx=ledger.fx)
    return legal, by_account


def fold_in(ledger: Ledger, currency: str, by: By, native: Fold) -> Mapping[HoldingKey, Holding]:
    """The holdings in one currency; the native fold serves when nothing needs converting."""
    if ledger.currencies() <= {currency}:
        return native.holdings
    return fold(
        ledger.rows, ledger.assets, ledger.accounts, by=by, currency=currency, fx=ledger.fx
    ).holdings
