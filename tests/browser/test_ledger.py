"""Typing: a trade by hand, positions from before, fees by note, and the proof against B3."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, Route, expect

from apps.imports.tests.formats.files import negociacao, trade
from tests.browser import files
from tests.browser.test_import import apply
from tests.browser.visitor import Visitor


def held(visitor: Visitor) -> dict[str, tuple[str, str]]:
    """Quantity and average price by ticker, once built."""
    visitor.go("carteira/")
    visitor.settle()
    return {t: (r["Quantidade"], r["Preço médio"]) for t, r in visitor.positions().items()}


def after(page: Page, measure: str) -> Locator:
    """A cell of the preview: what a measure becomes."""
    row = page.locator("#preview tr", has=page.get_by_role("rowheader", name=measure, exact=True))
    return row.locator("td").last


def type_trade(page: Page, **values: str) -> None:
    for label, value in values.items():
        page.locator(f"#id_{label}").fill(value)


def choose_while_typing(page: Page, kind: str, name: str, value: str) -> None:
    """Chooses a kind; its fields arrive between another field being marked and typed over."""
    waiting: list[Route] = []
    page.route("**/lancamentos/novo/?*", lambda route: waiting.append(route))
    page.locator("#fields").evaluate("fields => { fields.dataset.before = '' }")
    with page.expect_request("**/lancamentos/novo/?*"):
        page.locator("#id_kind").select_option(kind)
    page.locator(f"#id_{name}").select_text()
    waiting[0].continue_()
    expect(page.locator("#fields[data-before]")).to_have_count(0)
    page.keyboard.insert_text(value)
    expect(page.locator(f"#id_{name}")).to_have_value(value)
    page.unroute("**/lancamentos/novo/?*")


def test_a_trade_typed_foreseen_changed_and_deleted(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.go("configuracoes/contas/")
    page.locator("#id_institution").select_option(label="XP")
    page.get_by_role("button", name="Incluir").click()
    expect(page.get_by_role("rowheader").first).to_contain_text("XP")

    page = visitor.go("lancamentos/novo/")
    type_trade(page, trade_date="10/03/2025", asset="PETR4", quantity="100")
    type_trade(page, unit_price="30,50", fees="1,00")
    # 100 × 30,50 + 1,00 = 3.051,00, so 30,51 each.
    expect(after(page, "Quantidade")).to_have_text("100")
    expect(after(page, "Preço médio")).to_have_text("30,51")
    expect(after(page, "Custo")).to_have_text("3.051,00")
    page.get_by_role("button", name="Gravar", exact=True).click()
    expect(page.get_by_text("Lançamento gravado")).to_be_visible()
    assert held(visitor) == {"PETR4": ("100", "30,51")}

    # A point for the decimals is forgiven; a sale leaves the average as it was. Whoever types on
    # while the fields of another kind arrive loses nothing.
    page = visitor.go("lancamentos/novo/")
    choose_while_typing(page, "sell", "trade_date", "11/03/2025")
    type_trade(page, asset="petr4", quantity="40")
    type_trade(page, unit_price="35.00", fees="0")
    expect(after(page, "Quantidade")).to_have_text("60")
    expect(after(page, "Preço médio")).to_have_text("30,51")
    # 40 × 35,00 − 40 × 30,51 = 179,60.
    expect(after(page, "Ganho realizado")).to_contain_text("179,60")
    page.get_by_role("button", name="Gravar", exact=True).click()
    expect(page.get_by_text("Lançamento gravado")).to_be_visible()
    assert held(visitor) == {"PETR4": ("60", "30,51")}

    page = visitor.go("lancamentos/")
    buy = page.locator("main tbody tr", has_text="10/03/2025")
    buy.get_by_role("link", name="PETR4").click()
    expect(page.locator("#id_quantity")).to_have_value("100")
    type_trade(page, quantity="250")
    expect(after(page, "Quantidade").last).to_have_text("210")
    page.get_by_role("button", name="Gravar", exact=True).click()
    expect(page.get_by_text("Lançamento alterado")).to_be_visible()
    # (250 × 30,50 + 1,00) ÷ 250 = 30,504.
    assert held(visitor) == {"PETR4": ("210", "30,50")}

    page = visitor.go("lancamentos/")
    sale = page.locator("main tbody tr", has_text="11/03/2025")
    sale.get_by_role("link", name="PETR4").click()
    page.get_by_role("link", name="Excluir").click()
    expect(page.get_by_role("heading", name="Excluir este lançamento?")).to_be_visible()
    page.get_by_role("button", name="Excluir").click()
    expect(page.get_by_text("Lançamento excluído")).to_be_visible()
    assert held(visitor) == {"PETR4": ("250", "30,50")}


def test_what_b3_does_not_know_and_the_proof_against_it(visitor: Visitor) -> None:
    visitor.sign_up()
    page = visitor.page
    bought = negociacao(
        trade("17/03/2025", code="PETR4", quantity=100, price=30, value=3000),
        trade("17/03/2025", code="VALE3", quantity=50, price=20, value=1000),
    )
    visitor.upload(("n.xlsx", bought))
    expect(page.get_by_text("2 lançamentos serão criados")).to_be_visible(timeout=40_000)
    apply(page)

    # Opening positions out of last year's declaration: one in columns, one in prose.
    page = visitor.go("lancamentos/abertura/")
    page.get_by_label("Colar dos Bens e Direitos").fill(
        "PETR4 200 5.000,00\n100 ACOES VALE3 VALE S.A., CORRETORA EXEMPLO R$ 4.000,00"
    )
    page.get_by_role("button", name="Conferir").click()
    expect(page.get_by_text("2 posições lidas")).to_be_visible()
    page.get_by_role("button", name="Gravar 2 posições").click()
    expect(page.get_by_text("2 posições de abertura gravadas")).to_be_visible()
    # PETR4: (5000 + 3000) ÷ 300; VALE3: (4000 + 1000) ÷ 150.
    assert held(visitor) == {"PETR4": ("300", "26,67"), "VALE3": ("150", "33,33")}

    # Without fees the trades are an issue; a note of 8,00 goes 3:1 by value, 6,00 and 2,00.
    page = visitor.go("pendencias/")
    expect(page.get_by_role("heading", name="Operações sem corretagem")).to_be_visible()
    page = visitor.go("lancamentos/taxas/")
    page.get_by_role("link", name="Informar taxas 17/03/2025").click()
    page.locator("#id_fees").fill("8,00")
    parts = page.locator("#parts tbody tr")
    expect(parts.filter(has_text="PETR4").locator("td").nth(4)).to_have_text("6,00")
    expect(parts.filter(has_text="VALE3").locator("td").nth(4)).to_have_text("2,00")
    page.get_by_role("button", name="Gravar e ratear").click()
    expect(page.get_by_text("Taxas rateadas")).to_be_visible()
    # 8006 ÷ 300 = 26,6867; 5002 ÷ 150 = 33,3467.
    assert held(visitor) == {"PETR4": ("300", "26,69"), "VALE3": ("150", "33,35")}
    expect(
        visitor.go("pendencias/").get_by_role("heading", name="Operações sem corretagem")
    ).to_have_count(0)

    # B3 holds 160 of VALE3: ten are missing here.
    visitor.upload(("posicao.xlsx", files.position(PETR4=300, VALE3=160)), path="conciliacao/")
    row = page.locator("main tbody tr", has_text="VALE3")
    expect(row).to_be_visible(timeout=40_000)
    expect(row.locator("td").nth(1)).to_have_text("160")
    expect(row.locator("td").nth(2)).to_have_text("150")
    expect(row.locator("td").nth(3)).to_have_text("+10")
    expect(row.locator("td").nth(4)).not_to_be_empty()
    expect(page.locator("main tbody tr", has_text="PETR4")).to_have_count(0)
