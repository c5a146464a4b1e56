"""The endpoints for owner, viewer and stranger."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import TaskRun
from apps.market_data.models import Price, Quote
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("redis")]

BASE = "/api/v1"


def as_user(access: Any) -> Client:
    client = Client(headers={"X-Workspace": str(access.workspace.pk)})
    client.force_login(access.user)
    return client


@pytest.fixture
def people() -> Any:
    workspace = make.make_workspace()
    owner, viewer = make.make_access(workspace), make.make_access(workspace, "viewer")
    return owner, viewer, make.make_access()


def quoted(ticker: str, **values: Any) -> Any:
    asset = make.make_asset(ticker, exchange=make.make_exchange(), **values)
    now = timezone.now()
    Quote.objects.create(
        asset=asset,
        price=D("36.7100"),
        currency="BRL",
        previous_close=D("36.29"),
        as_of=now,
        fetched_at=now,
        source="brapi",
    )
    return asset


def test_quotes(people: Any) -> None:
    owner, viewer, _ = people
    asset = quoted("PETR4")
    make.make_asset("VALE3")  # nobody priced it
    for access in (owner, viewer):
        body = as_user(access).get(f"{BASE}/quotes/").json()
        [row] = body["results"]
        assert row["asset"] == str(asset.pk)
        assert (row["ticker"], row["currency"], row["source"]) == ("PETR4", "BRL", "brapi")
        assert (row["price"], row["previous_close"]) == ("36.71", "36.29")
        assert dt.datetime.fromisoformat(row["as_of"]).tzinfo is not None
        assert row["stale"] is False


def test_one_quote_and_none(people: Any) -> None:
    client = as_user(people[0])
    asset, bare = quoted("PETR4"), make.make_asset("VALE3")
    assert client.get(f"{BASE}/quotes/{asset.pk}/").json()["price"] == "36.71"
    for key in (bare.pk, uuid.uuid4()):
        answer = client.get(f"{BASE}/quotes/{key}/")
        assert answer.status_code == 404
        assert answer["Content-Type"].startswith("application/problem+json")


def test_a_strangers_private_asset_has_no_quote_here(people: Any) -> None:
    owner, _, stranger = people
    private = quoted("MINE3", workspace=owner.workspace)
    assert as_user(owner).get(f"{BASE}/quotes/{private.pk}/").status_code == 200
    assert as_user(stranger).get(f"{BASE}/quotes/{private.pk}/").status_code == 404
    assert as_user(stranger).get(f"{BASE}/quotes/").json()["results"] == []


def test_quotes_filter_and_cost_the_same_for_many(people: Any) -> None:
    client = as_user(people[0])

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(f"{BASE}/quotes/").status_code == 200
        return len(captured)

    quoted("PETR4")
    few = queries()
    for number in range(20):
        quoted(f"MANY{number}")
    assert queries() == few
    found = client.get(f"{BASE}/quotes/?ticker=many3").json()["results"]
    assert [row["ticker"] for row in found] == ["MANY3"]


def test_typed_prices_by_role(people: Any) -> None:
    owner, viewer, stranger = people
    asset = make.make_asset("PETR4")
    body = {"asset": str(asset.pk), "date": "2024-01-05", "price": "10.50"}
    made = as_user(owner).post(f"{BASE}/prices/", body, content_type="application/json")
    assert made.status_code == 201
    assert made.json() == {
        "id": made.json()["id"],
        "asset": str(asset.pk),
        "ticker": "PETR4",
        "date": "2024-01-05",
        "close": "10.5",
        "currency": "BRL",
        "adjustment_factor": "1",
        "source": "manual",
        "shared": False,
    }
    key = made.json()["id"]
    assert as_user(viewer).get(f"{BASE}/prices/{key}/").status_code == 200
    assert (
        as_user(viewer).post(f"{BASE}/prices/", body, content_type="application/json").status_code
        == 403
    )
    assert as_user(viewer).delete(f"{BASE}/prices/{key}/").status_code == 403
    assert as_user(stranger).get(f"{BASE}/prices/{key}/").status_code == 404
    assert as_user(stranger).delete(f"{BASE}/prices/{key}/").status_code == 404
    assert as_user(stranger).get(f"{BASE}/prices/").json()["results"] == []
    assert as_user(owner).delete(f"{BASE}/prices/{key}/").status_code == 204
    assert not Price.objects.exists()


def test_a_stranger_who_names_the_workspace_is_not_let_in(people: Any) -> None:
    owner, _, stranger = people
    client = Client(headers={"X-Workspace": str(owner.workspace.pk)})
    client.force_login(stranger.user)
    for name in ("quotes", "prices", "fx", "indexes"):
        assert client.get(f"{BASE}/{name}/").status_code == 404


def test_a_wrong_price_is_a_problem_with_its_field(people: Any) -> None:
    asset = make.make_asset("PETR4")
    body = {"asset": str(asset.pk), "date": "2024-01-05", "price": "0"}
    answer = as_user(people[0]).post(f"{BASE}/prices/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "price"


def test_prices_narrow_by_day_and_origin(people: Any) -> None:
    client = as_user(people[0])
    asset = make.make_asset("PETR4")
    for day in ("2024-01-05", "2024-01-06", "2024-01-07"):
        make.make_price(asset, day, 10)
    found = client.get(f"{BASE}/prices/?asset={asset.pk}&date_from=2024-01-06").json()["results"]
    assert [row["date"] for row in found] == ["2024-01-07", "2024-01-06"]
    assert client.get(f"{BASE}/prices/?shared=false").json()["results"] == []
    assert client.get(f"{BASE}/prices/?date_from=nonsense").status_code == 400


def test_rates_and_indexes(people: Any) -> None:
    client = as_user(people[1])
    make.make_fx("2024-01-05", "5.4321")
    make.make_index("CDI", "2024-01-05", "0.055131")
    [fx] = client.get(f"{BASE}/fx/?base=USD&quote=BRL").json()["results"]
    assert (fx["date"], fx["rate"], fx["rate_buy"]) == ("2024-01-05", "5.4321", None)
    [value] = client.get(f"{BASE}/indexes/?index=CDI&date_to=2024-01-31").json()["results"]
    assert (value["value"], value["date"]) == ("0.055131", "2024-01-05")
    assert client.get(f"{BASE}/indexes/?index=IPCA").json()["results"] == []


def test_refresh(people: Any, sources: Any, django_capture_on_commit_callbacks: Any) -> None:
    owner, viewer, _ = people
    asset = make.make_asset("PETR4", exchange=make.make_exchange())
    body = {"assets": [str(asset.pk)]}
    assert (
        as_user(viewer)
        .post(f"{BASE}/quotes/refresh/", body, content_type="application/json")
        .status_code
        == 403
    )
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_user(owner).post(
            f"{BASE}/quotes/refresh/", body, content_type="application/json"
        )
    assert answer.status_code == 202
    run = TaskRun.objects.get(pk=answer.json()["task"])
    assert run.state == TaskRun.State.DONE
    assert Quote.objects.get(pk=asset.pk).source == "brapi"
    assert (
        as_user(owner)
        .post(f"{BASE}/quotes/refresh/", {}, content_type="application/json")
        .status_code
        == 400
    )
