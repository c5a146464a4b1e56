"""A person does everything through the API and finds the figures of the pages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.selectors import access_default
from apps.portfolios.selectors import positions_on
from testing import factories as make

pytestmark = pytest.mark.django_db

Commit = Callable[..., Any]


class Person:
    """Someone with a token, whose every write is committed at once."""

    def __init__(self, commit: Commit) -> None:
        self.commit = commit
        self.client = APIClient()

    def ask(self, method: str, path: str, code: int, **kwargs: Any) -> Any:
        kwargs.setdefault("format", "json")
        with self.commit(execute=True):
            response = getattr(self.client, method)(f"/api/v1/{path}", **kwargs)
        assert response.status_code == code, (path, response.content)
        return response.json() if response.content else None

    def sign_in(self, username: str) -> None:
        sent = {"username": username, "password": make.PASSWORD}
        token = self.ask("post", "auth/token/", 200, data=sent)["access"]
        self.client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture
def ana(django_capture_on_commit_callbacks: Commit) -> Person:
    cache.clear()
    person = Person(django_capture_on_commit_callbacks)
    sent = {"username": "ana", "email": "ana@example.org", "password": make.PASSWORD}
    person.ask("post", "auth/register/", 201, data=sent)
    person.sign_in("ana")
    return person


def row(person: Person, account: str, asset: str, kind: str, date: str, **values: str) -> Any:
    sent = {"account": account, "asset": asset, "kind": kind, "trade_date": date, **values}
    return person.ask(
        "post", "transactions/", 201, data=sent, headers={"Idempotency-Key": f"{kind} {date}"}
    )


def test_from_sign_up_to_the_same_figures(ana: Person) -> None:
    institution = ana.ask("post", "institutions/", 201, data={"name": "Corretora Exemplo"})
    account = ana.ask("post", "accounts/", 201, data={"institution": institution["id"]})
    asset = ana.ask("post", "assets/", 201, data={"ticker": "EXMP3", "asset_class": "stock"})
    ids = account["id"], asset["id"]

    # 100 x 10.00 + 5.00 of fees = 1,005.00; 50 x 12.00 + 3.00 = 603.00; 150 cost 1,608.00: 10.72.
    row(ana, *ids, "buy", "2024-01-02", quantity="100", unit_price="10", fees="5")
    second = row(ana, *ids, "buy", "2024-02-01", quantity="50", unit_price="12", fees="3")
    # 60 sold for 900.00 less 6.00: 894.00 - 60 x 10.72 = 250.80. Remain 90: 964.80.
    row(ana, *ids, "sell", "2024-03-01", quantity="60", unit_price="15", fees="6")
    row(ana, *ids, "dividend", "2024-04-01", amount="45")

    page = ana.ask("get", "positions/", 200)
    assert page["count"] == 1
    found = page["results"][0]
    expected = {
        "ticker": "EXMP3",
        "holder": "ana",
        "quantity": "90",
        "average_cost": "10.72",
        "total_cost": "964.8",
        "currency": "BRL",
        "realised_gain": "250.8",
        "income": "45",
        "price": None,
        "market_value": None,
        "unrealised_gain": None,
    }
    assert {name: found[name] for name in expected} == expected

    access = access_default(user=User.objects.get(username="ana"))
    [selected] = positions_on(access=access, currency="BRL", on=None, by="asset").rows
    assert selected.quantity == Decimal(found["quantity"])
    assert selected.native.cost == Decimal(found["total_cost"])
    assert selected.native.realised == Decimal(found["realised_gain"])

    past = ana.ask("get", "positions/?on=2024-01-31", 200)["results"][0]
    assert (past["quantity"], past["total_cost"]) == ("100", "1005")
    split = ana.ask("get", "positions/?by=account", 200)["results"][0]
    assert (split["account_id"], split["quantity"]) == (account["id"], "90")

    # The second purchase was 40 and not 50: 1,005 + 483 = 1,488 over 140; 80 remain.
    ana.ask("patch", f"transactions/{second['id']}/", 200, data={"quantity": "40"})
    changed = ana.ask("get", "positions/", 200)["results"][0]
    assert changed["quantity"] == "80"
    assert abs(Decimal(changed["total_cost"]) - Decimal(1488) * 80 / 140) < Decimal("0.005")

    lines = b"".join(ana.client.get("/api/v1/exports/ledger.csv").streaming_content)
    assert lines.decode().count("\n") == 5
    assert b"EXMP3" in lines

    ana.ask("delete", f"transactions/{second['id']}/", 204)
    assert ana.ask("get", "positions/", 200)["results"][0]["quantity"] == "40"


def test_a_price_typed_by_hand_values_the_position(ana: Person) -> None:
    institution = ana.ask("post", "institutions/", 201, data={"name": "Corretora Exemplo"})
    account = ana.ask("post", "accounts/", 201, data={"institution": institution["id"]})
    asset = ana.ask("post", "assets/", 201, data={"ticker": "EXMP3", "asset_class": "stock"})
    row(
        ana,
        account["id"],
        asset["id"],
        "buy",
        "2024-01-02",
        quantity="10",
        unit_price="10",
        fees="0",
    )
    price = {"asset": asset["id"], "date": "2024-06-03", "price": "12.5"}
    ana.ask("post", "prices/", 201, data=price)
    found = ana.ask("get", "positions/?on=2024-06-03", 200)["results"][0]
    assert (found["price"], found["market_value"], found["unrealised_gain"]) == (
        "12.5",
        "125",
        "25",
    )
    assert found["price_as_of"] == "2024-06-03"


def test_a_viewer_sees_the_same_and_may_not_write(ana: Person) -> None:
    institution = ana.ask("post", "institutions/", 201, data={"name": "Corretora Exemplo"})
    account = ana.ask("post", "accounts/", 201, data={"institution": institution["id"]})
    asset = ana.ask("post", "assets/", 201, data={"ticker": "EXMP3", "asset_class": "stock"})
    row(
        ana,
        account["id"],
        asset["id"],
        "buy",
        "2024-01-02",
        quantity="10",
        unit_price="10",
        fees="0",
    )
    workspace = ana.ask("get", "workspaces/", 200)["results"][0]
    make.make_user("bia")
    invited = {"username": "bia", "role": "viewer"}
    ana.ask("post", f"workspaces/{workspace['id']}/members/", 201, data=invited)

    bia = Person(ana.commit)
    bia.sign_in("bia")
    bia.client.credentials(
        HTTP_AUTHORIZATION=bia.client._credentials["HTTP_AUTHORIZATION"],
        HTTP_X_WORKSPACE=workspace["id"],
    )
    assert (
        bia.ask("get", "positions/", 200)["results"] == ana.ask("get", "positions/", 200)["results"]
    )
    refused = bia.ask("post", "institutions/", 403, data={"name": "Outra"})
    assert refused["code"] == "viewer_cannot_change"
    members = ana.ask("get", f"workspaces/{workspace['id']}/members/", 200)
    [membership] = [member for member in members if member["username"] == "bia"]
    ana.ask("delete", f"workspaces/{workspace['id']}/members/{membership['id']}/", 204)
    bia.ask("get", "positions/", 404)
