"""Telling that assessments no longer follow what they rest on."""

from __future__ import annotations

import uuid

from django.db import transaction

from apps.accounts.models import Workspace
from apps.taxes.models import AssessmentBuild
from apps.taxes.signals import assessments_stale


def taxes_changed(*, workspace_id: uuid.UUID) -> None:
    """Has a workspace's assessments made again once the current write is committed."""
    transaction.on_commit(
        lambda: assessments_stale.send(sender=Workspace, workspace_id=workspace_id),
        robust=True,  # a broker that is away must not undo the write: the sweep catches up
    )


def rules_changed() -> None:
    """The same for every workspace that was ever assessed: the law changed."""
    found = AssessmentBuild.objects.values_list("workspace_id", flat=True).distinct()
    for workspace_id in found:
        taxes_changed(workspace_id=workspace_id)
