"""Months as stored and shown."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.errors import NotFound
from apps.taxes.models import Assessment, AssessmentBuild, TaxRule
from apps.taxes.selectors import darf_get, darfs_of, month_detail, year_overview, years_of
from apps.taxes.services import darf_pay, settings_update, workspace_assess
from apps.taxes.tests.support import above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
TODAY = dt.date(2024, 5, 2)


def test_a_year_as_a_table() -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    shown = year_overview(access=tax.access, holder=tax.holder, year=2024, today=TODAY)
    assert len(shown["months"]) == 12
    march = shown["months"][2]
    assert march["month"] == "2024-03"
    assert (march["stock_sales"], march["result"], march["tax_due"]) == (30000, 10000, 1500)
    assert march["buckets"]["common"]["base"] == 10000
    form = march["darf"]
    assert (form["amount"], form["due_date"]) == (D("1498.5"), dt.date(2024, 4, 30))
    assert form["state"] == "late"
    assert shown["totals"]["darf_outstanding"] == D("1498.5")
    assert [m["state"] for m in shown["months"]][3:6] == ["open", "running", "future"]
    assert years_of(access=tax.access, holder=tax.holder)[-1] == 2024


def test_a_month_explains_itself() -> None:
    tax = make_tax()
    asset = above_the_limit(tax)
    tax.assess()
    shown = month_detail(access=tax.access, holder=tax.holder, year=2024, month=3, today=TODAY)
    sale = shown["parts"][0]
    assert sale["label"] == "sale"
    assert D(sale["amount"]) == 10000
    assert sale["params"]["asset"] == "ABCD3"
    assert shown["names"]["ABCD3"].id == str(asset.pk)
    assert {"result", "tax", "withheld_used", "darf"} <= {p["label"] for p in shown["parts"]}


def test_late_charges_of_a_day_of_payment() -> None:
    """1,498.50 due on 30/04, paid on 10/05/2024. The fine counts from 02/05 (01/05 is a holiday):
    9 days x 0.33 % = 2.97 % = 44.51; interest is the 1 % of the month of payment = 14.99."""
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    form = darf_get(
        access=tax.access, holder=tax.holder, year=2024, month=3, on=dt.date(2024, 5, 10)
    )
    charges = form["charges"]
    assert (charges.days, charges.fine, charges.interest) == (9, D("44.51"), D("14.99"))
    assert charges.total == D("1558.00")


def test_payments_stay_in_the_ledger() -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    march = dt.date(2024, 3, 1)
    common = {"access": tax.access, "holder": tax.holder, "month": march}
    darf_pay(**common, date=dt.date(2024, 4, 30), amount=D(1000))
    tax.assess()
    form = darfs_of(access=tax.access, holder=tax.holder, on=dt.date(2024, 4, 30))[0]
    assert (form["state"], form["paid"], form["outstanding"]) == ("partly_paid", 1000, D("498.5"))
    darf_pay(**common, date=dt.date(2024, 4, 30), amount=D("498.5"))
    tax.assess()
    form = darfs_of(access=tax.access, holder=tax.holder, on=TODAY)[0]
    assert (form["state"], form["outstanding"], form["charges"]) == ("paid", 0, None)
    assert [p.amount for p in form["payments"]] == [D("498.5"), D(1000)]


def test_a_changed_rule_changes_the_tax() -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    rule = TaxRule.objects.get(rule_id="VAR-15")
    rule.value = {"rate": "0.20"}
    rule.save()
    assert workspace_assess(workspace_id=tax.workspace.pk) == 1
    shown = year_overview(access=tax.access, holder=tax.holder, year=2024, today=TODAY)
    assert shown["months"][2]["tax_due"] == 2000


def test_a_choice_changes_the_figures() -> None:
    """R$ 20,000 of sales and R$ 10 of brokerage: gross they cross no limit, and 20,005 would."""
    tax = make_tax()
    asset = make.make_asset("ABCD3")
    tax.row("buy", "2024-02-01", asset=asset, quantity=1000, unit_price=10, fees=0)
    tax.row("sell", "2024-03-05", asset=asset, quantity=1000, unit_price="20.005", fees=10)
    tax.assess()
    read = {"access": tax.access, "holder": tax.holder, "year": 2024, "today": TODAY}
    assert year_overview(**read)["months"][2]["tax_due"] == D("9995") * D("0.15")
    settings_update(access=tax.access, holder=tax.holder, values={"limit_net_of_fees": True})
    assert workspace_assess(workspace_id=tax.workspace.pk) == 1
    assert year_overview(**read)["months"][2]["tax_due"] == 0


def test_nothing_is_done_twice_and_what_did_not_change_stays() -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    before = dict(Assessment.objects.values_list("month", "pk").filter(year=2024).months())
    assert workspace_assess(workspace_id=tax.workspace.pk) == 0
    asset = make.make_asset("EFGH3")
    tax.record(
        kind="buy", trade_date="2024-06-03", asset=asset, quantity=D(1), unit_price=D(1), fees=D(0)
    )
    assert workspace_assess(workspace_id=tax.workspace.pk) == 1
    assert dict(Assessment.objects.values_list("month", "pk").filter(year=2024).months()) == before
    assert AssessmentBuild.objects.get().ledger_version == tax.workspace.ledger_version


def test_a_month_nobody_assessed_is_not_found() -> None:
    tax = make_tax()
    tax.assess()
    with pytest.raises(NotFound):
        month_detail(access=tax.access, holder=tax.holder, year=1999, month=1)


def test_a_holder_of_another_workspace_is_not_found() -> None:
    tax, other = make_tax(), make.make_access()
    for read in (years_of, darfs_of):
        with pytest.raises(NotFound):
            read(access=other, holder=tax.holder)


def test_queries_do_not_grow_with_the_ledger() -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()

    def asked() -> list[int]:
        counts = []
        for read in (
            lambda: year_overview(access=tax.access, holder=tax.holder, year=2024),
            lambda: month_detail(access=tax.access, holder=tax.holder, year=2024, month=3),
            lambda: darfs_of(access=tax.access, holder=tax.holder),
        ):
            with CaptureQueriesContext(connection) as captured:
                read()
            counts.append(len(captured))
        return counts

    asked()
    few = asked()
    for number in range(8):
        asset = make.make_asset(f"MORE{number}")
        tax.row("buy", "2024-02-01", asset=asset, quantity=100, unit_price=20, fees=0)
        tax.row("sell", "2024-03-06", asset=asset, quantity=100, unit_price=21, fees=0)
    tax.assess()
    assert asked() == few
    assert max(few) <= 8
