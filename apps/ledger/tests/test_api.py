from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.ledger.models import BrokerageNote, Transaction
from testing import factories as make

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"


@pytest.fixture(autouse=True)
def _no_throttle_left() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def access() -> Access:
    return make.make_access()


@pytest.fixture
def account(access: Access) -> Account:
    return make.make_account(access.workspace)


@pytest.fixture
def petr4() -> Asset:
    return make.make_asset("PETR4")


def signed(access: Access, **headers: str) -> APIClient:
    client = APIClient(headers={"X-Workspace": str(access.workspace.pk), **headers})
    client.force_authenticate(access.user)
    return client


def body(where: Account, **values: Any) -> dict[str, Any]:
    return {
        "kind": "buy",
        "trade_date": "2024-11-22",
        "account": str(where.pk),
        "ticker": "PETR4",
        "quantity": "100",
        "unit_price": "28.50",
        "fees": "3",
        **values,
    }


def test_a_row_lives_through_the_api(access: Access, account: Account, petr4: Asset) -> None:
    client = signed(access)
    made = client.post(ROOT + "transactions/", body(account), format="json")
    assert made.status_code == 201, made.json()
    row = made.json()
    assert (row["ticker"], row["quantity"], row["unit_price"], row["fees"]) == (
        "PETR4",
        "100",
        "28.5",
        "3",
    )
    assert (row["currency"], row["tax_withheld"], row["origin"]) == ("BRL", None, "manual")
    address = f"{ROOT}transactions/{row['id']}/"
    assert client.get(address).json()["asset"] == str(petr4.pk)
    patched = client.patch(address, {"quantity": "120.5"}, format="json").json()
    assert (patched["quantity"], patched["unit_price"]) == ("120.5", "28.5")
    put = client.put(address, body(account, quantity="7", fees=None), format="json").json()
    assert (put["quantity"], put["fees"]) == ("7", None)
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.delete(address).status_code == 404


