"""Positions, asset page and their endpoints: what they show, and to whom."""

from __future__ import annotations

import datetime as dt
import io
import math
import re
from decimal import Decimal
from functools import partial

import pandas
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.market_data.models import Price, Quote
from apps.portfolios.services import Selection, portfolio_create, workspace_rebuild
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_member,
    make_price,
    make_transaction,
    make_user,
)
from testing.figures import bare_figures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
PAGES = ("positions", "positions_csv", "positions_xlsx", "asset", "explain", "explain_total")
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
    if name == "explain_total":
        args.append(query.pop("figure", "value"))
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


def test_a_day_trade_leaves_the_average_and_is_told_in_the_explanation(access: Access) -> None:
    account = access.workspace.accounts.get(name="Corretora Um")
    asset = Asset.objects.get(ticker="ABCD3")
    for kind, price in (("sell", 22), ("buy", 21)):
        make_transaction(account, kind, "2024-04-10", asset=asset, quantity=60, unit_price=price)
    workspace_rebuild(workspace_id=access.workspace.pk, force=True)
    page = signed_in(access.user).get(address(access, "explain")).content.decode()
    # 60 held at 10.05 stay at 603.00; 60 x (22 - 21) is won on top of 40 x (15 - 10.05) = 198.00
    assert "60 × 21,00 · Day trade" in page
    assert "60 × 22,00 · Day trade" in page
    assert "603,00 ÷ 60" in page
    position = access.workspace.positions.get(asset=asset, account=None)
    assert (position.total_cost, position.realised_gain) == (603, 258)


def test_files_keep_full_precision_and_leave_the_unknown_empty(access: Access) -> None:
    client = signed_in(access.user)
    table = pandas.read_csv(io.BytesIO(client.get(address(access, "positions_csv")).content))
    assert table["Custo"].dtype.kind == "f"
    rows = table.set_index("Código")
    assert rows.loc["ABCD3", "Custo"] == 603
    assert math.isnan(rows.loc["SEMC3", "Custo"])
    assert rows.loc["ABCD3", "Classe"] == "Ação"
    answer = client.get(address(access, "positions_xlsx", group="broker"))
    assert answer["Content-Disposition"].endswith('.xlsx"')
    sheets = pandas.read_excel(io.BytesIO(answer.content), sheet_name=None)
    assert list(sheets) == ["posições", "saldo em conta"]
    by_account = sheets["posições"].set_index("Código")
    assert by_account.loc["ABCD3", "Conta"] == "Corretora Um"
    assert by_account.loc["ABCD3", "Custo"] == 603


def test_positions_by_portfolio_repeat_what_they_share_and_the_total_does_not(
    access: Access,
) -> None:
    other = make_account(access.workspace, name="Corretora Dois")
    asset = Asset.objects.get(ticker="ABCD3")
    make_transaction(other, "buy", "2024-04-01", asset=asset, quantity=10, unit_price=20, fees=0)
    workspace_rebuild(workspace_id=access.workspace.pk, force=True)
    create = partial(portfolio_create, access=access)
    create(name="Ações", selection=Selection(classes=["stock"]))
    create(name="Segunda", selection=Selection(accounts=[other.pk]))
    create(name="Vazia", selection=Selection(classes=["fii"]))
    page = signed_in(access.user).get(address(access, "positions", group="portfolio"))
    words = " ".join(re.sub(r"<[^>]+>", " ", page.content.decode()).replace("\xa0", " ").split())
    # 60 x 10,05 and 10 x 20 in all; the second account's are in both groups, once in the total.
    assert "Ações 803,00 * 1.400,00" in words
    assert "Segunda 200,00 200,00" in words
    assert words.count("ABCD3 ABCD S.A. Corretora Dois") == 2
    assert "Um ativo pode estar em várias carteiras" in words
    assert words.index("Ações 803,00") < words.index("Segunda 200,00")
    assert "Total 803,00 * 1.400,00" in words
    assert "Em nenhuma carteira" not in words


def test_what_no_portfolio_selects_stands_apart(access: Access) -> None:
    portfolio_create(access=access, name="Fundos", selection=Selection(classes=["fii"]))
    page = signed_in(access.user).get(address(access, "positions", group="portfolio"))
    assert "Em nenhuma carteira" in page.content.decode()


def test_a_sum_of_positions_opens_what_it_is_made_of(access: Access) -> None:
    client = signed_in(access.user)
    page = client.get(address(access, "explain_total", figure="value")).content.decode()
    assert "1.200,00" in page  # 60 at 20
    assert "Incompleto: não se sabe de" in page
    assert "SEMC3" in page
    by_class = client.get(address(access, "explain_total", group="class", key="stock"))
    assert "Ação" in by_class.content.decode()
    for wrong in ({"figure": "nada"}, {"group": "class", "key": "nada"}):
        assert client.get(address(access, "explain_total", **wrong)).status_code == 404


def test_an_explanation_says_how_the_worth_comes_from_the_price(access: Access) -> None:
    page = signed_in(access.user).get(address(access, "explain", currency="BRL")).content.decode()
    words = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())
    # 60 x 20 = 1.200, less what 60 of the 1.005 for 100 cost: 603.
    for told in ("Quantidade 60", "20,00", "R$ 1.200,00", "R$ 603,00", "+597,00"):
        assert told in words


@pytest.mark.parametrize("name", ["positions", "asset"])
def test_no_figure_of_a_page_opens_nothing(access: Access, name: str) -> None:
    client = signed_in(access.user)
    page = client.get(address(access, name, currency="BRL")).content.decode()
    bare = bare_figures(page.partition("Lançamentos<small>")[0] if name == "asset" else page)
    assert bare == []
    links = set(re.findall(r'href="([^"]*por-que[^"]*)"', page))
    assert links
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


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
