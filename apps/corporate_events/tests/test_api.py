"""Corporate events through the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.corporate_events.models import CorporateEvent
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


def test_record_replace_and_remove(client: APIClient, access: Access) -> None:
    asset = make.make_asset("EXMP3")
    sent = {"asset": str(asset.pk), "kind": "split", "ex_date": "2024-05-02", "ratio": "2"}
    first = client.post("/api/v1/corporate-events/", sent, format="json")
    assert first.status_code == 201, first.content
    body = first.json()
    assert (body["ticker"], body["ratio"], body["shared"]) == ("EXMP3", "2", False)
    again = client.post("/api/v1/corporate-events/", sent | {"ratio": "0.1"}, format="json").json()
    assert (again["id"], again["ratio"]) == (body["id"], "0.1")
    access.workspace.refresh_from_db()
    assert access.workspace.ledger_version == 2
    assert access.workspace.stale_since == dt.date(2024, 5, 2)
    url = f"/api/v1/corporate-events/{body['id']}/"
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


def test_a_write_tells_the_layers_above(
    client: APIClient, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    asset = make.make_asset()
    sent = {"asset": str(asset.pk), "kind": "split", "ex_date": "2024-05-02", "ratio": "2"}
    with django_capture_on_commit_callbacks() as callbacks:
        client.post("/api/v1/corporate-events/", sent, format="json")
    assert len(callbacks) == 1


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "split"}, "ratio"),
        ({"kind": "split", "ratio": "0"}, "ratio"),
        ({"kind": "rename"}, "to_asset"),
        ({"kind": "other", "ratio": "1"}, "kind"),
        ({"kind": "split", "ratio": "2", "cost_share": "1.5"}, "cost_share"),
    ],
)
def test_what_a_kind_needs(client: APIClient, values: dict[str, str], field: str) -> None:
    asset = make.make_asset()
    sent = {"asset": str(asset.pk), "ex_date": "2024-05-02"} | values
    response = client.post("/api/v1/corporate-events/", sent, format="json")
    assert response.status_code == 400
    assert [error["field"] for error in response.json()["errors"]] == [field]
    assert not CorporateEvent.objects.exists()


def test_shared_events_stay(client: APIClient) -> None:
    event = make.make_event(make.make_asset())
    response = client.delete(f"/api/v1/corporate-events/{event.pk}/")
    assert response.status_code in (400, 403)
    assert CorporateEvent.objects.filter(pk=event.pk).exists()


def test_filters(client: APIClient) -> None:
    one = make.make_event(make.make_asset("EXMP3"), ex_date=dt.date(2024, 1, 2))
    make.make_event(make.make_asset(), kind="bonus", ex_date=dt.date(2023, 1, 2))
    for query in (f"asset={one.asset_id}", "kind=split", "ex_date_from=2024-01-01"):
        rows = client.get(f"/api/v1/corporate-events/?{query}").json()["results"]
        assert [row["id"] for row in rows] == [str(one.pk)], query
