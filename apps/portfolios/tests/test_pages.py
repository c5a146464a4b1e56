"""Positions, asset page and their endpoints: what they show, and to whom."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.market_data.models import Price, Quote
from apps.portfolios.services import workspace_rebuild
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_member,
    make_price,
    make_transaction,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
PAGES = ("positions", "positions_csv", "asset", "explain")
WRITES = ("refresh", "manual_price")


@pytest.fixture
def access() -> Access:
    access = make_access()
    account = make_account(access.workspace, name="Corretora Um")
    asset = make_asset("ABCD3", name="ABCD S.A.")
    make_transaction(account, "buy", "2024-01-02", asset=asset, quantity=100, unit_price=10, fees=5)
    make_transaction(account, "sell", "2024-02-01", asset=asset, quantity=40, unit_price=15, fees=0)
    make_transaction(account, "transfer_in", "2024-03-01", asset=make_asset("SEMC3"), quantity=7)
    now = timezone.now()
    Quote.objects.create(
        asset=asset,
        price=Decimal(20),
        previous_close=Decimal(19),
        currency="BRL",
        as_of=now,
        fetched_at=now,
        source="brapi",
    )
    make_price(asset, "2024-01-15", "12")
    workspace_rebuild(workspace_id=access.workspace.pk)
    return access


def address(access: Access, name: str, **query: str) -> str:
    args = [access.workspace.pk]
    if name in ("asset", "explain", "manual_price"):
        args.append(Asset.objects.get(ticker="ABCD3").pk)
    return reverse(f"portfolios:{name}", args=args, query=query or None)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_members_read_and_strangers_find_nothing(access: Access, name: str) -> None:
    url = address(access, name)
    assert signed_in(access.user).get(url).status_code == 200
    assert signed_in(make_member(access.workspace)).get(url).status_code == 200
    assert signed_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("name", WRITES)
def test_only_editors_change_anything(access: Access, name: str) -> None:
    url = address(access, name)
    data = {"date": "2024-05-02", "price": "12,50"}
    assert signed_in(make_member(access.workspace)).post(url, data).status_code == 403
    assert signed_in(make_user()).post(url, data).status_code == 404
    assert not Price.objects.filter(workspace__isnull=False).exists()
    assert signed_in(access.user).post(url, data).status_code == 302


def test_positions_say_average_value_and_what_is_unknown(access: Access) -> None:
    page = signed_in(access.user).get(address(access, "positions")).content.decode()
    # (1,000 + 5) / 100 = 10.05; 60 x 20 = 1,200; 1,200 - 60 x 10.05 = 597
    assert "10,05" in page
    assert "1.200,00" in page
    assert "+597,00" in page
    assert "incompleto: falta o preço de SEMC3" in page
    assert 'title="custo desconhecido"' in page


def test_positions_of_a_past_day(access: Access) -> None:
    url = address(access, "positions", on="2024-01-20")
    page = signed_in(access.user).get(url).content.decode()
    assert "20/01/2024" in page
    assert "1.200,00" in page  # 100 x 12, the close of 15/01
    assert "SEMC3" not in page


def test_a_wrong_filter_falls_back_instead_of_breaking(access: Access) -> None:
    url = address(access, "positions", on="31/02/2024", currency="XXX", group="?", sort="--")
    assert signed_in(access.user).get(url).status_code == 200


def test_explanation_reads_line_by_line(access: Access) -> None:
    page = signed_in(access.user).get(address(access, "explain")).content.decode()
    assert "100 × 10,00 + 5,00 de taxas" in page
    assert "1.005,00 ÷ 100" in page
    assert "40 × 15,00" in page


def test_csv_keeps_full_precision_and_leaves_the_unknown_empty(access: Access) -> None:
    text = signed_in(access.user).get(address(access, "positions_csv")).content.decode()
    rows = {line.split(",")[0]: line.split(",") for line in text.strip().splitlines()}
    header = rows["ticker"]
    assert Decimal(rows["ABCD3"][header.index("total_cost")]) == Decimal(603)
    assert rows["SEMC3"][header.index("total_cost")] == ""


def test_a_wrong_price_is_refused_where_it_was_typed(access: Access) -> None:
    url = address(access, "manual_price")
    answer = signed_in(access.user).post(url, {"date": "2024-05-02", "price": "doze"})
    assert answer.status_code == 422
    assert "Escreva um número" in answer.content.decode()


def test_api_tells_the_same_figures(access: Access) -> None:
    client = signed_in(access.user)
    found = client.get("/api/v1/positions/").json()
    row = next(r for r in found["results"] if r["ticker"] == "ABCD3")
    assert row["quantity"] == "60"
    assert (row["average_cost"], row["total_cost"]) == ("10.05", "603")
    assert (row["market_value"], row["unrealised_gain"]) == ("1200", "597")
    assert row["realised_gain"] == "198"  # 600 - 40 x 10.05
    unknown = next(r for r in found["results"] if r["ticker"] == "SEMC3")
    assert unknown["total_cost"] is None
    assert unknown["market_value"] is None
    past = client.get("/api/v1/positions/?on=2024-01-20").json()["results"]
    assert [(r["ticker"], r["quantity"]) for r in past] == [("ABCD3", "100")]
    by_account = client.get("/api/v1/positions/?by=account").json()["results"]
    assert {r["account"] for r in by_account} == {"Corretora Um"}
    wrong = client.get("/api/v1/positions/?on=ontem")
    assert wrong.status_code == 400
    assert wrong["Content-Type"].startswith("application/problem+json")


def test_api_dashboard_and_evolution(access: Access) -> None:
    client = signed_in(access.user)
    figures = client.get("/api/v1/dashboard/").json()
    assert figures["worth"] == "1200"
    assert figures["day_change"] == "60"
    assert figures["missing_prices"] == ["SEMC3"]
    assert client.get("/api/v1/dashboard-evolution/").status_code in (200, 202)
    explained = client.get(f"/api/v1/positions/{Asset.objects.get(ticker='ABCD3').pk}/")
    assert explained.json()["holders"][0]["steps"][-1]["average_cost"] is not None


def test_a_stranger_cannot_name_the_workspace(access: Access) -> None:
    client = signed_in(make_access().user)
    answer = client.get("/api/v1/positions/", headers={"X-Workspace": str(access.workspace.pk)})
    assert answer.status_code == 404
    assert client.get("/api/v1/positions/").json()["results"] == []


def test_page_queries_do_not_follow_the_rows(access: Access, django_assert_max_num_queries) -> None:
    account = access.workspace.accounts.get()
    for number in range(30):
        make_transaction(account, date=dt.date(2024, 6, 3), asset=make_asset(f"XY{number:02}3"))
    workspace_rebuild(workspace_id=access.workspace.pk, force=True)
    client = signed_in(access.user)
    with django_assert_max_num_queries(24):
        client.get(address(access, "positions"))
    with django_assert_max_num_queries(10):
        client.get(address(access, "positions"))
