"""Endpoints of the taxes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from openpyxl import load_workbook
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.ledger.models import Transaction
from apps.taxes.models import TaxRule
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
BASE = "/api/v1/taxes/"


@pytest.fixture(autouse=True)
def _no_cache_left() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def signed(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


@pytest.fixture
def tax() -> Tax:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    return tax


@pytest.fixture
def owner(tax: Tax) -> APIClient:
    return signed(tax.access.user)


def ok(response: Any, code: int = 200) -> Any:
    assert response.status_code == code, response.content[:2000]
    return response.json() if response.content else None


def test_months_in_the_contracts_own_terms(owner: APIClient) -> None:
    found = ok(owner.get(BASE + "months/?year=2024"))
    march = next(m for m in found["results"] if m["month"] == "2024-03")
    assert march["stock_sales"] == "30000"
    assert march["buckets"]["common"] == {
        "result": "10000",
        "loss_before": "0",
        "loss_used": "0",
        "loss_after": "0",
        "base": "10000",
        "rate": "0.15",
        "tax": "1500",
        "withheld": "1.5",
        "withheld_used": "1.5",
        "withheld_after": "0",
    }
    assert march["tax_due"] == "1500"
    form = march["darf"]
    assert (form["code"], form["amount"], form["due_date"]) == ("6015", "1498.5", "2024-04-30")
    assert not found["is_stale"]
    assert len(ok(owner.get(BASE + "months/"))["results"]) > 12
    assert ok(owner.get(BASE + "months/2024-03/"))["parts"][0]["label"] == "sale"
    assert ok(owner.get(BASE + "months/1999-01/"), 404)["code"] == "not_found"
    assert ok(owner.get(BASE + "months/2024-13/"), 404)["code"] == "not_found"
    assert ok(owner.get(BASE + "months/?year=x"), 400)["errors"][0]["field"] == "year"


def test_an_answer_is_validated_by_version(tax: Tax, owner: APIClient) -> None:
    first = owner.get(BASE + "months/?year=2024")
    again = owner.get(BASE + "months/?year=2024", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    trade = {"quantity": D(1), "unit_price": D(1), "fees": D(0)}
    tax.record(kind="buy", trade_date="2024-04-01", asset=make.make_asset(), **trade)
    later = owner.get(BASE + "months/?year=2024", headers={"If-None-Match": first["ETag"]})
    assert later.status_code == 200


def test_paying_late_and_taking_it_back(owner: APIClient) -> None:
    late = ok(owner.get(BASE + "darfs/2024-03/?on=2024-05-10"))
    assert (late["charges"]["fine"], late["charges"]["interest"]) == ("44.51", "14.99")
    paid = ok(
        owner.post(
            BASE + "darfs/2024-03/payments/",
            {"date": "2024-05-10", "amount": "1558.00"},
            format="json",
        ),
        201,
    )
    row = Transaction.objects.get(pk=paid["id"])
    assert (row.kind, row.note, row.amount) == ("darf_payment", "2024-03", 1558)
    form = ok(owner.get(BASE + "darfs/"))["results"][0]
    assert (form["state"], form["fine"], form["interest"]) == ("paid", "44.51", "14.99")
    ok(owner.delete(BASE + f"payments/{row.pk}/"), 204)
    assert ok(owner.get(BASE + "darfs/"))["results"][0]["state"] == "late"
    sale = Transaction.objects.get(kind="sell")
    ok(owner.delete(BASE + f"payments/{sale.pk}/"), 404)
    wrong = {"date": "2024-05-10", "amount": "-1"}
    body = ok(owner.post(BASE + "darfs/2024-03/payments/", wrong, format="json"), 400)
    assert body["errors"][0]["field"] == "amount"


def test_closing(tax: Tax, owner: APIClient) -> None:
    ok(owner.post(BASE + "months/2024-03/close/", {}, format="json"))
    found = ok(owner.get(BASE + "months/2024-03/"))
    assert found["state"] == "closed"
    trade = {"quantity": D(1000), "unit_price": D(21), "fees": D(0)}
    asset = Transaction.objects.get(kind="sell").asset
    tax.record(kind="buy", trade_date="2024-02-20", asset=asset, **trade)
    found = ok(owner.get(BASE + "months/2024-03/"))
    assert found["state"] == "reopened"
    # The average rises to 20.5: 9,500 of gain.
    changed = {d["field"]: d["after"] for d in found["closing"]["differences"]}
    assert changed["tax_due"] == "1425"
    ok(owner.post(BASE + "months/2024-03/reopen/", {}, format="json"), 204)
    ok(owner.post(BASE + "months/2024-03/reopen/", {}, format="json"), 404)


def test_years_abroad_and_the_return(owner: APIClient) -> None:
    year = ok(owner.get(BASE + "years/2024/"))
    assert {"abroad", "crypto", "gcap", "dividends", "withheld_at_source", "irpfm"} <= set(year)
    assert "abroad" in ok(owner.get(BASE + "abroad/2024/"))
    annual = ok(owner.get(BASE + "annual/2024/"))["annual"]
    assert annual["filing"] == 2025
    sold = [entry for entry in annual["assets"] if entry["asset"] == "ABCD3"]
    # Bought and sold within the year: stands with zero on both days.
    assert [(e["value_before"], e["value"]) for e in sold] == [("0", "0")]
    sheets = {sheet["month"]: sheet["common"]["result"] for sheet in annual["sheets"]}
    assert sheets["2024-03"] == "10000"
    for address in ("years/1999/", "abroad/1999/", "annual/1999/"):
        ok(owner.get(BASE + address), 404)


def test_documents(owner: APIClient) -> None:
    body = owner.get(BASE + "years/2024/xlsx/").content
    book = load_workbook(io.BytesIO(body))
    assert book.sheetnames[:3] == ["Meses", "Memória de cálculo", "DARFs"]
    assert book["Meses"]["F4"].value == 1500
    book = load_workbook(io.BytesIO(owner.get(BASE + "annual/2024/xlsx/").content))
    assert "Bens e direitos" in book.sheetnames
    for address in ("annual/2024/pdf/", "darfs/2024-03/sheet/?on=2024-05-10"):
        response = owner.get(BASE + address)
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")


def test_rules_dates_and_the_meter(owner: APIClient) -> None:
    rules = ok(owner.get(BASE + "rules/?rule=VAR-15&on=2024-01-01"))["results"]
    assert rules[0]["value"] == {"rate": "0.15"}
    assert ok(owner.get(BASE + "rules/"))["count"] == TaxRule.objects.count()
    assert ok(owner.get(BASE + "dates/"))["results"][0]["key"] == "darf-2024-03"
    meter = ok(owner.get(BASE + "meter/?on=2024-04-02&sale=20000.01"))
    assert meter["would_cross"] is True
    assert ok(owner.get(BASE + "meter/?sale=abc"), 400)["errors"][0]["field"] == "sale"


def test_simulations_write_nothing(tax: Tax, owner: APIClient) -> None:
    asset = make.make_asset("HELD11", "etf")
    tax.row("buy", "2024-01-10", asset=asset, quantity=100, unit_price=100, fees=0)
    make.make_price(asset, "2024-05-09", "150")
    tax.assess()
    rows = Transaction.objects.count()
    body = {"sales": [{"asset": str(asset.pk), "quantity": "100"}]}
    found = ok(owner.post(BASE + "simulate/", body, format="json"))
    # 5,000 x 15 %
    assert (found["proceeds"], found["tax"], found["after_tax"]) == ("15000", "750", "14250")
    found = ok(owner.post(BASE + "raise-cash/", {"amount": "1425"}, format="json"))
    assert (found["lines"][0]["quantity"], found["tax"]) == ("10", "75")
    assert ok(owner.get(BASE + "after-tax/"))["tax"] == "750"
    assert ok(owner.get(BASE + "harvest/"))["lines"] == []
    assert Transaction.objects.count() == rows
    viewer = signed(make.make_member(tax.workspace, "viewer"))
    viewer.credentials(HTTP_X_WORKSPACE=str(tax.workspace.pk))
    ok(viewer.post(BASE + "simulate/", body, format="json"))
    ok(owner.post(BASE + "raise-cash/", {"amount": "0"}, format="json"), 400)
    ok(owner.post(BASE + "simulate/", {"sales": []}, format="json"), 400)


def test_choices_and_the_opening(owner: APIClient) -> None:
    choices = ok(owner.get(BASE + "settings/"))["choices"]
    assert {"name", "value", "default", "options"} <= set(choices[0])
    changed = ok(
        owner.patch(BASE + "settings/", {"values": {"abroad_cost": "fifo"}}, format="json")
    )
    assert {c["name"]: c["value"] for c in changed["choices"]}["abroad_cost"] == "fifo"
    ok(owner.patch(BASE + "settings/", {"values": {"abroad_cost": "x"}}, format="json"), 400)
    assert ok(owner.get(BASE + "opening/"))["date"] is None
    body = {"date": "2023-12-31", "darf": "5.00", "losses": {"common": "100.00"}}
    found = ok(owner.put(BASE + "opening/", body, format="json"))
    assert (found["date"], found["losses"]["common"]) == ("2023-12-31", "100")
    ok(owner.delete(BASE + "opening/"), 204)


def test_secret_addresses(tax: Tax, owner: APIClient) -> None:
    made = ok(owner.post(BASE + "links/", {"purpose": "calendar"}, format="json"), 201)
    feed = Client().get(made["url"])
    assert feed.status_code == 200
    assert feed["Content-Type"].startswith("text/calendar")
    assert feed["Cache-Control"] == "private, no-store"
    assert "DARF 6015" in feed.content.decode()
    listed = ok(owner.get(BASE + "links/"))["results"]
    assert [each["id"] for each in listed] == [made["id"]]
    assert "token" not in listed[0]
    viewer = signed(make.make_member(tax.workspace, "viewer"))
    viewer.credentials(HTTP_X_WORKSPACE=str(tax.workspace.pk))
    ok(viewer.get(BASE + "links/"), 403)
    ok(owner.delete(BASE + f"links/{made['id']}/"), 204)
    assert Client().get(made["url"]).status_code == 404


def test_another_holder_and_another_workspace(tax: Tax, owner: APIClient) -> None:
    other = make.make_holder(tax.workspace)
    assert ok(owner.get(BASE + f"months/?holder={other.pk}"))["results"] == []
    stranger = make.make_access()
    client = signed(stranger.user)
    ok(client.get(BASE + f"months/?holder={tax.holder.pk}"), 404)
    body = {"holder": str(tax.holder.pk), "date": "2024-04-30", "amount": "1.00"}
    ok(client.post(BASE + "darfs/2024-03/payments/", body, format="json"), 404)
    ok(client.post(BASE + "months/2024-03/close/", body, format="json"), 404)
    assert not Transaction.objects.filter(kind="darf_payment").exists()


def test_a_payment_in_the_future_is_refused(owner: APIClient) -> None:
    day = (dt.datetime.now(tz=dt.UTC).date() + dt.timedelta(days=3)).isoformat()
    body = {"date": day, "amount": "1.00"}
    found = ok(owner.post(BASE + "darfs/2024-03/payments/", body, format="json"), 400)
    assert found["errors"][0]["code"] == "in_future"
