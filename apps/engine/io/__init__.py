"""Reads the CSV files of the engine: UTF-8, comma, ISO dates, decimal point, plain or gzip.

A file that cannot be read, or has a column nobody knows, raises ``InputError`` naming file and
line. A bad row is left out and reported as a ``row_invalid`` issue with its line.
"""

from apps.engine.io.ledger import LEDGER_COLUMNS, Ledger, read_ledger
from apps.engine.io.prices import read_prices
from apps.engine.io.tables import (
    InputError,
    read_accounts,
    read_assets,
    read_fx,
    read_indexes,
)

__all__ = [
    "LEDGER_COLUMNS",
    "InputError",
    "Ledger",
    "read_accounts",
    "read_assets",
    "read_fx",
    "read_indexes",
    "read_ledger",
    "read_prices",
]
