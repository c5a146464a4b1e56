"""What every part of an assessment reads, gathered once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from apps.engine.holdings import Fold
from apps.engine.holdings.order import in_order
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable, IndexTable
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.model import Opening
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Account, Asset, Row

_Kept = TypeVar("_Kept")


@dataclass(frozen=True)
class Context:
    """One Holder's ledger and the law.

    ``given`` are the Holder's rows, opening costs included as arrivals, and ``kinds`` the kinds of
    row among them.
    ``fold`` is their fold in BRL, every row converted at the sale PTAX of its own date, with the
    day trades of the exchange taken out; its ``raw_steps`` are (row, quantity, cost, formula, sign,
    gain, rate) and its issues those of the whole Holder. ``kept`` is what was worked out already:
    the years of an assessed ledger are asked for one by one.
    """

    holder: str
    given: Sequence[Row]
    assets: Mapping[str, Asset]
    accounts: Mapping[str, Account]
    fold: Fold
    rules: RuleBook
    settings: TaxSettings
    opening: Opening
    fx: FxTable
    indexes: IndexTable
    calendar: BankCalendar
    kinds: Set[Kind]
    kept: dict[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The Holder's rows in the order they take effect."""
        return tuple(in_order(self.given))

    def once(self, name: Hashable, make: Callable[[], _Kept]) -> _Kept:
        """What ``make`` tells, made for the first that asks for ``name``."""
        if name not in self.kept:
            self.kept[name] = make()
        found: _Kept = self.kept[name]
        return found

    def class_of(self, asset: str | None) -> AssetClass | None:
        """Class of an asset, None where nobody said."""
        known = self.assets.get(asset or "")
        return known.asset_class if known else None
