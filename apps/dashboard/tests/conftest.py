"""A small workspace with a true overview and deliberate holes."""

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.accounts.services import workspace_touch
from apps.market_data.models import Quote
from apps.portfolios.services import metrics_refresh, workspace_rebuild
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_fx,
    make_price,
    make_transaction,
)


def quote(asset, price, previous, currency="BRL"):
    now = timezone.now()
    Quote.objects.create(
        asset=asset,
        price=Decimal(price),
        previous_close=Decimal(previous),
        currency=currency,
        as_of=now,
        fetched_at=now,
        source="brapi",
    )


def rebuild(access):
    workspace_touch(workspace_id=access.workspace.pk, since=dt.date(2024, 1, 1))
    access.workspace.refresh_from_db()
    workspace_rebuild(workspace_id=access.workspace.pk)
    metrics_refresh(workspace_id=access.workspace.pk)


@pytest.fixture
def access(clean_cache) -> Access:
    access = make_access()
    account = make_account(access.workspace, name="Corretora Um")
    stock, fund = make_asset("ABCD3", name="ABCD S.A."), make_asset("TIJO11", "fii")
    make_transaction(account, "buy", "2024-01-02", asset=stock, quantity=100, unit_price=10, fees=5)
    make_transaction(account, "sell", "2024-02-01", asset=stock, quantity=40, unit_price=15, fees=0)
    make_transaction(account, "buy", "2024-01-02", asset=fund, quantity=6, unit_price=100, fees=0)
    make_transaction(account, "dividend", "2024-03-01", asset=stock, amount=30)
    # Came without its cost and nobody quotes it: two issues.
    make_transaction(account, "transfer_in", "2024-03-01", asset=make_asset("SEMC3"), quantity=7)
    quote(stock, "20", "19")
    quote(fund, "50", "50")
    make_price(stock, "2024-01-15", "12")
    make_price(fund, "2024-01-15", "100")
    make_fx("2024-01-02", "5")
    rebuild(access)
    return access


@pytest.fixture
def empty(clean_cache) -> Access:
    return make_access()


@pytest.fixture
def sign_in():
    def signed_in(user) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def stale():
    def make_stale(access) -> None:
        workspace_touch(workspace_id=access.workspace.pk, since=dt.date(2024, 1, 1))
        access.workspace.refresh_from_db()
        assert Workspace.objects.get(pk=access.workspace.pk).stale_since

    return make_stale
