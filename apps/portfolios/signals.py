"""Signals of the derived figures."""

from django.dispatch import Signal

figures_rebuilt = Signal()
"""Sent after commit with ``workspace_id``: positions were built again."""

evolution_missing = Signal()
"""Sent with ``workspace_id`` when somebody looks at an evolution that nobody has built or that
Redis forgot."""
