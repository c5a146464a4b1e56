"""Signals of corporate events."""

from django.dispatch import Signal

events_changed = Signal()
"""Sent after commit with ``workspace_id``: the workspace's figures must be rebuilt."""
