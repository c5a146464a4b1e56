"""Every error under /api/ is an RFC 9457 problem with the request's id."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings
from django.urls import path
from django.utils.translation import override
from rest_framework.test import APIClient

from apps.api.tests.conftest import Sign
from exitus import urls
from testing import factories as make

pytestmark = pytest.mark.django_db
FIELDS = {"type", "title", "status", "detail", "code", "errors", "request_id"}


def check(response: Any, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = response.json()
    assert set(body) == FIELDS
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == f"urn:exitus:problem:{code}"
    assert body["request_id"] == response["X-Request-Id"]
    return body


def test_without_a_token() -> None:
    response = APIClient().get("/api/v1/accounts/")
    check(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_with_a_bad_token() -> None:
    client = APIClient(headers={"Authorization": "Bearer nonsense"})
    check(client.get("/api/v1/accounts/"), 401, "token_not_valid")


@pytest.mark.parametrize(
    "address", ["/api/", "/api", "/api/v1/nothing/", "/api/v1/accounts", "/api/v2/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete", "put"])
def test_unknown_addresses(address: str, method: str) -> None:
    check(getattr(APIClient(), method)(address), 404, "not_found")


def test_unknown_id(signed: Sign) -> None:
    client = signed(make.make_access().user)
    missing = "00000000-0000-4000-8000-000000000000"
    check(client.get(f"/api/v1/accounts/{missing}/"), 404, "not_found")
    check(client.get("/api/v1/accounts/------------------------------------/"), 404, "not_found")


def test_method_not_allowed(signed: Sign) -> None:
    client = signed(make.make_access().user)
    response = client.delete("/api/v1/accounts/")
    check(response, 405, "method_not_allowed")
    assert "GET" in response["Allow"]


def test_unreadable_body(signed: Sign) -> None:
    client = signed(make.make_access().user)
    response = client.post("/api/v1/accounts/", "{not json", content_type="application/json")
    check(response, 400, "parse_error")


def test_unknown_content_type(signed: Sign) -> None:
    client = signed(make.make_access().user)
    response = client.post("/api/v1/accounts/", "<a/>", content_type="text/xml")
    check(response, 415, "unsupported_media_type")


def test_unacceptable_format(signed: Sign) -> None:
    client = signed(make.make_access().user)
    response = client.get("/api/v1/accounts/", headers={"Accept": "text/csv"})
    check(response, 406, "not_acceptable")


def test_wrong_fields_are_named(signed: Sign) -> None:
    client = signed(make.make_access().user)
    body = check(client.post("/api/v1/accounts/", {"currency": "real"}), 400, "invalid")
    assert {(e["field"], e["code"]) for e in body["errors"]} == {
        ("institution", "required"),
        ("currency", "invalid"),
    }
    assert all(error["message"] for error in body["errors"])


def test_nested_fields_have_a_path(signed: Sign) -> None:
    client = signed(make.make_access().user)
    sent = {"ticker": "CDB X", "asset_class": "cdb", "terms": {"indexer": "cdi"}}
    body = check(client.post("/api/v1/assets/", sent, format="json"), 400, "invalid")
    assert [error["field"] for error in body["errors"]] == ["terms.issue_date"]


def test_a_wrong_workspace(signed: Sign) -> None:
    client = signed(make.make_access().user)
    for value in ("nonsense", str(make.make_workspace().pk)):
        response = client.get("/api/v1/accounts/", headers={"X-Workspace": value})
        check(response, 404, "not_found")


def test_a_body_too_large(signed: Sign) -> None:
    client = signed(make.make_access().user)
    with override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=10):
        response = client.post("/api/v1/accounts/", {"name": "a" * 100}, format="json")
    assert response.status_code in (400, 413)
    assert response["Content-Type"] == "application/problem+json"


def test_session_without_csrf_token() -> None:
    access = make.make_access()
    client = Client(enforce_csrf_checks=True)
    client.force_login(access.user)
    response = client.post("/api/v1/holders/", {"name": "Ana"}, content_type="application/json")
    check(response, 403, "permission_denied")


def _explode(request: Any) -> None:
    raise RuntimeError("secret detail")


urlpatterns = [path("api/v1/explode/", _explode), *urls.urlpatterns]


@override_settings(ROOT_URLCONF=__name__)
def test_an_unforeseen_error_tells_nothing() -> None:
    client = Client(raise_request_exception=False)
    body = check(client.get("/api/v1/explode/"), 500, "server_error")
    assert "secret" not in str(body)


def test_messages_follow_the_language() -> None:
    client = APIClient()
    with override(None):
        english = client.get("/api/v1/accounts/", headers={"Accept-Language": "en"}).json()
        portuguese = client.get("/api/v1/accounts/", headers={"Accept-Language": "pt-br"}).json()
    assert english["detail"] != portuguese["detail"]
    assert english["code"] == portuguese["code"]
