"""Reads of people and workspaces."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypeVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder, Membership, TaskRun, User, Workspace
from apps.common.errors import NotFound

M = TypeVar("M", Holder, TaskRun)


def _not_found() -> NotFound:
    return NotFound("not_found", _("Não encontramos o que você procura."))


def access_get(*, user: User, workspace_id: object) -> Access:
    """The member's access. Raises :class:`NotFound` for a stranger or a malformed id. One query."""
    try:
        key = uuid.UUID(str(workspace_id))
    except ValueError:
        raise _not_found() from None
    membership = (
        Membership.objects.select_related("workspace").filter(user=user, workspace_id=key).first()
        if user.is_authenticated
        else None
    )
    if membership is None:
        raise _not_found()
    return Access(membership.workspace, membership.role, user)


def access_default(*, user: User) -> Access:
    """Access to the person's initial workspace, else the first joined. One or two queries."""
    memberships = Membership.objects.select_related("workspace").filter(user=user)
    membership = None
    if user.default_workspace_id is not None:
        membership = memberships.filter(workspace_id=user.default_workspace_id).first()
    if membership is None:
        membership = memberships.order_by(F("workspace__is_demo").asc(), "created_at").first()
    if membership is None:
        raise _not_found()
    return Access(membership.workspace, membership.role, user)


def workspaces_of(*, user: User) -> QuerySet[Membership]:
    """The person's memberships with their workspaces, by name."""
    return (
        Membership.objects.select_related("workspace")
        .filter(user=user)
        .order_by("workspace__name", "workspace_id")
    )


def members_of(*, access: Access) -> QuerySet[Membership]:
    """Who takes part in the workspace."""
    return (
        Membership.objects.select_related("user")
        .filter(workspace=access.workspace)
        .order_by("user__username")
    )


def holders_of(*, access: Access) -> QuerySet[Holder]:
    """The workspace's taxpayers, the main one first."""
    return Holder.objects.filter(workspace=access.workspace).order_by("-is_default", "name")


def holder_get(*, access: Access, holder_id: object) -> Holder:
    """One holder. Raises :class:`NotFound`."""
    return _by_id(Holder.objects.filter(workspace=access.workspace), holder_id)


def holder_default(*, access: Access) -> Holder:
    """The main holder; every workspace has one."""
    holder = holders_of(access=access).first()
    if holder is None:
        raise _not_found()
    return holder


def task_runs_of(*, access: Access, limit: int = 20) -> Sequence[TaskRun]:
    """The person's recent work in this workspace, newest first. One query."""
    return list(
        TaskRun.objects.filter(workspace=access.workspace, user=access.user).order_by(
            "-created_at"
        )[:limit]
    )


def task_runs(*, access: Access) -> QuerySet[TaskRun]:
    """All of the person's work in this workspace, newest first."""
    return TaskRun.objects.filter(workspace=access.workspace, user=access.user).order_by(
        "-created_at"
    )


def task_run_get(*, access: Access, task_run_id: object) -> TaskRun:
    """One piece of work of this person. Raises :class:`NotFound`."""
    return _by_id(
        TaskRun.objects.filter(workspace=access.workspace, user=access.user),
        task_run_id,
    )


def _by_id(queryset: QuerySet[M], key: object) -> M:
    try:
        found = queryset.filter(pk=uuid.UUID(str(key))).first()
    except ValueError:
        found = None
    if found is None:
        raise _not_found()
    return found


def workspace_all_ids() -> Sequence[uuid.UUID]:
    """Every workspace, for the installation's own periodic work."""
    return list(Workspace.objects.values_list("id", flat=True))
