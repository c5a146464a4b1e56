"""The same figures in another currency, on another day, and in another workspace."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from playwright.sync_api import expect

from tests.browser import files
from tests.browser.test_import import apply
from tests.browser.visitor import Visitor

COMPARED = ("Quantidade", "Preço médio", "Custo (BRL)", "Realizado", "Proventos")


def number(text: str) -> Decimal:
    """A figure as the pages write it."""
    cleaned = re.sub(r"[^\d,−-]", "", text).replace("−", "-").replace(",", ".")
    return Decimal(cleaned)


def test_the_overview_in_dollars_and_on_a_past_day(visitor: Visitor) -> None:
    visitor.open_demo()
    page = visitor.page
    worth = page.locator(".big").first
    reais = worth.inner_text()
    assert reais.startswith("R$")
    page.get_by_role("navigation", name="Moeda").get_by_role("link", name="USD").click()
    expect(worth).to_contain_text("US$")
    # A dollar has cost between four and seven reais for years.
    assert Decimal(4) < number(reais) / number(worth.inner_text()) < Decimal(7)

    page.get_by_role("navigation", name="Moeda").get_by_role("link", name="BRL").click()
    expect(worth).to_contain_text("R$")
    page.get_by_label("Em que data").fill("2019-06-28")
    expect(page.get_by_role("heading", level=1)).to_contain_text("28/06/2019")
    assert number(worth.inner_text()) < number(reais)
    # The choice of day is kept in the address and in the positions.
    held = visitor.positions("?on=2019-06-28")
    assert "VRJD3" in held  # sold in 2021
    assert "VRJD3" not in visitor.positions()


def test_the_exported_ledger_makes_the_same_positions_elsewhere(
    visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    first = visit()
    first.sign_up()
    page = first.page
    for name, data in (("n.xlsx", files.trades()), ("m.xlsx", files.movements())):
        first.upload((name, data))
        expect(page.locator("#aplicar")).to_be_visible(timeout=40_000)
        if name == "m.xlsx":
            riddle = page.locator("#decidir .card")
            riddle.get_by_label("O que foi").select_option(label="Dividendo")
            riddle.get_by_role("button", name="Decidir").click()
            expect(page.locator("#decidir")).to_have_count(0)
        apply(page)
    first.go("carteira/")
    first.settle()
    before = first.positions()
    assert before["EXMP4"]["Quantidade"] == "400"

    first.go("lancamentos/")
    page.locator("summary", has_text="Exportar").click()
    exported = first.download(page.get_by_role("link", name="Lançamentos em CSV"), tmp_path)
    assert exported.decode("utf-8-sig").startswith("date,")

    second = visit()
    second.sign_up()
    second.upload(("exitus.csv", exported))
    expect(second.page.locator("#aplicar")).to_be_visible(timeout=40_000)
    expect(second.page.locator("#decidir")).to_have_count(0)
    apply(second.page)
    second.go("carteira/")
    second.settle()
    after = second.positions()
    assert {t: [r[c] for c in COMPARED] for t, r in after.items()} == {
        t: [r[c] for c in COMPARED] for t, r in before.items()
    }
