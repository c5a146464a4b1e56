"""The description of the API is valid and says the errors."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from testing import factories as make


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    found: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return found


def test_valid_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, stdout=StringIO())
    assert "Warning" not in capsys.readouterr().err


def test_version(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")


def test_every_operation_documents_its_problems(schema: dict[str, Any]) -> None:
    for address, operations in schema["paths"].items():
        for method, operation in operations.items():
            missing = {"400", "401", "403", "404", "429"} - set(operation["responses"])
            if method != "get":
                missing |= {"409", "422"} - set(operation["responses"])
            assert not missing, f"{method} {address}: {missing}"
            content = operation["responses"]["404"]["content"]
            assert list(content) == ["application/problem+json"]


def test_workspace_and_idempotency_headers(schema: dict[str, Any]) -> None:
    operation = schema["paths"]["/api/v1/accounts/"]["post"]
    names = {parameter["name"] for parameter in operation["parameters"]}
    assert {"X-Workspace", "Idempotency-Key"} <= names


def test_only_what_exists_is_described(schema: dict[str, Any]) -> None:
    """Endpoints of later work are not promised."""
    later = re.compile(r"/api/v1/(alerts|reports|projections|signals)/")
    assert [address for address in schema["paths"] if later.match(address)] == []
    assert all(address.startswith("/api/v1/") for address in schema["paths"])


def test_decimals_are_strings(schema: dict[str, Any]) -> None:
    terms = schema["components"]["schemas"]["Terms"]["properties"]
    assert terms["rate"]["type"] == "string"


@pytest.mark.django_db
def test_documents_open_without_signing_in() -> None:
    client = Client()
    assert client.get("/api/v1/schema/").status_code == 200
    page = client.get("/api/v1/docs/")
    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy + ";"
    assert b"http://" not in page.content.replace(b"http://www.w3.org", b"")
    assert b"https://" not in page.content
    script = client.get("/api/v1/docs/?script=")
    assert script.status_code == 200
    assert script["Content-Type"].startswith("application/javascript")


@pytest.mark.django_db
def test_a_session_serves_the_documents() -> None:
    access = make.make_access()
    client = Client()
    client.force_login(access.user)
    assert client.get("/api/v1/docs/").status_code == 200
    assert client.get("/api/v1/me/").json()["username"] == access.user.username
