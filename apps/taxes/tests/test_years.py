"""Years: abroad, at source, and what the tables of the app bring to the engine."""

from __future__ import annotations

from decimal import Decimal as D

import pytest
from django.db import connection

from apps.taxes.models import Assessment
from apps.taxes.pages import abroad_page, frame_of
from apps.taxes.selectors import (
    abroad_sheet,
    annual_return,
    crypto_sheet,
    dividends_sheet,
    source_sheet,
)
from apps.taxes.services import annual_ensure, workspace_assess
from apps.taxes.tests.support import make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_abroad_with_tax_credited_at_the_buying_rate() -> None:
    """Bought 10 at US$ 100 when the dollar was 5.00 = 5,000; sold at US$ 120 at 5.50 = 6,600: gain
    1,600. Dividend US$ 100 at 5.40 = 540, of which US$ 10 withheld at the buying 5.30 = 53.
    Base 2,140 x 15 % = 321.00; credit 53.00; due 268.00."""
    tax = make_tax()
    asset = make.make_asset("AAPL", "stock_abroad", currency="USD", market="US", country="US")
    make.make_fx("2024-01-10", "5.00")
    make.make_fx("2024-03-15", "5.40", rate_buy=D("5.30"))
    make.make_fx("2024-06-10", "5.50")
    tax.row("buy", "2024-01-10", asset=asset, quantity=10, unit_price=100, fees=0)
    paid = {"amount": 100, "tax_withheld": 10}
    tax.row("dividend", "2024-03-15", asset=asset, **paid)
    tax.row("sell", "2024-06-10", asset=asset, quantity=10, unit_price=120, fees=0, tax_withheld=0)
    tax.assess()
    found = abroad_sheet(access=tax.access, holder=tax.holder, year=2024)
    year = {name: D(found["abroad"][name]) for name in ("gains", "income", "base", "tax")}
    assert year == {"gains": 1600, "income": 540, "base": 2140, "tax": 321}
    assert D(found["abroad"]["foreign_tax"]) == 53
    assert (D(found["abroad"]["credit"]), D(found["abroad"]["tax_due"])) == (53, 268)
    assert {line["asset"] for line in found["abroad_lines"]["lines"]} == {"AAPL"}
    assert found["names"]["AAPL"].id == str(asset.pk)


def test_crypto_fixed_income_and_dividends() -> None:
    """Coins: 40,000 sold > 35,000: gain 10,000 x 15 %. A CDB of 10,000 redeemed at 11,000 after
    400 days: 17.5 % of 1,000. A dividend of 60,000 in January 2026: 10 %."""
    tax = make_tax()
    coin = make.make_asset("BTC", "crypto")
    tax.row("buy", "2024-01-10", asset=coin, quantity=1, unit_price=30000, fees=0)
    tax.row("sell", "2024-02-10", asset=coin, quantity=1, unit_price=40000, fees=0)
    paper = make.make_asset("CDB1", "cdb")
    tax.row("buy", "2023-01-02", asset=paper, quantity=10, unit_price=1000, fees=0)
    tax.row("sell", "2024-02-06", asset=paper, quantity=10, unit_price=1100, fees=0)
    share = make.make_asset("ABCD3", name="Abcd S.A.", issuer="Abcd S.A.")
    tax.row("buy", "2024-01-02", asset=share, quantity=1000, unit_price=10, fees=0)
    tax.row("dividend", "2026-01-15", asset=share, amount=60000, tax_withheld=6000)
    tax.assess()
    who = {"access": tax.access, "holder": tax.holder}
    (month,) = crypto_sheet(**who, year=2024)["crypto"]
    assert (D(month["gain"]), D(month["tax"]), month["due_date"]) == (10000, 1500, "2024-03-28")
    (line,) = source_sheet(**who, year=2024)["withheld_at_source"]
    assert (line["asset"], D(line["expected"])) == ("CDB1", D("175.00"))
    (paid,) = dividends_sheet(**who, year=2026)["dividends"]
    assert (paid["payer"], D(paid["gross"]), D(paid["withheld"])) == ("Abcd S.A.", 60000, 6000)


