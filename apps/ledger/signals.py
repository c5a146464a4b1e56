"""Signals of the ledger."""

from django.dispatch import Signal

ledger_changed = Signal()
"""Sent after commit with ``workspace_id``: the workspace's figures must be rebuilt."""
