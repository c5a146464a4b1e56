"""What every part of an assessment reads, gathered once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from apps.engine.holdings import Fold
from apps.engine.kinds import AssetClass
from apps.engine.prices import FxTable, IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.model import Opening
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Account, Asset, Row


@dataclass(frozen=True, slots=True)
class Context:
    """One Holder's ledger and the law.

    ``rows`` are the Holder's, in the order they take effect, opening costs included as arrivals.
    ``fold`` is their fold in BRL, every row converted at the sale PTAX of its own date, with the
    day trades of the exchange taken out; its ``raw_steps`` are (row, quantity, cost, formula, sign,
    gain, rate) and its issues those of the whole Holder.
    """

    holder: str
    rows: tuple[Row, ...]
    assets: Mapping[str, Asset]
    accounts: Mapping[str, Account]
    fold: Fold
    rules: RuleBook
    settings: TaxSettings
    opening: Opening
    fx: FxTable
    indexes: IndexTable
    calendar: BankCalendar

    def class_of(self, asset: str | None) -> AssetClass | None:
        """Class of an asset, None where nobody said."""
        known = self.assets.get(asset or "")
        return known.asset_class if known else None
