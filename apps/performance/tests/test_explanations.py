"""Every figure opens what it is made of, and that is what the page says."""

from __future__ import annotations

import datetime as dt
import math
import re
from decimal import Decimal as D

import pytest
from django.urls import reverse

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.performance.query import GROUPINGS, Query, benchmarks_parse
from apps.performance.selectors import About, Performance, explain, explained, performance
from apps.performance.selectors.explain import EXPLAINERS
from apps.performance.selectors.explain_parts import BESIDE
from apps.performance.tests.conftest import days_ago, touch
from apps.performance.tests.test_pages import address, signed_in
from apps.performance.words import DEFINITIONS
from apps.portfolios.services import (
    Selection,
    portfolio_create,
    portfolio_targets_set,
    workspace_rebuild,
)
from testing import factories as make
from testing.figures import bare_figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def seen(access: Access) -> Access:
    """The share and the fund with another account, dollars, an unpriced paper and an index."""
    other = make.make_account(access.workspace, name="Corretora B", currency="USD")
    abroad = make.make_asset("ACME", "stock_abroad", currency="USD", country="US")
    bare = make.make_asset("NADA3")
    make.make_transaction(other, "deposit", days_ago(60), amount=500, currency="USD")
    make.make_transaction(
        other, "buy", days_ago(50), asset=abroad, quantity=4, unit_price=100, currency="USD"
    )
    make.make_transaction(other, "buy", days_ago(40), asset=bare, quantity=7, unit_price=3)
    for day, close in ((60, 90), (50, 100), (10, 130)):
        make.make_price(abroad, days_ago(day), close)
    for day, rate in ((70, "5.00"), (30, "5.50"), (1, "5.20")):
        make.make_fx(days_ago(day), rate)
    for day in range(65):
        make.make_index("CDI", days_ago(day), "0.05")
        make.make_index("IBOV", days_ago(day), str(1000 + (day * 37) % 91))
    for month in {days_ago(day).replace(day=1) for day in range(70)}:
        make.make_index("IPCA", month, "0.4")
    written = touch(access)
    workspace_rebuild(workspace_id=written.workspace.pk)
    return written


def measured(access: Access, **more: object) -> Performance:
    found = performance(access=access, query=Query(period="all", **more))  # type: ignore[arg-type]
    assert isinstance(found, Performance)
    return found


@pytest.mark.parametrize("cash", [False, True])
@pytest.mark.parametrize("grouping", GROUPINGS)
def test_the_figures_of_a_row_are_those_it_opens(seen: Access, grouping: str, cash: bool) -> None:
    found = measured(seen, group_by=grouping, cash=cash)
    assert found.rows
    for row in found.rows:
        about = About(part=row.key)
        told = {
            "end_value": row.end_value,
            "absolute_gain": row.gain.total,
            "price": row.gain.price,
            "income_gross": row.gain.income_gross,
            "currency": row.gain.currency,
            "twr": row.twr,
            "irr": row.irr,
            "contribution": row.contribution,
            "share": row.weight,
        }
        for code, figure in told.items():
            item = explained(found, code, about)
            assert item.value == pytest.approx(figure, abs=1e-6), (row.key, code)
            for block in item.blocks:
                if block.adds:
                    parts = [part.sign * (part.value or 0.0) for part in block.parts]
                    assert math.fsum(parts) == pytest.approx(item.value, abs=0.02), (row.key, code)


def test_every_figure_is_defined_and_answers(seen: Access) -> None:
    found = measured(seen, benchmarks=())
    assert set(DEFINITIONS) == EXPLAINERS.keys() | BESIDE.keys()
    with pytest.raises(NotFound):
        explained(found, "benchmark_twr")
    with pytest.raises(NotFound):
        explained(found, "twr", About(part="nobody"))
    with pytest.raises(NotFound):
        explained(found, "nada")
    part = found.rows[0].key
    for code in DEFINITIONS.keys() - {"drift", "to_target"}:
        if code in ("beta", "correlation", "tracking_error") or code.startswith("benchmark_"):
            continue
        about = About(part="1" if code == "top_share" else part if code in BESIDE else None)
        assert explained(found, code, about).definition is DEFINITIONS[code]


