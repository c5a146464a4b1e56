"""Pages of taxes: what they show, to whom, what they write, and at what cost."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from apps.accounts.models import Holder
from apps.ledger.models import Transaction
from apps.taxes.models import MonthClosing
from apps.taxes.seeds import seed_rules
from apps.taxes.selectors import opening_of, settings_of
from apps.taxes.tests.pages_support import MONTHLY, PLAIN, YEARLY, address, read, signed_in, words
from apps.taxes.tests.support import Tax, above_the_limit, make_tax
from testing import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def tax() -> Tax:
    """Sales of 30,000 in March 2024: tax of 1,500.00, DARF of 1,498.50 due on 30 April."""
    found = make_tax()
    above_the_limit(found)
    found.assess()
    return found


@pytest.mark.parametrize("name", [*YEARLY, *PLAIN, *MONTHLY])
def test_members_read_and_strangers_find_nothing(tax: Tax, name: str) -> None:
    url = address(tax, name)
    assert signed_in(tax.access.user).get(url).status_code == 200
    assert signed_in(make.make_member(tax.workspace)).get(url).status_code == 200
    assert signed_in(make.make_user()).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_year_says_result_tax_form_and_state(tax: Tax) -> None:
    page = read(tax, "year")
    assert "Mar ▲ +10.000,00 – – 1.500,00 1.498,50 vencida" in page
    assert "Ano ▲ +10.000,00" in page
    assert "Isto é uma ajuda, não aconselhamento" in page
    assert "Isto é uma ajuda" not in read(tax, "month")


def test_the_month_writes_each_sale_out(tax: Tax) -> None:
    # 1.000 × 30 = 30.000, without fees; 1.000 × 20 = 20.000 of cost; the rest is 10.000.
    page = read(tax, "month")
    assert "venda: 1.000 × 30,00 = 30.000,00" in page
    assert "custo: 1.000 × 20,00 = 20.000,00" in page
    assert "resultado: 30.000,00 − 20.000,00 = 10.000,00" in page
    assert "Lei 11.033/2004" in page
    assert "VAR-15" in page
    assert "Imposto a 15 % 1.500,00" in page
    assert "IRRF compensado −1,50" in page
    assert "DARF 1.498,50 Vencimento 30/04/2024" in page


def test_a_figure_explains_itself_in_the_panel(tax: Tax) -> None:
    url = reverse("taxes:explain", args=[tax.workspace.pk, 2024, 3, "common"])
    answer = signed_in(tax.access.user).get(url, headers={"HX-Request": "true"})
    body = answer.content.decode()
    assert "<html" not in body
    assert "resultado: 30.000,00 − 20.000,00 = 10.000,00" in body


def test_a_month_with_what_is_missing_says_so_and_is_not_closed() -> None:
    tax = make_tax()
    asset = make.make_asset("ABCD3")
    tax.row("sell", "2024-03-05", asset=asset, quantity=10, unit_price=30, fees=0)
    tax.assess()
    page = read(tax, "month")
    assert "o mês não pode ser fechado" in page
    assert "ABCD3" in page
    assert "incompleto" in read(tax, "year")
    client = signed_in(tax.access.user)
    answer = client.post(reverse("taxes:close", args=[tax.workspace.pk, 2024, 3]), follow=True)
    assert "Faltam dados para fechar este mês." in words(answer)
    assert not MonthClosing.objects.exists()


def test_closing_a_later_edit_and_the_difference(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    close = reverse("taxes:close", args=[tax.workspace.pk, 2024, 3])
    assert "Mês fechado." in words(client.post(close, follow=True))
    sale = Transaction.objects.get(kind="sell")
    sale.unit_price = D(31)
    sale.save()
    tax.assess()
    page = read(tax, "month")
    assert "reaberto" in page
    # 1.000 more of gain, 150,00 more of tax.
    assert "Imposto do mês 1.500,00 1.650,00 ▲ +150,00" in page
    reopen = reverse("taxes:reopen", args=[tax.workspace.pk, 2024, 3])
    assert "Mês reaberto." in words(client.post(reopen, follow=True))
    assert client.post(reopen).status_code == 404


def test_the_form_costs_what_its_day_says(tax: Tax) -> None:
    # Due on Tuesday 30/04/2024, 1 May is closed: on the 2nd 1 day, 0,33 % of 1.498,50 = 4,95, and
    # 1 % in the month of payment = 14,99.
    page = read(tax, "darf", em="2024-05-02")
    for part in ("6015", "30/04/2024", "1.498,50", "4,95", "14,99", "1.518,44"):
        assert part in page
    assert "1.498,50" in read(tax, "darf", em="2024-04-30")
    assert "1.518,44" in read(tax, "darfs", em="2024-05-02")


def test_a_payment_is_recorded_and_taken_back(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    values = {"date": "30/04/2024", "amount": "1.498,50", "account": str(tax.account.pk)}
    answer = client.post(address(tax, "darf"), values)
    assert answer.status_code == 302
    paid = Transaction.objects.get(kind="darf_payment")
    assert (paid.amount, paid.note, paid.trade_date) == (
        D("1498.5"),
        "2024-03",
        dt.date(2024, 4, 30),
    )
    tax.assess()
    assert "paga" in read(tax, "year")
    delete = reverse("taxes:payment_delete", args=[tax.workspace.pk, paid.pk])
    assert client.post(delete).status_code == 302
    assert not Transaction.objects.filter(kind="darf_payment").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"date": "30/04/2024", "amount": "zero"},
        {"date": "31/04/2024", "amount": "10"},
        {"date": "30/04/2024", "amount": "-1"},
        {"date": "01/01/2100", "amount": "10"},
    ],
)
def test_a_wrong_payment_is_told_beside_its_field(tax: Tax, values: dict[str, str]) -> None:
    answer = signed_in(tax.access.user).post(address(tax, "darf"), values)
    assert answer.status_code == 400
    assert "field-error" in answer.content.decode()
    assert not Transaction.objects.filter(kind="darf_payment").exists()


def test_viewers_write_nothing(tax: Tax) -> None:
    client = signed_in(make.make_member(tax.workspace))
    page = client.get(address(tax, "month")).content.decode()
    assert "Fechar o mês" not in page
    assert "Registrar pagamento" not in client.get(address(tax, "darf")).content.decode()
    workspace = tax.workspace.pk
    for url in (
        reverse("taxes:close", args=[workspace, 2024, 3]),
        reverse("taxes:reopen", args=[workspace, 2024, 3]),
        address(tax, "darf"),
        address(tax, "settings"),
        address(tax, "links"),
        address(tax, "calendar"),
        reverse("taxes:opening", args=[workspace]),
    ):
        assert client.post(url, {"name": "x"}).status_code == 403, url


def test_a_simulated_sale(tax: Tax) -> None:
    asset = make.make_asset("WXYZ3")
    today = timezone.localdate()
    bought = (today - dt.timedelta(days=400)).isoformat()
    tax.row("buy", bought, asset=asset, quantity=1000, unit_price=20, fees=0)
    make.make_price(asset, today.isoformat(), 30)
    tax.assess()
    asked = {"1-ativo": str(asset.pk), "1-quantidade": "1.000", "1-preco": "30,00"}
    page = read(tax, "simulate", **asked)
    # 30.000 sold, 10.000 of gain, 15 % of it.
    for part in ("R$ 30.000,00", "R$ 1.500,00", "R$ 28.500,00"):
        assert part in page
    # 600 × 30 = 18.000 stays within the limit.
    within = read(tax, "simulate", **{**asked, "1-quantidade": "600"})
    assert "Imposto R$ 0,00" in within
    assert "Ganho isento 0,00 6.000,00" in within
    assert "Não entendemos este número" in read(
        tax, "simulate", **{**asked, "1-quantidade": "muitas"}
    )
    found = read(tax, "raise", valor="18.000,00")
    assert "WXYZ3" in found
    assert "Imposto R$ 0,00" in found
    assert "10.000,00" in read(tax, "after_tax")
    part = signed_in(tax.access.user).get(reverse("taxes:asset", args=[tax.workspace.pk, asset.pk]))
    assert "R$ 1.500,00" in words(part)


def test_the_meter_follows_what_is_typed(tax: Tax) -> None:
    today = timezone.localdate()
    make.make_asset("FIIX11", "fii")
    sale = {"kind": "sell", "asset": "abcd3", "quantity": "500", "trade_date": today.isoformat()}
    assert "Ainda cabem R$ 5.000,00" in read(tax, "meter", **sale, unit_price="30,00")
    assert "passa de R$ 20.000,00" in read(tax, "meter", **sale, unit_price="40,02")
    assert read(tax, "meter", **{**sale, "kind": "buy"}) == ""
    assert read(tax, "meter", **{**sale, "asset": "FIIX11"}) == ""
    assert read(tax, "meter", **{**sale, "account": "nada"}) != ""


def test_the_ledgers_form_asks_the_meter(tax: Tax) -> None:
    url = reverse("ledger:new", args=[tax.workspace.pk])
    page = signed_in(tax.access.user).get(url).content.decode()
    assert f'hx-get="{address(tax, "meter")}"' in page


def test_the_return_is_read_copied_and_taken_as_a_file(tax: Tax) -> None:
    page = read(tax, "annual")
    for part in ("Declaração 2025", "Bens e Direitos", "Renda Variável", "Abertura do ReVar"):
        assert part in page
    assert "10.000,00" in page
    client = signed_in(tax.access.user)
    body = client.get(address(tax, "annual")).content.decode()
    assert body.count("data-copy-beside") > 10
    kinds = {
        "declaracao.pdf": b"%PDF",
        "declaracao.xlsx": b"PK",
        "impostos.xlsx": b"PK",
        "impostos.pdf": b"%PDF",
    }
    for name, start in kinds.items():
        url = reverse("taxes:file", args=[tax.workspace.pk, 2024, name])
        answer = client.get(url)
        assert answer.content.startswith(start)
        assert "attachment" in answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]
    url = reverse("taxes:file", args=[tax.workspace.pk, 2024, "declaracao.json"])
    assert json.loads(client.get(url).content)["filing"] == 2025
    whole = json.loads(client.get(url).content)
    assert {"abroad", "capital_gains", "crypto", "monthly_income", "sheets"} <= whole.keys()
    for name, title in (("declaracao-tabelas.json", "Bens e direitos"), ("impostos.json", "Meses")):
        url = reverse("taxes:file", args=[tax.workspace.pk, 2024, name])
        tables = json.loads(client.get(url).content)["tables"]
        assert tables[0]["title"] == title
        assert all(len(row) == len(t["columns"]) for t in tables for row in t["rows"])
    book = load_workbook(
        io.BytesIO(
            client.get(
                reverse("taxes:file", args=[tax.workspace.pk, 2024, "declaracao.xlsx"])
            ).content
        )
    )
    assert {"Bens e direitos", "Exterior", "Criptoativos", "Renda variável"} <= set(book.sheetnames)
    march = [row for row in book["Renda variável"].values if row[0] == "2024-03"]
    assert D(str(march[0][1])) == 10_000
    url = reverse("taxes:file", args=[tax.workspace.pk, 2024, "outro.pdf"])
    assert client.get(url).status_code == 404
    url = reverse("taxes:darf_pdf", args=[tax.workspace.pk, 2024, 3])
    assert client.get(url).content.startswith(b"%PDF")


def test_choices_are_kept_and_shown_beside_the_figures(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    body = client.get(address(tax, "settings")).content.decode()
    given = dict.fromkeys(
        re.findall(r'<input type="checkbox" name="(\w+)" value="1" checked', body), "1"
    )
    given |= {"units_exempt": "1", "estimate_irrf": "1", "other_taxable_income": "12.000,00"}
    assert client.post(address(tax, "settings"), given).status_code == 302
    found = settings_of(access=tax.access, holder=tax.holder)
    assert found.estimate_irrf
    assert found.other_taxable_income == 12000
    tax.assess()
    assert "mudado por você" in read(tax, "month")


def test_an_opening_is_kept(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    values = {"date": "31/01/2024", "darf": "5,00", "losses_common": "4.000,00"}
    assert client.post(address(tax, "opening"), values).status_code == 302
    found = opening_of(access=tax.access, holder=tax.holder)
    assert found is not None
    assert (found["losses"]["common"], found["darf"]) == (4000, 5)
    tax.assess()
    # 10.000 − 4.000 = 6.000, of which 15 % = 900,00.
    assert "Imposto a 15 % 900,00" in read(tax, "month")
    assert client.post(address(tax, "opening_delete")).status_code == 302
    assert opening_of(access=tax.access, holder=tax.holder) is None


def test_pages_open_on_the_holder_that_has_something() -> None:
    """An archive names its own holder: the main one, empty, is not what whoever imported wants."""
    seed_rules()
    empty = make.make_access()
    main = Holder.objects.get(workspace=empty.workspace)
    other = make.make_holder(empty.workspace, name="Zilda")
    account = make.make_account(empty.workspace, holder=other)
    theirs = Tax(empty, other, account)
    above_the_limit(theirs)
    theirs.assess()
    client = signed_in(empty.user)
    body = client.get(address(theirs, "year")).content.decode()
    assert "1.498,50" in body
    # Links need not name who is shown anyway; the empty one is shown when asked for, and stays.
    assert f'href="{address(theirs, "month")}"' in body
    asked = client.get(address(theirs, "year", titular=str(main.pk))).content.decode()
    assert "Nada apurado neste ano" in asked
    assert f"?titular={main.pk}" in asked
    # With something of their own, the main holder is first again.
    mine = Tax(empty, main, make.make_account(empty.workspace, holder=main))
    mine.row("buy", "2024-02-01", asset=make.make_asset("MEUS3"), quantity=1, unit_price=20, fees=0)
    mine.assess()
    assert "1.498,50" not in client.get(address(theirs, "year")).content.decode()


def cost(tax: Tax, name: str) -> int:
    client = signed_in(tax.access.user)
    client.get(address(tax, name))
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address(tax, name)).status_code == 200
    return len(captured)


@pytest.mark.parametrize("name", ["home", "month", "darfs", "darf", "annual", "after_tax", "tile"])
def test_more_months_cost_no_more_queries(tax: Tax, name: str) -> None:
    before = cost(tax, name)
    for month in range(4, 10):
        asset = make.make_asset(f"MES{month}3")
        tax.row("buy", f"2024-{month:02}-01", asset=asset, quantity=1000, unit_price=20, fees=0)
        sale = {"quantity": 1000, "unit_price": 30, "fees": 0, "tax_withheld": "1.5"}
        tax.row("sell", f"2024-{month:02}-05", asset=asset, **sale)
    tax.assess()
    assert cost(tax, name) == before
    assert before <= 20


def test_a_code_left_to_the_program_is_an_empty_field(tax: Tax) -> None:
    client = signed_in(tax.access.user)
    body = client.get(address(tax, "settings")).content.decode()
    assert re.search(r'name="etf_code"[^>]*value="" placeholder="automático"', body)


def test_the_assets_to_sell_are_a_list(tax: Tax) -> None:
    asset = make.make_asset("LIST<3")
    tax.row("buy", "2024-03-06", asset=asset, quantity=100, unit_price=20, fees=0)
    tax.assess()
    query = {"1-ativo": str(asset.pk), "1-quantidade": "1", "1-preco": "20"}
    body = signed_in(tax.access.user).get(address(tax, "simulate", **query)).content.decode()
    assert f'<option value="{asset.pk}" selected>LIST&lt;3</option>' in body
    assert re.search(r'<select name="1-ativo"[^>]*id="id_1-ativo"', body)