def test_a_repeated_request_records_once(access: Access, account: Account, petr4: Asset) -> None:
    client = signed(access, **{"Idempotency-Key": "abc-123"})
    first = client.post(ROOT + "transactions/", body(account), format="json")
    again = client.post(ROOT + "transactions/", body(account), format="json")
    assert first.json()["id"] == again.json()["id"]
    assert again["Idempotent-Replayed"] == "true"
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize(
    "change, field, code",
    [
        ({"quantity": None}, "quantity", "required"),
        ({"quantity": "-1"}, "quantity", "not_positive"),
        ({"quantity": "abc"}, "quantity", "invalid"),
        ({"ticker": "XPTO3"}, "ticker", "unknown_asset"),
        ({"ticker": ""}, "asset", "required"),
        ({"asset": str(uuid.uuid4())}, "asset", "not_found"),
        ({"account": str(uuid.uuid4())}, "account", "not_found"),
        ({"kind": "gift"}, "kind", "invalid_choice"),
        ({"trade_date": "1899-12-31"}, "trade_date", "too_early"),
        ({"currency": "real"}, "currency", "invalid"),
        ({"cost_share": "1.5"}, "cost_share", "not_fraction"),
    ],
)
def test_refusals_name_their_field(
    access: Access, account: Account, petr4: Asset, change: dict[str, Any], field: str, code: str
) -> None:
    answer = signed(access).post(ROOT + "transactions/", body(account, **change), format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert (field, code) in [(e["field"], e["code"]) for e in answer.json()["errors"]]
    assert not Transaction.objects.exists()


def test_lists_filter_order_and_page(access: Access, account: Account, petr4: Asset) -> None:
    make.make_transaction(account, "buy", "2024-01-02", asset=petr4, quantity=1, unit_price=1)
    make.make_transaction(account, "jcp", "2024-02-01", asset=petr4, amount="1.10", fees=0)
    make.make_transaction(account, "deposit", "2024-03-01", amount=100)
    make.make_transaction(make.make_account(), "deposit", "2024-03-01", amount=9)
    client = signed(access)

    def kinds(address: str) -> list[str]:
        return [row["kind"] for row in client.get(ROOT + address).json()["results"]]

    assert kinds("transactions/") == ["deposit", "jcp", "buy"]
    assert kinds("transactions/?ordering=trade_date") == ["buy", "jcp", "deposit"]
    assert kinds("transactions/?kind=buy&kind=jcp") == ["jcp", "buy"]
    assert kinds("transactions/?ticker=petr4&date_from=2024-01-15") == ["jcp"]
    assert kinds("transactions/?fees_unknown=true") == ["buy"]
    assert kinds("income/") == ["jcp"]
    assert kinds("cash-movements/") == ["deposit"]
    first = client.get(ROOT + "transactions/?page_size=2").json()
    assert len(first["results"]) == 2
    assert first["next"]
    assert client.post(ROOT + "income/", {}).status_code == 405


def test_preview_says_what_the_page_says(access: Access, account: Account, petr4: Asset) -> None:
    row = make.make_transaction(
        account, "buy", "2024-01-02", asset=petr4, quantity=100, unit_price=20, fees=0
    )
    client = signed(access)
    found = client.post(
        ROOT + "transactions/preview/", body(account, unit_price="30", fees="0"), format="json"
    ).json()
    (change,) = found["now"]
    assert change["before"]["average_cost"] == "20"
    assert change["after"] == {
        "quantity": "200",
        "average_cost": "25",  # (100 x 20 + 100 x 30) / 200
        "total_cost": "5000",
        "realised_gain": "0",
        "income": "0",
    }
    assert found["cash"] == [{"account": account.name, "currency": "BRL", "amount": "-3000"}]
    replaced = client.post(
        ROOT + "transactions/preview/",
        body(account, quantity="10", fees="0", transaction=str(row.pk)),
        format="json",
    ).json()
    assert replaced["now"][0]["after"]["quantity"] == "10"
    assert Transaction.objects.count() == 1


def test_notes(access: Access, account: Account, petr4: Asset) -> None:
    rows = [
        make.make_transaction(account, "buy", "2024-03-01", asset=petr4, quantity=q, unit_price=10)
        for q in (1, 3)
    ]
    client = signed(access)
    made = client.post(
        ROOT + "brokerage-notes/",
        {"account": str(account.pk), "trade_date": "2024-03-01", "fees": "4.00"},
        format="json",
    )
    assert made.status_code == 201, made.json()
    assert sorted(made.json()["trades"]) == sorted(str(row.pk) for row in rows)
    address = f"{ROOT}brokerage-notes/{made.json()['id']}/"
    assert client.patch(address, {"fees": "8"}, format="json").json()["fees"] == "8"
    for row, fees in zip(rows, (2, 6), strict=True):  # 8 x 1/4 and 8 x 3/4
        row.refresh_from_db()
        assert row.fees == fees
    refused = client.patch(f"{ROOT}transactions/{rows[0].pk}/", {"fees": "1"}, format="json").json()
    assert refused["errors"][0]["code"] == "fees_from_note"
    assert client.get(ROOT + "brokerage-notes/").json()["results"][0]["id"] == made.json()["id"]
    assert client.delete(address).status_code == 204
    assert not BrokerageNote.objects.exists()


def test_three_people(access: Access, account: Account, petr4: Asset) -> None:
    row = make.make_transaction(
        account, "buy", "2024-03-01", asset=petr4, quantity=1, unit_price=10
    )
    note = BrokerageNote.objects.create(
        workspace=access.workspace, account=account, trade_date="2024-03-01", fees=1
    )
    addresses = [f"transactions/{row.pk}/", f"brokerage-notes/{note.pk}/", "transactions/"]
    viewer = signed(make.make_access(access.workspace, "viewer"))
    stranger_access = make.make_access()
    stranger = signed(stranger_access, **{"X-Workspace": str(access.workspace.pk)})
    at_home = signed(stranger_access)
    for address in addresses:
        assert viewer.get(ROOT + address).status_code == 200
        assert stranger.get(ROOT + address).status_code == 404
    for address in addresses[:2]:
        assert at_home.get(ROOT + address).status_code == 404
        for method in ("patch", "delete"):
            call = getattr(viewer, method)
            assert call(ROOT + address, {}, format="json").status_code == 403
            call = getattr(at_home, method)
            assert call(ROOT + address, {}, format="json").status_code == 404
    foreign = at_home.post(ROOT + "transactions/", body(account), format="json")
    assert foreign.status_code == 400  # the account is not the stranger's to name
    assert viewer.post(ROOT + "transactions/", body(account), format="json").status_code == 403
    preview = viewer.post(ROOT + "transactions/preview/", body(account), format="json")
    assert preview.status_code == 403
    assert APIClient().get(ROOT + "transactions/").status_code == 401
    assert Transaction.objects.count() == 1


def test_query_count_does_not_grow(access: Access, account: Account) -> None:
    client = signed(access)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ROOT + "transactions/?page_size=1000").status_code == 200
        return len(captured)

    make.make_transaction(account, asset=make.make_asset(), quantity=1, unit_price=1)
    few = queries()
    for _number in range(30):
        make.make_transaction(account, asset=make.make_asset(), quantity=1, unit_price=1)
    assert queries() == few
    assert few <= 4
