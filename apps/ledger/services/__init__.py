"""Writes of record: every change of the ledger passes through here."""

from apps.ledger.services.entry import transaction_enter
from apps.ledger.services.input import TransactionInput
from apps.ledger.services.notes import (
    brokerage_note_delete,
    brokerage_note_record,
    brokerage_note_update,
    spread,
)
from apps.ledger.services.opening import (
    OpeningPosition,
    opening_position_record,
    opening_positions_record,
)
from apps.ledger.services.write import (
    transaction_delete,
    transaction_record,
    transaction_update,
    transactions_delete_bulk,
    transactions_record_bulk,
)

__all__ = [
    "OpeningPosition",
    "TransactionInput",
    "brokerage_note_delete",
    "brokerage_note_record",
    "brokerage_note_update",
    "opening_position_record",
    "opening_positions_record",
    "spread",
    "transaction_delete",
    "transaction_enter",
    "transaction_record",
    "transaction_update",
    "transactions_delete_bulk",
    "transactions_record_bulk",
]
