"""An asset to compare with reinvests what it paid where the workspace's own rows tell it all."""

from __future__ import annotations

import pytest

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.ledger.models import Transaction
from apps.performance.query import Query, benchmarks_parse
from apps.performance.selectors import Performance, performance
from apps.performance.tests.conftest import days_ago, touch
from apps.performance.tests.test_pages import text_of
from apps.portfolios.services import workspace_rebuild
from testing import factories as make

pytestmark = pytest.mark.django_db


def compared(access: Access, since: int) -> tuple[float, bool]:
    """The return of the share since some days ago, and whether it is of prices alone."""
    written = touch(access)
    workspace_rebuild(workspace_id=written.workspace.pk)
    query = Query(start=days_ago(since), benchmarks=benchmarks_parse("AAAA3"))
    found = performance(access=written, query=query)
    assert isinstance(found, Performance)
    return found.figures.comparisons["AAAA3"].twr, "AAAA3" in found.price_only


def test_a_dividend_of_so_many_shares_is_reinvested_on_its_day(access: Access) -> None:
    Transaction.objects.filter(kind="dividend").update(quantity=100)
    # 10 to 15, and 30 ÷ 100 at 12: 1,5 × 1,025 − 1.
    assert compared(access, 50) == (pytest.approx(0.5375), False)
    since = days_ago(50).isoformat()
    page = text_of(touch(access), "returns", benchmarks="AAAA3", **{"from": since})
    assert "AAAA3 com proventos" in page


def test_two_accounts_are_paid_alike(access: Access) -> None:
    Transaction.objects.filter(kind="dividend").update(quantity=100)
    other = make.make_account(access.workspace)
    share = Asset.objects.get(ticker="AAAA3")
    rows = {"asset": share, "quantity": 10}
    make.make_transaction(other, "buy", days_ago(60), unit_price=10, **rows)
    make.make_transaction(other, "dividend", days_ago(20), amount="3.01", **rows)
    assert compared(access, 50) == (pytest.approx(0.5375), False)


def test_without_the_number_of_shares_or_the_shares_it_is_prices_alone(access: Access) -> None:
    assert compared(access, 50) == (pytest.approx(0.5), True)
    # What was paid before the period does not matter to it.
    assert compared(access, 10) == (pytest.approx(0.25), False)
    Transaction.objects.filter(kind="dividend").update(quantity=100)
    assert compared(access, 61)[1]  # nothing was held on the first day
    share = Asset.objects.get(ticker="AAAA3")
    make.make_transaction(
        make.make_account(access.workspace),
        "return_of_capital",
        days_ago(15),
        asset=share,
        amount=20,
    )
    assert compared(access, 50)[1]
