"""Every page: no violation that axe can find, in both themes, and no sideways scroll at 360 px."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from apps.imports.tests.formats.files import negociacao, trade
from exitus import env
from tests.browser import files
from tests.browser.test_import import apply
from tests.browser.visitor import Visitor

AXE = env.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
PICTURES = os.environ.get("EXITUS_BROWSER_PICTURES", "")  # a folder to keep every page's looks in
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
THEME = """async theme => {
  document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("themechange"));
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().filter(one => one instanceof CSSTransition)
    .map(one => one.finished.catch(() => null)));
}"""
RUN = """async rules => {
  const options = { resultTypes: ["violations"] };
  if (rules) options.runOnly = { type: "rule", values: rules };
  const found = await axe.run(document, options);
  return found.violations.flatMap(v => v.nodes.map(
    n => `${v.id}: ${n.target.join(" ")} — ${n.any.concat(n.all, n.none)[0]?.message ?? v.help}`));
}"""
COLOURS = ["color-contrast", "link-in-text-block"]
OVERFLOW = """() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(
    e => e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest(".table-frame"));
  return [`${root.scrollWidth} px wide: ` + wide.slice(0, 4).map(
    e => e.tagName.toLowerCase() + "." + e.className).join(", ")];
}"""


class Inspector:
    """Looks at one page after the other and keeps what is wrong."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.page = visitor.page
        self.source = AXE.read_text(encoding="utf-8")
        self.wrong: list[str] = []

    def look(self, name: str, path: str | None = None, **more: Any) -> None:
        """The page at an address (or the one that is open) in each theme and width."""
        if path is not None:
            self.visitor.go(path)
        page = self.page
        page.evaluate(self.source)
        self._note(name, page.evaluate(RUN))
        self._picture(name, "1440-light")
        page.evaluate(THEME, "dark")
        self._note(f"{name}, dark", page.evaluate(RUN, COLOURS))
        self._picture(name, "1440-dark")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        self._note(f"{name}, phone", page.evaluate(OVERFLOW))
        self._picture(name, "360-dark")
        page.evaluate(THEME, "light")
        self._note(f"{name}, phone", page.evaluate(RUN))
        self._picture(name, "360-light")
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    def _note(self, where: str, found: list[str]) -> None:
        self.wrong += [f"{where}: {text}" for text in found]

    def _picture(self, name: str, kind: str) -> None:
        if PICTURES:
            target = Path(PICTURES) / f"{name.replace(' ', '-')}-{kind}.png"
            self.page.screenshot(path=target, full_page=True)


@pytest.fixture
def inspector(visitor: Visitor) -> Iterator[Inspector]:
    found = Inspector(visitor)
    yield found
    assert found.wrong == [], "\n".join(["", *found.wrong])


def test_the_pages_of_whoever_looks(inspector: Inspector, visitor: Visitor) -> None:
    inspector.look("landing", "/")
    inspector.look("login", "/conta/login/")
    inspector.look("signup", "/conta/signup/")
    inspector.look("password reset", "/conta/password/reset/")
    visitor.open_demo()
    page = visitor.page
    expect(page.locator(".chart svg").first).to_be_visible(timeout=60_000)
    inspector.look("overview")
    inspector.look("overview in the past", "?on=2019-06-28&currency=USD")
    inspector.look("evolution", "evolucao/")
    inspector.look("positions", "carteira/")
    page.locator("main").get_by_role("link", name="AURD3", exact=True).click()
    expect(page.locator(".chart svg").first).to_be_visible()
    inspector.look("asset")
    page.locator(".stat", has_text="Preço médio").locator("a.why").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    inspector.look("explain panel")
    page.keyboard.press("Escape")
    inspector.look("transactions", "lancamentos/")
    inspector.look("issues", "pendencias/")
    inspector.look("search", "busca/?q=a")
    inspector.look("notifications", "notificacoes/")


def test_the_pages_of_whoever_types(inspector: Inspector, visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.page
    inspector.look("start")
    inspector.look("empty positions", "carteira/")
    inspector.look("empty transactions", "lancamentos/")
    inspector.look("empty settings accounts", "configuracoes/contas/")
    data = negociacao(
        trade("17/03/2025", code="PETR4", quantity=100, price=30, value=3000),
        trade("17/03/2025", code="VALE3", quantity=50, price=20, value=1000),
        trade("18/03/2025", code="TSTE11", quantity=50, price=20, value=1000),
    )
    visitor.upload(("negociacao.xlsx", data))
    expect(page.locator("#aplicar")).to_be_visible(timeout=40_000)
    inspector.look("batch with proposals")
    select = page.locator("#propostas select").last
    select.select_option("fii")
    page.get_by_role("button", name="Guardar propostas").click()
    expect(page.get_by_text("Propostas guardadas")).to_be_visible()
    apply(page)
    inspector.look("batch applied")
    page.get_by_role("link", name="Desfazer").click()
    inspector.look("batch undo")
    visitor.upload(("movimentacao.xlsx", files.movements()))
    expect(page.locator("#decidir")).to_be_visible(timeout=40_000)
    inspector.look("batch with decisions")
    inspector.look("imports", "importar/")
    visitor.upload(("posicao.xlsx", files.position(PETR4=300, VALE3=50)), path="conciliacao/")
    expect(page.locator("main tbody tr", has_text="PETR4")).to_be_visible(timeout=40_000)
    inspector.look("reconciliation")
    inspector.look("reconciliations", "conciliacao/")

    inspector.look("positions without prices", "carteira/")
    inspector.look("transactions", "lancamentos/")
    page.locator("main tbody").get_by_role("link", name="PETR4").click()
    expect(page.locator("#preview table").first).to_be_visible()
    inspector.look("transaction form")
    page.get_by_role("link", name="Excluir").click()
    inspector.look("transaction deletion")
    visitor.go("lancamentos/novo/")
    page.locator("#id_kind").select_option("split")
    expect(page.locator("#id_ratio")).to_be_visible()
    inspector.look("transaction form of a split")
    visitor.go("lancamentos/abertura/")
    page.get_by_label("Colar dos Bens e Direitos").fill("PETR4 200 5.000,00\nNADA3 1 2,00")
    page.get_by_role("button", name="Conferir").click()
    expect(page.get_by_role("heading", name="Revisão")).to_be_visible()
    inspector.look("opening")
    inspector.look("fees", "lancamentos/taxas/")
    page.get_by_role("link", name=re.compile("Informar taxas")).first.click()
    inspector.look("note")
    inspector.look("issues", "pendencias/")
    for name, path in (
        ("preferences", ""),
        ("accounts", "contas/"),
        ("holders", "titulares/"),
        ("members", "pessoas/"),
        ("workspace", "espaco/"),
    ):
        inspector.look(f"settings {name}", f"configuracoes/{path}")
    inspector.look("workspaces", "/espacos/")
    inspector.look("password change", "/conta/password/change/")
