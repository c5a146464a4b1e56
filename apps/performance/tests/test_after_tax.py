"""Returns after tax: taxes owed within the period, and those of selling everything."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.performance.query import Query, query_parse
from apps.performance.selectors import About, AfterTax, Explained, Performance, explain, performance
from apps.performance.tests.conftest import days_ago, touch
from apps.taxes.services import workspace_assess
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db


def ask(tax: Tax, **given: str) -> Performance:
    found = performance(access=tax.access, query=query(**given))
    assert isinstance(found, Performance)
    return found


def query(**given: str) -> Query:
    return query_parse({"period": "all", **given})


def told(tax: Tax, code: str, **given: str) -> Explained:
    found = explain(access=tax.access, query=query(**given), code=code)
    assert isinstance(found, Explained)
    return found


def sold_in_march() -> Tax:
    """``above_the_limit``: bought for 20,000 in February 2024, sold for 30,000 on 5 March with 1.50
    withheld; 10,000 x 15 % - 1.50 = 1,498.50 still owed."""
    tax = make_tax()
    above_the_limit(tax)
    tax.assess()
    return tax


def held_at_a_gain() -> Tax:
    """1,000 bought at 20 sixty days ago, worth 30 today: selling all passes the small-sales limit
    of 20,000, so 10,000 x 15 % = 1,500 is latent."""
    tax = make_tax()
    share = make.make_asset("EFGH3")
    bought = {"quantity": 1000, "unit_price": 20, "fees": 0}
    tax.row("buy", days_ago(60).isoformat(), asset=share, **bought)
    make.make_price(share, days_ago(60), 20)
    make.make_price(share, days_ago(0), 30)
    tax.assess()
    return tax


def test_tax_owed_is_a_cost_of_its_month() -> None:
    tax = sold_in_march()
    found = ask(tax)
    after = found.after_tax
    assert after.taxed is not None
    # 30,000 - 20,000 - 1.50 withheld is the gain; 1,498.50 owed leaves 8,500.
    assert found.figures.absolute_gain == pytest.approx(9_998.5)
    assert after.taxed.tax == pytest.approx(1_498.5)
    assert after.taxed.gain == pytest.approx(8_500)
    assert [(o.kind, o.date, o.amount) for o in after.owed] == [
        ("exchange", dt.date(2024, 3, 31), pytest.approx(1498.5))
    ]
    # All was sold before 31 March: the tax counts on the 5th, 28,500 / 20,000 - 1.
    assert found.figures.twr == pytest.approx(29_998.5 / 20_000 - 1)
    assert after.taxed.twr == pytest.approx(0.425)
    # -20,000 on 1 February, +28,500 33 days later.
    assert after.taxed.irr == pytest.approx((28_500 / 20_000) ** (365 / 33) - 1)
    assert not after.is_incomplete


def test_a_month_counts_whole_on_its_last_day() -> None:
    tax = sold_in_march()
    until = ask(tax, period="", to="2024-03-30").after_tax
    assert until.taxed is not None
    assert until.taxed.tax == 0
    assert until.sold is None
    since = ask(tax, period="", **{"from": "2024-03-30", "to": "2024-04-30"}).after_tax
    assert since.taxed is not None
    assert since.taxed.tax == pytest.approx(1_498.5)
    assert since.taxed.twr is None  # nothing was there to lose it from


def test_selling_everything_at_the_end() -> None:
    tax = held_at_a_gain()
    after = ask(tax).after_tax
    assert after.taxed is not None
    assert after.taxed.tax == 0
    assert after.sold is not None
    assert after.sold.tax == pytest.approx(1_500)
    assert after.sold.end_value == pytest.approx(28_500)
    assert after.sold.taxed is not None
    assert after.sold.taxed.gain == pytest.approx(8_500)
    assert after.sold.taxed.twr == pytest.approx(0.425)
    # Sixty days from -20,000 to 28,500.
    assert after.sold.taxed.irr == pytest.approx((28_500 / 20_000) ** (365 / 60) - 1)


def test_part_of_the_tax_came_before_a_period_that_opens_with_something() -> None:
    after = ask(held_at_a_gain(), period="1m").after_tax
    assert after.sold is not None
    assert after.sold.tax == pytest.approx(1_500)
    assert after.sold.taxed is None


def test_in_another_currency() -> None:
    tax = sold_in_march()
    make.make_fx(dt.date(2024, 1, 2), 5)
    after = ask(tax, currency="USD").after_tax
    assert after.taxed is not None
    assert after.taxed.tax == pytest.approx(1_498.5 / 5)


@pytest.mark.parametrize(
    "given, reason", [({"classes": "fii"}, "not_assessed"), ({"cash": "1"}, "cash")]
)
def test_unknown_is_said(given: dict[str, str], reason: str) -> None:
    after = ask(sold_in_march(), **given).after_tax
    assert (after.taxed, after.sold, after.reason) == (None, None, reason)


def test_part_of_what_a_holder_has_is_not_known() -> None:
    tax = sold_in_march()
    fund = make.make_asset("BBBB11", "fii")
    tax.row("buy", "2024-02-01", asset=fund, quantity=10, unit_price=50, fees=0)
    tax.assess()
    assert ask(tax, classes="fii").after_tax == AfterTax("narrow")
    answer = told(tax, "gain_after_tax", classes="fii")
    assert answer.value is None
    assert "titular" in answer.blocks[0].title


def test_nothing_is_guessed_before_an_assessment() -> None:
    tax = make_tax()
    above_the_limit(tax)
    assert ask(tax).after_tax == AfterTax("not_assessed")


def test_explanations_add_up() -> None:
    tax = sold_in_march()
    answer = told(tax, "gain_after_tax")
    parts = answer.blocks[0].parts
    assert sum(part.sign * (part.value or 0) for part in parts) == pytest.approx(8_500)
    assert answer.value == pytest.approx(8_500)
    assert told(tax, "twr_after_tax").value == pytest.approx(0.425)
    assert told(tax, "irr_after_tax").value is not None
    held = held_at_a_gain()
    sold = told(held, "gain_if_sold")
    signed = sum(part.sign * (part.value or 0) for part in sold.blocks[0].parts)
    assert (sold.value, signed) == (pytest.approx(8_500), pytest.approx(8_500))
    assert told(held, "latent_tax").value == pytest.approx(1_500)
    assert told(held, "gain_if_sold", period="1m").value is None


def test_the_api_and_the_page_tell_it() -> None:
    tax = held_at_a_gain()
    client = APIClient(headers={"X-Workspace": str(tax.workspace.pk)})
    client.force_authenticate(tax.access.user)
    address = "/api/v1/portfolios/all/performance/?period=all"
    first = client.get(address)
    body = first.json()["after_tax"]
    assert (body["reason"], body["tax"], body["absolute_gain"]) == ("", "0", "10000")
    assert body["if_sold"]["latent_tax"] == "1500"
    assert body["if_sold"]["end_value"] == "28500"
    assert body["if_sold"]["absolute_gain"] == "8500"
    # Another assessment is another answer.
    tax.assess()
    again = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 200
    seen = touch(tax.access)
    workspace_assess(workspace_id=seen.workspace.pk)
    page = Client()
    page.force_login(seen.user)
    shown = page.get(reverse("performance:returns", args=[seen.workspace.pk]) + "?period=all")
    content = shown.content.decode()
    assert "Ganho se vendesse tudo" in content
    assert "8.500,00" in content


def test_a_benchmark_of_prices_alone_says_so() -> None:
    tax = held_at_a_gain()
    seen = touch(tax.access)
    client = APIClient(headers={"X-Workspace": str(tax.workspace.pk)})
    client.force_authenticate(tax.access.user)
    asked = "?period=all&benchmarks=CDI,EFGH3"
    rows = client.get(f"/api/v1/portfolios/all/performance/{asked}").json()["benchmarks"]
    assert {row["benchmark"]: row["price_only"] for row in rows} == {"CDI": False, "EFGH3": True}
    page = Client()
    page.force_login(seen.user)
    shown = page.get(reverse("performance:returns", args=[seen.workspace.pk]) + asked)
    assert shown.content.decode().count("só preço, sem proventos") == 1
    why = explain(access=seen, query=query(benchmarks="EFGH3"), code="beta", about=About("EFGH3"))
    assert isinstance(why, Explained)
    assert "sem proventos" in why.blocks[0].parts[1].label
