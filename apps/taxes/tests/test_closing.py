"""Closing a month; what a later edit does to it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.utils import timezone

from apps.common.errors import Conflict, Forbidden, NotFound
from apps.ledger.models import Transaction
from apps.taxes.models import MonthClosing
from apps.taxes.selectors import darfs_of, year_overview
from apps.taxes.services import darf_pay, month_close, month_reopen, workspace_assess
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
MARCH = dt.date(2024, 3, 1)


@pytest.fixture
def tax() -> Tax:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    return tax


def march(tax: Tax) -> dict:
    shown = year_overview(
        access=tax.access, holder=tax.holder, year=2024, today=dt.date(2024, 6, 3)
    )
    return shown["months"][2]


def test_closed_edited_reopened_with_the_difference_and_closed_again(tax: Tax) -> None:
    month_close(access=tax.access, holder=tax.holder, month=MARCH)
    assert march(tax)["state"] == "closed"
    paid = {"date": dt.date(2024, 4, 30), "amount": D("1498.5")}
    darf_pay(access=tax.access, holder=tax.holder, month=MARCH, **paid)
    tax.assess()
    # Paying what was closed is no change of it.
    assert march(tax)["state"] == "closed"

    sale = Transaction.objects.get(kind="sell")
    sale.unit_price = D(31)
    sale.save()
    tax.assess()
    line = march(tax)
    assert line["state"] == "reopened"
    changed = {d["field"]: d for d in line["closing"]["differences"]}
    # 1,000 more of gain: tax 1,650.00; the DARF 1,650.00 - 1.50.
    assert changed["tax_due"] == {
        "field": "tax_due",
        "before": "1500",
        "after": "1650",
        "change": "150",
    }
    assert changed["darf.amount"]["after"] == "1648.5"
    assert line["darf"]["paid"] == D("1498.5")
    assert line["darf"]["outstanding"] == D(150)

    sale.unit_price = D(30)
    sale.save()
    tax.assess()
    assert march(tax)["state"] == "closed"
    assert march(tax)["closing"]["differences"] == []


def test_reopening_by_hand_keeps_what_was_paid(tax: Tax) -> None:
    month_close(access=tax.access, holder=tax.holder, month=MARCH)
    month_reopen(access=tax.access, holder=tax.holder, month=MARCH)
    assert march(tax)["state"] == "open"
    assert not MonthClosing.objects.exists()
    with pytest.raises(NotFound):
        month_reopen(access=tax.access, holder=tax.holder, month=MARCH)


def test_what_is_missing_blocks() -> None:
    tax = make_tax()
    asset = make.make_asset("ABCD3")
    # Nothing was bought: the cost is unknown.
    tax.row("sell", "2024-03-05", asset=asset, quantity=1000, unit_price=30, fees=0)
    tax.assess()
    with pytest.raises(Conflict) as caught:
        month_close(access=tax.access, holder=tax.holder, month=MARCH)
    assert caught.value.code == "month_incomplete"
    assert "oversold" in {error.code for error in caught.value.errors}
    assert march(tax)["is_incomplete"]
    assert march(tax)["state"] == "incomplete"


def test_a_month_that_runs_and_figures_behind_the_ledger_wait(tax: Tax) -> None:
    today = timezone.localdate()
    with pytest.raises(Conflict, match="já acabou"):
        month_close(access=tax.access, holder=tax.holder, month=today)
    asset = make.make_asset()
    trade = {"asset": asset, "quantity": D(1), "unit_price": D(1), "fees": D(0)}
    tax.record(kind="buy", trade_date="2024-03-01", **trade)
    with pytest.raises(Conflict) as caught:
        month_close(access=tax.access, holder=tax.holder, month=MARCH)
    assert caught.value.code == "figures_stale"
    workspace_assess(workspace_id=tax.workspace.pk)
    month_close(access=tax.access, holder=tax.holder, month=MARCH)


def test_viewers_close_nothing_and_pay_nothing(tax: Tax) -> None:
    viewer = make.make_access(tax.workspace, "viewer")
    with pytest.raises(Forbidden):
        month_close(access=viewer, holder=tax.holder, month=MARCH)
    with pytest.raises(Forbidden):
        month_reopen(access=viewer, holder=tax.holder, month=MARCH)
    with pytest.raises(Forbidden):
        darf_pay(
            access=viewer, holder=tax.holder, month=MARCH, date=dt.date(2024, 4, 30), amount=D(1)
        )
    assert darfs_of(access=viewer, holder=tax.holder)[0]["payments"] == []


def test_strangers_find_no_holder(tax: Tax) -> None:
    stranger = make.make_access()
    with pytest.raises(NotFound):
        month_close(access=stranger, holder=tax.holder, month=MARCH)
    with pytest.raises(NotFound):
        darf_pay(
            access=stranger, holder=tax.holder, month=MARCH, date=dt.date(2024, 4, 30), amount=D(1)
        )
