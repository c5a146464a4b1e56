"""Asking the worker for fresh prices of what is held."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.accounts.models import TaskRun
from apps.accounts.services import task_run_start
from apps.portfolios.models import Position
from apps.portfolios.signals import refresh_requested


@transaction.atomic
def quotes_refresh_request(*, access: Access) -> TaskRun:
    """Queues a refresh of the workspace's held assets, announced in the bell. Editors only."""
    access.require_editor()
    ids = sorted(
        str(pk)
        for pk in Position.objects.filter(workspace=access.workspace, account__isnull=True)
        .exclude(quantity=0)
        .values_list("asset_id", flat=True)
        .distinct()
    )
    run = task_run_start(
        workspace_id=access.workspace.pk,
        user_id=access.user.pk,
        kind="quotes_refresh",
        title=_("Atualizar cotações"),
        total=len(ids),
    )
    transaction.on_commit(
        lambda: refresh_requested.send(sender=Position, asset_ids=ids, task_run_id=run.pk)
    )
    return run
