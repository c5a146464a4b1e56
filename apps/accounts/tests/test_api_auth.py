"""Signing up and in through the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import override_settings
from rest_framework.test import APIClient

from apps.accounts.models import Membership, User
from testing import factories as make

pytestmark = pytest.mark.django_db
NEW = {"username": "ana", "email": "ana@example.org", "password": make.PASSWORD}


@pytest.fixture(autouse=True)
def _no_throttle_left() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def post(address: str, body: dict[str, Any], **headers: str) -> Any:
    return APIClient().post(f"/api/v1/auth/{address}/", body, format="json", headers=headers)


def pair(username: str = "ana") -> dict[str, str]:
    response = post("token", {"username": username, "password": make.PASSWORD})
    assert response.status_code == 200, response.content
    found: dict[str, str] = response.json()
    return found


def me(access: str) -> Any:
    return APIClient().get("/api/v1/me/", headers={"Authorization": f"Bearer {access}"})


def test_register_makes_a_workspace() -> None:
    response = post("register", NEW)
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"id", "username", "email", "default_workspace"}
    user = User.objects.get(username="ana")
    assert str(user.default_workspace_id) == body["default_workspace"]
    assert Membership.objects.get(user=user).role == "owner"
    assert me(pair()["access"]).json()["username"] == "ana"


def test_register_closed() -> None:
    with override_settings(EXITUS_SIGNUP_OPEN=False):
        response = post("register", NEW)
    assert response.status_code == 403
    assert response.json()["code"] == "signup_closed"
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [("username", "a b"), ("email", "nonsense"), ("password", "12345678901"), ("password", "")],
)
def test_register_names_the_wrong_field(field: str, value: str) -> None:
    response = post("register", NEW | {field: value})
    assert response.status_code == 400
    assert {error["field"] for error in response.json()["errors"]} == {field}
    assert not User.objects.exists()


def test_register_a_taken_name() -> None:
    make.make_user("ana", email="other@example.org")
    response = post("register", NEW)
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "username"


def test_wrong_password() -> None:
    make.make_user("ana")
    response = post("token", {"username": "ana", "password": "wrong"})
    assert response.status_code == 401
    assert response.json()["code"] == "no_active_account"


def test_inactive_person() -> None:
    make.make_user("ana", is_active=False)
    assert post("token", {"username": "ana", "password": make.PASSWORD}).status_code == 401


def test_refresh_spends_the_old_token() -> None:
    make.make_user("ana")
    first = pair()
    second = post("token/refresh", {"refresh": first["refresh"]})
    assert second.status_code == 200
    assert set(second.json()) == {"access", "refresh"}
    again = post("token/refresh", {"refresh": first["refresh"]})
    assert again.status_code == 401
    assert again.json()["code"] == "token_not_valid"


def test_refresh_of_someone_who_left() -> None:
    user = make.make_user("ana")
    refresh = pair()["refresh"]
    user.delete()
    assert post("token/refresh", {"refresh": refresh}).status_code == 401


def test_logout_blacklists() -> None:
    make.make_user("ana")
    refresh = pair()["refresh"]
    assert post("logout", {"refresh": refresh}).status_code == 204
    assert post("token/refresh", {"refresh": refresh}).status_code == 401
    assert post("logout", {"refresh": refresh}).status_code == 401


def test_a_new_password_ends_every_session() -> None:
    user = make.make_user("ana")
    old = pair()
    user.set_password("another correct horse")
    user.save()
    assert me(old["access"]).status_code == 401
    renewed = post("token/refresh", {"refresh": old["refresh"]})
    assert renewed.status_code == 401 or me(renewed.json()["access"]).status_code == 401


def test_a_refresh_token_is_no_access_token() -> None:
    make.make_user("ana")
    assert me(pair()["refresh"]).status_code == 401


def _rates(**rates: str) -> Any:
    changed = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | rates
    return override_settings(
        REST_FRAMEWORK=settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": changed}
    )


def test_guesses_from_one_address_are_slowed() -> None:
    make.make_user("ana")
    with _rates(login="2/min"):
        codes = [
            post("token", {"username": f"x{i}", "password": "wrong"}).status_code for i in range(3)
        ]
        refused = post("token", {"username": "ana", "password": make.PASSWORD})
    assert codes == [401, 401, 429]
    assert refused.status_code == 429
    assert refused.json()["code"] == "throttled"
    assert int(refused["Retry-After"]) > 0


def test_guesses_on_one_name_are_slowed_from_any_address() -> None:
    make.make_user("ana")
    with _rates(login="2/min"):
        codes = [
            APIClient(REMOTE_ADDR=f"203.0.113.{i}")
            .post("/api/v1/auth/token/", {"username": "Ana", "password": "wrong"}, format="json")
            .status_code
            for i in range(3)
        ]
    assert codes == [401, 401, 429]


def test_sign_ups_from_one_address_are_slowed() -> None:
    with _rates(register="1/hour"):
        assert post("register", NEW).status_code == 201
        assert post("register", NEW | {"username": "bia"}).status_code == 429


def test_a_body_that_is_no_object() -> None:
    response = APIClient().post("/api/v1/auth/token/", ["ana"], format="json")
    assert response.status_code == 400


def test_second_factor_is_asked() -> None:
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    user = make.make_user("ana")
    codes = RecoveryCodes.activate(user).get_unused_codes()
    asked = post("token", {"username": "ana", "password": make.PASSWORD})
    assert asked.status_code == 401
    assert asked.json()["code"] == "second_factor_required"
    sent = {"username": "ana", "password": make.PASSWORD, "code": codes[0]}
    assert post("token", sent).status_code == 200
    assert post("token", sent).status_code == 401  # a recovery code serves once


def test_preferences() -> None:
    access = make.make_access()
    other = make.make_workspace(access.user)
    client = APIClient()
    client.force_authenticate(access.user)
    sent = {"language": "en", "theme": "dark", "default_workspace": str(other.pk)}
    response = client.patch("/api/v1/me/", sent, format="json")
    assert response.status_code == 200, response.content
    assert {key: response.json()[key] for key in sent} == sent
    stranger = str(make.make_workspace().pk)
    assert client.patch("/api/v1/me/", {"default_workspace": stranger}).status_code == 404
    assert client.patch("/api/v1/me/", {"language": "xx"}).status_code == 400
