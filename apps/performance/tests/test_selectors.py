"""Returns, allocation and income as pages and the API read them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.access import Access
from apps.assets.models import Asset
from apps.common.errors import Invalid, NotFound
from apps.market_data.models import Quote
from apps.performance.query import Query, bounds, query_parse
from apps.performance.selectors import (
    Allocation,
    AssetPerformance,
    Building,
    Explained,
    Income,
    Performance,
    allocation,
    asset_performance,
    explain,
    explained_all,
    heat_map,
    income_analysis,
    performance,
    price_series,
    rolling_returns,
)
from apps.performance.tests.conftest import days_ago
from apps.portfolios.services import (
    Selection,
    asset_tags_set,
    portfolio_create,
    portfolio_targets_set,
)
from testing import factories as make

pytestmark = pytest.mark.django_db
D = Decimal


def ask(**given: str) -> Query:
    return query_parse({"period": "all", **given})


def returns(access: Access, query: Query | None = None) -> Performance:
    found = performance(access=access, query=query or ask())
    assert isinstance(found, Performance)
    return found


def test_figures_of_the_whole(access: Access) -> None:
    found = returns(access)
    f = found.figures
    # Worth 100 x 15 + 10 x 50 = 2,000; put in 1,000 + 505; came out 27 net.
    assert f.start_value == 0
    assert f.end_value == pytest.approx(2000)
    assert (f.inflows, f.outflows) == (pytest.approx(1505), pytest.approx(27))
    assert f.absolute_gain == pytest.approx(2000 - 1505 + 27)
    # 500 of price, 30 of income, less 3 withheld and 5 of fees.
    gain = f.gain
    assert gain.price_unrealised == pytest.approx(500)
    assert (gain.income_gross, gain.taxes, gain.fees) == (
        pytest.approx(30),
        pytest.approx(3),
        pytest.approx(5),
    )
    assert gain.total == pytest.approx(f.absolute_gain)
    # Day returns: 1,500/1,505, 1,700/1,500, (1,700 + 27)/1,700, 2,000/1,700.
    assert f.twr == pytest.approx(1500 / 1505 * 1700 / 1500 * 1727 / 1700 * 2000 / 1700 - 1)
    assert sum(row.contribution for row in found.rows) == pytest.approx(f.twr)
    assert [found.label(row) for row in found.rows] == ["AAAA3", "BBBB11"]


def test_periods_chain_into_the_whole(access: Access) -> None:
    middle = days_ago(25).isoformat()
    whole = returns(access).figures.twr
    first = returns(access, ask(to=middle)).figures.twr
    second = returns(access, query_parse({"from": middle})).figures.twr
    assert (1 + first) * (1 + second) == pytest.approx(1 + whole)


@pytest.mark.parametrize(
    "grouping, labels",
    [
        ("class", {"Ação", "FII"}),
        ("sector", {"Energia", "Imóveis"}),
        ("account", {"Corretora A"}),
        ("currency", {"BRL"}),
        ("country", {"BR"}),
        ("tag", {"renda", ""}),
    ],
)
def test_tables_by_anything_add_up(access: Access, grouping: str, labels: set[str]) -> None:
    asset_tags_set(access=access, asset=Asset.objects.get(ticker="BBBB11"), names=["renda"])
    found = returns(access, ask(group_by=grouping))
    assert {found.label(row) for row in found.rows} == labels
    assert sum(row.gain.total for row in found.rows) == pytest.approx(found.figures.absolute_gain)
    assert sum(row.contribution for row in found.rows) == pytest.approx(found.figures.twr)


def test_a_portfolio_measures_what_it_selects(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="FIIs", selection=Selection(classes=["fii"]))
    found = returns(access, query_parse({"period": "all"}, portfolio=str(portfolio.pk)))
    assert found.figures.end_value == pytest.approx(500)
    assert found.figures.absolute_gain == pytest.approx(-5)
    other = make.make_access()
    with pytest.raises(NotFound):
        performance(access=other, query=query_parse({}, portfolio=str(portfolio.pk)))


def test_filters_narrow(access: Access) -> None:
    share = Asset.objects.get(ticker="AAAA3")
    assert returns(access, ask(assets=str(share.pk))).figures.end_value == pytest.approx(1500)
    assert returns(access, ask(classes="fii")).figures.end_value == pytest.approx(500)
    assert returns(access, ask(currencies="USD")).figures.end_value == 0


def test_benchmarks_on_the_same_days(access: Access) -> None:
    for count in range(61, 0, -1):
        make.make_index("CDI", days_ago(count), "0.05")
    make.make_index("IBOV", days_ago(70), 100)
    make.make_index("IBOV", days_ago(10), 110)
    other = make.make_asset("CCCC3")
    make.make_price(other, days_ago(61), 20, adjustment_factor=D("0.5"))
    make.make_price(other, days_ago(5), 15)
    found = returns(access, ask(benchmarks="CDI,110%CDI,IBOV,CCCC3,IPCA+6"))
    compared = found.figures.comparisons
    # A timeline begins the day before the first row: 61 daily rates of 0.05 % since.
    assert compared["CDI"].twr == pytest.approx(1.0005**61 - 1)
    assert compared["110%CDI"].twr == pytest.approx(1.00055**61 - 1)
    assert compared["IBOV"].twr == pytest.approx(0.10)
    # 20 before a two-for-one is 10 of today's shares: 15 / 10.
    assert compared["CCCC3"].twr == pytest.approx(0.5)
    assert "benchmark_missing" in {note.code for note in found.notes}
    with pytest.raises(Invalid) as raised:
        performance(access=access, query=ask(benchmarks="XPTO9"))
    assert raised.value.errors[0].field == "benchmarks"


def test_the_last_point_is_the_quote_the_overview_shows(access: Access) -> None:
    now = timezone.now()
    share = Asset.objects.get(ticker="AAAA3")
    Quote.objects.create(
        asset=share, price=D(20), currency="BRL", as_of=now, fetched_at=now, source="brapi"
    )
    assert returns(access).figures.end_value == pytest.approx(2500)


def test_another_currency_uses_the_rates_of_the_days(access: Access) -> None:
    make.make_fx(days_ago(61), 5)
    make.make_fx(days_ago(0), 4)
    found = returns(access, ask(currency="USD"))
    # Bought for 1,505 at 5, worth 2,000 at 4.
    assert found.figures.inflows == pytest.approx(301)
    assert found.figures.end_value == pytest.approx(500)
    assert found.figures.gain.total == pytest.approx(found.figures.absolute_gain)


def test_with_cash_untracked_says_so(access: Access) -> None:
    assert "cash_untracked" in {n.code for n in returns(access, ask(cash="1")).notes}
    assert "cash_untracked" not in {n.code for n in returns(access).notes}


def test_what_has_no_price_is_marked(access: Access) -> None:
    account = make.make_account(access.workspace)
    bare = make.make_asset("NADA3")
    make.make_transaction(account, "buy", days_ago(5), asset=bare, quantity=1, unit_price=7)
    notes = {note.ticker: note.code for note in returns(access).notes if note.asset}
    # The others have a month without a close, longer than any chain of holidays.
    assert notes == {"NADA3": "valued_at_cost", "AAAA3": "price_hole", "BBBB11": "price_hole"}


def test_allocation_against_targets(access: Access) -> None:
    portfolio = portfolio_create(access=access, name="Tudo")
    weights = {"stock": D("0.5"), "fii": D("0.3"), "treasury": D("0.2")}
    portfolio_targets_set(access=access, portfolio=portfolio, by="class", weights=weights)
    query = query_parse({"group_by": "class"}, portfolio=str(portfolio.pk))
    found = allocation(access=access, query=query)
    assert isinstance(found, Allocation)
    by_key = {s.key: s for s in found.slices}
    # 1,500 and 500 of 2,000; 50 % is 1,000, 30 % is 600, 20 % is 400.
    assert (by_key["stock"].value, by_key["stock"].share) == (1500, 0.75)
    assert by_key["stock"].drift == pytest.approx(0.25)
    assert by_key["stock"].to_target == pytest.approx(-500)
    assert by_key["fii"].to_target == pytest.approx(100)
    assert by_key["treasury"].to_target == pytest.approx(400)
    assert [c.label for c in by_key["stock"].children] == ["AAAA3"]
    # 0.75 squared + 0.25 squared
    assert found.concentration.hhi == pytest.approx(0.625)
    assert found.concentration.effective == pytest.approx(1.6)
    assert found.concentration.top[1] == pytest.approx(0.75)
    by_sector = allocation(access=access, query=ask(group_by="sector"))
    assert isinstance(by_sector, Allocation)
    assert [(s.label, s.target) for s in by_sector.slices] == [("Energia", None), ("Imóveis", None)]


def test_income_by_month_and_asset(access: Access) -> None:
    found = income_analysis(access=access, query=ask())
    assert isinstance(found, Income)
    assert found.total is not None
    assert (found.total.gross, found.total.withheld) == (30, 3)
    (asset,) = found.assets
    assert (asset.ticker, asset.payments) == ("AAAA3", 1)
    # 30 over the 1,000 the shares cost, and over the 1,500 they are worth.
    assert asset.row.yield_on_cost == pytest.approx(0.03)
    assert asset.row.yield_on_value == pytest.approx(0.02)
    assert sum(m.net for m in found.months) == pytest.approx(27)
    assert found.months[-1].month == days_ago(0).replace(day=1)


def test_the_heat_map_and_windows_tell_the_same_return(access: Access) -> None:
    found = returns(access)
    product = 1.0
    for cell in heat_map(found):
        if cell.month:
            product *= 1 + cell.rate
    assert product - 1 == pytest.approx(found.figures.twr)
    windows = rolling_returns(found, "1m")
    assert len(windows.rate) == 61 - 30 + 1
    index = found.figures.daily.index
    assert windows.rate[-1] == pytest.approx(index[-1] / index[-31] - 1)


@pytest.mark.parametrize("code", ["absolute_gain", "inflows", "outflows", "fees", "taxes"])
def test_parts_add_up_to_the_figure(access: Access, code: str) -> None:
    found = explain(access=access, query=ask(), code=code)
    assert isinstance(found, Explained)
    for block in found.blocks:
        if block.adds:
            total = sum(part.sign * (part.value or 0.0) for part in block.parts)
            assert total == pytest.approx(found.value), block.title
    rows = [p for b in found.blocks for p in b.parts if p.transaction]
    assert bool(rows) is (code != "absolute_gain")


def test_every_figure_explains_itself(access: Access) -> None:
    items = explained_all(returns(access))
    assert len(items) >= 20
    for item in items:
        assert item.definition.formula
        assert item.blocks
        for block in item.blocks:
            if block.adds:
                total = sum(part.sign * (part.value or 0.0) for part in block.parts)
                assert total == pytest.approx(item.value, abs=0.02), item.code
    with pytest.raises(NotFound):
        explain(access=access, query=ask(), code="destino")
    with pytest.raises(NotFound):
        explain(access=access, query=ask(), code="beta")


def test_yields_and_concentration_explain_themselves(access: Access) -> None:
    def parts(code: str) -> tuple[float | None, list[float | None]]:
        found = explain(access=access, query=ask(), code=code)
        assert isinstance(found, Explained)
        return found.value, [part.value for block in found.blocks for part in block.parts]

    value, shares = parts("hhi")
    assert sum((share or 0.0) ** 2 for share in shares) == pytest.approx(value)
    # 30 of income over a worth of 2,000, and over a cost of 1,500.
    assert parts("yield_on_value") == (pytest.approx(0.015), [30, pytest.approx(2000)])
    assert parts("yield_on_cost") == (pytest.approx(0.02), [30, pytest.approx(1500)])
    assert parts("growth") == (None, [30, 0])


def test_an_asset_by_itself(access: Access) -> None:
    share = Asset.objects.get(ticker="AAAA3")
    found = asset_performance(access=access, asset=share, query=ask())
    assert isinstance(found, AssetPerformance)
    # 10 to 15 with 27 paid while it was worth 1,200.
    assert found.performance.figures.twr == pytest.approx(1227 / 1200 * 1500 / 1000 - 1)
    assert [(m.side, m.price) for m in found.prices.marks] == [("buy", 10.0), ("income", None)]
    assert [point.cost for point in found.prices.cost][:1] == [10.0]


def test_prices_as_traded_and_in_todays_shares() -> None:
    access = make.make_access()
    asset = make.make_asset("DDDD3")
    account = make.make_account(access.workspace)
    make.make_transaction(account, "buy", days_ago(9), asset=asset, quantity=1, unit_price=21)
    make.make_price(asset, days_ago(10), 20, adjustment_factor=D("0.5"))
    make.make_price(asset, days_ago(8), 11)
    make.make_price(asset, days_ago(10), 22, source="manual", workspace=access.workspace)
    series = price_series(workspace_id=access.workspace.pk, asset_id=asset.pk)
    assert series.close.tolist() == [22, 11]  # the price typed here wins
    assert series.adjusted.tolist() == [11, 11]
    theirs = price_series(workspace_id=make.make_workspace().pk, asset_id=asset.pk)
    assert theirs.close.tolist() == [20, 11]
    found = asset_performance(access=access, asset=asset, query=ask())
    assert isinstance(found, AssetPerformance)
    # A price of the ninth day falls between: the split had come by the next close.
    assert [m.adjusted for m in found.prices.marks] == [21.0]


def test_an_empty_workspace_has_figures_too() -> None:
    access = make.make_access()
    found = returns(access)
    assert (found.figures.end_value, found.figures.twr, found.rows) == (0, 0, [])
    assert len(explained_all(found)) >= 20
    assert heat_map(found) == []
    assert isinstance(allocation(access=access, query=ask()), Allocation)
    income = income_analysis(access=access, query=ask())
    assert isinstance(income, Income)
    assert (income.total, income.assets) == (None, [])


def test_queries_do_not_grow(access: Access) -> None:
    def asked(group: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            found = performance(access=access, query=ask(group_by=group, benchmarks="CDI"))
            assert not isinstance(found, Building)
            assert found.rows
        return len(captured)

    asked("asset")  # builds, and lays the indexes
    few = asked("asset")
    account = make.make_account(access.workspace)
    for _ in range(12):
        asset = make.make_asset()
        make.make_transaction(account, "buy", days_ago(5), asset=asset, quantity=1, unit_price=7)
        make.make_price(asset, days_ago(4), 7)
    cache.clear()
    asked("asset")
    assert asked("asset") == few <= 6
    assert asked("tag") <= few + 1


class TestQuery:
    def test_periods_open_at_a_close(self) -> None:
        first, today = dt.date(2014, 1, 1), dt.date(2026, 3, 31)

        def start(period: str) -> dt.date:
            return bounds(Query(period=period), first, today)[0]

        assert start("ytd") == dt.date(2025, 12, 31)
        assert start("12m") == dt.date(2025, 3, 31)
        assert start("1m") == dt.date(2026, 2, 28)
        assert start("5a") == dt.date(2021, 3, 31)
        assert start("all") == first

    def test_dates_stay_within_what_there_is(self) -> None:
        first, today = dt.date(2020, 1, 1), dt.date(2026, 3, 31)
        query = Query(start=dt.date(1990, 1, 1), end=dt.date(2030, 1, 1))
        assert bounds(query, first, today) == (first, today)

    @pytest.mark.parametrize(
        "name, text",
        [
            ("from", "ontem"),
            ("period", "2m"),
            ("currency", "real"),
            ("cash", "maybe"),
            ("group_by", "cor"),
            ("accounts", "1"),
            ("classes", "pizza"),
            ("risk_free", "IBOV"),
            ("benchmarks", "A,B,C,D,E,F,G"),
        ],
    )
    def test_refusals_name_their_field(self, name: str, text: str) -> None:
        with pytest.raises(Invalid) as raised:
            query_parse({name: text})
        assert raised.value.errors[0].field == name

    def test_benchmarks_have_one_spelling(self) -> None:
        query = query_parse({"benchmarks": "cdi, 110cdi,110%CDI,ipca 6.5,sp500:brl"})
        assert [b.code for b in query.benchmarks] == ["CDI", "110%CDI", "IPCA+6.5", "SP500:BRL"]
        assert (query.benchmarks[1].percent, query.benchmarks[2].spread) == (D("1.1"), D("0.065"))


def test_many_rows_are_told_as_the_largest_and_the_rest(access: Access) -> None:
    account = access.workspace.accounts.get()
    share = Asset.objects.get(ticker="AAAA3")
    for number in range(205):
        make.make_transaction(
            account, "buy", days_ago(9), asset=share, quantity=1, unit_price=number + 1, fees=0
        )
    found = explain(access=access, query=ask(), code="inflows")
    assert isinstance(found, Explained)
    (block,) = found.blocks
    # 207 rows: the 200 largest, and one line for the seven of 1 to 7 (28 together).
    assert len(block.parts) == 201
    assert block.parts[-1].value == pytest.approx(28)
    assert sum(part.value or 0.0 for part in block.parts) == pytest.approx(found.value)


@pytest.mark.parametrize(
    "code, price_only",
    [("CDI", False), ("IBOV", False), ("IFIX", False), ("SP500:BRL", True), ("CCCC3", True)],
)
def test_what_leaves_income_out_is_known(code: str, price_only: bool) -> None:
    (benchmark,) = ask(benchmarks=code).benchmarks
    assert benchmark.is_price_only is price_only
