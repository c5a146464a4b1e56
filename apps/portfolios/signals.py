"""Signals of the derived figures."""

from django.dispatch import Signal

figures_rebuilt = Signal()
"""Sent after commit with ``workspace_id``: positions were built again."""
