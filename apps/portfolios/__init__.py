"""Positions and other figures derived from the ledger."""
