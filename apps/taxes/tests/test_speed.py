"""What keeps taxes quick in large ledgers, and that the figures are the same."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.taxes.assessing import number, plain
from apps.taxes.models import Assessment, AssessmentBuild, HolderTaxSettings, TaxRule
from apps.taxes.partial import part_load
from apps.taxes.selectors import Sale, simulate_sale
from apps.taxes.services import workspace_assess
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db
DAY = dt.date(2024, 5, 20)
#: Everything a holder may sell, by a ticker of each class.
CLASSES = {
    "ABCD3": "stock",
    "EFGH3": "stock",
    "FUND11": "fii",
    "INDX11": "etf",
    "CDB X": "cdb",
    "BTC": "crypto",
    "ETH": "crypto",
    "FIC": "fund",
}


@pytest.fixture
def tax() -> Tax:
    return make_tax()


def trades(tax: Tax) -> dict[str, Any]:
    """Of each class 1,000 bought at 20 in January and 300 sold at 30 in March and on 2 May."""
    assets = {ticker: make.make_asset(ticker, kind) for ticker, kind in CLASSES.items()}
    abroad = make.make_asset("VOO", "etf_abroad", currency="USD", market="US")
    for day in ("2024-01-02", "2024-03-01", "2024-05-01"):
        make.make_fx(day, "5.1")
    for asset in (*assets.values(), abroad):
        buy = {"quantity": 1000, "unit_price": 20, "fees": "1.3"}
        sell = {"quantity": 300, "unit_price": 30, "fees": "0.7"}
        tax.row("buy", "2024-01-10", asset=asset, **buy)
        tax.row("sell", "2024-03-05", asset=asset, **sell)
        tax.row("sell", "2024-05-02", asset=asset, tax_withheld="0.2", **sell)
    tax.assess()
    return {**assets, "VOO": abroad}


def simulated(tax: Tax, *sales: Sale) -> dict[str, Any]:
    return simulate_sale(access=tax.access, holder=tax.holder, sales=sales, on=DAY)


@pytest.mark.parametrize("settings", [{}, {"estimate_irrf": "true", "bdr_dividends": "abroad"}])
def test_a_sale_is_the_same_from_its_part_and_from_the_whole(
    tax: Tax, settings: dict[str, Any]
) -> None:
    HolderTaxSettings.objects.create(holder=tax.holder, values=settings)
    assets = trades(tax)
    sales = [(Sale(each.pk, D(400), D("31.7")),) for each in assets.values()]
    sales.append(tuple(Sale(each.pk, D(100), D(9)) for each in assets.values()))
    for asked in sales:
        ids = [sale.asset_id for sale in asked]
        tax.holder.refresh_from_db()
        assert part_load(holder=tax.holder, asset_ids=ids, on=DAY) is not None
        quick = simulated(tax, *asked)
        AssessmentBuild.objects.update(layout=0)
        assert part_load(holder=tax.holder, asset_ids=ids, on=DAY) is None
        assert simulated(tax, *asked) == quick
        tax.assess()


def test_only_the_rows_of_what_is_sold_are_read(tax: Tax) -> None:
    assets = trades(tax)
    part = part_load(holder=tax.holder, asset_ids=[assets["ABCD3"].pk], on=DAY)
    assert part is not None
    assert {row.asset for row in part.inputs.ledger.rows} == {"ABCD3"}
    # What is settled together comes together.
    part = part_load(holder=tax.holder, asset_ids=[assets["BTC"].pk], on=DAY)
    assert part is not None
    assert {row.asset for row in part.inputs.ledger.rows} == {"BTC", "ETH", "FIC", "VOO"}


def test_the_whole_ledger_serves_where_a_month_cannot(tax: Tax) -> None:
    """A day before rows of the asset, a month nobody assessed, rows that came since, a payment."""
    asset = trades(tax)["ABCD3"]

    def stands(on: dt.date) -> bool:
        return part_load(holder=tax.holder, asset_ids=[asset.pk], on=on) is not None

    assert stands(DAY)
    assert not stands(dt.date(2024, 4, 1))
    assert not stands(dt.date(2031, 1, 5))
    tax.row("darf_payment", "2024-05-21", amount="10", note="2024-05", bucket="exchange")
    tax.assess()
    assert not stands(DAY)


def test_the_whole_ledger_serves_while_assessments_are_behind(tax: Tax) -> None:
    asset = above_the_limit(tax)
    tax.assess()
    on = dt.date(2024, 3, 20)
    assert part_load(holder=tax.holder, asset_ids=[asset.pk], on=on) is not None
    tax.record(kind="buy", asset=asset, trade_date="2024-03-06", quantity=D(5), unit_price=D(9))
    assert part_load(holder=tax.holder, asset_ids=[asset.pk], on=on) is None
    workspace_assess(workspace_id=tax.workspace.pk)
    assert part_load(holder=tax.holder, asset_ids=[asset.pk], on=on) is not None
    TaxRule.objects.get(rule_id="DIV-EX").save()
    assert part_load(holder=tax.holder, asset_ids=[asset.pk], on=on) is None


def test_queries_of_a_simulation_do_not_grow(tax: Tax) -> None:
    asset = trades(tax)["ABCD3"]

    def cost() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            simulated(tax, Sale(asset.pk, D(10), D(30)))
        return len(captured)

    before = cost()
    for place in range(10):
        other = make.make_asset(f"MORE{place}")
        tax.row("buy", "2024-02-01", asset=other, quantity=10, unit_price=9, fees=0)
    tax.assess()
    assert cost() == before
    assert before <= 45


# ---- What is stored -----------------------------------------------------------------------------


def test_what_did_not_change_is_not_written_again(tax: Tax) -> None:
    above_the_limit(tax)
    tax.assess()
    before = dict(Assessment.objects.values_list("digest", "pk"))
    tax.assess()
    assert dict(Assessment.objects.values_list("digest", "pk")) == before


def test_figures_are_stored_as_json_and_not_as_text(tax: Tax) -> None:
    above_the_limit(tax)
    tax.assess()
    march = Assessment.objects.get(year=2024, month=3)
    assert march.figures["tax_due"] == "1500"
    assert march.detail["parts"][0]["label"] == "sale"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (D("1.50"), "1.5"),
        (D("-0.00"), "0"),
        (D("1E+3"), "1000"),
        (D("0.00000000005"), "0"),
        (D("0.00000000015"), "0.0000000002"),
        (D("-12"), "-12"),
    ],
)
def test_decimals_have_at_most_ten_places(value: D, text: str) -> None:
    assert number(value) == plain(value) == text


# ---- Pages --------------------------------------------------------------------------------------

KEPT = ("home", "darfs", "harvest", "after_tax", "rules", "tile")
KEPT_YEARS = ("year", "annual", "abroad", "income", "fixed", "crypto")


def url_of(tax: Tax, name: str, **query: Any) -> str:
    args = [tax.workspace.pk, *([2024] if name in KEPT_YEARS else [])]
    return reverse(f"taxes:{name}", args=args, query=query or None)


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", [*KEPT, *KEPT_YEARS])
def test_a_page_seen_before_costs_a_few_queries(tax: Tax, name: str) -> None:
    above_the_limit(tax)
    tax.assess()
    client = signed_in(tax.access.user)

    def seen() -> str:
        # Each answer has a token of its own.
        return re.sub(r'"[A-Za-z0-9]{64}"', "", client.get(url_of(tax, name)).content.decode())

    first = seen()
    with CaptureQueriesContext(connection) as captured:
        assert seen() == first
    assert len(captured) <= 6


def test_a_kept_page_follows_what_it_shows(tax: Tax) -> None:
    asset = above_the_limit(tax)
    tax.assess()
    client = signed_in(tax.access.user)
    assert "1.500,00" in client.get(url_of(tax, "year")).content.decode()
    # Another 1,000 bought at 20 and sold at 40: 20,000 of gain more, 3,000.00 of tax.
    more = {"kind": "buy", "asset": asset, "quantity": D(1000), "fees": D(0)}
    tax.record(**more, trade_date="2024-03-11", unit_price=D(20))
    tax.record(**{**more, "kind": "sell"}, trade_date="2024-03-12", unit_price=D(40))
    assert "4.500,00" in client.get(url_of(tax, "year")).content.decode()
    rules = client.get(url_of(tax, "rules")).content.decode()
    assert "Lei de prova" not in rules
    rule = TaxRule.objects.filter(rule_id="VAR-15").latest("valid_from")
    rule.law = "Lei de prova"
    rule.save()
    assert "Lei de prova" in client.get(url_of(tax, "rules")).content.decode()


def test_a_kept_page_is_of_one_person(tax: Tax) -> None:
    above_the_limit(tax)
    tax.assess()
    month = reverse("taxes:month", args=[tax.workspace.pk, 2024, 3])
    owner, viewer = (signed_in(each) for each in (tax.access.user, make.make_member(tax.workspace)))
    assert "Fechar o mês" in owner.get(month).content.decode()
    assert "Fechar o mês" not in viewer.get(month).content.decode()
    assert signed_in(make.make_user()).get(month).status_code == 404
    # A closed month is shown closed by whoever looks next.
    owner.post(reverse("taxes:close", args=[tax.workspace.pk, 2024, 3]))
    owner.get(month)  # shows the message of the closing
    assert "Reabrir" in owner.get(month).content.decode()
    assert "fechado" in viewer.get(month).content.decode()


def test_long_tables_begin_with_their_first_lines(tax: Tax) -> None:
    for place in range(60):
        asset = make.make_asset(f"PAP{place:02}3")
        tax.row("buy", "2024-02-01", asset=asset, quantity=100, unit_price=20, fees=0)
    tax.assess()
    client = signed_in(tax.access.user)
    short = client.get(url_of(tax, "annual")).content.decode()
    assert "Mostrar todas as 60 linhas" in short
    assert "PAP593" not in short
    whole = client.get(url_of(tax, "annual", linhas="todas")).content.decode()
    assert "Mostrar todas" not in whole
    assert "PAP593" in whole
    file = reverse("taxes:file", args=[tax.workspace.pk, 2024, "declaracao.json"])
    assert client.get(file).content.decode().count("PAP593") >= 1
