"""Reads of imports: fetched and authorised in one step."""

from apps.imports.selectors.batches import (
    batch_get,
    batches_of,
    batches_waiting,
    day_asked,
    has_proposals,
    line_get,
    lines_alike,
    lines_of,
    lines_waiting,
    mapping_saved,
    mappings_of,
    positions_files_of,
    same_file_before,
    state_tabs,
    undo_effect,
)
from apps.imports.selectors.claims import (
    claims_of,
    ignored_keys_of,
    institutions_chosen_before,
    negociacao_periods,
    settlement_rows,
    transactions_alive,
)
from apps.imports.selectors.preview import LineView, error_message, line_view, line_views
from apps.imports.selectors.reconciliation import Difference, Reconciliation, reconciliation_of
from apps.imports.selectors.undo import UndoRow, rows_to_remove

__all__ = [
    "Difference",
    "LineView",
    "Reconciliation",
    "UndoRow",
    "batch_get",
    "batches_of",
    "batches_waiting",
    "claims_of",
    "day_asked",
    "error_message",
    "has_proposals",
    "ignored_keys_of",
    "institutions_chosen_before",
    "line_get",
    "line_view",
    "line_views",
    "lines_alike",
    "lines_of",
    "lines_waiting",
    "mapping_saved",
    "mappings_of",
    "negociacao_periods",
    "positions_files_of",
    "reconciliation_of",
    "rows_to_remove",
    "same_file_before",
    "settlement_rows",
    "state_tabs",
    "transactions_alive",
    "undo_effect",
]
