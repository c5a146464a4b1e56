"""Signals of the derived figures."""

from django.dispatch import Signal

figures_rebuilt = Signal()
"""Sent after commit with ``workspace_id``: positions were built again."""

refresh_requested = Signal()
"""Sent after commit with ``asset_ids`` and ``task_run_id``: somebody wants fresh quotes now."""
