"""Simulated sales, the exemption meter, the cheapest way, losses worth taking."""

from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.common.errors import Invalid, NotFound
from apps.ledger.models import Transaction
from apps.portfolios.selectors import positions_on
from apps.taxes.pages import after_tax_page, frame_of
from apps.taxes.selectors import (
    Sale,
    after_tax,
    exemption_meter,
    holdings_of,
    loss_harvest,
    raise_cash,
    simulate_sale,
)
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 5, 10)


def held(tax: Tax, ticker: str, kind: str, quantity: int, cost: str, price: str) -> Any:
    asset = make.make_asset(ticker, kind)
    tax.row("buy", "2024-01-10", asset=asset, quantity=quantity, unit_price=cost, fees=0)
    make.make_price(asset, "2024-05-09", price)
    return asset


@pytest.fixture
def tax() -> Tax:
    return make_tax()


def who(tax: Tax) -> dict[str, Any]:
    return {"access": tax.access, "holder": tax.holder}


def test_a_sale_above_the_limit(tax: Tax) -> None:
    """1,000 at 30 that cost 20: 30,000 of sales, 10,000 of gain, 1,500.00 of tax; with the limit
    kept (600 at 30 = 18,000) nothing."""
    asset = held(tax, "ABCD3", "stock", 1000, "20", "30")
    tax.assess()
    rows = Transaction.objects.count()
    found = simulate_sale(**who(tax), sales=[Sale(asset.pk, D(1000))], on=DAY)
    assert (found["proceeds"], found["tax"], found["after_tax"]) == (30000, 1500, 28500)
    assert (found["darf_before"], found["darf_after"]) == (0, 1500)
    assert found["buckets"][0]["result_after"] == 10000
    assert found["parts"][0]["label"] == "sale"
    found = simulate_sale(**who(tax), sales=[Sale(asset.pk, D(600))], on=DAY)
    assert (found["tax"], found["exempt_gain_after"]) == (0, 6000)
    assert Transaction.objects.count() == rows


def test_losses_are_used_and_fall(tax: Tax) -> None:
    """A loss of 3,000 in an ETF, then a fund of shares gains 4,000: (4,000 - 3,000) x 15 %."""
    loser, winner = (
        held(tax, "LOSS11", "etf", 100, "100", "70"),
        held(tax, "WINS11", "etf", 100, "100", "140"),
    )
    tax.row("sell", "2024-02-05", asset=loser, quantity=100, unit_price=70, fees=0, tax_withheld=0)
    tax.assess()
    found = simulate_sale(**who(tax), sales=[Sale(winner.pk, D(100))], on=DAY)
    common = found["buckets"][0]
    assert (common["loss_before"], common["loss_after"], found["tax"]) == (3000, 0, 150)


def test_abroad_is_taxed_by_the_year(tax: Tax) -> None:
    """10 shares at US$ 100 bought at 5.00 = 5,000; sold at US$ 120 at 5.50 = 6,600: 1,600 x 15 %
    = 240, exchange inside the gain."""
    asset = make.make_asset("AAPL", "stock_abroad", currency="USD", market="US", country="US")
    make.make_fx("2024-01-10", "5.00")
    make.make_fx("2024-05-10", "5.50")
    tax.row("buy", "2024-01-10", asset=asset, quantity=10, unit_price=100, fees=0)
    tax.assess()
    sale = Sale(asset.pk, D(10), D(120))
    found = simulate_sale(**who(tax), sales=[sale], on=DAY)
    assert (found["proceeds"], found["abroad_tax"], found["tax"]) == (6600, 240, 240)


def test_selling_more_than_there_is_has_no_tax_to_tell(tax: Tax) -> None:
    asset = held(tax, "ABCD3", "stock", 10, "20", "30")
    tax.assess()
    found = simulate_sale(**who(tax), sales=[Sale(asset.pk, D(11))], on=DAY)
    assert (found["tax"], found["after_tax"]) == (None, None)
    assert "oversold" in {issue["code"] for issue in found["issues"]}


def test_what_cannot_be_supposed_is_named(tax: Tax) -> None:
    asset, foreign = make.make_asset("ABCD3"), make.make_asset(workspace=make.make_workspace())
    other = make.make_account(make.make_workspace())
    sales = [
        Sale(asset.pk, D(0), D(1)),
        Sale(asset.pk, D(1)),
        Sale(foreign.pk, D(1), D(1)),
        Sale(asset.pk, D(1), D(1), other.pk),
    ]
    with pytest.raises(Invalid) as caught:
        simulate_sale(**who(tax), sales=sales, on=DAY)
    assert [error.field for error in caught.value.errors] == [
        "sales.0.quantity",
        "sales.1.unit_price",
        "sales.2.asset",
        "sales.3.account",
    ]
    with pytest.raises(Invalid):
        simulate_sale(**who(tax), sales=[], on=DAY)


