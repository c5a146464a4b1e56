"""Returns, risk, allocation and income as people read them; a portfolio with its targets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from apps.imports.tests.formats.files import negociacao, trade
from tests.browser.test_figures import number
from tests.browser.test_import import apply
from tests.browser.test_pages import Inspector
from tests.browser.visitor import Visitor

PAGES = ("analises/", "analises/risco/", "analises/alocacao/", "analises/proventos/")
BUILT = 60_000  # the worker lays the whole demonstration over days


@pytest.fixture
def inspector(visitor: Visitor) -> Iterator[Inspector]:
    found = Inspector(visitor)
    yield found
    assert found.wrong == [], "\n".join(["", *found.wrong])


def test_from_a_period_to_the_parts_of_a_figure_and_a_file(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.open_demo()
    page = visitor.page
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url(re.compile("/analises/"))
    tile = page.locator(".stats-lead .stat").first
    expect(tile).to_contain_text("%", timeout=BUILT)
    expect(page.locator(".chart svg").first).to_be_visible()
    year = tile.inner_text()

    page.get_by_role("navigation", name="Período").get_by_role("link", name="5A").click()
    expect(page).to_have_url(re.compile("period=5a"))
    expect(page.locator(".stats-lead .stat").first).not_to_have_text(year)

    gain = page.locator(".stat", has_text="em dinheiro, no período").locator("a.why")
    shown = number(gain.inner_text())
    gain.click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Ganho", exact=True)).to_be_visible()
    expect(panel).to_contain_text("valor final − valor inicial − entradas + saídas")
    parts = panel.locator("section", has_text="O que entrou, saiu e ficou").locator("tbody tr")
    figures = [number(row.locator("td").last.inner_text()) for row in parts.all()]
    assert abs(sum(figures) - shown) < Decimal("0.03")  # each is rounded to a cent
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)

    table = page.locator("#tabela")
    # Prices may arrive between the page and the file: what they say must agree once none does.
    for _ in range(5):
        page.reload()
        shown = number(page.locator(".stat", has_text="em dinheiro").locator("a.why").inner_text())
        body = visitor.download(table.get_by_role("link", name="CSV"), tmp_path)
        rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
        apart = abs(sum(Decimal(row["Ganho"]) for row in rows) - shown)
        if apart < Decimal("0.02"):
            break
    assert apart < Decimal("0.02")
    sheet = visitor.download(table.get_by_role("link", name="XLSX"), tmp_path)
    assert load_workbook(io.BytesIO(sheet)).sheetnames[0] == "rows"

    # Every row's part adds up to the whole, on the page too.
    total = table.locator('tfoot a.why[href*="/contribution/"]').inner_text()
    parts_of = table.locator('tbody td[data-label="Contribuição"]').all_inner_texts()
    assert abs(sum(map(number, parts_of)) - number(total)) < Decimal("0.2")


def test_what_to_compare_with_stays_in_the_address(visitor: Visitor) -> None:
    visitor.open_demo()
    page = visitor.go("analises/?period=12m")
    expect(page.locator(".stats-lead")).to_be_visible(timeout=BUILT)
    page.locator("summary", has_text="Comparar").click()
    page.get_by_label("IPCA", exact=True).uncheck()
    page.get_by_label("Outros").fill("110%CDI")
    page.get_by_role("button", name="Comparar").click()
    expect(page).to_have_url(re.compile("110%25CDI"))
    compared = page.locator("section", has_text="A carteira rendeu mais").locator("tbody tr")
    expect(compared.filter(has_text="110%CDI")).to_have_count(1)
    expect(compared.filter(has_text="IPCA")).to_have_count(0)
    page.get_by_role("link", name="Risco", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Risco")
    expect(page.locator("main")).to_contain_text("110%CDI")


def test_a_portfolio_with_its_targets(visitor: Visitor) -> None:
    visitor.sign_up()
    data = negociacao(
        trade("17/03/2025", code="PETR4", quantity=100, price=30, value=3000),
        trade("17/03/2025", code="HGLG11", quantity=10, price=100, value=1000),
    )
    visitor.upload(("negociacao.xlsx", data))
    page = visitor.page
    expect(page.locator("#aplicar")).to_be_visible(timeout=40_000)
    proposals = page.get_by_role("button", name="Guardar propostas")
    if proposals.count():
        proposals.click()
    apply(page)
    visitor.go("carteira/")
    visitor.settle()
    page.get_by_role("link", name="Carteiras e metas").click()
    page.get_by_role("link", name="Nova carteira").click()
    page.get_by_label("Nome").fill("Longo prazo")
    page.get_by_label("Ação", exact=True).check()
    page.get_by_label("FII", exact=True).check()
    page.get_by_role("button", name="Gravar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Metas de Longo prazo")

    page.get_by_label("Ação", exact=True).fill("60")
    page.get_by_label("FII", exact=True).fill("30")
    expect(page.locator("[data-weights-total]")).to_have_text("90 %")
    page.get_by_role("button", name="Gravar metas").click()
    expect(page.get_by_role("alert")).to_contain_text("As metas somam 90,00 %")
    visitor.forgive("422")
    page.get_by_label("FII", exact=True).fill("40")
    page.get_by_role("button", name="Gravar metas").click()
    card = page.locator(".portfolio", has_text="Longo prazo")
    expect(card).to_contain_text("Ação · FII")

    card.get_by_role("link", name="Analisar").click()
    page.get_by_role("link", name="Alocação", exact=True).click()
    targets = page.locator("section", has_text="Quanto falta para as metas?")
    expect(targets.locator("tbody tr", has_text="Ação")).to_contain_text("60,0 %", timeout=BUILT)
    expect(targets.locator("tbody tr", has_text="FII")).to_contain_text("40,0 %")


def test_a_month_in_which_nothing_moved_has_an_axis(visitor: Visitor) -> None:
    visitor.sign_up()
    data = negociacao(trade("17/03/2025", code="PETR4", quantity=100, price=30, value=3000))
    visitor.upload(("negociacao.xlsx", data))
    page = visitor.page
    expect(page.locator("#aplicar")).to_be_visible(timeout=40_000)
    proposals = page.get_by_role("button", name="Guardar propostas")
    if proposals.count():
        proposals.click()
    apply(page)
    visitor.go("analises/?period=custom&from=2025-03-20&to=2025-03-23")
    expect(page.locator(".stats-lead")).to_be_visible(timeout=BUILT)
    drawn = page.locator("section", has_text="A carteira rendeu mais").locator("svg text")
    expect(drawn.filter(has_text="%").first).to_be_visible()
    assert drawn.filter(has_text="%").count() <= 8


def test_analyses_read_without_javascript(visit: Callable[..., Visitor]) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.go("/")
    page.get_by_role("button", name="Ver a demonstração").click()
    visitor.remember_workspace()
    for path, text in zip(
        PAGES, ("Quem trouxe o retorno", "Maior queda", "Participação", "Quem pagou"), strict=True
    ):
        visitor.go(path)
        # The page comes again by itself while the worker builds.
        expect(page.locator("main")).to_contain_text(text, timeout=BUILT)
        expect(page.locator("main tbody tr").first).to_contain_text(re.compile(r"\d[.,]\d"))
    visitor.go("analises/")
    page.get_by_role("link", name="6M").click()
    page.locator(".stats-lead a.why").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Retorno ponderado pelo tempo")


def test_pages_of_analyses_have_no_violation(inspector: Inspector, visitor: Visitor) -> None:
    visitor.open_demo()
    page = visitor.page
    visitor.go("analises/?period=all")
    expect(page.locator(".chart svg").first).to_be_visible(timeout=BUILT)
    inspector.look("returns")
    page.locator("summary", has_text="Comparar").click()
    inspector.look("returns, comparing")
    page.keyboard.press("Escape")
    page.locator(".stats-lead a.why").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspector.look("explained return")
    for name, path in (
        ("risk", "analises/risco/?period=5a"),
        ("allocation", "analises/alocacao/"),
        ("income", "analises/proventos/?period=all"),
        ("explanation", "analises/por-que/income_gross/"),
        ("portfolios", "carteira/carteiras/"),
    ):
        visitor.go(path)
        page.wait_for_load_state("networkidle")
        inspector.look(name)


def test_pages_of_portfolios_have_no_violation(inspector: Inspector, visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.page
    inspector.look("empty analyses", "analises/")
    inspector.look("no portfolios", "carteira/carteiras/")
    inspector.look("new portfolio", "carteira/carteiras/nova/")
    page.get_by_label("Nome").fill("Uma")
    page.get_by_role("button", name="Gravar").click()
    inspector.look("targets")
    page.get_by_role("link", name="Uma").click()
    inspector.look("portfolio")
    page.get_by_role("link", name="Excluir").click()
    inspector.look("portfolio deletion")
