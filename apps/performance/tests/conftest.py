from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.performance import store
from testing import factories as make


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    cache.clear()
    store.loaded.clear()
    yield
    cache.clear()
    store.loaded.clear()


def days_ago(count: int) -> dt.date:
    return timezone.localdate() - dt.timedelta(days=count)


@pytest.fixture
def access() -> Access:
    """100 of a share bought at 10 sixty days ago, 12 since thirty days, 15 today; a dividend of
    30 less 3 twenty days ago; 10 of a fund at 50, always worth 50; no deposits written."""
    access = make.make_access()
    account = make.make_account(access.workspace, name="Corretora A")
    share = make.make_asset("AAAA3", sector="Energia")
    fund = make.make_asset("BBBB11", "fii", sector="Imóveis")
    rows = {"quantity": 100, "unit_price": 10, "fees": 0}
    make.make_transaction(account, "buy", days_ago(60), asset=share, **rows)
    make.make_transaction(
        account, "buy", days_ago(60), asset=fund, quantity=10, unit_price=50, fees=5
    )
    make.make_transaction(account, "dividend", days_ago(20), asset=share, amount=30, tax_withheld=3)
    for asset, points in ((share, ((60, 10), (30, 12), (0, 15))), (fund, ((60, 50), (0, 50)))):
        for day, close in points:
            make.make_price(asset, days_ago(day), close)
    return access


def touch(access: Access) -> Access:
    """The same access after a write that raised the ledger's version."""
    Workspace.objects.filter(pk=access.workspace.pk).update(
        ledger_version=access.workspace.ledger_version + 1
    )
    return Access(Workspace.objects.get(pk=access.workspace.pk), access.role, access.user)
