"""What a row would do to a position before it is recorded."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.assets.selectors import engine_asset, engine_assets
from apps.brokers.models import Account
from apps.brokers.selectors import accounts_of
from apps.corporate_events.expansion import expand
from apps.corporate_events.selectors import events_for_assets
from apps.engine import types as engine
from apps.engine.holdings import Fold, Holding
from apps.engine.kinds import Kind
from apps.engine.legal import legal_fold
from apps.engine.prices import FxTable
from apps.ledger.issues import issue_words
from apps.ledger.models import Transaction
from apps.ledger.selectors.rows import engine_rows
from apps.ledger.services.input import TransactionInput, check
from apps.market_data.selectors import fx_table

ZERO = Decimal(0)
NEW = "new"
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class Figures:
    """A position at one moment; ``None`` is unknown. ``average`` is ``None`` of nothing too.

    ``income`` is gross.
    """

    quantity: Decimal
    average: Decimal | None
    cost: Decimal | None
    realised: Decimal | None
    income: Decimal | None


@dataclass(frozen=True, slots=True)
class Change:
    """A holder's position in an asset without and with the change."""

    asset: str
    ticker: str
    holder: str
    currency: str
    before: Figures
    after: Figures

    @property
    def realised(self) -> Decimal | None:
        """The gain that the change realises; ``None`` when unknown."""
        if self.before.realised is None or self.after.realised is None:
            return None
        return self.after.realised - self.before.realised


