"""The figures of docs/guia/impostos.md, assessed from the entries it lists."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest

from apps.common.formatting import day, plain_number
from apps.taxes.selectors import annual_return, darf_get, year_overview
from apps.taxes.services import annual_ensure
from apps.taxes.tests.support import Tax, make_tax
from exitus import env
from testing import factories as make

pytestmark = pytest.mark.django_db
GUIDE = env.BASE_DIR / "docs" / "guia" / "impostos.md"
MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul")


@pytest.fixture
def tax() -> Tax:
    found = make_tax()
    shares = {code: make.make_asset(code) for code in ("WXYZ3", "ABCD3", "EFGH3")}
    funds = {code: make.make_asset(code, "fii") for code in ("FIIX11", "FIIY11")}
    assets = {**shares, **funds, "ETFB11": make.make_asset("ETFB11", "etf")}

    def trade(kind: str, date: str, code: str, quantity: int, price: int, **more: object) -> None:
        values = {"fees": 0, "asset": assets[code], "quantity": quantity, "unit_price": price}
        found.row(kind, f"2024-{date}", **{**values, **more})

    trade("buy", "01-05", "WXYZ3", 200, 30)
    trade("sell", "01-20", "WXYZ3", 200, 25, tax_withheld=0)
    trade("buy", "02-01", "ABCD3", 1000, 20, fees=10)
    trade("buy", "02-01", "FIIX11", 150, 100)
    trade("sell", "03-05", "ABCD3", 1000, 30, fees=10, tax_withheld="1.5")
    trade("buy", "03-12", "EFGH3", 100, 50)
    trade("sell", "03-12", "EFGH3", 100, 52, tax_withheld=2)
    trade("sell", "03-20", "FIIX11", 100, 95, tax_withheld=0)
    trade("buy", "04-01", "FIIY11", 10, 100)
    trade("sell", "04-10", "FIIY11", 10, 104, tax_withheld=0)
    trade("buy", "05-02", "WXYZ3", 100, 30)
    trade("sell", "05-20", "WXYZ3", 100, 40, tax_withheld=0)
    trade("buy", "06-03", "ETFB11", 20, 100)
    trade("sell", "06-10", "ETFB11", 10, 106, tax_withheld=0)
    trade("sell", "07-10", "ETFB11", 10, 110, tax_withheld=0)
    found.assess()
    return found


def cells(name: str) -> list[str]:
    """A line of the guide's table of the year, by its first cell."""
    line = next(row for row in GUIDE.read_text().splitlines() if row.startswith(f"| {name} |"))
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def shown(value: D) -> str:
    return plain_number(value) if value else ""


def test_the_year_of_the_guide(tax: Tax) -> None:
    found = year_overview(access=tax.access, holder=tax.holder, year=2024)
    for number, name in enumerate(MONTHS):
        month = found["months"][number]
        buckets = month["buckets"]
        told = [shown(buckets[b]["result"]) for b in ("common", "day_trade", "fii")]
        form = month["darf"]["amount"] if month["darf"] else D(0)
        told += [shown(month["exempt_gain"]), shown(month["tax_due"]), shown(form)]
        if name == "fev":
            assert not any(told)
        else:
            assert cells(name) == told, name
    totals = found["totals"]
    sums = [sum(m["buckets"][b]["result"] for m in found["months"]) for b in ("common", "fii")]
    assert cells("ano") == [
        shown(sums[0]),
        "200,00",
        shown(sums[1]),
        *(shown(totals[name]) for name in ("exempt_gain", "tax_due", "darf_amount")),
    ]


def test_the_month_of_the_guide(tax: Tax) -> None:
    text = " ".join(GUIDE.read_text().split())
    march = year_overview(access=tax.access, holder=tax.holder, year=2024)["months"][2]
    common, trades = march["buckets"]["common"], march["buckets"]["day_trade"]
    assert (common["loss_used"], common["base"], common["tax"]) == (1000, 8980, 1347)
    assert (trades["tax"], trades["withheld_used"]) == (40, 2)
    due = dt.date(2024, 4, 30)
    assert march["darf"]["due_date"] == due
    assert f"**1.383,50**, até o último dia útil bancário do mês seguinte, {day(due)}" in text
    form = darf_get(
        access=tax.access, holder=tax.holder, year=2024, month=3, on=dt.date(2024, 5, 10)
    )
    late = form["charges"]
    assert f"com {late.days} dias de atraso" in text
    for value in (late.fine, late.interest, late.total):
        assert plain_number(value) in text


def test_the_return_of_the_guide(tax: Tax) -> None:
    annual_ensure(access=tax.access, holder=tax.holder, year=2024)
    found = annual_return(access=tax.access, holder=tax.holder, year=2024)["annual"]
    goods = {each["asset"]: D(each["value"]) for each in found["assets"] if each["asset"]}
    assert goods["FIIX11"] == 5000
    assert [D(each["amount"]) for each in found["exempt"]] == [1000]