def test_the_meter_with_and_without_a_sale(tax: Tax) -> None:
    above_the_limit(tax)
    tax.assess()
    meter = exemption_meter(**who(tax), on=dt.date(2024, 3, 20))
    assert meter is not None
    assert (meter["sold"], meter["limit"], meter["is_within"]) == (30000, 20000, False)
    meter = exemption_meter(**who(tax), on=dt.date(2024, 4, 1), sale=D("20000.00"))
    assert meter is not None
    assert (meter["after"], meter["is_within"], meter["would_cross"]) == (20000, True, False)
    meter = exemption_meter(**who(tax), on=dt.date(2024, 4, 1), sale=D("20000.01"))
    assert meter is not None
    assert (meter["is_within"], meter["would_cross"], meter["remaining"]) == (False, True, 0)


def test_the_cheapest_way(tax: Tax) -> None:
    """15,000: 500 shares at 30 within the limit, though the fund of shares gains less."""
    held(tax, "ABCD3", "stock", 1000, "10", "30")
    held(tax, "ETFS11", "etf", 1000, "99", "100")
    tax.assess()
    found = raise_cash(**who(tax), amount=D(15000), on=DAY)
    assert found["reached"]
    assert [(line["ticker"], line["quantity"]) for line in found["lines"]] == [("ABCD3", 500)]
    assert (found["tax"], found["net"]) == (0, 15000)
    # 30,000: 20,000 free and ETF: each brings 100 - 0.15: 10,000 / 99.85 = 101 units, 15.15.
    found = raise_cash(**who(tax), amount=D(30000), on=DAY)
    assert found["tax"] <= D("15.30")
    assert found["net"] >= 30000
    assert not raise_cash(**who(tax), amount=D(10**9), on=DAY)["reached"]


def test_losses_worth_taking_and_all_sold(tax: Tax) -> None:
    """The ETF lost 2,000; 10,000 were gained in May with another (1,500 due): the loss saves 300.
    Sold together with the exempt share (gain 1,000 on 3,000): 300 less than nothing more."""
    held(tax, "LOSS11", "etf", 100, "100", "80")
    held(tax, "ABCD3", "stock", 100, "20", "30")
    gainer = held(tax, "GAIN11", "etf", 100, "100", "200")
    sale = {"quantity": 100, "unit_price": 200, "fees": 0, "tax_withheld": 0}
    tax.row("sell", "2024-05-02", asset=gainer, **sale)
    tax.assess()
    found = loss_harvest(**who(tax), on=DAY)
    assert [(x["ticker"], x["loss"], x["saves_now"], x["kept_loss"]) for x in found["lines"]] == [
        ("LOSS11", 2000, 300, 0)
    ]
    whole = after_tax(**who(tax), on=DAY)
    assert (whole["value"], whole["tax"], whole["after_tax"]) == (11000, -300, 11300)


def test_unknown_is_left_out_and_told(tax: Tax) -> None:
    asset = make.make_asset("NOPR3")
    tax.row("buy", "2024-01-10", asset=asset, quantity=1, unit_price=1, fees=0)
    tax.assess()
    found = after_tax(**who(tax), on=DAY)
    assert [(x["ticker"], x["reason"]) for x in found["left_out"]] == [("NOPR3", "price_missing")]


def curve(tax: Tax, ticker: str = "CDB BANCO") -> Any:
    """A paper of 10,000 at 110 % of five days of 0.052496 %: 10,028.91 when it falls due."""
    paper = make.make_asset(ticker, "cdb")
    first, last = dt.date(2016, 1, 4), dt.date(2016, 1, 11)
    terms = {"issue_date": first, "maturity": last, "percent": D("1.1"), "unit_value": D(10000)}
    make.make_terms(paper, "cdi", **terms)
    tax.row("buy", "2016-01-04", asset=paper, quantity=1, unit_price=10000, fees=0)
    return paper


@pytest.fixture
def cdi() -> None:
    for day in range(4, 9):
        make.make_index("CDI", dt.date(2016, 1, day), "0.052496")


@pytest.mark.usefixtures("cdi")
def test_papers_are_worth_their_terms(tax: Tax) -> None:
    """28.91 of yield after more than 720 days: 15 % = 4.34; as positions value the paper."""
    paper = curve(tax)
    tax.assess()
    found = after_tax(**who(tax), on=DAY)
    (line,) = found["lines"]
    assert (line["ticker"], line["price_source"], found["left_out"]) == ("CDB BANCO", "terms", [])
    assert (round(line["value"], 2), round(line["tax_alone"], 2)) == (D("10028.91"), D("4.34"))
    (row,) = positions_on(access=tax.access).rows
    assert (row.price, row.price_source) == (line["value"], "terms")
    found = raise_cash(**who(tax), amount=D(5000), on=DAY)
    assert found["reached"]
    assert [(x["ticker"], x["price_source"]) for x in found["lines"]] == [("CDB BANCO", "terms")]
    found = simulate_sale(**who(tax), sales=[Sale(paper.pk, D(1))], on=DAY)
    assert (round(found["proceeds"], 2), found["source_tax"]) == (D("10028.91"), D("4.34"))
    assert found["lines"][0]["price_source"] == "terms"


