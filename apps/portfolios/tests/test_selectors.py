"""Positions, overview and explanation as pages and the API read them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.utils import timezone

from apps.common.errors import NotFound
from apps.market_data.models import Quote
from apps.portfolios.selectors import (
    dashboard_figures,
    evolution,
    explanation,
    group_positions,
    health_issues,
    positions_on,
)
from apps.portfolios.services import evolutions_build, workspace_rebuild
from apps.portfolios.tasks import refresh_metrics
from testing.factories import (
    make_access,
    make_account,
    make_asset,
    make_exchange,
    make_fx,
    make_index,
    make_price,
    make_terms,
    make_transaction,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_cache")]
D = Decimal


def today() -> dt.date:
    return timezone.localdate()


def days_ago(count: int) -> dt.date:
    return today() - dt.timedelta(days=count)


def quote(asset, price: str, previous: str | None = None, currency: str = "BRL") -> Quote:
    now = timezone.now()
    return Quote.objects.create(
        asset=asset,
        price=D(price),
        previous_close=None if previous is None else D(previous),
        currency=currency,
        as_of=now,
        fetched_at=now,
        source="brapi",
    )


def test_value_gain_and_day_change_in_both_currencies() -> None:
    access = make_access()
    account = make_account(access.workspace, currency="USD")
    asset = make_asset("VOO", "etf_abroad", market="US", currency="USD")
    make_fx(days_ago(400), "4.00")
    make_fx(days_ago(1), "5.00")
    make_fx(today(), "5.50")
    make_transaction(account, "buy", days_ago(300), asset=asset, quantity=2, unit_price=100, fees=0)
    quote(asset, "130", "120", "USD")
    workspace_rebuild(workspace_id=access.workspace.pk)

    row = positions_on(access=access, currency="BRL").rows[0]
    assert row.average_cost == 100
    assert (row.native.value, row.native.unrealised, row.native.day_change) == (260, 60, 20)
    # Cost 2 x 100 x 4.00 = 800; worth 260 x 5.50 = 1430; eve 240 x 5.00 = 1200.
    assert (row.report.cost, row.report.value) == (D(800), D(1430))
    assert row.report.unrealised == 630
    assert row.report.day_change == 230
    assert row.report.unrealised_share == D(630) / 800
    dollars = positions_on(access=access, currency="USD").rows[0]
    assert dollars.report.unrealised == 60


def test_a_missing_price_is_unknown_not_zero() -> None:
    access = make_access()
    account = make_account(access.workspace)
    priced, bare = make_asset("AAAA3"), make_asset("BBBB3")
    for asset in (priced, bare):
        make_transaction(account, asset=asset, quantity=10, unit_price=5, fees=0)
    quote(priced, "8")
    workspace_rebuild(workspace_id=access.workspace.pk)
    found = positions_on(access=access)
    rows = {r.ticker: r for r in found.rows}
    assert rows["BBBB3"].report.value is None
    assert rows["BBBB3"].report.unrealised is None
    assert "price_missing" in rows["BBBB3"].issues
    assert (found.totals.value, found.totals.value_missing) == (80, 1)
    figures = dashboard_figures(access=access)
    assert figures["missing_prices"] == ["BBBB3"]
    assert figures["day_change_share"] is None
    assert [i.ticker for i in health_issues(access=access) if i.code == "price_missing"] == [
        "BBBB3"
    ]


def test_any_past_date_uses_what_was_held_and_its_close() -> None:
    access = make_access()
    account = make_account(access.workspace)
    asset = make_asset("ABCD3")
    make_transaction(account, "buy", "2020-01-02", asset=asset, quantity=100, unit_price=10, fees=0)
    make_transaction(account, "sell", "2022-01-03", asset=asset, quantity=40, unit_price=15, fees=0)
    make_price(asset, "2021-06-01", "12")
    make_price(asset, "2022-06-01", "14")
    workspace_rebuild(workspace_id=access.workspace.pk)
    before = positions_on(access=access, on=dt.date(2021, 6, 2)).rows[0]
    assert (before.quantity, before.price, before.report.value) == (100, 12, 1200)
    assert before.price_as_of == dt.date(2021, 6, 1)
    after = positions_on(access=access, on=dt.date(2022, 6, 1)).rows[0]
    assert (after.quantity, after.report.value, after.report.realised) == (60, 840, 200)
    assert positions_on(access=access, on=dt.date(2019, 1, 1)).rows == []


def test_a_typed_price_is_seen_here_and_nowhere_else() -> None:
    mine, other = make_access(), make_access()
    asset = make_asset("FUNDO", "fund")
    for access in (mine, other):
        account = make_account(access.workspace)
        make_transaction(
            account, "buy", days_ago(9), asset=asset, quantity=1, unit_price=90, fees=0
        )
        workspace_rebuild(workspace_id=access.workspace.pk)
    make_price(asset, today(), "100", source="manual", workspace=mine.workspace)
    assert positions_on(access=mine).rows[0].report.value == 100
    assert positions_on(access=other).rows[0].report.value is None


def test_late_price_is_marked_and_leaves_the_day_change_unknown() -> None:
    access = make_access()
    exchange = make_exchange()
    asset = make_asset("ABCD3", exchange=exchange)
    make_transaction(make_account(access.workspace), asset=asset, quantity=1, unit_price=5, fees=0)
    make_price(asset, days_ago(12), "7")
    workspace_rebuild(workspace_id=access.workspace.pk)
    row = positions_on(access=access).rows[0]
    assert row.price_stale
    assert row.report.value == 7
    assert row.report.day_change is None
    assert "price_stale" in row.issues


def test_fixed_income_is_worth_its_terms() -> None:
    access = make_access()
    paper = make_asset("CDB BANCO", "cdb")
    make_terms(paper, "cdi", issue_date=dt.date(2016, 1, 4), percent=D("1.1"), unit_value=D(10000))
    make_transaction(
        make_account(access.workspace),
        "buy",
        "2016-01-04",
        asset=paper,
        quantity=1,
        unit_price=10000,
        fees=0,
    )
    for day in range(4, 9):  # five business days of 0.052496 %, SGS 12
        make_index("CDI", dt.date(2016, 1, day), "0.052496")
    workspace_rebuild(workspace_id=access.workspace.pk)
    row = positions_on(access=access, on=dt.date(2016, 1, 11)).rows[0]
    assert row.price_source == "terms"
    # 10,000 x (1 + 0.00052496 x 1.1)^5 = 10,028.91
    assert row.report.value is not None
    assert round(row.report.value, 2) == D("10028.91")


def test_grouping_adds_up_to_the_whole() -> None:
    access = make_access()
    account = make_account(access.workspace)
    for ticker, asset_class, price in (("AAAA3", "stock", 10), ("BBBB11", "fii", 30)):
        asset = make_asset(ticker, asset_class)
        make_transaction(account, asset=asset, quantity=1, unit_price=1, fees=0)
        quote(asset, str(price))
    workspace_rebuild(workspace_id=access.workspace.pk)
    found = positions_on(access=access)
    groups = group_positions(found.rows, "class", found.totals)
    assert [(g.key, g.totals.value, g.weight) for g in groups] == [
        ("fii", D(30), D("0.75")),
        ("stock", D(10), D("0.25")),
    ]


def test_explanation_ends_where_the_position_stands() -> None:
    access = make_access()
    account = make_account(access.workspace)
    asset = make_asset("ABCD3")
    make_transaction(account, "buy", "2024-01-02", asset=asset, quantity=100, unit_price=10, fees=5)
    make_transaction(account, "sell", "2024-02-02", asset=asset, quantity=40, unit_price=12, fees=1)
    workspace_rebuild(workspace_id=access.workspace.pk)
    (trail,) = explanation(access=access, asset=asset)
    assert [s.step.quantity for s in trail.steps] == [100, 60]
    # 1,005 / 100 = 10.05; 40 leave at 402.00; (480 - 1) - 402 = 77
    assert trail.steps[0].step.average == D("10.05")
    assert trail.steps[1].step.realised == 77
    assert trail.holding.total_cost == D("603")
    assert all(step.transaction_id and step.account == account.name for step in trail.steps)


def test_explanation_of_what_was_never_held_is_not_found() -> None:
    with pytest.raises(NotFound):
        explanation(access=make_access(), asset=make_asset("ZZZZ3"))


def test_an_evolution_nobody_built_is_asked_for_once(
    clean_cache: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    access = make_access()
    asked: list[str] = []
    monkeypatch.setattr(refresh_metrics, "delay", asked.append)
    assert evolution(access=access) is None
    assert evolution(access=access) is None
    assert asked == [str(access.workspace.pk)]


def test_evolution_comes_from_what_the_worker_built() -> None:
    access = make_access()
    account = make_account(access.workspace)
    asset = make_asset("ABCD3")
    make_transaction(account, "buy", days_ago(10), asset=asset, quantity=10, unit_price=5, fees=0)
    make_price(asset, days_ago(10), "5")
    make_price(asset, days_ago(3), "6")
    assert evolution(access=access) is None
    workspace_rebuild(workspace_id=access.workspace.pk)
    evolutions_build(workspace_id=access.workspace.pk)
    found = evolution(access=access)
    assert found is not None
    assert len(found["dates"]) == 11
    assert (found["value"][0], found["value"][-1]) == ("50.00", "60.00")
    assert set(found["net_invested"]) == {"50.00"}
    assert not found["is_stale"]
    assert evolution(access=access, start=days_ago(2))["dates"][0] == days_ago(2).isoformat()


def test_query_counts_do_not_follow_the_number_of_positions(django_assert_num_queries) -> None:
    counts = []
    for size in (3, 30):
        access = make_access()
        account = make_account(access.workspace)
        for number in range(size):
            asset = make_asset(f"Q{size}{number:02}3")
            make_transaction(account, asset=asset)
            quote(asset, "11")
        workspace_rebuild(workspace_id=access.workspace.pk)
        with django_assert_num_queries(14) as captured:
            positions_on(access=access)
        counts.append(len(captured))
        with django_assert_num_queries(2):  # versions only: the rest comes from Redis
            positions_on(access=access)
    assert counts[0] == counts[1]


def test_a_price_from_before_a_split_is_brought_to_the_shares_of_today() -> None:
    access = make_access()
    asset = make_asset("ABCD3")
    account = make_account(access.workspace)
    make_transaction(account, "buy", days_ago(400), asset=asset, quantity=10, unit_price=50, fees=0)
    make_price(asset, days_ago(5), "100")
    make_transaction(account, "split", days_ago(2), asset=asset, ratio=4)
    workspace_rebuild(workspace_id=access.workspace.pk)
    row = positions_on(access=access).rows[0]
    # 40 shares at 100 / 4: a split makes nobody richer.
    assert (row.quantity, row.price, row.report.value) == (40, 25, 1000)
    assert "price_before_split" in row.issues

    make_price(asset, days_ago(1), "26")
    cache.clear()
    row = positions_on(access=access).rows[0]
    assert row.report.value == 1040
    assert row.report.day_change == 40  # from 100 / 4 = 25, not from 100
    assert "price_before_split" not in row.issues


def test_a_total_of_nothing_known_is_unknown_and_no_share_is_told_of_a_part() -> None:
    access = make_access()
    account = make_account(access.workspace)
    bare, priced = make_asset("AAAA3"), make_asset("BBBB3")
    make_transaction(account, asset=bare, quantity=10, unit_price=5, fees=0)
    workspace_rebuild(workspace_id=access.workspace.pk)
    totals = positions_on(access=access).totals
    assert (totals.value_shown, totals.unrealised_shown) == (None, None)
    assert totals.unrealised_share is None
    figures = dashboard_figures(access=access)
    assert (figures["worth"], figures["unrealised"]) == (None, None)

    make_transaction(account, asset=priced, quantity=10, unit_price=5, fees=0)
    quote(priced, "8")
    workspace_rebuild(workspace_id=access.workspace.pk, force=True)
    cache.clear()
    totals = positions_on(access=access).totals
    assert (totals.value_shown, totals.unrealised_shown) == (80, 30)
    # 30 of gain belong to 50 of cost, not to the 100 that are held.
    assert totals.unrealised_share is None
