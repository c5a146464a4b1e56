"""Signals of market data."""

from django.dispatch import Signal

market_changed = Signal()
"""Sent after commit with ``asset_ids`` (a frozenset of ids, empty for rates and indexes) and
``workspace_id`` (``None``, or the only workspace that sees the change)."""
