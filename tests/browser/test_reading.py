"""Without JavaScript, by keyboard, and how much travels before the charts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable

from playwright.sync_api import Response, expect

from tests.browser.visitor import Visitor

MOST_BYTES = 150_000


def test_every_main_page_reads_without_javascript(visit: Callable[..., Visitor]) -> None:
    visitor = visit(java_script_enabled=False)
    page = visitor.go("/")
    page.get_by_role("button", name="Ver a demonstração").click()
    visitor.remember_workspace()
    expect(page.locator(".big").first).to_contain_text(re.compile(r"R\$\s?[\d.]+,\d\d"))
    expect(page.get_by_role("row", name=re.compile("BNCD4")).first).to_contain_text(",")
    page.get_by_role("link", name="Ver como tabela").click()
    expect(page.locator("main tbody tr").first).to_contain_text(",")

    visitor.go("carteira/")
    row = page.locator("main tbody tr", has_text="AURD3")
    expect(row.locator("td").nth(0)).to_have_text(re.compile(r"^\d\.\d{3}$"))
    quantity = row.locator("td").nth(0).inner_text()
    average = row.locator("td").nth(1).locator("a.why")
    shown = average.inner_text()
    average.click()  # a page of its own here
    expect(page.get_by_role("heading", level=1)).to_contain_text("AURD3")
    expect(page.locator("main tbody tr").last).to_contain_text(shown[:-1])
    page.get_by_role("link", name="AURD3", exact=True).click()
    expect(page.locator(".stat").first).to_contain_text(quantity)

    visitor.go("lancamentos/")
    expect(page.locator("main tbody tr")).to_have_count(50)
    page.get_by_label("Tipo").select_option("sell")
    page.get_by_role("button", name="Filtrar").click()
    expect(page.locator("main tbody tr").first).to_contain_text("Venda")
    visitor.go("pendencias/")
    expect(page.locator("main tbody tr").first).to_be_visible()
    visitor.go("busca/?q=AURD")
    expect(page.locator("main").get_by_role("link", name=re.compile("AURD3"))).to_be_visible()
    for path in ("inicio/", "importar/", "conciliacao/", "notificacoes/", "configuracoes/"):
        visitor.go(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_keyboard_and_the_theme(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.page
    page.keyboard.press("/")
    box = page.get_by_label("Buscar ativo ou página")
    expect(box).to_be_focused()
    box.press_sequentially("PETR")
    found = page.locator("#suggestions a", has_text="PETR4")
    expect(found).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#suggestions a").first).to_be_focused()

    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    page.keyboard.press("n")
    page.wait_for_url(re.compile("/lancamentos/novo/"))
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile("/carteira/"))

    html = page.locator("html")
    page.get_by_role("button", name="Alternar tema").click()
    expect(html).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(html).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    page.get_by_role("button", name="Alternar tema").click()
    page.reload()
    expect(html).to_have_attribute("data-theme", "light")


def test_the_overview_is_light_before_its_charts(visitor: Visitor) -> None:
    visitor.open_demo()
    page = visitor.page
    taken: dict[str, int] = {}

    def weigh(response: Response) -> None:
        kind = response.request.resource_type
        if kind in {"document", "script", "stylesheet"} and "echarts" not in response.url:
            if response.headers.get("content-encoding"):
                taken[response.url] = response.request.sizes()["responseBodySize"]
            else:  # the page itself: whoever serves it to the world compresses it
                taken[response.url] = len(gzip.compress(response.body(), 6))

    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    with page.expect_response(re.compile("evolucao.json")):
        page.reload()
    page.wait_for_load_state("load")
    for answer in answers:
        weigh(answer)
    assert len(taken) >= 4, taken
    assert sum(taken.values()) < MOST_BYTES, taken
