"""Dates of tax, the calendar feed, warnings, secret addresses."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import TaskRun
from apps.common.errors import Forbidden, Invalid, NotFound
from apps.taxes.models import TaxLink
from apps.taxes.selectors import calendar_feed, link_open, links_of, tax_dates
from apps.taxes.services import (
    darf_pay,
    due_notices_send,
    link_create,
    link_revoke,
)
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def tax() -> Tax:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    return tax


def test_what_is_due_when(tax: Tax) -> None:
    today = dt.date(2024, 4, 10)
    found = {d.key: d for d in tax_dates(access=tax.access, holder=tax.holder, today=today)}
    darf = found["darf-2024-03"]
    assert (darf.date, darf.amount, darf.state) == (dt.date(2024, 4, 30), D("1498.5"), "open")
    # The last bank day of May.
    assert found["annual-2024"].date == dt.date(2025, 5, 30)


def test_the_feed_is_an_icalendar(tax: Tax) -> None:
    holder = tax.holder
    holder.name = "Maria; da Silva, " + "ç" * 60
    holder.save()
    now = dt.datetime(2024, 4, 10, 12, tzinfo=dt.UTC)
    feed = calendar_feed(access=tax.access, holder=holder, now=now)
    assert feed.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n")
    assert feed.endswith("END:VCALENDAR\r\n")
    assert f"UID:darf-2024-03-{holder.pk}@exitus\r\n" in feed
    assert "DTSTART;VALUE=DATE:20240430\r\nDTEND;VALUE=DATE:20240501\r\n" in feed
    assert "Maria\\; da Silva\\, ç" in feed
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    assert feed.count("BEGIN:VEVENT") == feed.count("END:VEVENT") >= 2


def test_members_are_warned_three_business_days_before_and_once(tax: Tax) -> None:
    """30/04/2024 is a Tuesday: three bank days before is Thursday the 25th."""
    make.make_member(tax.workspace, "editor")
    make.make_member(tax.workspace, "viewer")
    assert due_notices_send(today=dt.date(2024, 4, 24)) == 0
    assert due_notices_send(today=dt.date(2024, 4, 25)) == 1
    assert due_notices_send(today=dt.date(2024, 4, 26)) == 0
    runs = TaskRun.objects.filter(workspace=tax.workspace)
    assert {run.user_id for run in runs} == set(
        tax.workspace.memberships.exclude(role="viewer").values_list("user_id", flat=True)
    )
    assert {run.title for run in runs} == {"DARF 6015 de março de 2024 vence em 30/04/2024"}
    assert all(run.state == TaskRun.State.DONE and "1.498,50" in run.message for run in runs)


def test_what_is_paid_warns_nobody(tax: Tax) -> None:
    month = dt.date(2024, 3, 1)
    who = {"access": tax.access, "holder": tax.holder}
    darf_pay(**who, month=month, date=dt.date(2024, 4, 20), amount=D("1498.5"))
    tax.assess()
    assert due_notices_send(today=dt.date(2024, 4, 29)) == 0


def calendar(token: str) -> str:
    return reverse("taxes_site:calendar", args=[token])


def test_an_address_opens_one_holder_until_it_is_revoked(tax: Tax) -> None:
    link, token = link_create(access=tax.access, holder=tax.holder, name="Contadora")
    assert token not in {link.token_hash, str(link.pk)}
    opened = link_open(token=token, purpose="pages")
    assert opened.holder == tax.holder
    assert not opened.access.can_edit
    with pytest.raises(Forbidden):
        darf_pay(
            access=opened.access,
            holder=opened.holder,
            month=dt.date(2024, 3, 1),
            date=dt.date(2024, 4, 30),
            amount=D(1),
        )
    # Made for pages: it opens no calendar, and nothing that asks who one is.
    with pytest.raises(NotFound):
        link_open(token=token, purpose="calendar")
    assert Client().get(calendar(token)).status_code == 404
    page = f"/w/{tax.workspace.pk}/lancamentos/"
    assert Client().get(page, {"token": token}).status_code == 302
    assert [found.pk for found in links_of(access=tax.access)] == [link.pk]
    link_revoke(access=tax.access, link_id=link.pk)
    with pytest.raises(NotFound):
        link_open(token=token, purpose="pages")
    assert not links_of(access=tax.access).exists()


def test_an_address_expires(tax: Tax) -> None:
    link, token = link_create(access=tax.access, holder=tax.holder)
    assert link.expires_at is not None
    TaxLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())
    with pytest.raises(NotFound):
        link_open(token=token, purpose="pages")


def test_the_calendar_is_read_without_signing_in(tax: Tax) -> None:
    link, token = link_create(access=tax.access, holder=tax.holder, purpose="calendar")
    assert link.expires_at is None
    answer = Client().get(calendar(token))
    assert answer.status_code == 200
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == (
        "no-referrer",
        "noindex, nofollow",
    )
    assert Client().post(calendar(token)).status_code == 405
    assert Client().get(calendar(token[:-1])).status_code == 404
    link.refresh_from_db()
    assert link.last_used_at is not None


def test_who_makes_addresses(tax: Tax) -> None:
    viewer, stranger = make.make_access(tax.workspace, "viewer"), make.make_access()
    with pytest.raises(Forbidden):
        link_create(access=viewer, holder=tax.holder)
    with pytest.raises(Forbidden):
        links_of(access=viewer)
    with pytest.raises(NotFound):
        link_create(access=stranger, holder=tax.holder)
    link, _token = link_create(access=tax.access, holder=tax.holder)
    with pytest.raises(NotFound):
        link_revoke(access=stranger, link_id=link.pk)
    with pytest.raises(Invalid):
        link_create(access=tax.access, holder=tax.holder, expires_on=dt.date(2000, 1, 1))


def test_the_feed_speaks_the_language_of_whoever_subscribed(tax: Tax) -> None:
    TaxLink.objects.all().delete()
    _link, token = link_create(access=tax.access, holder=tax.holder, purpose="calendar")
    paid = Client().get(calendar(token), headers={"Accept-Language": "en"}).content.decode()
    assert "SUMMARY:DARF 6015 de março de 2024" in paid
    tax.access.user.language = "en"
    tax.access.user.save()
    told = Client().get(calendar(token), headers={"Accept-Language": "pt-BR"}).content.decode()
    assert "March 2024" in told


def unfolded(feed: str) -> list[str]:
    """RFC 5545 3.1: a line break before a space belongs to no line."""
    assert "\n" not in feed.replace("\r\n", "")
    assert "\r" not in feed.replace("\r\n", "")
    return feed.replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def test_the_feed_is_strictly_one(tax: Tax) -> None:
    """30/04/2024 is a Tuesday; three bank days before is Thursday the 25th: five days before, at
    nine in the morning, which is four days and fifteen hours before midnight of the day."""
    holder = tax.holder
    holder.name = "A\\B; C, D\r\n\x07" + "é" * 80
    holder.save()
    now = dt.datetime(2024, 4, 10, 12, tzinfo=dt.UTC)
    feed = calendar_feed(access=tax.access, holder=holder, now=now)
    assert all(len(line.encode()) <= 75 for line in feed.split("\r\n"))
    lines = unfolded(feed)
    assert "X-WR-CALNAME:Impostos de A\\\\B\\; C\\, D\\n" + "é" * 80 in lines
    opened: list[str] = []
    uids = []
    for line in lines:
        name, colon, value = line.partition(":")
        assert colon
        if name == "BEGIN":
            opened.append(value)
        elif name == "END":
            assert opened.pop() == value
        elif name == "UID":
            uids.append(value)
    assert not opened
    assert len(uids) == len(set(uids))
    at = lines.index(f"UID:darf-2024-03-{holder.pk}@exitus")
    event = lines[at : lines.index("END:VEVENT", at)]
    assert "DTSTART;VALUE=DATE:20240430" in event
    assert "SUMMARY:DARF 6015 de março de 2024" in event
    assert "TRIGGER:-P4DT15H" in event
    # Asked again later, and after the payment, it is the same event.
    again = calendar_feed(access=tax.access, holder=holder, now=now + dt.timedelta(days=1))
    assert [line for line in unfolded(again) if line.startswith("UID:")] == [
        f"UID:{uid}" for uid in uids
    ]
