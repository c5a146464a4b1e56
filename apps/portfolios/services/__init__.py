"""Writes of derived figures, of portfolios and of tags."""

from apps.portfolios.services.figures import (
    METRICS_DEBOUNCE_SECONDS,
    evolutions_build,
    held_batches,
    history_needed,
    metrics_refresh,
    metrics_refresh_due,
    seed_periodic_tasks,
    workspaces_active,
    workspaces_stale,
)
from apps.portfolios.services.rebuild import workspace_rebuild
from apps.portfolios.services.selections import (
    Selection,
    asset_tags_set,
    portfolio_create,
    portfolio_delete,
    portfolio_targets_set,
    portfolio_update,
)

__all__ = [
    "METRICS_DEBOUNCE_SECONDS",
    "Selection",
    "asset_tags_set",
    "evolutions_build",
    "held_batches",
    "history_needed",
    "metrics_refresh",
    "metrics_refresh_due",
    "portfolio_create",
    "portfolio_delete",
    "portfolio_targets_set",
    "portfolio_update",
    "seed_periodic_tasks",
    "workspace_rebuild",
    "workspaces_active",
    "workspaces_stale",
]
