"""What every write of the ledger does besides writing."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.accounts.services import workspace_touch
from apps.ledger.models import Transaction
from apps.ledger.signals import ledger_changed


def changed(*, access: Access, since: dt.date) -> None:
    """Marks the workspace's figures stale and tells the layers above after commit."""
    workspace_id = access.workspace.pk
    workspace_touch(workspace_id=workspace_id, since=since)
    transaction.on_commit(
        lambda: ledger_changed.send(sender=Transaction, workspace_id=workspace_id),
        # A broker that is away must not undo what is already recorded: the sweep catches up.
        robust=True,
    )


def lock(*, access: Access) -> None:
    """Writers of one workspace take turns, so that sequences never collide."""
    Workspace.objects.select_for_update().only("pk").get(pk=access.workspace.pk)
