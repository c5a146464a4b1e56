"""Forms of the ledger: parsing and shape only."""

from apps.ledger.forms.filters import FilterForm
from apps.ledger.forms.transaction import TransactionForm

__all__ = ["FilterForm", "TransactionForm"]
