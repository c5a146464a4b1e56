"""Loads what a fold needs: rows, corporate events, assets, accounts and rates."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from apps.accounts.models import Holder
from apps.assets.selectors import engine_assets
from apps.brokers.models import Account
from apps.corporate_events.expansion import expand
from apps.corporate_events.selectors import events_for_assets
from apps.engine import types as engine
from apps.engine.kinds import Kind
from apps.engine.prices import FxTable
from apps.ledger.selectors import engine_rows
from apps.market_data.selectors import fx_table

# Rows that tell of money coming or going: only where they exist is a balance worth counting.
FUNDING_KINDS = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FX})


@dataclass(frozen=True, slots=True)
class Ledger:
    """A workspace's ledger as the engine folds it; codes are ids as text."""

    rows: list[engine.Row]
    assets: dict[str, engine.Asset]
    accounts: dict[str, engine.Account]
    fx: FxTable

    def currencies(self) -> set[str]:
        """Every currency the rows and the assets use."""
        named = {row.currency for row in self.rows}
        return named | {asset.currency for asset in self.assets.values()}


def ledger_load(
    *,
    workspace_id: uuid.UUID,
    until: dt.date | None = None,
    asset_ids: Iterable[uuid.UUID | None] | None = None,
    home: str = "",
) -> Ledger:
    """The workspace's ledger until a date, events expanded. A fixed number of queries.

    With ``asset_ids`` only rows of those assets are loaded (``None`` among them: those of none).
    With ``home``, the currency to count in, no rates where everything is in it.
    """
    rows = engine_rows(workspace_id=workspace_id, until=until, asset_ids=asset_ids)
    codes = {row.asset for row in rows if row.asset}
    codes |= {row.to_asset for row in rows if row.to_asset and len(row.to_asset) > 3}
    ids = {uuid.UUID(code) for code in codes}
    events = events_for_assets(workspace_id=workspace_id, asset_ids=ids, until=until)
    ids |= {event.to_asset_id for event in events if event.to_asset_id is not None}
    assets = engine_assets(asset_ids=ids)
    accounts = engine_accounts(workspace_id=workspace_id)
    rows += expand(rows, assets, accounts, events)
    found = Ledger(rows, assets, accounts, FxTable())
    return found if found.currencies() == {home} else replace(found, fx=fx_table(until=until))


def engine_accounts(*, workspace_id: uuid.UUID) -> dict[str, engine.Account]:
    """The workspace's accounts as the engine knows them. One query."""
    values = Account.objects.filter(workspace_id=workspace_id).values_list(
        "id", "institution_id", "holder_id", "currency"
    )
    return {
        str(pk): engine.Account(str(pk), str(institution), str(holder), currency)
        for pk, institution, holder, currency in values
    }


def holder_names(*, workspace_id: uuid.UUID) -> dict[str, str]:
    """Holder ids as text with their names. One query."""
    values = Holder.objects.filter(workspace_id=workspace_id).values_list("id", "name")
    return {str(pk): name for pk, name in values}
