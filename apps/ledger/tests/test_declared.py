from __future__ import annotations

from decimal import Decimal

import pytest

from apps.ledger.declared import parse_declared


@pytest.mark.parametrize(
    "line, ticker, quantity, cost",
    [
        ("PETR4 100 2.850,00", "PETR4", "100", "2850"),
        ("PETR4\t100\t2.850,00", "PETR4", "100", "2850"),
        ("KNRI11;40;5.653,20", "KNRI11", "40", "5653.20"),
        ("KNRI11 ; 40 ; R$ 5.653,20", "KNRI11", "40", "5653.20"),
        ("petr4 1.000 28500.00", "PETR4", "1000", "28500"),
        ("100 PETR4 2.850,00", "PETR4", "100", "2850"),
        ("VOO;12,5;4.953,00", "VOO", "12.5", "4953"),
        ("PETR4;100", "PETR4", "100", None),
        ("100 AÇÕES PETR4 ... R$ 2.850,00", "PETR4", "100", "2850"),
        (
            "100 AÇÕES ORDINÁRIAS DA PETROBRAS (PETR3), CNPJ 33.000.167/0001-01, "
            "CUSTO MÉDIO R$ 28,50. R$ 2.850,00",
            "PETR3",
            "100",
            "2850",
        ),
        (
            "03\t01\t105\t1.200 AÇÕES DE ITUB4 - ITAÚ UNIBANCO, CUSTÓDIA NA CORRETORA XYZ\t"
            "20.000,00\t33.732,00",
            "ITUB4",
            "1200",
            "33732",
        ),
        (
            "07 03 40 COTAS DO FII KINEA RENDA (KNRI11) ADQUIRIDAS EM 12/03/2019 0,00 5.653,20",
            "KNRI11",
            "40",
            "5653.20",
        ),
        ("QUANTIDADE: 300 WEGE3 PREÇO MÉDIO: R$ 31,91 VALOR R$ 9.573,00", "WEGE3", "300", "9573"),
        ("SALDO DE 55 UNITS TAEE11 | 31/12/2018 | R$ 1.925,00", "TAEE11", "55", "1925"),
        ("CDB BANCO EXEMPLO R$ 10.000,00", "", None, "10000"),
    ],
)
def test_lines_as_people_paste_them(
    line: str, ticker: str, quantity: str | None, cost: str | None
) -> None:
    (found,) = parse_declared(line)
    assert found.ticker == ticker
    assert found.quantity == (Decimal(quantity) if quantity else None)
    assert found.total_cost == (Decimal(cost) if cost else None)


def test_headers_and_blank_lines_are_no_positions() -> None:
    text = "Ativo;Quantidade;Custo\n\nPETR4;100;2.850,00\n   \nVALE3;10;700,00\n"
    assert [(line.number, line.ticker) for line in parse_declared(text)] == [
        (3, "PETR4"),
        (5, "VALE3"),
    ]
