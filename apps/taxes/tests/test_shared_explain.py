"""How a bucket was settled, opened by itself from an accountant's address."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from apps.taxes.services import link_create
from apps.taxes.tests.support import above_the_limit, make_tax

pytestmark = pytest.mark.django_db


def test_the_arithmetic_keeps_the_frame_of_its_address() -> None:
    cache.clear()
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    _link, token = link_create(access=tax.access, holder=tax.holder, name="Contadora")
    url = reverse("taxes_site:explain", args=[token, 2024, 3, "common"])
    client = Client()
    whole = client.get(url, follow=True)
    body = whole.content.decode()
    assert whole.status_code == 200
    assert "/w/" not in body
    assert str(tax.workspace.pk) not in body
    assert "HX-Request" in whole["Vary"]
    inside = client.get(url, follow=True, headers={"HX-Request": "true"}).content.decode()
    assert "panel-head" in inside
    assert "<html" not in inside
