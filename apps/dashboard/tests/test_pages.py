"""The pages that look over everything: what they show, and to whom."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import TaskRun
from apps.accounts.services import task_run_advance, task_run_finish, task_run_start
from testing.factories import make_account, make_asset, make_member, make_transaction, make_user

from .conftest import rebuild

pytestmark = pytest.mark.django_db
PAGES = (
    "overview",
    "evolution",
    "evolution_table",
    "start",
    "issues",
    "notifications",
    "bell",
    "search",
)
NB = "\u00a0"


def address(access, name, **query):
    return reverse(f"dashboard:{name}", args=[access.workspace.pk], query=query or None)


@pytest.mark.parametrize("name", PAGES)
def test_members_read_and_strangers_find_nothing(access, sign_in, name):
    url = address(access, name)
    assert sign_in(access.user).get(url).status_code == 200
    assert sign_in(make_member(access.workspace)).get(url).status_code == 200
    assert sign_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    assert sign_in(access.user).post(url).status_code == 405


def test_overview_tells_worth_change_gains_and_what_is_missing(access, sign_in):
    page = sign_in(access.user).get(address(access, "overview")).content.decode()
    # 60 x 20 + 6 x 50 = 1,500
    assert f"R${NB}1.500,00" in page
    # change of the day: 60 x (20 - 19) = 60
    assert f"+R${NB}60,00" in page
    # unrealised: 60 x (20 - 10.05) + 6 x (50 - 100) = 597 - 300 = 297
    assert f"+R${NB}297,00" in page
    # realised: 40 x (15 - 10.05) = 198
    assert f"+R${NB}198,00" in page
    assert f"+R${NB}30,00" in page
    assert "incompleto: 1 ativo sem valor" in page
    assert "sem cotação SEMC3" in page
    # Shares of the worth: 1,200 / 1,500 and 300 / 1,500
    assert f"80,0{NB}%" in page
    assert f"20,0{NB}%" in page
    assert "style=" not in page  # the content policy refuses it


def test_overview_in_english(access, sign_in):
    client = sign_in(access.user)
    page = client.get(address(access, "overview"), headers={"Accept-Language": "en"})
    assert "R$1,500.00" in page.content.decode()


def test_a_viewer_sees_no_way_to_write(access, sign_in):
    page = sign_in(make_member(access.workspace)).get(address(access, "overview")).content.decode()
    assert reverse("ledger:new", args=[access.workspace.pk]) not in page
    owner = sign_in(access.user).get(address(access, "overview")).content.decode()
    assert reverse("ledger:new", args=[access.workspace.pk]) in owner


def test_overview_of_a_past_day(access, sign_in):
    page = sign_in(access.user).get(address(access, "overview", on="2024-01-20")).content.decode()
    assert "20/01/2024" in page
    assert f"R${NB}1.800,00" in page  # 100 x 12 + 6 x 100, closes of 15/01


def test_a_wrong_choice_falls_back(access, sign_in):
    url = address(access, "overview", on="31/02/2024", currency="XXX", period="?")
    page = sign_in(access.user).get(url).content.decode()
    assert f"R${NB}1.500,00" in page


def test_overview_says_when_figures_are_being_rebuilt(access, sign_in, stale):
    assert "recalculando" not in sign_in(access.user).get(address(access, "overview")).text
    stale(access)
    assert "recalculando" in sign_in(access.user).get(address(access, "overview")).text


def test_a_workspace_without_rows_is_led_to_the_three_steps(empty, sign_in):
    answer = sign_in(empty.user).get(address(empty, "overview"))
    assert answer.url == address(empty, "start")
    page = sign_in(empty.user).get(answer.url).text
    for name in ("imports:list", "brokers:accounts", "ledger:opening", "ledger:new"):
        assert reverse(name, args=[empty.workspace.pk]) in page


def test_queries_do_not_grow_with_the_rows(access, sign_in, django_assert_max_num_queries):
    client = sign_in(access.user)
    client.get(address(access, "overview"))
    # session, person, membership, version of the figures, version of the market
    with django_assert_max_num_queries(6):
        client.get(address(access, "overview"))
    account = make_account(access.workspace)
    for number in range(12):
        make_transaction(account, asset=make_asset(f"XYZ{number}"), quantity=1, unit_price=1)
    rebuild(access)
    with django_assert_max_num_queries(6):
        client.get(address(access, "overview"))


def test_chart_has_an_etag_and_the_words_of_the_language(access, sign_in):
    client = sign_in(access.user)
    first = client.get(address(access, "evolution", period="all"))
    data = first.json()
    assert data["labels"] == {"value": "patrimônio", "net_invested": "aportes"}
    assert data["dates"][-1] == timezone.localdate().isoformat()
    assert len(data["dates"]) == len(data["value"]) == len(data["net_invested"])
    again = client.get(
        address(access, "evolution", period="all"), headers={"If-None-Match": first["ETag"]}
    )
    assert again.status_code == 304
    shorter = client.get(address(access, "evolution", period="1m"))
    assert shorter["ETag"] != first["ETag"]


def test_chart_waits_while_the_worker_has_nothing_yet(empty, sign_in):
    answer = sign_in(empty.user).get(address(empty, "evolution"))
    assert answer.status_code == 202
    assert answer.json()["dates"] == []


def test_chart_as_a_table_is_a_page_and_a_panel(access, sign_in):
    client = sign_in(access.user)
    url = address(access, "evolution_table", period="all")
    assert "<html" in client.get(url).text
    panel = client.get(url, headers={"HX-Request": "true"}).text
    assert "<html" not in panel
    assert "panel-head" in panel


def test_health_page_names_what_to_mend_and_where(access, sign_in):
    page = sign_in(access.user).get(address(access, "issues")).text
    assert "Custo desconhecido numa transferência de custódia" in page
    assert "Ativo sem cotação" in page
    row = access.workspace.transactions.get(kind="transfer_in")
    edit = reverse("ledger:edit", args=[access.workspace.pk, row.pk])
    assert edit in page
    assert edit not in sign_in(make_member(access.workspace)).get(address(access, "issues")).text


def test_health_page_with_nothing_to_mend(empty, sign_in):
    assert "Nada pendente" in sign_in(empty.user).get(address(empty, "issues")).text


def start_task(access):
    return task_run_start(
        workspace_id=access.workspace.pk, user_id=access.user.pk, kind="import", title="Arquivo X"
    )


def test_bell_shows_progress_and_asks_again_soon(access, sign_in):
    run = start_task(access)
    task_run_advance(task_run_id=run.pk, done=3, total=10)
    text = sign_in(access.user).get(address(access, "bell"), headers={"HX-Request": "true"}).text
    assert 'max="10" value="3"' in text
    assert "every 2s" in text


def test_bell_counts_what_is_new_until_it_is_looked_at(access, sign_in):
    run = start_task(access)
    task_run_finish(task_run_id=run.pk, message="10 linhas")
    client = sign_in(access.user)
    badge = '<span id="bell-badge" hx-swap-oob="true" class="badge">1'
    assert badge in client.get(address(access, "bell"), headers={"HX-Request": "true"}).text
    assert "10 linhas" in client.get(address(access, "notifications")).text
    assert TaskRun.objects.get().seen_at is not None
    assert badge not in client.get(address(access, "bell"), headers={"HX-Request": "true"}).text


def test_bell_of_another_member_does_not_show_my_tasks(access, sign_in):
    start_task(access)
    text = sign_in(make_member(access.workspace)).get(address(access, "bell")).text
    assert "Arquivo X" not in text


def test_bell_tells_the_page_when_figures_are_fresh_again(access, sign_in, stale):
    client = sign_in(access.user)
    stale(access)
    busy = client.get(address(access, "bell"), headers={"HX-Request": "true"})
    assert "was=stale" in busy.text
    assert "recalculando" in busy.text
    rebuild(access)
    fresh = client.get(address(access, "bell", was="stale"), headers={"HX-Request": "true"})
    assert "figures-updated" in fresh["HX-Trigger-After-Settle"]
    assert "HX-Trigger-After-Settle" not in client.get(address(access, "bell"))


def test_search_finds_assets_and_pages_without_accents(access, sign_in):
    client = sign_in(access.user)
    assert "ABCD S.A." in client.get(address(access, "search", q="abcd")).text
    assert "Pendências" in client.get(address(access, "search", q="pendencias")).text
    fragment = client.get(address(access, "search", q="zzz"), headers={"HX-Request": "true"}).text
    assert "Nada encontrado" in fragment
    assert "<html" not in fragment


def test_front_door(access, sign_in, settings):
    settings.EXITUS_DEMO = True
    page = Client().get("/").text
    assert "Ver a demonstração" in page
    assert "28,97" in page  # 6,373.10 / 220, see SAMPLE
    assert sign_in(access.user).get("/").url == address(access, "overview")
    assert sign_in(make_user()).get("/").url == reverse("profile:workspaces")


def test_theme_of_the_cookie_wins_over_the_preference(access, sign_in):
    access.user.theme = "dark"
    access.user.save()
    client = sign_in(access.user)
    assert 'data-theme="dark"' in client.get(address(access, "start")).text
    client.cookies["theme"] = "light"
    assert 'data-theme="light"' in client.get(address(access, "start")).text
    client.cookies["theme"] = '"><script>'
    assert "<script>" not in client.get(address(access, "start")).text


def test_the_entry_of_the_page_is_marked(access, sign_in):
    page = sign_in(access.user).get(address(access, "overview")).text
    assert page.count('aria-current="page"') == 2  # top bar and bottom tabs
