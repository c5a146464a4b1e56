"""Signals of imports."""

from django.dispatch import Signal

batch_queued = Signal()
"""Sent after commit with ``batch_id`` and ``step`` (``parse`` or ``apply``): work for a worker."""