@dataclass(frozen=True, slots=True)
class CashChange:
    """What the change adds to (or takes from) an account's cash."""

    account: str
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect of recording, changing or deleting a row.

    ``then`` are positions at the end of ``date``, ``now`` at the end of the ledger; ``then`` is
    empty when nothing was recorded after ``date``. ``issues`` are those the change brings,
    ``solved`` those it takes away.
    """

    date: dt.date
    now: Sequence[Change]
    then: Sequence[Change]
    cash: Sequence[CashChange]
    issues: Sequence[str]
    solved: Sequence[str]


def transaction_preview(
    *, access: Access, data: TransactionInput | None, row: Transaction | None = None
) -> Preview:
    """What the ledger becomes with ``data`` in the place of ``row``.

    Without ``row`` a new row, without ``data`` a deletion. Folds every row of the assets involved
    (and of those they came from) for the holders involved, with and without the change. A fixed
    number of queries. Raises :class:`Invalid` naming the fields.
    """
    if data is not None:
        check(access=access, data=data)
    named = [a for source in (row, data) if source for a in (source.asset, source.to_asset) if a]
    accounts = {str(a.pk): a for a in accounts_of(access=access)}
    book = _Book(access, named, accounts)
    old = next((r for r in book.rows if row is not None and r.ref == str(row.pk)), None)
    if old is None and row is not None:
        old = engine_row(_as_input(row), ref=str(row.pk), seq=row.sequence)
    new = engine_row(data, ref=NEW, seq=row.sequence if row else _LAST) if data else None
    without = [r for r in book.rows if r is not old]
    before = [*without, old] if old is not None else without
    after = [*without, new] if new is not None else without
    dates = [r.date for r in (old, new) if r is not None]
    moment = max(dates)
    ends = book.fold(before), book.fold(after)
    holders = {accounts[r.account].holder for r in (old, new) if r is not None}
    then: Sequence[Change] = ()
    if any(r.date > moment for r in without):
        then = book.changes(book.fold(before, moment), book.fold(after, moment), holders)
    fresh, gone = _issue_difference(*ends)
    return Preview(
        date=moment,
        now=book.changes(*ends, holders),
        then=then,
        cash=_cash_difference(*ends, accounts),
        issues=fresh,
        solved=gone,
    )


class _Book:
    """The part of a ledger that some assets depend on, ready to fold."""

    def __init__(
        self, access: Access, named: Sequence[Asset], accounts: Mapping[str, Account]
    ) -> None:
        workspace_id = access.workspace.pk
        stored = {asset.pk for asset in named if not asset._state.adding}
        related = _related(workspace_id, stored)
        events = events_for_assets(workspace_id=workspace_id, asset_ids=related)
        related |= {e.to_asset_id for e in events if e.to_asset_id is not None}
        self.rows = engine_rows(workspace_id=workspace_id, asset_ids=related) if related else []
        self.events = events
        self.named = {str(asset.pk): asset for asset in named}
        self.assets = engine_assets(asset_ids=related)
        for asset in named:
            self.assets.setdefault(str(asset.pk), engine_asset(asset))
        self.accounts = {
            key: engine.Account(key, str(a.institution_id), str(a.holder_id), a.currency)
            for key, a in accounts.items()
        }
        self.fx = self._rates()

    def _rates(self) -> FxTable | None:
        foreign = any(
            row.asset in self.assets and self.assets[row.asset].currency != row.currency
            for row in self.rows
            if row.asset is not None
        )
        return fx_table() if foreign else None

    def fold(self, rows: Sequence[engine.Row], on: dt.date | None = None) -> Fold:
        """The rows and the market's events until ``on``, per holder and asset.

        Events are expanded anew: what a row changes in a position, an event multiplies.
        """
        market = expand(rows, self.assets, self.accounts, self.events)
        return legal_fold([*rows, *market], self.assets, self.accounts, on=on, fx=self.fx)

    def changes(self, before: Fold, after: Fold, holders: Iterable[object]) -> list[Change]:
        """The positions of ``holders`` in the assets involved, side by side."""
        found = []
        for holder in sorted(set(holders), key=str):
            for code, asset in self.named.items():
                key = (str(getattr(holder, "pk", holder)), None, code)
                old, new = before.holdings.get(key), after.holdings.get(key)
                if old is None and new is None:
                    continue
                found.append(
                    Change(
                        code,
                        asset.ticker,
                        str(holder),
                        asset.currency,
                        _figures(old),
                        _figures(new),
                    )
                )
        return found


def _figures(holding: Holding | None) -> Figures:
    if holding is None:
        return Figures(ZERO, None, ZERO, ZERO, ZERO)
    return Figures(
        holding.quantity,
        holding.average_cost,
        holding.total_cost,
        holding.realised_gain,
        holding.income,
    )


def _related(workspace_id: uuid.UUID, asset_ids: set[uuid.UUID]) -> set[uuid.UUID]:
    """``asset_ids`` and every asset that rows tie to them, however far. One query."""
    if not asset_ids:
        return set()
    pairs = list(
        Transaction.objects.of(workspace_id)
        .filter(to_asset__isnull=False)
        .values_list("asset_id", "to_asset_id")
        .distinct()
        .order_by()
    )
    found = set(asset_ids)
    while True:
        more = {key for pair in pairs if found & set(pair) for key in pair if key} - found
        if not more:
            return found
        found |= more


def engine_row(data: TransactionInput, *, ref: str, seq: int) -> engine.Row:
    """A row not stored yet, as the engine reads it."""
    return engine.Row(
        ref=ref,
        seq=seq,
        date=data.trade_date,
        kind=Kind(data.kind),
        account=str(data.account.pk),
        currency=data.resolved_currency(),
        asset=str(data.asset.pk) if data.asset is not None else None,
        time=data.trade_time,
        quantity=data.quantity,
        unit_price=data.unit_price,
        amount=data.amount,
        fees=data.fees,
        tax_withheld=data.tax_withheld,
        fx_rate=data.fx_rate,
        ratio=data.ratio,
        to_asset=str(data.to_asset.pk) if data.to_asset is not None else data.to_currency or None,
        cost_share=data.cost_share,
        bucket=data.bucket or None,
        note=data.note,
    )


def _as_input(row: Transaction) -> TransactionInput:
    names = TransactionInput.__dataclass_fields__
    return TransactionInput(**{name: getattr(row, name) for name in names})


def _issue_difference(before: Fold, after: Fold) -> tuple[list[str], list[str]]:
    old = Counter(issue_words(issue) for issue in before.issues)
    new = Counter(issue_words(issue) for issue in after.issues)
    return list(new - old), list(old - new)


def _cash_difference(
    before: Fold, after: Fold, accounts: Mapping[str, Account]
) -> list[CashChange]:
    changes = []
    for key in sorted({*before.cash, *after.cash}):
        moved = after.cash.get(key, ZERO) - before.cash.get(key, ZERO)
        if moved:
            account = accounts.get(key[0])
            changes.append(CashChange(account.name if account else key[0], key[1], moved))
    return changes
