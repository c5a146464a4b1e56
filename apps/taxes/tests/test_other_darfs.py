"""Payment forms of other codes: their state, sheet, payments, dates, to whom they are told."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import TaskRun
from apps.common.errors import Invalid, NotFound
from apps.ledger.models import Transaction
from apps.taxes.selectors import calendar_feed, darf_get, darfs_of, tax_dates
from apps.taxes.services import darf_pay, due_notices_send, month_close, month_reopen
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
MARCH = dt.date(2024, 3, 1)


@pytest.fixture
def tax() -> Tax:
    """Coins that cost 10,000 sold for 60,000 in March 2024: 50,000 x 15 % = 7,500.00 by code 4600,
    beside the 1,498.50 by code 6015 of the same month; both due on Tuesday 30 April."""
    tax = make_tax()
    above_the_limit(tax)
    coin = make.make_asset("BTC", "crypto")
    tax.row("buy", "2024-02-01", asset=coin, quantity=2, amount=20_000, fees=0)
    tax.row("sell", "2024-03-05", asset=coin, quantity=1, amount=60_000, fees=0)
    tax.assess()
    return tax


def who(tax: Tax) -> dict[str, Any]:
    return {"access": tax.access, "holder": tax.holder}


def form(tax: Tax, on: str = "2024-04-10", code: str = "4600") -> dict[str, Any]:
    return darf_get(**who(tax), year=2024, month=3, on=dt.date.fromisoformat(on), code=code)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(tax: Tax, **query: Any) -> str:
    return reverse("taxes:darf", args=[tax.workspace.pk, 2024, 3], query=query or None)


def test_each_code_of_a_month_is_a_form_of_its_own(tax: Tax) -> None:
    on = dt.date(2024, 4, 10)
    found = [(f["code"], f["amount"], f["state"]) for f in darfs_of(**who(tax), on=on)]
    assert found == [("6015", D("1498.5"), "open"), ("4600", D("7500"), "open")]
    assert form(tax)["due_date"] == dt.date(2024, 4, 30)
    assert form(tax, "2024-04-26")["state"] == "due_soon"
    assert form(tax, code="")["code"] == "6015"
    with pytest.raises(NotFound):
        form(tax, code="0190")


def test_late_partly_paid_and_paid(tax: Tax) -> None:
    # On Thursday 2 May one day late: 0.33 % = 24.75, and 1 % in the month of payment = 75.00.
    late = form(tax, "2024-05-02")
    assert (late["state"], late["charges"].total) == ("late", D("7599.75"))
    darf_pay(**who(tax), month=MARCH, date=dt.date(2024, 4, 20), amount=D(5000), code="4600")
    tax.assess()
    assert (form(tax)["state"], form(tax)["outstanding"]) == ("partly_paid", D(2500))
    # The exchange's form of that month is as it was.
    assert form(tax, code="6015")["paid"] == 0
    darf_pay(**who(tax), month=MARCH, date=dt.date(2024, 4, 30), amount=D(2500), code="4600")
    tax.assess()
    assert form(tax, "2024-06-01")["state"] == "paid"
    assert [row.amount for row in form(tax)["payments"]] == [D(2500), D(5000)]
    assert form(tax, code="6015")["payments"] == []


def test_what_was_paid_stays_after_the_month_opens_again(tax: Tax) -> None:
    month_close(**who(tax), month=MARCH)
    darf_pay(**who(tax), month=MARCH, date=dt.date(2024, 4, 30), amount=D(7500), code="4600")
    tax.assess()
    month_reopen(**who(tax), month=MARCH)
    tax.assess()
    assert (form(tax)["state"], form(tax)["paid"]) == ("paid", D(7500))


def test_a_code_nobody_knows_is_refused(tax: Tax) -> None:
    with pytest.raises(Invalid) as caught:
        darf_pay(**who(tax), month=MARCH, date=dt.date(2024, 4, 30), amount=D(1), code="9999")
    assert [error.code for error in caught.value.errors] == ["unknown_code"]


def test_dates_feed_and_notices_know_the_code_and_what_was_paid(tax: Tax) -> None:
    today = dt.date(2024, 4, 25)
    found = {d.key: d for d in tax_dates(**who(tax), today=today)}
    date = found["darf-4600-2024-03"]
    assert (date.kind, date.title, date.state) == (
        "crypto",
        "DARF 4600 de março de 2024",
        "due_soon",
    )
    assert (date.date, date.amount) == (dt.date(2024, 4, 30), D(7500))
    assert due_notices_send(today=today) == 2
    assert "DARF 4600 de março de 2024 vence em 30/04/2024" in set(
        TaskRun.objects.values_list("title", flat=True)
    )
    darf_pay(**who(tax), month=MARCH, date=today, amount=D(7500), code="4600")
    tax.assess()
    feed = calendar_feed(**who(tax), now=dt.datetime(2024, 4, 26, 12, tzinfo=dt.UTC))
    assert "SUMMARY:DARF 4600 de março de 2024 (paga)" in feed
    assert f"UID:darf-4600-2024-03-{tax.holder.pk}@exitus\r\n" in feed


def test_the_pages_show_it_and_record_its_payment(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    body = client.get(page(tax, codigo="4600", em="2024-05-02")).content.decode()
    for part in ("DARF 4600 de março de 2024", "7.500,00", "24,75", "75,00", "7.599,75"):
        assert part in body
    values = {"date": "30/04/2024", "amount": "7.500,00"}
    answer = client.post(page(tax, codigo="4600"), values)
    assert answer.status_code == 302
    assert answer["Location"].endswith("?codigo=4600")
    paid = Transaction.objects.get(kind="darf_payment")
    assert (paid.bucket, paid.note, paid.amount) == ("gcap", "2024-03", D(7500))
    tax.assess()
    listed = client.get(reverse("taxes:darfs", args=[tax.workspace.pk])).content.decode()
    assert listed.count("codigo=4600") == 1
    assert "Criptoativos" in listed
    sheet = reverse("taxes:darf_pdf", args=[tax.workspace.pk, 2024, 3], query={"codigo": "4600"})
    assert client.get(sheet).content.startswith(b"%PDF")
    assert client.get(page(tax, codigo="0190")).status_code == 404
    assert client.post(page(tax, codigo="0190"), values).status_code == 404


def test_viewers_read_it_and_strangers_find_nothing(tax: Tax) -> None:
    viewer = signed_in(make.make_member(tax.workspace))
    assert viewer.get(page(tax, codigo="4600")).status_code == 200
    assert viewer.post(page(tax, codigo="4600"), {}).status_code == 403
    assert signed_in(make.make_user()).get(page(tax, codigo="4600")).status_code == 404


def test_the_api_tells_and_pays_it(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    headers = {"X-Workspace": str(tax.workspace.pk)}
    found = client.get("/api/v1/taxes/darfs/?on=2024-04-10", headers=headers).json()["results"]
    assert [(each["code"], each["kind"]) for each in found] == [
        ("6015", "exchange"),
        ("4600", "capital_gain"),
    ]
    one = "/api/v1/taxes/darfs/2024-03/"
    assert client.get(one, headers=headers).json()["code"] == "6015"
    assert D(client.get(f"{one}?code=4600", headers=headers).json()["amount"]) == 7500
    values = {"date": "2024-04-30", "amount": "7500.00", "code": "4600"}
    answer = client.post(f"{one}payments/", values, "application/json", headers=headers)
    assert answer.status_code == 201
    assert Transaction.objects.get(kind="darf_payment").bucket == "gcap"
    sheet = client.get(f"{one}sheet/?code=4600", headers=headers)
    assert sheet.content.startswith(b"%PDF")
    values["code"] = "9999"
    answer = client.post(f"{one}payments/", values, "application/json", headers=headers)
    assert answer.status_code == 400


def test_more_forms_cost_no_more_queries(tax: Tax) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            darfs_of(**who(tax))
        return len(captured)

    darfs_of(**who(tax))
    before = cost()
    coin = make.make_asset("ETH", "crypto")
    tax.row("buy", "2024-03-01", asset=coin, quantity=9, amount=9, fees=0)
    for month in range(4, 10):
        date = f"2024-{month:02}-05"
        tax.row("sell", date, asset=coin, quantity=1, amount=60_000, fees=0)
        tax.row("darf_payment", date, amount=10, note=f"2024-{month:02}", bucket="gcap")
    tax.assess()
    assert cost() == before <= 5
