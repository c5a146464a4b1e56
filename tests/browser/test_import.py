"""From signing up to a true portfolio out of two files of B3, and back."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser import files
from tests.browser.visitor import Visitor


def apply(page: Page) -> None:
    """Applies the batch on the page and waits for its end."""
    page.get_by_role("button", name="Aplicar").click()
    expect(page.get_by_role("link", name="Desfazer")).to_be_visible(timeout=40_000)


def figures(visitor: Visitor) -> dict[str, tuple[str, str, str, str]]:
    """Quantity, average price, cost and income of each position, once built."""
    visitor.go("carteira/")
    visitor.settle()
    return {
        ticker: (
            row["Quantidade"],
            row["Preço médio"],
            row["Custo (BRL)"],
            row["Proventos"],
        )
        for ticker, row in visitor.positions().items()
    }


# Fees are unknown and count as nothing until told.
TRADES = {
    # 250 bought for 2600; 100 sold leave 150 × 10,40 = 1560.
    "EXMP4": ("150", "10,40", "1.560,00", "0,00"),
    "TSTE3": ("400", "21,00", "8.400,00", "0,00"),
}
WHOLE = {
    # 250 for 2600 become 500 by the split: 5,20 each; 100 sold leave 400 × 5,20 = 2080.
    "EXMP4": ("400", "5,20", "2.080,00", "0,00"),
    # 200 of JCP before tax and 5 of dividend.
    "TSTE3": ("400", "21,00", "8.400,00", "205,00"),
}


def test_from_sign_up_to_positions_and_back(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.page
    expect(page.get_by_role("heading", name="Comece por um destes três")).to_be_visible()
    page.get_by_role("link", name="Importar arquivos").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Importar")

    # Both files at once: each is read by the worker and waits for its review.
    trades = files.trades()
    visitor.upload(("negociacao-2025.xlsx", trades), ("movimentacao-2025.xlsx", files.movements()))
    received = page.locator("#lotes")
    expect(received.get_by_text("aguardando revisão")).to_have_count(2, timeout=40_000)

    received.get_by_role("link", name="negociacao-2025.xlsx").click()
    expect(page.get_by_text("6 lançamentos serão criados")).to_be_visible()
    lines = page.locator("#linhas tbody tr")
    expect(lines).to_have_count(6)
    expect(lines.nth(2)).to_contain_text("EXMP4")  # the F of the fractional market is gone
    expect(page.locator("#propostas")).to_contain_text("CORRETORA EXEMPLO")
    apply(page)
    expect(page.locator("#linhas").get_by_text("lançada", exact=True)).to_have_count(6)
    assert figures(visitor) == TRADES

    visitor.go("importar/")
    page.locator("#lotes").get_by_role("link", name="movimentacao-2025.xlsx").click()
    # Planned before the trades existed, it was planned again when they came.
    expect(page.get_by_text("Falta decidir 1 linha")).to_be_visible(timeout=40_000)
    expect(page.get_by_role("button", name="Aplicar")).to_be_disabled()
    riddle = page.locator("#decidir .card")
    expect(riddle).to_have_count(1)
    expect(riddle).to_contain_text("Evento Nunca Visto")
    riddle.get_by_label("O que foi").select_option(label="Dividendo")
    riddle.get_by_role("button", name="Decidir").click()
    expect(page.locator("#decidir")).to_have_count(0)
    apply(page)
    assert figures(visitor) == WHOLE

    # The same trades under another name: known, nothing to record.
    visitor.upload(("negociacao (1).xlsx", trades))
    expect(page.get_by_text("Não há nada novo neste arquivo")).to_be_visible(timeout=40_000)
    expect(page.get_by_text("já foi importado como negociacao-2025.xlsx")).to_be_visible()
    apply(page)
    assert figures(visitor) == WHOLE

    visitor.go("importar/")
    page.locator("#lotes").get_by_role("link", name="movimentacao-2025.xlsx").click()
    page.get_by_role("link", name="Desfazer").click()
    expect(page.get_by_text(re.compile(r"3 lançamentos saem"))).to_be_visible()
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("Importação desfeita")).to_be_visible()
    assert figures(visitor) == TRADES
