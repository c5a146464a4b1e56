"""What every write of the ledger does besides writing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.accounts.services import workspace_touch
from apps.ledger.models import Change, Transaction
from apps.ledger.signals import ledger_changed


def changed(*, access: Access, since: dt.date, assets: Iterable[uuid.UUID | None]) -> None:
    """Marks the workspace's figures stale and tells the layers above after commit.

    ``assets`` are those whose rows were written, now or before the change, with the other assets
    the rows name; ``None`` stands for rows without one.
    """
    workspace_id = access.workspace.pk
    workspace_touch(workspace_id=workspace_id, since=since)
    touched = set(assets)
    Change.objects.create(
        workspace_id=workspace_id,
        # Ours until commit: the update holds the row.
        version=Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id),
        assets=sorted(pk for pk in touched if pk is not None),
        without_asset=None in touched,
    )
    transaction.on_commit(
        lambda: ledger_changed.send(sender=Transaction, workspace_id=workspace_id),
        # A broker that is away must not undo what is already recorded: the sweep catches up.
        robust=True,
    )


def touched_by(rows: Iterable[Transaction]) -> set[uuid.UUID | None]:
    """The assets rows are of (``None`` for those of none) and the others they name."""
    found: set[uuid.UUID | None] = set()
    for row in rows:
        found.add(row.asset_id)
        if row.to_asset_id is not None:
            found.add(row.to_asset_id)
    return found


def lock(*, access: Access) -> None:
    """Writers of one workspace take turns, so that sequences never collide."""
    Workspace.objects.select_for_update().only("pk").get(pk=access.workspace.pk)