def test_the_return_names_the_broker_and_older_ones_are_made_when_asked_for() -> None:
    tax = make_tax()
    institution = make.make_institution("Corretora Exemplo", cnpj="11.222.333/0001-81")
    account = make.make_account(tax.workspace, institution=institution)
    asset = make.make_asset("ABCD3", name="Abcd S.A.", cnpj="44.555.666/0001-99")
    values = {"asset": asset, "quantity": 100, "unit_price": 20, "fees": 0}
    make.make_transaction(account, "buy", "2020-05-04", **values)
    tax.assess()
    rows = Assessment.objects.filter(holder=tax.holder)
    assert not rows.returns().filter(year=2021).exists()
    who = {"access": tax.access, "holder": tax.holder, "year": 2021}
    annual_ensure(**who)
    (entry,) = annual_return(**who)["annual"]["assets"]
    assert (entry["group"], entry["code"], entry["value_before"], entry["value"]) == (
        "03",
        "01",
        "2000",
        "2000",
    )
    assert "ABCD3" in entry["text"]
    assert "Corretora Exemplo" in entry["text"]
    assert "11.222.333/0001-81" in entry["text"]
    # A later write forgets it: it may say something else.
    make.make_transaction(account, "buy", "2020-06-04", **values)
    workspace_assess(workspace_id=tax.workspace.pk, force=True)
    assert not rows.returns().filter(year=2021).exists()
    annual_ensure(**who)
    assert annual_return(**who)["annual"]["assets"][0]["value"] == "4000"


def test_two_assets_of_one_ticker_are_told_apart() -> None:
    tax = make_tax()
    home, away = (
        make.make_asset("ABC", "stock"),
        make.make_asset("ABC", "stock_abroad", market="US", currency="USD"),
    )
    make.make_fx("2024-01-02", "5")
    for asset in (home, away):
        tax.row("buy", "2024-01-02", asset=asset, quantity=1, unit_price=10, fees=0)
    tax.assess()
    shelf = Assessment.objects.filter(holder=tax.holder).shelf().get()
    codes = shelf.detail["codes"]
    assert codes == {"ABC": str(home.pk), "ABC:US": str(away.pk)}
    assert {(each["asset"], each["pool"]) for each in shelf.detail["held"]} == {
        ("ABC", "stock"),
        ("ABC:US", "abroad"),
    }


def test_abroad_before_2024_adds_its_months_up() -> None:
    """10 bought at US$ 1,000 when the dollar was 5.00 = 50,000; sold at US$ 2,000 at the buying
    5.00 = 100,000 > 35,000: 50,000 x 15 % = 7,500.00."""
    tax = make_tax()
    asset = make.make_asset("AAPL", "stock_abroad", currency="USD", market="US", country="US")
    make.make_fx("2023-01-10", "5.00", rate_buy=D("5.00"))
    tax.row("buy", "2023-01-10", asset=asset, quantity=10, unit_price=1000, fees=0)
    tax.row("sell", "2023-03-10", asset=asset, quantity=10, unit_price=2000, fees=0)
    tax.assess()
    page = abroad_page(frame=frame_of(access=tax.access, given={}, year=2023))
    assert page["before"] == {
        "gain": D(50_000),
        "exempt": 0,
        "income": 0,
        "tax": D(7_500),
        "incomplete": False,
    }
    assert abroad_page(frame=frame_of(access=tax.access, given={}, year=2024))["before"] is None


@pytest.mark.django_db(transaction=True)
def test_a_return_is_not_made_while_the_holder_is_being_assessed() -> None:
    """Whoever asks meanwhile waits for nobody: they are told there is none yet."""
    tax = make_tax()
    asset = make.make_asset("ABCD3")
    tax.row("buy", "2020-02-01", asset=asset, quantity=1, unit_price=20, fees=0)
    tax.assess()
    who = {"access": tax.access, "holder": tax.holder, "year": 2020}
    returns = Assessment.objects.filter(year=2020).returns()
    worker = connection.copy()
    try:
        worker.set_autocommit(False)
        with worker.cursor() as cursor:
            cursor.execute("SELECT 1 FROM taxes_assessmentbuild FOR UPDATE")
        annual_ensure(**who)
        assert not returns.exists()
    finally:
        worker.rollback()
        worker.close()
    annual_ensure(**who)
    assert returns.count() == 1
    # A year nobody assessed has no return to make.
    annual_ensure(**{**who, "year": 1999})
    assert not Assessment.objects.filter(year=1999).exists()
