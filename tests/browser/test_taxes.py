"""Taxes as people pay them: a month and its arithmetic, a supposed sale, a payment, the closing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_pages import Inspector
from tests.browser.visitor import Visitor

PAGES = (
    *("impostos/", "impostos/2026/8/", "impostos/darf/", "impostos/darf/2026/9/"),
    *("impostos/simular/", "impostos/simular/valor/?valor=50000", "impostos/simular/prejuizos/"),
    *("impostos/simular/liquido/", "impostos/2025/declaracao/", "impostos/2026/exterior/"),
    *("impostos/2026/proventos/", "impostos/2026/renda-fixa/", "impostos/2025/cripto/"),
    *("impostos/calendario/", "impostos/ajustes/", "impostos/ajustes/regras/"),
)


@pytest.fixture
def inspector(visitor: Visitor) -> Iterator[Inspector]:
    found = Inspector(visitor)
    yield found
    assert found.wrong == [], "\n".join(["", *found.wrong])


def typed(page: Page, kind: str, day: dt.date, **values: str) -> None:
    """One trade through the ledger's form."""
    page.locator("#id_kind").select_option(kind)
    page.locator("#id_trade_date").fill(f"{day:%d/%m/%Y}")
    for label, value in values.items():
        page.locator(f"#id_{label}").fill(value)


def stored(page: Page) -> None:
    page.get_by_role("button", name="Gravar", exact=True).click()
    expect(page.get_by_text("Lançamento gravado")).to_be_visible()


def weekday(year: int, month: int, day: int) -> dt.date:
    found = dt.date(year, month, day)
    return found + dt.timedelta(days=(7 - found.weekday()) % 7 if found.weekday() > 4 else 0)


def test_a_month_from_its_sale_to_its_closing(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.go("configuracoes/contas/")
    page.locator("#id_institution").select_option(label="XP")
    page.get_by_role("button", name="Incluir").click()
    expect(page.get_by_role("rowheader").first).to_contain_text("XP")
    bought, sold = weekday(2024, 2, 1), weekday(2024, 3, 5)
    page = visitor.go("lancamentos/novo/")
    typed(page, "buy", bought, asset="PETR4", quantity="1000", unit_price="20,00", fees="0")
    stored(page)
    # While a sale is typed the exemption of its month is told: 30.000 pass the limit.
    page = visitor.go("lancamentos/novo/")
    typed(page, "sell", sold, asset="PETR4", quantity="600", unit_price="30,00", fees="0")
    expect(page.locator(".meter-live")).to_contain_text("Ainda cabem R$ 2.000,00")
    page.locator("#id_quantity").fill("900")
    expect(page.locator(".meter-live")).to_contain_text("passa de R$ 20.000,00")
    withheld = page.locator("#id_tax_withheld")
    if not withheld.is_visible():
        page.locator("#fields details summary").first.click()
    withheld.fill("1,35")
    stored(page)

    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(re.compile("/impostos/"))
    page = visitor.go("impostos/2024/")
    # 900 × (30 − 20) = 9.000; 15 % = 1.350,00, less 1,35 withheld.
    row = page.locator("tr", has=page.get_by_role("link", name="Mar", exact=True))
    expect(row).to_contain_text("+9.000,00")
    expect(row).to_contain_text("1.348,65")
    row.locator("a.why").first.click()
    panel = page.locator("#panel")
    expect(panel).to_contain_text("resultado: 27.000,00 − 18.000,00 = 9.000,00")
    page.keyboard.press("Escape")
    row.get_by_role("link", name="Mar", exact=True).click()
    page.get_by_text("A conta", exact=True).click()
    expect(page.locator("main")).to_contain_text("custo: 900 × 20,00 = 18.000,00")

    page = visitor.go("impostos/simular/")
    page.locator("[name='1-ativo']").select_option(label="PETR4")
    page.locator("[name='1-quantidade']").fill("100")
    page.locator("[name='1-preco']").fill("50,00")
    page.get_by_role("button", name="Simular").click()
    # 100 × 50 = 5.000, within the limit of this month.
    expect(page.locator(".stats-lead")).to_contain_text("R$ 5.000,00")

    page = visitor.go("impostos/darf/2024/3/?em=2024-04-30")
    page.get_by_label("Pago em").fill("30/04/2024")
    page.get_by_label("Valor pago").fill("1.348,65")
    page.get_by_role("button", name="Registrar", exact=True).click()
    expect(page.get_by_text("Pagamento registrado")).to_be_visible()
    expect(page.locator("main .pill", has_text="paga").first).to_be_visible()
    page = visitor.go("impostos/2024/3/")
    page.get_by_role("button", name="Fechar o mês").click()
    expect(page.get_by_text("Mês fechado.")).to_be_visible()

    page = visitor.go("impostos/ajustes/contador/")
    page.get_by_label("Para quem").fill("Contadora")
    page.get_by_role("button", name="Criar endereço").click()
    told = page.locator(".told [data-copied]").inner_text()
    visitor.context.clear_cookies()
    page.goto(told)
    expect(page.locator("main")).to_contain_text("Imposto de renda")
    expect(page.get_by_role("navigation", name="Principal")).to_have_count(0)


def test_pages_of_taxes_look_right(visitor: Visitor, inspector: Inspector) -> None:
    visitor.open_demo()
    for path in PAGES:
        visitor.go(path)
        visitor.settle()
        inspector.look(path, None)


def test_a_value_of_the_return_is_copied(visitor: Visitor) -> None:
    visitor.open_demo()
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visitor.go("impostos/2025/declaracao/")
    visitor.settle()
    cell: Any = page.locator(".goods .copy").nth(1)
    text = cell.locator("[data-copied]").inner_text()
    cell.hover()
    cell.locator("button").click()
    expect(cell.locator(".copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == text
