"""Background work of the taxes."""

from __future__ import annotations

import uuid

from celery import shared_task
from django.db import OperationalError

from apps.taxes import services

RETRY = {"autoretry_for": (OperationalError,), "retry_backoff": True, "max_retries": 5}


@shared_task(name="taxes.assess_workspace", **RETRY)
def assess_workspace(workspace_id: str) -> int:
    """Assesses the holders of a workspace whose assessments are older than what they rest on."""
    return services.workspace_assess(workspace_id=uuid.UUID(workspace_id))


@shared_task(name="taxes.assess_all", **RETRY)
def assess_all() -> int:
    """Queues every workspace that was ever assessed: those that did not change cost little."""
    found = services.workspaces_assessed()
    for workspace_id in found:
        assess_workspace.delay(str(workspace_id))
    return len(found)


@shared_task(name="taxes.sweep_stale", **RETRY)
def sweep_stale() -> int:
    """Queues workspaces left behind by a lost message."""
    found = services.workspaces_behind()
    for workspace_id in found:
        assess_workspace.delay(str(workspace_id))
    return len(found)


@shared_task(name="taxes.warn_of_dates", **RETRY)
def warn_of_dates() -> int:
    """Tells members of what is due in three business days. Once a day."""
    return services.due_notices_send()
