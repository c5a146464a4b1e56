"""Pages of portfolios: choosing, weighing, forgetting; tags of an asset; to whom, at what cost."""

from __future__ import annotations

import re
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.portfolios.models import AssetTag, Portfolio
from apps.portfolios.selectors import portfolio_get
from apps.portfolios.services import (
    Selection,
    asset_tags_set,
    portfolio_create,
    portfolio_targets_set,
    workspace_rebuild,
)
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]


@pytest.fixture
def access() -> Access:
    """100 of a share at 15 and 10 of a fund at 50: 1.500 and 500."""
    access = make.make_access()
    account = make.make_account(access.workspace, name="Corretora Um")
    for ticker, kind, quantity, price in (("AAAA3", "stock", 100, 15), ("BBBB11", "fii", 10, 50)):
        asset = make.make_asset(ticker, kind)
        make.make_transaction(
            account, "buy", "2024-01-02", asset=asset, quantity=quantity, unit_price=10, fees=0
        )
        make.make_price(asset, "2024-01-02", price)
    workspace_rebuild(workspace_id=access.workspace.pk)
    return access


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(access: Access, name: str, portfolio: Portfolio | None = None, **query: str) -> str:
    args: list[Any] = [access.workspace.pk, *([portfolio.pk] if portfolio else [])]
    return reverse(f"portfolios:{name}", args=args, query=query or None)


def words(page: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).replace("\xa0", " ").split())


def asset(ticker: str) -> Asset:
    return Asset.objects.get(ticker=ticker)


def made(access: Access, **chosen: Any) -> Portfolio:
    return portfolio_create(access=access, name="Renda", selection=Selection(**chosen))


def test_who_reads_and_who_writes(access: Access) -> None:
    portfolio = made(access, classes=["fii"])
    viewer, stranger = make.make_member(access.workspace), make.make_user()
    listing = address(access, "portfolios")
    assert [signed_in(who).get(listing).status_code for who in (access.user, viewer, stranger)] == [
        200,
        200,
        404,
    ]
    forms = [
        address(access, "portfolio_new"),
        *(
            address(access, name, portfolio)
            for name in ("portfolio_edit", "portfolio_targets", "portfolio_delete")
        ),
    ]
    for url in forms:
        assert signed_in(access.user).get(url).status_code == 200
        for method in ("get", "post"):
            assert getattr(signed_in(viewer), method)(url).status_code == 403
            assert getattr(signed_in(stranger), method)(url).status_code == 404
    page = signed_in(viewer).get(listing).content.decode()
    assert address(access, "portfolio_new") not in page
    assert Portfolio.objects.count() == 1


def test_the_list_says_worth_share_and_distance_from_the_targets(access: Access) -> None:
    portfolio = made(access)
    weights = {"stock": Decimal("0.5"), "fii": Decimal("0.5")}
    portfolio_targets_set(access=access, portfolio=portfolio, by="class", weights=weights)
    portfolio_create(access=access, name="FIIs", selection=Selection(classes=["fii"]))
    page = words(signed_in(access.user).get(address(access, "portfolios")).content)
    assert "Renda R$ 2.000,00" in page
    assert "FIIs R$ 500,00" in page
    assert "25,0 %" in page  # 500 of 2.000, and (0,25 + 0,25) ÷ 2 in the wrong class
    assert "sem metas" in page


def test_a_portfolio_is_made_from_what_is_ticked(access: Access) -> None:
    account = Account.objects.get()
    answer = signed_in(access.user).post(
        address(access, "portfolio_new"),
        {
            "name": " Renda ",
            "description": "O que paga",
            "accounts": [account.pk],
            "classes": ["fii"],
            "assets": [asset("AAAA3").pk],
        },
    )
    portfolio = Portfolio.objects.get()
    assert answer.url == address(access, "portfolio_targets", portfolio)
    assert (portfolio.name, portfolio.by_account, portfolio.by_asset) == ("Renda", True, True)
    edit = signed_in(access.user).get(address(access, "portfolio_edit", portfolio)).content.decode()
    ticked = set(re.findall(r'value="([^"]+)"[^>]*checked', edit))
    assert ticked == {str(account.pk), "fii", str(asset("AAAA3").pk)}


def test_what_is_wrong_is_said_beside_the_field(access: Access) -> None:
    made(access)
    client = signed_in(access.user)
    again = client.post(address(access, "portfolio_new"), {"name": "renda"})
    assert again.status_code in (302, 422)
    empty = client.post(address(access, "portfolio_new"), {"name": ""})
    assert empty.status_code == 422
    twice = client.post(address(access, "portfolio_new"), {"name": "Renda"})
    assert twice.status_code == 422
    stolen = make.make_account(make.make_access().workspace)
    taken = client.post(address(access, "portfolio_new"), {"name": "X", "accounts": [stolen.pk]})
    assert taken.status_code == 422
    assert not Portfolio.objects.filter(name="X").exists()


def test_an_edit_chooses_anew(access: Access) -> None:
    portfolio = made(access, classes=["fii"])
    signed_in(access.user).post(
        address(access, "portfolio_edit", portfolio), {"name": "Tudo", "classes": []}
    )
    after = portfolio_get(access=access, portfolio_id=portfolio.pk)
    assert (after.name, after.by_asset, list(after.items.all())) == ("Tudo", False, [])