def test_a_typed_price_of_a_fund(tax: Tax) -> None:
    """100 units that cost 1,000 and are worth 9.00 each."""
    fund = make.make_asset("FUNDO XYZ", "fund", market="")
    tax.row("buy", "2024-01-10", asset=fund, quantity=100, unit_price=10, fees=0)
    make.make_price(fund, "2024-05-09", "9", source="manual", workspace=tax.workspace)
    tax.assess()
    (line,) = after_tax(**who(tax), on=DAY)["lines"]
    assert (line["value"], line["gain"], line["price_source"]) == (900, -100, "manual")
    sale = simulate_sale(**who(tax), sales=[Sale(fund.pk, D(10))], on=DAY)
    assert (sale["proceeds"], sale["lines"][0]["price_source"]) == (90, "manual")
    given = simulate_sale(**who(tax), sales=[Sale(fund.pk, D(10), D(8))], on=DAY)
    assert (given["proceeds"], given["lines"][0]["price_source"]) == (80, None)


def test_a_price_of_before_a_split_is_of_fewer_shares(tax: Tax) -> None:
    """100 at 30 become 200 at 15: 3,000 still."""
    asset = held(tax, "ABCD3", "stock", 100, "20", "30")
    make.make_event(asset, "split", dt.date(2024, 5, 10), ratio=D(2))
    tax.assess()
    (line,) = after_tax(**who(tax), on=DAY)["lines"]
    assert (line["quantity"], line["value"]) == (200, 3000)


@pytest.mark.usefixtures("cdi")
def test_queries_do_not_grow(tax: Tax) -> None:
    def asked() -> list[int]:
        counts = []
        for read in (
            lambda: after_tax(**who(tax), on=DAY),
            lambda: raise_cash(**who(tax), amount=D(100), on=DAY),
            lambda: exemption_meter(**who(tax), on=DAY),
        ):
            with CaptureQueriesContext(connection) as captured:
                read()
            counts.append(len(captured))
        return counts

    def both() -> tuple[list[int], list[int]]:
        tax.assess()
        cache.clear()
        return asked(), asked()

    held(tax, "ABCD3", "stock", 100, "20", "30")
    curve(tax)
    both()
    cold, warm = both()
    for number in range(10):
        held(tax, f"MORE{number}", "stock", 100, "20", "30")
        curve(tax, f"CDB {number}")
    assert both() == (cold, warm)
    assert max(cold) <= 18
    assert max(warm) <= 10


@pytest.mark.usefixtures("cdi")
def test_lots_of_a_paper_are_one_line_of_the_page(tax: Tax) -> None:
    """Two lots of 10,028.906 with 4.34 of tax each."""
    paper = curve(tax)
    tax.row("buy", "2016-01-05", asset=paper, quantity=1, unit_price=10000, fees=0)
    tax.assess()
    assert len(after_tax(**who(tax), on=DAY)["lines"]) == 2
    frame = frame_of(access=tax.access, given={})
    (line,) = after_tax_page(frame=frame)["a"]["lines"]
    assert (round(line["value"], 2), line["tax_alone"]) == (D("20057.81"), D("8.68"))
    assert [named.ticker for named in holdings_of(**who(tax))] == ["CDB BANCO"]


def test_strangers_simulate_nothing(tax: Tax) -> None:
    stranger = make.make_access()
    for read in (after_tax, loss_harvest, exemption_meter, holdings_of):
        with pytest.raises(NotFound):
            read(access=stranger, holder=tax.holder)
    with pytest.raises(NotFound):
        simulate_sale(access=stranger, holder=tax.holder, sales=[])
    with pytest.raises(NotFound):
        raise_cash(access=stranger, holder=tax.holder, amount=D(1))


def test_an_asset_nobody_here_knows_is_not_found() -> None:
    tax = make_tax()
    other = make.make_access()
    foreign = make.make_asset("DELES3", workspace=other.workspace)
    client = Client()
    client.force_login(tax.access.user)
    for pk in (foreign.pk, uuid.uuid4()):
        assert client.get(reverse("taxes:asset", args=[tax.workspace.pk, pk])).status_code == 404
    known = make.make_asset("NOSSO3")
    url = reverse("taxes:asset", args=[tax.workspace.pk, known.pk])
    assert client.get(url).status_code == 200
