"""Reads of the ledger."""

from apps.ledger.selectors.lists import (
    TransactionFilters,
    account_last_used,
    asset_by_text,
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
    "Change",
    "Preview",
    "TransactionFilters",
    "account_last_used",
    "asset_by_text",
    "engine_rows",
    "first_trade_date",
    "held_asset_ids",
    "notes_of",
    "transaction_get",
    "transaction_preview",
    "transaction_was_deleted",
    "transactions_by_ids",
    "transactions_of",
    "transactions_search",
]
