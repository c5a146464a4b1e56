"""Load, fold, store: positions as the ledger tells them."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Workspace
from apps.ledger.services import TransactionInput, transaction_record, transaction_update
from apps.portfolios.models import Build, CashBalance, Position
from apps.portfolios.services import metrics_refresh, workspace_rebuild, workspaces_stale
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_event,
    make_fx,
    make_holder,
    make_transaction,
    make_workspace,
)

pytestmark = pytest.mark.django_db
D = Decimal


def legal(workspace: Workspace) -> dict[str, Position]:
    rows = Position.objects.filter(workspace=workspace, account__isnull=True)
    return {p.asset.ticker: p for p in rows.select_related("asset")}


def test_average_joins_the_accounts_of_a_holder_and_splits_them_by_account() -> None:
    workspace = make_workspace()
    first, second = make_account(workspace), make_account(workspace)
    asset = make_asset("ABCD3")
    make_transaction(first, "buy", "2024-01-02", asset=asset, quantity=100, unit_price=10, fees=5)
    make_transaction(second, "buy", "2024-02-01", asset=asset, quantity=100, unit_price=20, fees=0)
    make_transaction(second, "sell", "2024-03-01", asset=asset, quantity=50, unit_price=30, fees=0)

    assert workspace_rebuild(workspace_id=workspace.pk)

    # (1000 + 5 + 2000) / 200 = 15.025; the sale takes 50 x 15.025 = 751.25
    position = legal(workspace)["ABCD3"]
    assert position.quantity == 150
    assert position.total_cost == D("2253.75")
    assert position.realised_gain == D("1500") - D("751.25")
    by_account = Position.objects.filter(workspace=workspace, account__isnull=False)
    # The second account alone: 100 at 20, so 50 leave at 1000.
    assert {p.account_id: (p.quantity, p.total_cost) for p in by_account} == {
        first.pk: (D(100), D(1005)),
        second.pk: (D(50), D(1000)),
    }


def test_a_second_rebuild_of_the_same_version_does_nothing() -> None:
    workspace = make_workspace()
    make_transaction(make_account(workspace))
    assert workspace_rebuild(workspace_id=workspace.pk)
    assert not workspace_rebuild(workspace_id=workspace.pk)
    assert workspace_rebuild(workspace_id=workspace.pk, force=True)


def test_a_write_makes_figures_stale_until_rebuilt() -> None:
    access = make_access()
    account = make_account(access.workspace)
    asset = make_asset("ABCD3")
    data = TransactionInput(
        account, "buy", dt.date(2024, 5, 2), asset, quantity=D(10), unit_price=D(7), fees=D(0)
    )
    row = transaction_record(access=access, data=data)
    assert access.workspace.pk in workspaces_stale()
    workspace_rebuild(workspace_id=access.workspace.pk)
    assert access.workspace.pk not in workspaces_stale()
    assert legal(access.workspace)["ABCD3"].total_cost == 70

    older = TransactionInput(
        account, "buy", dt.date(2024, 4, 1), asset, quantity=D(20), unit_price=D(7), fees=D(0)
    )
    transaction_update(access=access, row=row, data=older)
    workspace = Workspace.objects.get(pk=access.workspace.pk)
    assert workspace.stale_since == dt.date(2024, 4, 1)
    workspace_rebuild(workspace_id=workspace.pk)
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert legal(workspace)["ABCD3"].quantity == 20


def test_costs_in_reais_use_the_rate_of_each_purchase() -> None:
    workspace = make_workspace()
    account = make_account(workspace, currency="USD")
    asset = make_asset("VOO", "etf_abroad", market="US", currency="USD")
    make_fx("2024-01-02", "5.00")
    make_fx("2024-06-03", "6.00")
    make_transaction(account, "buy", "2024-01-02", asset=asset, quantity=1, unit_price=400, fees=0)
    make_transaction(account, "buy", "2024-06-03", asset=asset, quantity=1, unit_price=500, fees=0)
    workspace_rebuild(workspace_id=workspace.pk)
    position = legal(workspace)["VOO"]
    assert (position.currency, position.total_cost) == ("USD", D(900))
    assert position.total_cost_brl == D(400) * 5 + D(500) * 6
    assert position.total_cost_usd == D(900)


def test_a_missing_rate_leaves_the_cost_in_reais_unknown() -> None:
    workspace = make_workspace()
    asset = make_asset("VOO", "etf_abroad", market="US", currency="USD")
    make_transaction(make_account(workspace), asset=asset, quantity=1, unit_price=400, fees=0)
    workspace_rebuild(workspace_id=workspace.pk)
    position = legal(workspace)["VOO"]
    assert position.total_cost == 400
    assert position.total_cost_brl is None


def test_market_split_reaches_each_account_once_and_yields_to_a_booked_row() -> None:
    workspace = make_workspace()
    first, second = make_account(workspace), make_account(workspace)
    asset = make_asset("MGLU3")
    for account in (first, second):
        make_transaction(
            account, "buy", "2019-01-02", asset=asset, quantity=10, unit_price=80, fees=0
        )
    # Booked by the second broker three days late: its row is the event.
    make_transaction(second, "split", "2019-08-08", asset=asset, ratio=8)
    make_event(asset, "split", dt.date(2019, 8, 5), ratio=D(8))
    workspace_rebuild(workspace_id=workspace.pk)
    position = legal(workspace)["MGLU3"]
    assert position.quantity == 160  # (10 + 10) x 8
    assert position.total_cost == 1600  # unchanged


def test_market_bonus_credits_whole_shares_at_the_declared_cost() -> None:
    workspace = make_workspace()
    asset = make_asset("ITSA4")
    make_transaction(
        make_account(workspace),
        "buy",
        "2021-01-10",
        asset=asset,
        quantity=105,
        unit_price=10,
        fees=0,
    )
    make_event(asset, "bonus", dt.date(2021, 12, 22), ratio=D("0.05"), unit_amount=D("18.89"))
    workspace_rebuild(workspace_id=workspace.pk)
    position = legal(workspace)["ITSA4"]
    assert position.quantity == 110  # 105 x 0.05 = 5.25, of which 5 are credited
    assert position.total_cost == D(1050) + 5 * D("18.89")


def test_holders_do_not_share_an_average() -> None:
    workspace = make_workspace()
    other = make_holder(workspace, "Cônjuge")
    asset = make_asset("ABCD3")
    make_transaction(make_account(workspace), asset=asset, quantity=1, unit_price=10, fees=0)
    make_transaction(
        make_account(workspace, holder=other), asset=asset, quantity=1, unit_price=30, fees=0
    )
    workspace_rebuild(workspace_id=workspace.pk)
    costs = Position.objects.filter(workspace=workspace, account__isnull=True)
    assert sorted(costs.values_list("total_cost", flat=True)) == [10, 30]


def test_unknown_fees_and_unknown_cost_are_issues() -> None:
    workspace = make_workspace()
    account = make_account(workspace)
    make_transaction(account, asset=make_asset("AAAA3"), quantity=1, unit_price=10)
    make_transaction(account, "transfer_in", asset=make_asset("BBBB3"), quantity=5)
    workspace_rebuild(workspace_id=workspace.pk)
    found = legal(workspace)
    assert found["AAAA3"].issues == ["fees_unknown"]
    assert found["BBBB3"].total_cost is None
    codes = {issue["code"] for issue in Build.objects.get(workspace=workspace).issues}
    assert "fees_unknown" in codes
    assert len(codes) == 2


def test_cash_counts_only_where_deposits_are_recorded() -> None:
    workspace = make_workspace()
    funded, bare = make_account(workspace), make_account(workspace)
    asset = make_asset("ABCD3")
    make_transaction(funded, "deposit", "2024-01-02", amount=1500)
    for account in (funded, bare):
        make_transaction(
            account, "buy", "2024-01-03", asset=asset, quantity=10, unit_price=100, fees=1
        )
    workspace_rebuild(workspace_id=workspace.pk)
    found = {b.account_id: (b.amount, b.is_tracked) for b in CashBalance.objects.all()}
    assert found == {funded.pk: (D(499), True), bare.pk: (D(-1001), False)}


def test_rebuild_queries_do_not_grow_with_the_ledger(django_assert_max_num_queries) -> None:
    workspace = make_workspace()
    account = make_account(workspace)
    for number in range(40):
        make_transaction(account, asset=make_asset(f"AB{number:02}3"))
    with django_assert_max_num_queries(28):
        workspace_rebuild(workspace_id=workspace.pk)


@pytest.mark.usefixtures("clean_cache")
def test_the_evolution_rests_between_changes_of_prices_and_is_drawn_again_after() -> None:
    workspace = make_workspace()
    make_transaction(make_account(workspace))
    workspace_rebuild(workspace_id=workspace.pk)
    assert metrics_refresh(workspace_id=workspace.pk) == 0  # drawn
    assert metrics_refresh(workspace_id=workspace.pk) > 0  # put off, and asked for once
    assert metrics_refresh(workspace_id=workspace.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_two_first_builders_at_once_make_one_build() -> None:
    workspace = make_workspace()
    make_transaction(make_account(workspace))
    start = threading.Barrier(2)
    did: list[bool] = []
    statements: list[str] = []

    def build() -> None:
        try:
            with CaptureQueriesContext(connection) as queries:
                start.wait(timeout=10)
                did.append(workspace_rebuild(workspace_id=workspace.pk))
            statements.extend(each["sql"] for each in queries)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=build) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    # One folds, the other waits for it and finds nothing to do; nobody's insert fails.
    assert sorted(did) == [False, True]
    inserts = [sql for sql in statements if sql.startswith('INSERT INTO "portfolios_build"')]
    assert inserts
    assert all("ON CONFLICT DO NOTHING" in sql for sql in inserts)
