"""Institutions and accounts through the API."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from apps.accounts.access import Access
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def access() -> Access:
    return make.make_access()


@pytest.fixture
def client(access: Access) -> APIClient:
    found = APIClient()
    found.force_authenticate(access.user)
    return found


def test_an_account_defaults_to_the_main_holder_and_the_institutions_name(
    client: APIClient, access: Access
) -> None:
    institution = make.make_institution("Corretora Exemplo", short_name="Exemplo")
    response = client.post("/api/v1/accounts/", {"institution": str(institution.pk)})
    assert response.status_code == 201, response.content
    body = response.json()
    assert body["name"] == "Exemplo"
    assert body["holder_name"] == access.user.username
    assert body["currency"] == "BRL"
    again = client.post("/api/v1/accounts/", {"institution": str(institution.pk)})
    assert again.status_code == 400
    assert again.json()["errors"][0] == {
        "field": "name",
        "code": "taken",
        "message": again.json()["errors"][0]["message"],
    }


def test_rename_set_aside_and_delete(client: APIClient, access: Access) -> None:
    account = make.make_account(access.workspace)
    url = f"/api/v1/accounts/{account.pk}/"
    changed = client.patch(url, {"name": "Nova", "is_active": False}, format="json").json()
    assert (changed["name"], changed["is_active"]) == ("Nova", False)
    make.make_transaction(account)
    refused = client.delete(url)
    assert refused.status_code == 409
    assert refused.json()["code"] == "account_in_use"
    empty = make.make_account(access.workspace)
    assert client.delete(f"/api/v1/accounts/{empty.pk}/").status_code == 204


def test_filters(client: APIClient, access: Access) -> None:
    one = make.make_account(access.workspace)
    make.make_account(access.workspace, is_active=False, currency="USD")
    for query in (f"institution={one.institution_id}", "is_active=true", "currency=BRL"):
        rows = client.get(f"/api/v1/accounts/?{query}").json()["results"]
        assert [row["id"] for row in rows] == [str(one.pk)], query


def test_institutions_are_the_shared_and_ones_own(client: APIClient, access: Access) -> None:
    make.make_institution("Partilhada")
    make.make_institution("De outro", workspace=make.make_workspace())
    made = client.post("/api/v1/institutions/", {"name": "Minha", "country": "US"}).json()
    assert made["shared"] is False
    rows = client.get("/api/v1/institutions/").json()["results"]
    assert [(row["name"], row["shared"]) for row in rows] == [
        ("Minha", False),
        ("Partilhada", True),
    ]
    found = client.get("/api/v1/institutions/?search=part").json()["results"]
    assert [row["name"] for row in found] == ["Partilhada"]
