"""Pages of taxes opened by an accountant's address: one holder, no way out, an end at once."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.taxes.models import TaxLink
from apps.taxes.services import link_create, link_revoke
from apps.taxes.tests.pages_support import SHARED, address, args_of, read, signed_in
from apps.taxes.tests.support import Tax, above_the_limit, make_tax

pytestmark = pytest.mark.django_db


@pytest.fixture
def tax() -> Tax:
    """Sales of 30,000 in March 2024: tax of 1,500.00, DARF of 1,498.50 due on 30 April."""
    found = make_tax()
    above_the_limit(found)
    found.assess()
    return found


def shared(tax: Tax) -> str:
    _link, token = link_create(access=tax.access, holder=tax.holder, name="Contadora")
    return token


@pytest.mark.parametrize("name", SHARED)
def test_an_accountant_reads_one_holder_and_finds_no_way_out(tax: Tax, name: str) -> None:
    cache.clear()
    url = reverse(f"taxes_site:{name}", args=[shared(tax), *args_of(name)])
    answer = Client().get(url, follow=True)
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    body = answer.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in body
    assert "/w/" not in body
    assert str(tax.workspace.pk) not in body
    assert '<form method="post"' not in body
    assert Client().post(url).status_code == 405


def test_a_token_is_exchanged_for_a_cookie_at_once(tax: Tax) -> None:
    cache.clear()
    token = shared(tax)
    link = TaxLink.objects.get()
    client = Client()
    first = client.get(reverse("taxes_site:month", args=[token, 2024, 3], query={"a": "b"}))
    assert first.status_code == 302
    clean = reverse("taxes_site:month", args=[link.pk, 2024, 3])
    assert first["Location"] == f"{clean}?a=b"
    assert first["Referrer-Policy"] == "no-referrer"
    assert "no-store" in first["Cache-Control"]
    cookie = first.cookies["contador"]
    assert cookie["httponly"]
    assert cookie["path"] == reverse("taxes_site:home", args=[link.pk])
    assert cookie["samesite"] == "Lax"
    # Thirty days, as the link.
    assert 29 * 86400 < cookie["max-age"] <= 31 * 86400
    assert token not in cookie.value
    answer = client.get(clean)
    assert answer.status_code == 200
    assert token not in answer.content.decode()
    # Without the cookie, with one made up, or with that of another link, the address is of nothing.
    assert Client().get(clean).status_code == 404
    liar = Client()
    liar.cookies["contador"] = str(link.pk)
    assert liar.get(clean).status_code == 404
    _other, another = link_create(access=tax.access, holder=tax.holder)
    other = Client()
    value = other.get(reverse("taxes_site:home", args=[another])).cookies["contador"].value
    forged = Client()
    forged.cookies["contador"] = value
    assert forged.get(clean).status_code == 404
    # Revoked, it opens nothing from the next request on.
    assert client.get(clean).status_code == 200
    link_revoke(access=tax.access, link_id=link.pk)
    assert client.get(clean).status_code == 404


def test_a_cookie_ends_with_its_link(tax: Tax) -> None:
    cache.clear()
    client = Client()
    assert (
        client.get(reverse("taxes_site:home", args=[shared(tax)]), follow=True).status_code == 200
    )
    link = TaxLink.objects.get()
    TaxLink.objects.update(expires_at=timezone.now())
    assert client.get(reverse("taxes_site:home", args=[link.pk])).status_code == 404


def test_a_revoked_address_opens_nothing(tax: Tax) -> None:
    cache.clear()
    token = shared(tax)
    link = TaxLink.objects.get()
    client = signed_in(tax.access.user)
    revoke = reverse("taxes:revoke", args=[tax.workspace.pk, link.pk])
    assert client.post(revoke).status_code == 302
    assert Client().get(reverse("taxes_site:home", args=[token])).status_code == 404
    assert Client().get(reverse("taxes_site:home", args=["nada"])).status_code == 404


def test_an_address_is_told_once(tax: Tax) -> None:
    cache.clear()
    client = signed_in(tax.access.user)
    answer = client.post(address(tax, "links"), {"name": "Contadora", "expires_on": ""})
    told = re.search(r"http://testserver(/compartilhado/impostos/[\w-]+/)", answer.content.decode())
    assert told is not None
    assert Client().get(told[1], follow=True).status_code == 200
    assert told[1] not in client.get(address(tax, "links")).content.decode()
    assert "Contadora" in read(tax, "links")
    feed = client.post(address(tax, "calendar"), {"feed": "1"})
    url = re.search(r"(/impostos/calendario/[\w-]+\.ics)", feed.content.decode())
    assert url is not None
    assert b"BEGIN:VCALENDAR" in Client().get(url[1]).content


def test_whoever_guesses_addresses_is_slowed_down(tax: Tax) -> None:
    cache.clear()
    codes = [
        Client().get(reverse("taxes_site:home", args=[f"nada{n}"])).status_code for n in range(125)
    ]
    assert codes[0] == 404
    assert codes[-1] == 429
    cache.clear()


# ---- Cost ---------------------------------------------------------------------------------------
