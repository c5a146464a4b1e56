"""Signals of the taxes."""

from django.dispatch import Signal

assessments_stale = Signal()
"""Sent after commit with ``workspace_id``: rules, choices or an opening changed, or somebody looks
at assessments that are older than the ledger."""