def test_a_benchmark_with_the_same_money_shows_each_flow(seen: Access) -> None:
    query = Query(period="all", benchmarks=benchmarks_parse("IBOV,CDI"))
    for name in ("IBOV", "CDI"):
        about = About(benchmark=name)
        found = performance(access=seen, query=query)
        assert isinstance(found, Performance)
        known = found.figures.comparisons[name]
        worth = explained(found, "benchmark_value", about)
        # Bought at the close of the day before each flow, sold at the close of its own.
        assert math.fsum(p.value or 0.0 for p in worth.blocks[0].parts) == pytest.approx(
            known.end_value
        )
        months = explained(found, "benchmark_twr", about).blocks[0].parts
        whole = math.prod(1 + (part.value or 0.0) for part in months) - 1
        assert whole == pytest.approx(known.twr)
        gain = explained(found, "benchmark_gain", about).blocks[0].parts
        assert math.fsum(p.sign * (p.value or 0.0) for p in gain) == pytest.approx(known.gain)
        excess = explained(found, "benchmark_excess", about)
        ours, theirs = (part.value or 0.0 for part in excess.blocks[0].parts)
        assert (1 + ours) / (1 + theirs) - 1 == pytest.approx(excess.value)


def test_a_day_is_told_by_its_own_formula(seen: Access) -> None:
    found = measured(seen)
    best = found.figures.risk.best_day
    assert best is not None
    query = Query(period="all", start=best.first - dt.timedelta(days=1), end=best.last)
    item = explain(access=seen, query=query, code="twr")
    assert item.is_ready
    assert item.value == pytest.approx(best.rate)  # type: ignore[union-attr]
    value, out, before, into = (part.value or 0.0 for part in item.blocks[0].parts)  # type: ignore[union-attr]
    assert (value + out) / (before + into) - 1 == pytest.approx(best.rate)
    by_asset = item.blocks[1]  # type: ignore[union-attr]
    assert math.fsum(part.value or 0.0 for part in by_asset.parts) == pytest.approx(best.rate)


def test_the_longest_time_below_a_peak_heads_its_list(seen: Access) -> None:
    item = explained(measured(seen), "longest_drawdown")
    assert item.blocks[0].parts[0].value == item.value


def test_what_has_no_price_is_told_beside_the_worth_it_is_in(seen: Access) -> None:
    # 7 x 3 in the account of dollars: counted at 21, in the worth and in its explanation.
    for name in ("returns", "allocation"):
        page = signed_in(seen.user).get(address(seen, name, period="all")).content.decode()
        words = " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())
        assert "R$ 21,00 pelo custo: sem preço de NADA3" in words
    parts = explained(measured(seen), "end_value").blocks[0].parts
    assert [p.value for p in parts if p.label == "NADA3 (sem preço: pelo custo)"] == [21]


@pytest.mark.parametrize("name", ["returns", "risk", "allocation", "income", "asset"])
def test_no_figure_of_a_page_opens_nothing(seen: Access, name: str) -> None:
    portfolio = portfolio_create(access=seen, name="Tudo", selection=Selection())
    portfolio_targets_set(
        access=seen, portfolio=portfolio, by="class", weights={"stock": D("0.5"), "fii": D("0.5")}
    )
    chosen = {} if name == "asset" else {"carteira": str(portfolio.pk), "window": "1m"}
    url = address(seen, name, period="all", benchmarks="IBOV,CDI", **chosen)
    client = signed_in(seen.user)
    page = client.get(url).content.decode()
    assert bare_figures(page) == []
    links = set(re.findall(r'href="([^"]*por-que[^"]*)"', page))
    assert len(links) > 10
    for link in links:
        assert client.get(link.replace("&amp;", "&")).status_code == 200, link


def test_a_part_nobody_has_is_not_found(seen: Access) -> None:
    url = reverse("performance:explain", args=[seen.workspace.pk, "share"])
    client = signed_in(seen.user)
    assert client.get(url, {"part": "nada", "group_by": "class"}).status_code == 404
    assert client.get(url, {"part": "-", "group_by": "sector"}).status_code == 200
