"""Signals of the timelines."""

from django.dispatch import Signal

timeline_missing = Signal()
"""Sent with ``workspace_id`` and ``currency`` when somebody asks for figures whose timeline nobody
has built, or that is older than the ledger or the market."""
