"""Reads of people and workspaces."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TypeVar

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import ALONGSIDE, Access
from apps.accounts.models import Holder, Membership, TaskRun, User, Workspace
from apps.common.errors import NotFound
from apps.common.prepared import PreparedQuery

M = TypeVar("M", Holder, TaskRun)


def _not_found() -> NotFound:
    return NotFound("not_found", _("Não encontramos o que você procura."))


def access_get(*, user: User, workspace_id: object) -> Access:
    """The member's access. Raises :class:`NotFound` for a stranger or a malformed id. One query."""
    key = _uuid(workspace_id)
    if key is None or not user.is_authenticated:
        raise _not_found()
    membership = _STANDING.first(user.pk, key)
    if membership is None:
        raise _not_found()
    return _access(membership, user)


def access_default(*, user: User) -> Access:
    """Access to the person's initial workspace, else the first joined. One or two queries."""
    membership = None
    if user.default_workspace_id is not None:
        membership = _STANDING.first(user.pk, user.default_workspace_id)
    if membership is None:
        oldest = _memberships().filter(user=user)
        membership = oldest.order_by(F("workspace__is_demo").asc(), "created_at").first()
    if membership is None:
        raise _not_found()
    return _access(membership, user)


def access_with_user(*, user_id: object, workspace_id: object = None) -> Access | None:
    """A member's access with the person read beside it, in their initial workspace unless one is
    named; ``None`` where there is none. One query.

    It says nothing of whether that person is signed in: the caller knows, or finds out.
    """
    person, place = _uuid(user_id), _uuid(workspace_id)
    if person is None or (workspace_id is not None and place is None):
        return None
    membership = _WITH_USER.first(person, place) if place else _WITH_USER_AT_HOME.first(person)
    return _access(membership, membership.user) if membership else None


def _uuid(text: object) -> uuid.UUID | None:
    if isinstance(text, uuid.UUID):
        return text
    try:
        return uuid.UUID(str(text))
    except ValueError:
        return None


def _memberships() -> QuerySet[Membership]:
    beside = {f"beside_{name}": F(lookup) for name, lookup in ALONGSIDE.items()}
    return Membership.objects.select_related("workspace").annotate(**beside)


def _with_user() -> QuerySet[Membership]:
    return _memberships().select_related("workspace", "user")


def _access(membership: Membership, user: User) -> Access:
    beside = {name: getattr(membership, f"beside_{name}") for name in ALONGSIDE}
    return Access(membership.workspace, membership.role, user, beside)


_STANDING = PreparedQuery(
    lambda user, place: _memberships().filter(user_id=user, workspace_id=place), values=2
)
_WITH_USER = PreparedQuery(
    lambda user, place: _with_user().filter(user_id=user, workspace_id=place), values=2
)
_WITH_USER_AT_HOME = PreparedQuery(
    lambda user: _with_user().filter(user_id=user, workspace_id=F("user__default_workspace_id")),
    values=1,
)


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