def test_weights_as_people_type_them(access: Access) -> None:
    portfolio = made(access)
    url = address(access, "portfolio_targets", portfolio, por="class")
    page = words(signed_in(access.user).get(url).content)
    assert "75,0 %" in page
    assert "25,0 %" in page
    answer = signed_in(access.user).post(
        url,
        {
            "w-stock": "62,5 %",
            "w-fii": "25",
            "extra-1": "crypto",
            "extra-weight-1": "12,5",
        },
    )
    assert answer.status_code == 302
    found = {t.asset_class: t.weight for t in portfolio.targets.all()}
    assert found == {
        "stock": Decimal("0.625"),
        "fii": Decimal("0.25"),
        "crypto": Decimal("0.125"),
    }
    kept = signed_in(access.user).get(address(access, "portfolio_targets", portfolio))
    assert 'value="62,5"' in kept.content.decode()


def test_weights_by_asset_and_of_one_not_held_yet(access: Access) -> None:
    make.make_asset("NOVO3")
    portfolio = made(access)
    url = address(access, "portfolio_targets", portfolio, por="asset")
    held = asset("AAAA3")
    sent = {f"w-{held.pk}": "60", "extra-1": "novo3", "extra-weight-1": "40"}
    assert signed_in(access.user).post(url, sent).status_code == 302
    assert {t.asset.ticker for t in portfolio.targets.all() if t.asset} == {"AAAA3", "NOVO3"}
    unknown = {f"w-{held.pk}": "60", "extra-1": "NADA3", "extra-weight-1": "40"}
    answer = signed_in(access.user).post(url, unknown)
    assert answer.status_code == 422
    assert "Não conhecemos o ativo NADA3." in answer.content.decode()


@pytest.mark.parametrize(
    ("stock", "fii", "said"),
    [
        ("60", "30", "As metas somam 90,00 %; devem somar 100 %."),
        ("doze", "", "Escreva um número, como 12,5."),
        ("130", "", "Cada meta fica de 0 a 100 %."),
    ],
)
def test_weights_that_cannot_be(access: Access, stock: str, fii: str, said: str) -> None:
    portfolio = made(access)
    url = address(access, "portfolio_targets", portfolio)
    answer = signed_in(access.user).post(url, {"w-stock": stock, "w-fii": fii})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not portfolio.targets.exists()


def test_no_weights_means_no_targets(access: Access) -> None:
    portfolio = made(access)
    portfolio_targets_set(
        access=access, portfolio=portfolio, by="class", weights={"fii": Decimal(1)}
    )
    signed_in(access.user).post(address(access, "portfolio_targets", portfolio), {})
    assert not portfolio.targets.exists()


def test_forgetting_asks_first(access: Access) -> None:
    portfolio = made(access)
    url = address(access, "portfolio_delete", portfolio)
    assert "Excluir a carteira Renda?" in words(signed_in(access.user).get(url).content)
    assert Portfolio.objects.exists()
    signed_in(access.user).post(url)
    assert not Portfolio.objects.exists()


def test_an_unknown_portfolio_is_not_found(access: Access) -> None:
    other = made(make.make_access())
    for pk in (other.pk, uuid.uuid4()):
        url = reverse("portfolios:portfolio_edit", args=[access.workspace.pk, pk])
        assert signed_in(access.user).get(url).status_code == 404


def test_tags_of_an_asset(access: Access) -> None:
    url = reverse("portfolios:asset_tags", args=[access.workspace.pk, asset("AAAA3").pk])
    assert signed_in(access.user).post(url, {"tags": "Longo prazo, filhos,,"}).status_code == 302
    assert set(AssetTag.objects.values_list("name", flat=True)) == {"longo prazo", "filhos"}
    page = signed_in(access.user).get(
        reverse("portfolios:asset", args=[access.workspace.pk, asset("AAAA3").pk])
    )
    assert "#filhos" in page.content.decode()
    assert signed_in(make.make_member(access.workspace)).post(url, {}).status_code == 403
    assert signed_in(make.make_user()).post(url, {}).status_code == 404
    signed_in(access.user).post(url, {"tags": ""})
    assert not AssetTag.objects.exists()


def test_cost_of_the_list_does_not_grow(access: Access) -> None:
    client = signed_in(access.user)
    asset_tags_set(access=access, asset=asset("AAAA3"), names=["um"])
    made(access, tags=["um"])

    def queries() -> int:
        client.get(address(access, "portfolios"))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(access, "portfolios"))
        return len(captured)

    before = queries()
    for at in range(4):
        portfolio_create(
            access=access, name=f"P{at}", selection=Selection(tags=["um"], classes=["fii"])
        )
    assert queries() == before


def test_a_worth_nobody_knows_is_no_zero() -> None:
    access = make.make_access()
    account = make.make_account(access.workspace)
    asset = make.make_asset("CCCC3")
    make.make_transaction(
        account, "buy", "2024-01-02", asset=asset, quantity=10, unit_price=10, fees=0
    )
    workspace_rebuild(workspace_id=access.workspace.pk)
    selection = Selection(classes=["stock"])
    portfolio = portfolio_create(access=access, name="Tudo", selection=selection)
    page = signed_in(access.user).get(address(access, "portfolio_targets", portfolio))
    assert "a carteira vale —." in words(page.content)
    assert "R$ 0,00" not in words(page.content)
