"""Every list asks the database the same for many rows as for few, and is paginated."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.access import Access
from apps.accounts.models import TaskRun
from apps.api.routes import gather
from apps.api.tests.conftest import Sign
from apps.imports.models import Batch
from apps.ledger.models import BrokerageNote
from apps.market_data.models import Quote
from apps.portfolios.models import Portfolio
from apps.taxes.models import TaxLink, TaxRule
from testing import factories as make

pytestmark = pytest.mark.django_db

# Computed for a day rather than listed from a table: their own tests count their queries.
COMPUTED = {
    "dashboard",
    "dashboard-evolution",
    "tax-after-tax",
    "tax-darf",
    "tax-date",
    "tax-harvest",
    "tax-meter",
    "tax-month",
}
ROUTER, _LOOSE = gather()
LISTS = sorted(
    basename
    for _prefix, viewset, basename in ROUTER.registry
    if hasattr(viewset, "list") and basename not in COMPUTED
)


def fill(access: Access, count: int) -> None:
    """``count`` rows of everything, each with relations of its own."""
    workspace = access.workspace
    for number in range(count):
        holder = make.make_holder(workspace)
        institution = make.make_institution(workspace=workspace)
        account = make.make_account(workspace, institution=institution, holder=holder)
        asset = make.make_asset(workspace=workspace)
        paper = make.make_asset(asset_class="cdb", workspace=workspace)
        make.make_terms(paper)
        paper.former_tickers.create(ticker=f"ANT{number}")
        for kind in ("buy", "dividend", "deposit"):
            named = None if kind == "deposit" else asset
            make.make_transaction(account, kind, asset=named, quantity=1, amount=1)
        target = make.make_asset(workspace=workspace)
        make.make_event(asset, kind="merger", to_asset=target, workspace=workspace)
        make.make_price(asset, "2024-01-02", 10)
        day = dt.date(2020, 1, 1) + dt.timedelta(asset.pk.int % 3000)
        make.make_fx(day, 5, source=f"s{asset.pk.int % 10**9}")
        make.make_index(f"I{asset.pk.int % 10**9}", day, 1)
        now = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)
        Quote.objects.create(
            asset=asset, price=1, currency="BRL", as_of=now, fetched_at=now, source="t"
        )
        run = TaskRun.objects.create(workspace=workspace, user=access.user, kind="k", title="t")
        Batch.objects.create(
            workspace=workspace,
            user=access.user,
            holder=holder,
            account=account,
            file_name="f.csv",
            sha256="0",
            task_run=run,
        )
        BrokerageNote.objects.create(
            workspace=workspace, account=account, trade_date=day, number=str(number), fees=1
        )
        portfolio = Portfolio.objects.create(workspace=workspace, name=f"c{account.pk}")
        portfolio.items.create(account=account)
        portfolio.targets.create(asset=asset, weight=1)
        TaxRule.objects.create(rule_id=f"T-{asset.pk.int % 10**9}", valid_from=day)
        TaxLink.objects.create(
            workspace=workspace, holder=holder, purpose="pages", token_hash=asset.pk.hex
        )
        make.make_workspace(access.user)


def ask(client: APIClient, basename: str) -> tuple[Any, int]:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(reverse(f"api:{basename}-list"))
    assert response.status_code == 200, response.content
    return response.json(), len(captured)


@pytest.mark.parametrize("basename", LISTS)
def test_many_rows_cost_no_more_queries(signed: Sign, basename: str) -> None:
    access = make.make_access()
    client = signed(access.user)
    fill(access, 2)
    _few, before = ask(client, basename)
    fill(access, 10)
    many, after = ask(client, basename)
    assert {"results", "next", "previous"} <= set(many)
    assert len(many["results"]) >= 10 or basename == "position"
    assert after <= before, f"{before} queries became {after}"
    assert after <= 10


@pytest.mark.parametrize("basename", sorted(set(LISTS) - {"position"}))
def test_pages(signed: Sign, basename: str) -> None:
    access = make.make_access()
    client = signed(access.user)
    fill(access, 3)
    url = reverse(f"api:{basename}-list") + "?page_size=2"
    first = client.get(url).json()
    assert len(first["results"]) == 2
    assert first["previous"] is None
    second = client.get(first["next"]).json()
    assert second["previous"] is not None
    keys = [str(row) for row in first["results"] + second["results"]]
    assert len(set(keys)) == len(keys)
    assert client.get(url + "&page=99").status_code == 404
