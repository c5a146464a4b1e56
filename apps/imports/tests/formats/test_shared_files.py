"""Real exports, where they are at hand, read to the figures published beside them."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.imports import formats
from apps.imports.formats import Action, FormatError, ParsedLine

SHARED = os.environ.get("EXITUS_SHARED")
pytestmark = pytest.mark.skipif(
    not SHARED, reason="EXITUS_SHARED does not name the folder of real exports"
)


def folder() -> Path:
    return Path(SHARED or "") / "data" / "b3_exports"


def read(name: str) -> list[ParsedLine]:
    return formats.read((folder() / name).read_bytes()).lines


def expected(name: str) -> Any:
    return json.loads((folder() / "kov_interest" / "expected.json").read_text())[name]


def test_a_real_movimentacao() -> None:
    lines = read("irpf_stonks/movimentacao.xlsx")
    assert [line.number for line in lines] == list(range(2, 11))
    # 1.03 / 0.85 = 1.2118: 0.18 was withheld.
    assert (lines[0].kind, lines[0].amount, lines[0].tax_withheld) == (
        "jcp",
        Decimal("1.21"),
        Decimal("0.18"),
    )
    assert [line.action for line in lines[5:]] == [Action.RECONCILE] * 4


@pytest.mark.parametrize(
    ("name", "code", "column"),
    [
        ("InvalidDate", "bad_date", "Data"),
        ("InvalidUnitPrice", "bad_number", "Preço unitário"),
        ("InvalidTotalPrice", "bad_number", "Valor da Operação"),
        ("NoHeader", "missing_header", ""),
        ("WrongHeader", "missing_columns", ""),
    ],
)
def test_broken_files_are_refused_with_their_place(name: str, code: str, column: str) -> None:
    with pytest.raises(FormatError) as caught:
        read(f"irpf_stonks/movimentacao_{name}.xlsx")
    error = caught.value
    assert (error.code, error.sheet, error.column) == (code, "Movimentação", column)
    assert error.row == (2 if column else 1)


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("InvalidMovementDirection", 7, "unknown_side"),
        ("InvalidMovementType", 2, "side_contradicts"),
    ],
)
def test_a_contradiction_is_one_line_to_decide(name: str, row: int, reason: str) -> None:
    undecided = [
        line
        for line in read(f"irpf_stonks/movimentacao_{name}.xlsx")
        if line.action is Action.DECIDE
    ]
    assert [(line.number, line.reason) for line in undecided] == [(row, reason)]


def test_the_semicolon_sample_is_refused_for_its_one_bad_price_and_read_without_it() -> None:
    data = (folder() / "extrato_exemplo_investimentosjs.csv").read_bytes()
    with pytest.raises(FormatError) as caught:
        formats.read(data)
    assert (caught.value.code, caught.value.row, caught.value.value) == (
        "bad_number",
        4,
        "R$ 1.000.00",
    )
    lines = formats.read(data.replace(b"1.000.00", b"1.000,00")).lines
    assert len(lines) == 20
    assert [line.kind for line in lines[:4]] == ["buy", "maturity", "buy", "interest"]
    assert [line.action for line in lines[4:8]] == [Action.DECIDE] + [Action.RECONCILE] * 3
    # 12 months of 80 + 60 + 100, four times.
    assert sum(line.amount or 0 for line in lines[8:]) == 4 * 240


def test_trades_of_the_basic_file() -> None:
    figures = expected("01_basic_purchase_sale.xlsx")["PETR4"]
    lines = read("kov_interest/01_basic_purchase_sale.xlsx")
    bought = [[str(line.quantity), str(line.unit_price)] for line in lines if line.kind == "buy"]
    sold = [[str(line.quantity), str(line.unit_price)] for line in lines if line.kind == "sell"]
    assert (bought, sold) == (figures["compras"], figures["vendas"])


def test_forward_contracts_are_assets_of_their_own() -> None:
    contract, settled, sold = read("kov_interest/02_term_contract_lifecycle.xlsx")
    figures = expected("02_term_contract_lifecycle.xlsx")["ANIM3"]
    assert (contract.ticker, contract.asset_class_guess) == ("ANIM3T", "term")
    assert contract.quantity == Decimal(figures["termo_qtd"])
    assert (settled.ticker, settled.needs, settled.unit_price) == (
        "ANIM3",
        ("forward",),
        Decimal(figures["termo_preco"]),
    )
    assert sold.kind == "sell"
    bought, resold = read("kov_interest/03_term_contract_sold.xlsx")
    figures = expected("03_term_contract_sold.xlsx")["SHUL4"]
    assert (bought.amount, resold.amount) == (
        Decimal(figures["custo"]),
        Decimal(figures["venda"]),
    )


def test_events_that_need_the_holding_say_so() -> None:
    split = read("kov_interest/04_stock_split.xlsx")[1]
    assert (split.kind, split.quantity, split.needs) == (
        "split",
        100,
        ("holding", "ratio_from_added"),
    )
    undone = read("kov_interest/05_reverse_split.xlsx")[1]
    assert (undone.action, undone.needs, "split" in undone.choices) == (
        Action.DECIDE,
        ("holding", "ratio_from_removed"),
        True,
    )
    update = read("kov_interest/14_atualizacao_inference.xlsx")[1]
    assert (update.action, update.kind) == (Action.CONTEXT, None)


def test_capital_returns_bonuses_duplicates_and_offers() -> None:
    assert [(line.kind, line.amount) for line in read("kov_interest/07_capital_return.xlsx")] == [
        ("buy", 1000),
        ("return_of_capital", 100),
        ("buy", 525),
        ("sell", 1320),
    ]
    bonus = read("kov_interest/11_bonus_auto_apply.xlsx")[1]
    assert (bonus.kind, bonus.quantity, bonus.unit_price) == ("bonus", 20, None)
    first, second = read("kov_interest/10_duplicate_trades.xlsx")
    assert first.content_key == second.content_key
    assert (first.occurrence, second.occurrence) == (1, 2)
    figures = expected("13_ofertas_publicas.xlsx")["AMBP3L"]
    offer = read("kov_interest/13_ofertas_publicas.xlsx")[0]
    assert (offer.ticker, str(offer.quantity), str(offer.unit_price)) == (
        "AMBP3",
        figures["qtd"],
        figures["preco"],
    )
