"""The one query that every request asks, and what counts requests."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from apps.accounts import selectors
from apps.accounts.models import Membership, Role
from apps.common.prepared import PreparedQuery
from exitus import throttling
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_person_and_standing_in_one_query(django_assert_num_queries) -> None:
    workspace = make.make_workspace()
    viewer = make.make_member(workspace, Role.VIEWER)
    viewer.default_workspace = workspace
    viewer.save()
    for place in (workspace.pk, str(workspace.pk), None):
        with django_assert_num_queries(1):
            access = selectors.access_with_user(user_id=str(viewer.pk), workspace_id=place)
            assert access is not None
            assert access.user.username == viewer.username
        assert (access.workspace, access.role, access.user) == (workspace, Role.VIEWER, viewer)
        assert access.user.default_workspace_id == workspace.pk
        assert access.workspace.created_at == workspace.created_at


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-4000-8000-000000000000", "' OR 1=1"])
def test_nobody_and_nowhere(key: str) -> None:
    access = make.make_access()
    found = selectors.access_with_user(user_id=access.user.pk, workspace_id=key)
    assert found is None
    assert selectors.access_with_user(user_id=key, workspace_id=access.workspace.pk) is None


def test_each_value_goes_to_its_place() -> None:
    one, other = make.make_access(), make.make_access()
    query = PreparedQuery(
        lambda user, place: Membership.objects.filter(user_id=user, workspace_id=place), values=2
    )
    found = query.first(one.user.pk, one.workspace.pk)
    assert found is not None
    assert found.role == Role.OWNER
    assert query.first(one.user.pk, other.workspace.pk) is None
    again = query.first(other.user.pk, other.workspace.pk)
    assert again is not None
    assert again.user_id == other.user.pk


def test_the_workspace_named_by_the_header_wins_and_a_foreign_one_is_not_found() -> None:
    person, foreign = make.make_user("ana"), make.make_access()
    shared = make.make_access().workspace
    Membership.objects.create(user=person, workspace=shared, role=Role.VIEWER)
    client = APIClient()
    answer = client.post(
        "/api/v1/auth/token/", {"username": "ana", "password": make.PASSWORD}, format="json"
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {answer.json()['access']}")
    for workspace, status in ((shared, 200), (foreign.workspace, 404)):
        headers = {"X-Workspace": str(workspace.pk)}
        assert client.get("/api/v1/positions/", headers=headers).status_code == status
    assert client.get("/api/v1/positions/", headers={"X-Workspace": "nonsense"}).status_code == 404


class Ten(throttling.UserThrottle):
    rate = "10/min"

    def get_cache_key(self, request, view):
        return "throttle-test"


def test_requests_are_counted_and_yesterday_s_fade(monkeypatch) -> None:
    cache.clear()
    now = [6_000.0]  # the beginning of a window
    monkeypatch.setattr(throttling.time, "time", lambda: now[0])

    def allowed(count: int) -> int:
        return sum(Ten().allow_request(None, None) for _ in range(count))

    assert allowed(12) == 10
    now[0] = 6_045.0
    assert allowed(1) == 0
    assert Ten().wait() == 15
    now[0] = 6_060.0 + 45  # a quarter of the 13 of the window before still counts: 3.25
    assert allowed(10) == 6
    now[0] = 6_240.0
    assert allowed(10) == 10
    cache.clear()
