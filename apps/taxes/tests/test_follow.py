"""Assessments follow what they rest on, through the worker."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django_celery_beat.models import PeriodicTask

from apps.market_data.services import market_touch
from apps.portfolios.services import workspace_rebuild
from apps.taxes.models import Assessment, AssessmentBuild, TaxRule
from apps.taxes.seeds import seed_reference
from apps.taxes.selectors import months_of
from apps.taxes.services import (
    assessments_ensure,
    settings_update,
    workspaces_assessed,
    workspaces_behind,
)
from apps.taxes.tasks import assess_all, sweep_stale
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
Capture = Any


@pytest.fixture(autouse=True)
def _no_cache_left() -> None:
    cache.clear()


def march(tax: Tax) -> Any:
    found = months_of(access=tax.access, holder=tax.holder, year=2024)
    return next(month for month in found if month["month"] == "2024-03")


def test_a_write_of_the_ledger_is_followed(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    tax = make_tax()
    asset = make.make_asset("ABCD3")
    with django_capture_on_commit_callbacks(execute=True):
        for kind, day, price in (("buy", "2024-02-01", 20), ("sell", "2024-03-05", 30)):
            trade = {"quantity": D(1000), "unit_price": D(price), "fees": D(0)}
            tax.record(kind=kind, trade_date=day, asset=asset, **trade)
    assert march(tax)["tax_due"] == "1500"
    assert AssessmentBuild.objects.get().ledger_version == tax.workspace.ledger_version
    assert workspaces_assessed() == [tax.workspace.pk]


def test_an_edited_rule_reaches_everybody(django_capture_on_commit_callbacks: Capture) -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    root = Client()
    root.force_login(make.make_user("raiz", is_staff=True, is_superuser=True))
    rule = TaxRule.objects.get(rule_id="VAR-15")
    with django_capture_on_commit_callbacks(execute=True):
        answer = root.post(
            reverse("admin:taxes_taxrule_change", args=[rule.pk]),
            {
                "rule_id": "VAR-15",
                "valid_from": "2005-01-01",
                "value": '{"rate": "0.10"}',
                "law": "Lei de amanhã",
            },
        )
    assert answer.status_code == 302
    assert march(tax)["tax_due"] == "1000"


def test_a_choice_is_followed(django_capture_on_commit_callbacks: Capture) -> None:
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    version = AssessmentBuild.objects.get().version
    with django_capture_on_commit_callbacks(execute=True):
        settings_update(access=tax.access, holder=tax.holder, values={"estimate_irrf": True})
    assert AssessmentBuild.objects.get().version == version + 1


def test_rates_are_followed_and_prices_are_not(
    django_capture_on_commit_callbacks: Capture,
) -> None:
    tax = make_tax()
    asset = make.make_asset("AAPL", "stock_abroad", currency="USD", market="US")
    tax.row("buy", "2024-01-10", asset=asset, quantity=1, unit_price=100, fees=0)
    tax.assess()
    version = AssessmentBuild.objects.get().version
    with django_capture_on_commit_callbacks(execute=True):
        make.make_price(asset, "2024-01-11", 101)
        market_touch(asset_ids={asset.pk})
    assert AssessmentBuild.objects.get().version == version
    with django_capture_on_commit_callbacks(execute=True):
        make.make_fx("2024-01-09", "5")
        market_touch(asset_ids=set())
    assert AssessmentBuild.objects.get().version == version + 1


def test_a_small_ledger_is_assessed_for_whoever_looks_first() -> None:
    tax = make_tax()
    above_the_limit(tax)
    assert assessments_ensure(workspace_id=tax.workspace.pk)
    assert march(tax)["tax_due"] == "1500"


def test_a_large_one_waits_for_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.taxes.services.assess.INLINE_ROWS", 1)
    tax = make_tax()
    above_the_limit(tax)
    assert not assessments_ensure(workspace_id=tax.workspace.pk)
    assert not Assessment.objects.exists()


def test_what_a_lost_message_left_is_swept_up() -> None:
    tax = make_tax()
    above_the_limit(tax)
    workspace_rebuild(workspace_id=tax.workspace.pk, force=True)
    assert workspaces_behind() == [tax.workspace.pk]
    assert sweep_stale() == 1
    assert march(tax)["tax_due"] == "1500"
    assert workspaces_behind() == []
    assert assess_all() == 1


def test_one_holder_of_two() -> None:
    """Each holder is a taxpayer: sales of one do not use the limit of the other."""
    tax = make_tax()
    other = make.make_holder(tax.workspace)
    account = make.make_account(tax.workspace, holder=other)
    asset = make.make_asset("ABCD3")
    for place in (tax.account, account):
        values = {"asset": asset, "quantity": 500, "fees": 0}
        make.make_transaction(place, "buy", "2024-02-01", unit_price=20, **values)
        make.make_transaction(place, "sell", "2024-03-05", unit_price=30, **values)
    tax.assess()
    for holder in (tax.holder, other):
        found = months_of(access=tax.access, holder=holder, year=2024)
        month = next(m for m in found if m["month"] == "2024-03")
        assert (month["stock_sales"], month["exempt_gain"], month["tax_due"]) == (
            "15000",
            "5000",
            "0",
        )


def test_periodic_tasks_are_seeded_once() -> None:
    seed_reference()
    names = set(
        PeriodicTask.objects.filter(task__startswith="taxes.").values_list("task", flat=True)
    )
    assert names == {"taxes.sweep_stale", "taxes.warn_of_dates"}
    again = seed_reference()
    assert (again.created, again.updated) == (0, 0)
