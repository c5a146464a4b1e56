"""Pages of the analyses: what they show, to whom, and at what cost."""

from __future__ import annotations

import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.performance.tests.conftest import days_ago, touch
from apps.performance.tests.test_timelines import no_worker
from apps.portfolios.services import (
    Selection,
    portfolio_create,
    portfolio_targets_set,
    workspace_rebuild,
)
from testing import factories as make

pytestmark = pytest.mark.django_db
PAGES = ("returns", "risk", "allocation", "income", "asset", "explain", "state")
__all__ = ["no_worker"]


def address(access: Access, name: str, **query: str) -> str:
    args: list[Any] = [access.workspace.pk]
    if name == "asset":
        args.append(Asset.objects.get(ticker="AAAA3").pk)
    if name == "explain":
        args.append(query.pop("code", "twr"))
    return reverse(f"performance:{name}", args=args, query=query or None)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(access: Access, name: str, **query: str) -> str:
    """The page's words, one space between them."""
    answer = signed_in(access.user).get(address(access, name, **query))
    assert answer.status_code == 200
    plain = re.sub(r"<[^>]+>", " ", answer.content.decode())
    return " ".join(plain.replace("\xa0", " ").split())


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


@pytest.fixture
def built(access: Access) -> Access:
    written = touch(access)
    workspace_rebuild(workspace_id=written.workspace.pk)
    return written


@pytest.mark.parametrize("name", PAGES)
def test_members_read_and_strangers_find_nothing(built: Access, name: str) -> None:
    url = address(built, name)
    assert signed_in(built.user).get(url).status_code == 200
    assert signed_in(make.make_member(built.workspace)).get(url).status_code == 200
    assert signed_in(make.make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_returns_say_gain_its_parts_and_a_table_that_adds_up(built: Access) -> None:
    # 100 × 10 + 10 × 50 + 5 of fees put in, 27 received, 1.500 + 500 left:
    # 2.000 − 1.505 + 27 = 522 = 500 of price + 30 of income − 5 of fees − 3 withheld.
    page = text_of(built, "returns", period="all", group_by="class")
    assert "+R$ 522,00" in page
    for part in ("+500,00", "+30,00", "−5,00", "−3,00", "+522,00"):
        assert part in page
    assert "menos de um ano: não se anualiza" in page
    rows = re.findall(r"([+−]?\d+,\d\d %)", page[page.index("Quem trouxe o retorno") :])
    assert rows
    whole = re.search(r"Retorno da carteira ▲ (\+\d+,\d\d %)", page)
    assert whole is not None
    assert rows.count(whole[1]) == 2  # the return and the contributions, both on the last line


def test_a_long_table_is_written_whole_when_asked_for(built: Access, monkeypatch) -> None:
    monkeypatch.setattr("apps.performance.pages.returns.FIRST_ROWS", 1)
    page = text_of(built, "returns", period="all")
    table = page[page.index("Quem trouxe o retorno") :]
    assert "AAAA3" in table
    assert "BBBB11" not in table
    assert "+522,00" in table  # the total is of every row
    assert "Mostrar todas as 2 linhas" in table
    whole = text_of(built, "returns", period="all", rows="all")
    assert "BBBB11" in whole[whole.index("Quem trouxe o retorno") :]
    assert "Mostrar todas" not in whole


def test_returns_keep_the_question_in_every_address(built: Access) -> None:
    url = address(built, "returns", period="6m", currency="BRL", benchmarks="IBOV,110%CDI")
    page = signed_in(built.user).get(url).content.decode()
    kept = re.findall(r'href="([^"]*analises[^"]*\?[^"]*)"', page)
    assert len(kept) > 20
    for link in kept:
        assert "benchmarks=IBOV,110%25CDI" in link
    periods = [link for link in kept if "period=ytd" in link]
    assert periods
    assert f"{address(built, 'risk')}?period=6m" in page


def test_two_dates_take_the_place_of_a_period(built: Access) -> None:
    start, end = days_ago(40), days_ago(10)
    page = text_of(built, "returns", **{"from": start.isoformat(), "to": end.isoformat()})
    assert f"Do fechamento de {start:%d/%m/%Y} ao de {end:%d/%m/%Y}" in page
    body = (
        signed_in(built.user)
        .get(address(built, "returns", **{"from": start.isoformat()}))
        .content.decode()
    )
    assert not re.search(r'period=[^"]*"[^>]*aria-current="true"', body)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2024-31-31"}, "Use uma data no formato AAAA-MM-DD."),
        ({"from": "2024-02-02", "to": "2024-01-01"}, "O início deve ser antes do fim."),
        ({"period": "7w"}, "Use um destes"),
        ({"benchmarks": "NADA9"}, "Não conhecemos a referência NADA9."),
    ],
)
def test_what_cannot_be_read_is_told_and_left_out(
    built: Access, query: dict[str, str], said: str
) -> None:
    assert said in text_of(built, "returns", **query)


def test_a_portfolio_of_another_workspace_is_not_found(built: Access) -> None:
    other = portfolio_create(access=make.make_access(), name="Alheia")
    for name in ("returns", "risk", "allocation", "income"):
        url = address(built, name, carteira=str(other.pk))
        assert signed_in(built.user).get(url).status_code == 404


