"""Who may see what: an owner, a viewer and a stranger."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from apps.accounts import selectors
from apps.accounts.models import Role
from apps.common.errors import Forbidden, NotFound
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_members_get_their_role_and_strangers_nothing(django_assert_num_queries: Any) -> None:
    workspace = make.make_workspace()
    owner = workspace.memberships.get().user
    viewer = make.make_member(workspace)
    with django_assert_num_queries(1):
        access = selectors.access_get(user=owner, workspace_id=str(workspace.pk))
    assert access.is_owner
    assert access.can_edit
    assert selectors.access_get(user=viewer, workspace_id=workspace.pk).role == Role.VIEWER
    for stranger in (make.make_user(), AnonymousUser()):
        with pytest.raises(NotFound):
            selectors.access_get(user=stranger, workspace_id=workspace.pk)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", ["", "1", "zzz", None, uuid.UUID(int=0)])
def test_an_odd_id_is_not_found(key: object) -> None:
    with pytest.raises(NotFound):
        selectors.access_get(user=make.make_user(), workspace_id=key)


@pytest.mark.parametrize(
    "role, editor, owner",
    [("owner", True, True), ("editor", True, False), ("viewer", False, False)],
)
def test_what_each_role_may(role: str, editor: bool, owner: bool) -> None:
    access = make.make_access(role=role)
    for asked, allowed in (("viewer", True), ("editor", editor), ("owner", owner)):
        if allowed:
            access.require(asked)
        else:
            with pytest.raises(Forbidden):
                access.require(asked)


def test_the_initial_workspace_wins_and_a_demonstration_comes_last() -> None:
    user = make.make_user()
    demo = make.make_workspace(is_demo=True)
    make.make_member(demo, user=user)
    assert selectors.access_default(user=user).workspace == demo
    first, second = make.make_workspace(), make.make_workspace()
    make.make_member(first, user=user)
    make.make_member(second, user=user)
    assert selectors.access_default(user=user).workspace == first
    user.default_workspace = second
    assert selectors.access_default(user=user).workspace == second
    # An initial workspace the person has left is no access.
    user.default_workspace = make.make_workspace()
    assert selectors.access_default(user=user).workspace == first


def test_somebody_without_a_workspace() -> None:
    with pytest.raises(NotFound):
        selectors.access_default(user=make.make_user())


def test_holders_are_the_workspace_s_own_the_main_one_first() -> None:
    access = make.make_access()
    zeca = make.make_holder(access.workspace, "Zeca")
    abel = make.make_holder(access.workspace, "Abel")
    foreign = make.make_holder(make.make_workspace())
    main = selectors.holder_default(access=access)
    assert list(selectors.holders_of(access=access)) == [main, abel, zeca]
    assert selectors.holder_get(access=access, holder_id=str(abel.pk)) == abel
    for key in (foreign.pk, "x", None):
        with pytest.raises(NotFound):
            selectors.holder_get(access=access, holder_id=key)


def test_lists_cost_the_same_for_many(django_assert_num_queries: Any) -> None:
    access = make.make_access()
    for _ in range(5):
        make.make_member(access.workspace)
        make.make_holder(access.workspace)
    with django_assert_num_queries(2):
        assert len([m.user.username for m in selectors.members_of(access=access)]) == 6
        assert len(selectors.holders_of(access=access)) == 6
