"""Brazilian taxes of a resident individual, from ledger rows and dated rules."""