def test_risk_says_falls_windows_and_concentration(built: Access) -> None:
    page = text_of(built, "risk", period="all", benchmarks="CDI", window="1m")
    assert "Índice de Sharpe" in page
    assert "ainda não" in page or "nunca caiu" in page or "Recuperada" in page
    # 1.500 and 500 of 2.000: 0,75² + 0,25² = 0,625, as 1,6 equal ones
    assert "0,625" in page
    assert "1,6" in page
    assert "75,0 %" in page
    assert "Retorno da janela" in page
    assert "O histórico é mais curto do que a janela" in text_of(built, "risk", window="36m")


def test_allocation_beside_its_targets(built: Access) -> None:
    portfolio = portfolio_create(access=built, name="Tudo", selection=Selection())
    portfolio_targets_set(
        access=built, portfolio=portfolio, by="class", weights={"stock": D("0.5"), "fii": D("0.5")}
    )
    page = text_of(built, "allocation", carteira=str(portfolio.pk))
    assert "75,0 %" in page
    assert "+25,0" in page  # percentage points above
    assert "vender 500,00" in page  # 1.500 − 0,5 × 2.000
    assert "comprar 500,00" in page
    assert "Metas são de uma carteira" in text_of(built, "allocation")


def test_income_by_month_and_asset(built: Access) -> None:
    page = text_of(built, "income", period="all")
    assert "R$ 30,00" in page
    assert "R$ 27,00" in page
    assert "AAAA3" in page
    assert "2,00 %" in page  # 30 of 1.500 on the value
    assert "3,00 %" in page  # 30 of 1.000 on the cost
    empty = text_of(built, "income", **{"from": days_ago(10).isoformat()})
    assert "Nada neste período" not in empty


def test_the_own_return_of_an_asset(built: Access) -> None:
    page = text_of(built, "asset", period="all")
    assert "+R$ 527,00" in page  # 500 of price + 30 − 3 withheld


def test_an_explanation_has_formula_parts_and_their_sum(built: Access) -> None:
    page = text_of(built, "explain", code="absolute_gain", period="all")
    assert "valor final − valor inicial − entradas + saídas" in page
    assert "Soma" in page
    assert "R$ 522,00" in page
    assert "−R$ 1.505,00" in page
    panel = signed_in(built.user).get(address(built, "explain"), headers={"HX-Request": "true"})
    assert b"panel-head" in panel.content
    unknown = signed_in(built.user).get(address(built, "explain", code="nada"))
    assert unknown.status_code == 404


def test_rows_of_the_ledger_open_for_those_who_may_edit(built: Access) -> None:
    url = address(built, "explain", code="income_gross", period="all")
    editor = signed_in(built.user).get(url).content.decode()
    viewer = signed_in(make.make_member(built.workspace)).get(url).content.decode()
    assert "/lancamentos/" in main_of(editor)
    assert "R$" in main_of(viewer)
    assert "/lancamentos/" not in main_of(viewer)


@pytest.mark.usefixtures("no_worker")
def test_the_page_waits_for_the_worker_and_says_so(built: Access) -> None:
    body = signed_in(built.user).get(address(built, "returns")).content.decode()
    assert "Montando o histórico dia a dia" in body
    assert 'hx-trigger="every 1500ms"' in body
    assert '<meta http-equiv="refresh"' in body
    state = signed_in(built.user).get(address(built, "state"))
    assert "HX-Trigger-After-Settle" not in state


def test_newer_figures_are_announced(built: Access) -> None:
    assert "analysis-updated" in str(
        signed_in(built.user).get(address(built, "state", was="0-0")).headers
    )


def test_a_page_is_kept_until_anything_of_it_changes(built: Access) -> None:
    portfolio = portfolio_create(access=built, name="Antes", selection=Selection())
    client, url = signed_in(built.user), address(built, "allocation")
    client.get(url)
    with CaptureQueriesContext(connection) as kept:
        assert "Antes" in client.get(url).content.decode()
    assert len(kept) <= 3  # who asks, and the versions of figures and taxes
    edit = reverse("portfolios:portfolio_edit", args=[built.workspace.pk, portfolio.pk])
    client.post(edit, {"name": "Depois"})
    assert "Depois" in client.get(url).content.decode()


def test_an_empty_workspace_learns_where_to_begin() -> None:
    empty = make.make_access()
    assert "Ainda não há o que analisar" in text_of(empty, "returns")


@pytest.mark.parametrize("name", ["returns", "risk", "allocation", "income"])
def test_cost_does_not_grow_with_assets(built: Access, name: str) -> None:
    client = signed_in(built.user)
    account = make.make_account(built.workspace, name="Outra")

    def queries() -> int:
        client.get(address(built, name, period="all", kept="no"))
        with CaptureQueriesContext(connection) as captured:
            client.get(address(built, name, period="all", kept="no"))
        return len(captured)

    before = queries()
    for at in range(6):
        asset = make.make_asset(f"MORE{at}")
        make.make_transaction(
            account, "buy", days_ago(50), asset=asset, quantity=1, unit_price=10, fees=0
        )
        make.make_price(asset, days_ago(50), 10)
    portfolio_create(access=built, name="Uma", selection=Selection(classes=["fii"]))
    workspace_rebuild(workspace_id=built.workspace.pk)
    assert queries() == before
