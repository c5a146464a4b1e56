"""Forms of the ledger: parsing and shape only."""

from apps.ledger.forms.fees import NoteForm
from apps.ledger.forms.filters import FilterForm
from apps.ledger.forms.opening import OpeningForm, OpeningRows, opening_date, rows_data
from apps.ledger.forms.transaction import TransactionForm

__all__ = [
    "FilterForm",
    "NoteForm",
    "OpeningForm",
    "OpeningRows",
    "TransactionForm",
    "opening_date",
    "rows_data",
]
