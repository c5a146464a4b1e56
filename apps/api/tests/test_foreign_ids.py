"""Ids of another workspace inside a body are as good as ids of nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.api.tests.conftest import Sign
from testing import world as worlds
from testing.world import SECRET

pytestmark = pytest.mark.django_db

BUY = {"kind": "buy", "trade_date": "2024-03-01", "quantity": "1", "unit_price": "1"}
CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "accounts/", {"institution": "$institution_id", "name": "x"}),
    ("post", "accounts/", {"institution": "$shared_institution", "holder": "$holder_id"}),
    ("post", "assets/", {"ticker": "A", "asset_class": "option", "underlying": "$asset_id"}),
    (
        "post",
        "corporate-events/",
        {"asset": "$asset_id", "kind": "split", "ex_date": "2024-01-02", "ratio": "2"},
    ),
    (
        "post",
        "corporate-events/",
        {
            "asset": "$shared_asset",
            "to_asset": "$asset_id",
            "kind": "rename",
            "ex_date": "2024-01-02",
        },
    ),
    ("post", "transactions/", BUY | {"account": "$account_id", "asset": "$shared_asset"}),
    ("post", "transactions/", BUY | {"account": "$own_account", "asset": "$asset_id"}),
    (
        "post",
        "transactions/",
        {
            "kind": "rename",
            "trade_date": "2024-03-01",
            "account": "$own_account",
            "asset": "$shared_asset",
            "to_asset": "$asset_id",
        },
    ),
    ("post", "transactions/preview/", BUY | {"account": "$account_id", "asset": "$asset_id"}),
    ("patch", "transactions/$own_row/", {"account": "$account_id"}),
    ("patch", "transactions/$own_row/", {"asset": "$asset_id"}),
    (
        "post",
        "brokerage-notes/",
        {"account": "$account_id", "trade_date": "2024-01-02", "fees": "1"},
    ),
    ("post", "prices/", {"asset": "$asset_id", "date": "2024-01-02", "price": "1"}),
    ("post", "portfolios/", {"name": "x", "accounts": ["$account_id"]}),
    ("post", "portfolios/", {"name": "x", "assets": ["$asset_id"]}),
    ("patch", "portfolios/$portfolio_id/", {"name": "x"}),
    ("put", "portfolios/$portfolio_id/targets/", {"target_by": "class", "targets": []}),
    ("put", "asset-tags/$asset_id/", {"tags": ["x"]}),
    ("patch", "me/", {"default_workspace": "$workspace_id"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CASES)
def test_foreign_ids_in_bodies(signed: Sign, method: str, path: str, body: dict[str, Any]) -> None:
    from testing import factories as make

    world = worlds.build()
    own = make.make_account(world.stranger_workspace)
    asset = make.make_asset()
    known = {
        **{name: str(value) for name, value in world.ids.items()},
        "own_account": str(own.pk),
        "own_row": str(make.make_transaction(own, asset=asset).pk),
        "shared_asset": str(asset.pk),
        "shared_institution": str(make.make_institution().pk),
    }

    def fill(text: str) -> str:
        return "/".join(
            known[part.removeprefix("$")] if part.startswith("$") else part
            for part in text.split("/")
        )

    sent = {
        name: [fill(each) for each in value] if isinstance(value, list) else fill(value)
        for name, value in body.items()
    }
    before = worlds.records()
    client = signed(world.stranger)
    response = getattr(client, method)(f"/api/v1/{fill(path)}", sent, format="json")
    assert response.status_code in (400, 404), response.content
    assert SECRET not in response.content.decode().lower()
    assert worlds.records() == before
    assert worlds.crossed_references() == []


def test_a_foreign_account_for_a_file(signed: Sign) -> None:
    world = worlds.build()
    file = SimpleUploadedFile("ledger.csv", b"date,kind,asset,quantity,unit_price\n")
    response = signed(world.stranger).post(
        "/api/v1/imports/", {"file": file, "account": str(world.ids["account_id"])}
    )
    assert response.status_code in (400, 404), response.content


@pytest.mark.parametrize(
    "path",
    [
        "accounts/?holder=$holder_id",
        "corporate-events/?asset=$asset_id",
        "transactions/?account=$account_id",
        "transactions/?asset=$asset_id",
        "prices/?asset=$asset_id",
        "quotes/?asset=$asset_id",
    ],
)
def test_filters_do_not_tell_what_exists(signed: Sign, path: str) -> None:
    """A foreign id and an id of nothing filter alike."""
    world = worlds.build()
    address, _, name = path.partition("$")
    client = signed(world.stranger)
    foreign = client.get(f"/api/v1/{address}{world.ids[name]}")
    nothing = client.get(f"/api/v1/{address}00000000-0000-4000-8000-000000000000")
    assert foreign.status_code == nothing.status_code == 200
    assert foreign.json()["results"] == nothing.json()["results"] == []
