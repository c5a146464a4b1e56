"""What is shown before the worker has assessed, and while it follows an edit."""

from __future__ import annotations

import re
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.taxes.selectors import exemption_meter
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]


@pytest.fixture
def unassessed(monkeypatch: pytest.MonkeyPatch) -> Tax:
    """Shares bought this month, through the services; the worker, to whom ledgers too large to be
    assessed at once are left, has not come to it yet."""
    monkeypatch.setattr("apps.taxes.services.assess.INLINE_ROWS", -1)
    tax = make_tax()
    asset, today = make.make_asset("ABCD3"), timezone.localdate().isoformat()
    tax.record(
        kind="buy", asset=asset, quantity=D(500), unit_price=D(20), fees=D(0), trade_date=today
    )
    return tax


def page(tax: Tax, name: str, **query: str) -> str:
    client = Client()
    client.force_login(tax.access.user)
    answer = client.get(reverse(f"taxes:{name}", args=[tax.workspace.pk]), query)
    assert answer.status_code == 200
    return answer.content.decode().replace("\xa0", " ")


def test_nothing_assessed_is_no_limit_left(unassessed: Tax) -> None:
    meter = exemption_meter(access=unassessed.access, holder=unassessed.holder, sale=D(10))
    assert meter is not None
    assert (meter["sold"], meter["remaining"], meter["is_within"]) == (None, None, None)
    assert meter["is_stale"] is True
    tile = page(unassessed, "tile")
    assert "20.000,00" not in tile
    assert "nada a pagar" not in tile
    assert "ainda não se sabe" in tile


def test_the_part_of_the_overview_asks_again_until_it_is_told(unassessed: Tax) -> None:
    assert 'hx-trigger="every' in page(unassessed, "tile")
    unassessed.assess()
    told = page(unassessed, "tile")
    assert 'hx-trigger="every' not in told
    assert "nada a pagar" in told
    assert "20.000,00" in told


def test_rows_newer_than_the_assessment_are_told_of(unassessed: Tax) -> None:
    unassessed.assess()
    sale = {"kind": "sell", "asset": "ABCD3", "quantity": "10", "unit_price": "30"}
    sale["trade_date"] = timezone.localdate().isoformat()
    assert "ainda não apurados" not in page(unassessed, "meter", **sale)
    unassessed.record(
        kind="buy",
        asset=make.make_asset("WXYZ3"),
        quantity=D(1),
        unit_price=D(20),
        fees=D(0),
        trade_date=sale["trade_date"],
    )
    told = page(unassessed, "meter", **sale)
    assert "ainda não apurados" in told
    assert 'hx-trigger="every' in told


def test_a_small_ledger_is_assessed_for_the_sale_being_typed() -> None:
    """500 sold at 30 just now, and nobody has come to them yet."""
    tax, today = make_tax(), timezone.localdate().isoformat()
    same = {"fees": D(0), "trade_date": today}
    asset = make.make_asset("ABCD3")
    early = {**same, "trade_date": "2024-01-02"}
    tax.record(kind="buy", asset=asset, quantity=D(1000), unit_price=D(20), **early)
    tax.record(kind="sell", asset=asset, quantity=D(500), unit_price=D(30), **same)
    typed = {"kind": "sell", "asset": "ABCD3", "quantity": "100", "unit_price": "30"}
    told = page(tax, "meter", **typed, trade_date=today)
    # 15,000 + 100 x 30 = 18,000
    assert "Ainda cabem R$ 2.000,00" in told
    assert 'hx-trigger="every' not in told


def test_an_entry_being_changed_is_not_counted_twice(unassessed: Tax) -> None:
    """The month's sales have it already: the form that changes it asks no meter."""
    row = unassessed.record(
        kind="sell",
        asset=make.make_asset("QRST3"),
        quantity=D(1),
        unit_price=D(20),
        fees=D(0),
        trade_date=timezone.localdate().isoformat(),
    )
    client = Client()
    client.force_login(unassessed.access.user)
    meter = reverse("taxes:meter", args=[unassessed.workspace.pk])
    new = client.get(reverse("ledger:new", args=[unassessed.workspace.pk])).content.decode()
    change = client.get(reverse("ledger:edit", args=[unassessed.workspace.pk, row.pk]))
    assert meter in new
    assert meter not in change.content.decode()


def test_months_before_the_first_are_no_links() -> None:
    """Bought in February 2024, the ledger's first month: January has no page to lead to."""
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    client = Client()
    client.force_login(tax.access.user)
    home = reverse("taxes:year", args=[tax.workspace.pk, 2024])
    pages = [home, reverse("taxes:month", args=[tax.workspace.pk, 2024, 3])]
    linked = {
        link
        for page in pages
        for link in re.findall(r'href="(/w/[^"?]+/impostos/2024/\d+/)"', client.get(page).text)
    }
    assert len(linked) > 3
    assert {client.get(link).status_code for link in linked} == {200}
