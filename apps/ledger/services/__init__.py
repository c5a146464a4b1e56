"""Writes of record: every change of the ledger passes through here."""

from apps.ledger.services.entry import transaction_enter
from apps.ledger.services.input import TransactionInput
from apps.ledger.services.notes import brokerage_note_delete, brokerage_note_record
from apps.ledger.services.opening import opening_position_record
from apps.ledger.services.write import (
    transaction_delete,
    transaction_record,
    transaction_update,
    transactions_delete_bulk,
    transactions_record_bulk,
)

__all__ = [
    "TransactionInput",
    "brokerage_note_delete",
    "brokerage_note_record",
    "opening_position_record",
    "transaction_delete",
    "transaction_enter",
    "transaction_record",
    "transaction_update",
    "transactions_delete_bulk",
    "transactions_record_bulk",
]
