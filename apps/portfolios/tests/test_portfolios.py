"""Portfolios as saved selections, their targets and the tags of assets."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.accounts.models import Role
from apps.common.errors import Forbidden, Invalid, NotFound
from apps.ledger.models import Transaction
from apps.portfolios.models import AssetTag, Portfolio
from apps.portfolios.selectors import (
    Chosen,
    portfolio_chosen,
    portfolio_get,
    portfolios_of,
    tags_of,
)
from apps.portfolios.services import (
    Selection,
    asset_tags_set,
    portfolio_create,
    portfolio_delete,
    portfolio_targets_set,
    portfolio_update,
)
from testing import factories as make

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/"
D = Decimal


@pytest.fixture(autouse=True)
def _no_throttle_left() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def access() -> Access:
    return make.make_access()


def signed(access: Access) -> APIClient:
    client = APIClient(headers={"X-Workspace": str(access.workspace.pk)})
    client.force_authenticate(access.user)
    return client


def chosen(access: Access, portfolio: Portfolio) -> Chosen:
    return portfolio_chosen(portfolio=portfolio_get(access=access, portfolio_id=portfolio.pk))


def test_accounts_narrow_and_the_rest_adds_up(access: Access) -> None:
    mine, other = make.make_account(access.workspace), make.make_account(access.workspace)
    named, tagged = make.make_asset("AAAA3"), make.make_asset("BBBB3")
    asset_tags_set(access=access, asset=tagged, names=["  Longo  Prazo "])
    portfolio = portfolio_create(
        access=access,
        name="  Minha   carteira ",
        selection=Selection([mine.pk], ["fii"], ["longo prazo"], [named.pk]),
    )
    assert portfolio.name == "Minha carteira"
    found = chosen(access, portfolio)
    here = str(mine.pk)
    assert found.holds(here, str(named.pk), "stock")
    assert found.holds(here, str(tagged.pk), "stock")
    assert found.holds(here, "anything", "fii")
    assert not found.holds(here, "anything", "stock")
    assert not found.holds(str(other.pk), str(named.pk), "stock")


def test_nothing_chosen_is_the_whole(access: Access) -> None:
    assert chosen(access, portfolio_create(access=access, name="Tudo")).is_whole


def test_what_disappears_does_not_widen_the_selection(access: Access) -> None:
    account = make.make_account(access.workspace)
    asset = make.make_asset("SUMI3", workspace=access.workspace)
    portfolio = portfolio_create(
        access=access, name="x", selection=Selection([account.pk], assets=[asset.pk])
    )
    account.delete()
    asset.delete()
    found = chosen(access, portfolio)
    assert not found.is_whole
    assert not found.holds("a", "b", "stock")


def test_a_tag_set_later_is_seen(access: Access) -> None:
    asset = make.make_asset("AAAA3")
    portfolio = portfolio_create(access=access, name="x", selection=Selection(tags=["Renda"]))
    assert not chosen(access, portfolio).holds("a", str(asset.pk), "stock")
    asset_tags_set(access=access, asset=asset, names=["renda"])
    assert chosen(access, portfolio).holds("a", str(asset.pk), "stock")


def test_tags_are_of_one_workspace(access: Access) -> None:
    asset, other = make.make_asset("AAAA3"), make.make_access()
    assert asset_tags_set(access=access, asset=asset, names=["B", "a", "b", " "]) == ["a", "b"]
    asset_tags_set(access=other, asset=asset, names=["c"])
    assert tags_of(access=access) == {str(asset.pk): ["a", "b"]}
    assert asset_tags_set(access=access, asset=asset, names=["b", "d"]) == ["b", "d"]
    assert tags_of(access=access)[str(asset.pk)] == ["b", "d"]
    assert tags_of(access=other)[str(asset.pk)] == ["c"]


@pytest.mark.parametrize("name", ["", "   ", "PRINCIPAL", "x" * 81])
def test_names_are_given_short_and_once(access: Access, name: str) -> None:
    portfolio_create(access=access, name="Principal")
    with pytest.raises(Invalid) as raised:
        portfolio_create(access=access, name=name)
    assert raised.value.errors[0].field == "name"
    portfolio_create(access=make.make_access(), name="Principal")


def test_another_workspaces_things_are_refused(access: Access) -> None:
    other = make.make_access()
    account = make.make_account(other.workspace)
    asset = make.make_asset("ALHE3", workspace=other.workspace)
    for field, selection in (
        ("accounts", Selection(accounts=[account.pk])),
        ("assets", Selection(assets=[asset.pk])),
        ("classes", Selection(classes=["pizza"])),
    ):
        with pytest.raises(Invalid) as raised:
            portfolio_create(access=access, name="x", selection=selection)
        assert raised.value.errors[0].field == field
    assert not Portfolio.objects.exists()
    theirs = portfolio_create(access=other, name="dela")
    with pytest.raises(NotFound):
        portfolio_get(access=access, portfolio_id=theirs.pk)


def test_targets_make_a_whole(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="x")

    def put(by: str, **weights: str) -> None:
        given = {code: D(weight) for code, weight in weights.items()}
        portfolio_targets_set(access=access, portfolio=portfolio, by=by, weights=given)

    put("class", stock="0.6", fii="0.4")
    kept = {t.asset_class: t.weight for t in portfolio.targets.all()}
    assert kept == {"stock": D("0.6"), "fii": D("0.4")}
    put("class", stock="0.3333", fii="0.3333", etf="0.3333")  # thirds as people type them
    for wrong in (
        {"stock": "0.6"},
        {"stock": "0.6", "fii": "0.5"},
        {"stock": "-1", "fii": "2"},
        {"pizza": "1"},
    ):
        with pytest.raises(Invalid):
            put("class", **wrong)
    assert portfolio.targets.count() == 3
    asset = make.make_asset("AAAA3")
    portfolio_targets_set(
        access=access, portfolio=portfolio, by="asset", weights={str(asset.pk): D(1)}
    )
    assert [(t.asset_id, t.asset_class) for t in portfolio.targets.all()] == [(asset.pk, "")]
    put("class")
    assert not portfolio.targets.exists()


def test_a_viewer_looks_and_changes_nothing(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="x")
    asset = make.make_asset()
    viewer = make.make_access(access.workspace, Role.VIEWER)
    assert list(portfolios_of(access=viewer)) == [portfolio]
    for write in (
        lambda: portfolio_create(access=viewer, name="y"),
        lambda: portfolio_update(access=viewer, portfolio=portfolio, name="y"),
        lambda: portfolio_delete(access=viewer, portfolio=portfolio),
        lambda: portfolio_targets_set(access=viewer, portfolio=portfolio, by="class", weights={}),
        lambda: asset_tags_set(access=viewer, asset=asset, names=["y"]),
    ):
        with pytest.raises(Forbidden):
            write()


def test_a_portfolio_owns_no_trade(access: Access) -> None:
    account, asset = make.make_account(access.workspace), make.make_asset()
    make.make_transaction(account, asset=asset)
    portfolio = portfolio_create(
        access=access, name="x", selection=Selection([account.pk], assets=[asset.pk])
    )
    portfolio_delete(access=access, portfolio=portfolio)
    assert Transaction.objects.count() == 1


def test_history_tells_of_portfolios_items_and_targets(access: Access) -> None:
    account = make.make_account(access.workspace)
    portfolio = portfolio_create(access=access, name="x", selection=Selection([account.pk]))
    portfolio_targets_set(access=access, portfolio=portfolio, by="class", weights={"fii": D(1)})
    for model in (Portfolio, Portfolio.items.rel.related_model, AssetTag):
        assert hasattr(model, "pgh_event_model")
    assert portfolio.items.get().history.filter(pgh_label="insert").count() == 1
    assert portfolio.targets.get().history.count() == 1


def test_lists_ask_the_same_for_many(access: Access) -> None:
    client = signed(access)
    account = make.make_account(access.workspace)

    def add(count: int) -> None:
        for _ in range(count):
            asset = make.make_asset()
            name = f"c{Portfolio.objects.count()}"
            selection = Selection([account.pk], assets=[asset.pk])
            portfolio = portfolio_create(access=access, name=name, selection=selection)
            portfolio_targets_set(
                access=access, portfolio=portfolio, by="asset", weights={str(asset.pk): D(1)}
            )

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(ROOT + "portfolios/").status_code == 200
        return len(captured)

    add(2)
    few = asked()
    add(10)
    assert asked() == few <= 8


def test_a_portfolio_lives_through_the_api(access: Access) -> None:
    client = signed(access)
    account, asset = make.make_account(access.workspace), make.make_asset("AAAA3")
    sent: dict[str, Any] = {"name": "Renda", "classes": ["fii"], "accounts": [str(account.pk)]}
    made = client.post(ROOT + "portfolios/", sent, format="json")
    assert made.status_code == 201, made.json()
    body = made.json()
    assert (body["name"], body["classes"], body["accounts"]) == (
        "Renda",
        ["fii"],
        [str(account.pk)],
    )
    address = f"{ROOT}portfolios/{body['id']}/"
    patched = client.patch(address, {"assets": [str(asset.pk)], "name": "Renda 2"}, format="json")
    assert patched.json()["classes"] == ["fii"]
    assert patched.json()["assets"] == [str(asset.pk)]
    targets = {
        "target_by": "class",
        "targets": [
            {"asset_class": "fii", "weight": "0.75"},
            {"asset_class": "stock", "weight": "0.25"},
        ],
    }
    put = client.put(address + "targets/", targets, format="json")
    assert put.status_code == 200, put.json()
    assert [(t["asset_class"], t["weight"]) for t in put.json()["targets"]] == [
        ("fii", "0.75"),
        ("stock", "0.25"),
    ]
    targets["targets"] = [{"asset_class": "fii", "weight": "0.75"}]
    refused = client.put(address + "targets/", targets, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "targets_total")
    targets["targets"] = [{"asset": str(asset.pk), "weight": "1"}]
    assert client.put(address + "targets/", targets, format="json").status_code == 400
    assert [p["name"] for p in client.get(ROOT + "portfolios/").json()["results"]] == ["Renda 2"]
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_tags_through_the_api(access: Access) -> None:
    asset = make.make_asset("AAAA3")
    address = f"{ROOT}asset-tags/{asset.pk}/"
    client = signed(access)
    assert client.get(address).json() == {"tags": []}
    assert client.put(address, {"tags": ["Longo prazo"]}, format="json").json() == {
        "tags": ["longo prazo"]
    }
    viewer = signed(make.make_access(access.workspace, Role.VIEWER))
    assert viewer.get(address).json() == {"tags": ["longo prazo"]}
    assert viewer.put(address, {"tags": []}, format="json").status_code == 403
    assert signed(make.make_access()).get(address).json() == {"tags": []}


def test_a_stranger_finds_nothing(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="x")
    client = signed(make.make_access())
    for address in (f"{ROOT}portfolios/{portfolio.pk}/",):
        assert client.get(address).status_code == 404
        assert client.patch(address, {"name": "y"}, format="json").status_code == 404
        assert client.delete(address).status_code == 404
        sent = {"target_by": "class", "targets": []}
        assert client.put(address + "targets/", sent, format="json").status_code == 404
    assert client.get(ROOT + "portfolios/").json()["results"] == []
    assert Portfolio.objects.get().name == "x"
