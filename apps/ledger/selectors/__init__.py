"""Reads of the ledger."""

from apps.ledger.selectors.fees import (
    days_without_fees,
    note_get,
    notes_with_totals,
    trades_among,
    trades_of_day,
)
from apps.ledger.selectors.lists import (
    AssetLookup,
    TransactionFilters,
    account_last_used,
    asset_by_text,
    asset_lookup,
    first_trade_date,
    transaction_was_deleted,
    transactions_by_ids,
    transactions_search,
)
from apps.ledger.selectors.preview import Change, Preview, transaction_preview
from apps.ledger.selectors.rows import (
    engine_rows,
    held_asset_ids,
    notes_of,
    transaction_get,
    transactions_of,
)

__all__ = [
    "AssetLookup",
    "Change",
    "Preview",
    "TransactionFilters",
    "account_last_used",
    "asset_by_text",
    "asset_lookup",
    "days_without_fees",
    "engine_rows",
    "first_trade_date",
    "held_asset_ids",
    "note_get",
    "notes_of",
    "notes_with_totals",
    "trades_among",
    "trades_of_day",
    "transaction_get",
    "transaction_preview",
    "transaction_was_deleted",
    "transactions_by_ids",
    "transactions_of",
    "transactions_search",
]
