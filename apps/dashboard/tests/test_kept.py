"""Pages kept as written: quick for whom they are for, of no use to anybody else."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.accounts.kept import token_mark
from apps.accounts.models import Holder, Role
from apps.assets.models import Asset
from apps.market_data.services import price_record_manual
from testing.factories import make_member, make_user

pytestmark = pytest.mark.django_db
PAGES = ("dashboard:overview", "portfolios:positions")


@pytest.fixture(params=PAGES)
def url(request, access) -> str:
    return reverse(request.param, args=[access.workspace.pk])


@pytest.fixture
def settled(settings) -> None:
    """As installed: the market's version is kept for some seconds."""
    settings.EXITUS_MARKET_SETTLE_SECONDS = 10


def read(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def token_in(page: str) -> str:
    found = re.search(r'"X-CSRFToken": "(\w{64})"', page)
    assert found
    return found[1]


def without_token(page: str) -> str:
    return page.replace(token_in(page), "")


def test_a_kept_page_is_the_page_and_costs_one_query(access, url, sign_in, settled) -> None:
    client = sign_in(access.user)
    first = read(client, url)
    with CaptureQueriesContext(connection) as captured:
        again = read(client, url)
    assert len(captured) == 1
    assert without_token(first) == without_token(again)


def test_no_token_is_kept_and_the_one_given_is_the_visitor_s(access, url) -> None:
    for _ in range(2):
        client = Client(enforce_csrf_checks=True)
        client.force_login(access.user)
        page = read(client, url)
        assert token_mark() not in page
        kept = [cache._cache.get_client().get(key) for key in _keys("kept:")]
        assert kept
        assert not any(token_in(page).encode() in body for body in kept)
        away = client.post(reverse("account_logout"), {"csrfmiddlewaretoken": token_in(page)})
        assert away.status_code == 302
        assert client.get(url).status_code == 302  # nothing for who is no longer signed in


def _keys(part: str) -> list[bytes]:
    return list(cache._cache.get_client().scan_iter(f"*{part}*"))


def test_nobody_else_gets_it(access, url, sign_in) -> None:
    viewer = make_member(access.workspace, Role.VIEWER)
    new = reverse("ledger:new", args=[access.workspace.pk])
    owner_page = read(sign_in(access.user), url)
    viewer_page = read(sign_in(viewer), url)
    assert new in owner_page
    assert new not in viewer_page
    assert viewer.username in viewer_page
    assert access.user.username not in viewer_page
    assert sign_in(make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_a_removed_or_blocked_member_gets_nothing(access, url, sign_in) -> None:
    blocked, removed = (make_member(access.workspace, Role.VIEWER) for _ in range(2))
    clients = [sign_in(blocked), sign_in(removed)]
    for client in clients:
        read(client, url)
    blocked.is_active = False
    blocked.save()
    removed.memberships.all().delete()
    assert [client.get(url).status_code for client in clients] == [302, 404]


def test_a_new_password_ends_the_session(access, url, sign_in) -> None:
    client = sign_in(access.user)
    read(client, url)
    access.user.set_password("another-long-passphrase")
    access.user.save()
    assert client.get(url).status_code == 302


def test_prices_edits_and_settings_show_at_once(access, sign_in, stale) -> None:
    url = reverse("portfolios:positions", args=[access.workspace.pk])
    client = sign_in(access.user)
    assert "recalculando" not in read(client, url)
    asset = Asset.objects.get(ticker="TIJO11")
    price_record_manual(
        access=access, asset=asset, date=timezone.localdate(), price=Decimal("71.23")
    )
    assert "71,23" in read(client, url)
    access.workspace.name = "Outro nome"
    access.workspace.save()
    assert "Outro nome" in read(client, url)
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' in read(client, url)
    client.cookies["django_language"] = "en"
    assert 'lang="en"' in read(client, url)
    client.cookies["django_language"] = "pt-br"
    stale(access)
    assert "recalculando" in read(client, url)


def test_a_message_is_shown_once_and_never_kept(access, url, sign_in) -> None:
    client = sign_in(access.user)
    session = client.session
    session["_messages"] = '[["__json_message", 0, 25, "Gravado agora"]]'
    session.save()
    assert "Gravado agora" in read(client, url)
    assert "Gravado agora" not in read(client, url)


def test_addresses_of_unknown_parameters_are_not_kept(access, url, sign_in) -> None:
    client = sign_in(access.user)
    before = len(_keys("kept:"))
    read(client, f"{url}?anything={'x' * 40}")
    assert len(_keys("kept:")) == before
    read(client, f"{url}?currency=USD")
    assert len(_keys("kept:")) == before + 1


def test_endpoints_cost_one_query(access, settled) -> None:
    from rest_framework_simplejwt.tokens import RefreshToken

    client = Client(
        headers={"Authorization": f"Bearer {RefreshToken.for_user(access.user).access_token}"}
    )
    for path in ("dashboard", "positions"):
        first = client.get(f"/api/v1/{path}/")
        with CaptureQueriesContext(connection) as captured:
            again = client.get(f"/api/v1/{path}/")
        assert (len(captured), again.status_code) == (1, 200)
        assert again.content == first.content
        unchanged = client.get(f"/api/v1/{path}/", headers={"If-None-Match": first["ETag"]})
        assert unchanged.status_code == 304
    access.user.is_active = False
    access.user.save()
    assert client.get("/api/v1/dashboard/").status_code == 401


def test_an_edit_that_moves_no_version_shows_at_once(access, sign_in, settled) -> None:
    holder = Holder.objects.filter(workspace=access.workspace).get()
    url = reverse("portfolios:positions", args=[access.workspace.pk]) + "?group=holder"
    client = sign_in(access.user)
    assert "Outra Pessoa" not in read(client, url)
    edit = reverse("accounts:holder_edit", args=[access.workspace.pk, holder.pk])
    assert client.post(edit, {"name": "Outra Pessoa"}).status_code == 302
    client.get(reverse("accounts:holders", args=[access.workspace.pk]))  # takes the message
    assert "Outra Pessoa" in read(client, url)
