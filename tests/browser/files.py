"""Small files in the layouts of B3, with companies that do not exist."""

from __future__ import annotations

from apps.imports.tests.formats.files import POSICAO, move, movimentacao, negociacao, trade, xlsx

ODD = "TSTE3 - TESTE COMPANHIA S.A."
ROUND = "EXMP4 - EXEMPLO PARTICIPACOES S.A."


def trades() -> bytes:
    """Two genuine identical fills, a fractional one of the same share, and another share.

    EXMP4: 100 × 10 + 100 × 10 + 50 × 12 = 2600 for 250, average 10,40; then 100 are sold.
    TSTE3: 300 × 20 + 100 × 24 = 8400 for 400, average 21,00.
    """
    return negociacao(
        trade("10/03/2025", code="EXMP4", quantity=100, price=10, value=1000),
        trade("10/03/2025", code="EXMP4", quantity=100, price=10, value=1000),
        trade(
            *("11/03/2025", "Compra", "EXMP4F", 50, 12, 600),
            market="Mercado Fracionário",
        ),
        trade("12/03/2025", code="TSTE3", quantity=300, price=20, value=6000),
        trade("14/04/2025", code="TSTE3", quantity=100, price=24, value=2400),
        trade("15/08/2025", "Venda", "EXMP4", 100, 8, 800),
    )


def movements() -> bytes:
    """The custody's side of the same trades, a split, interest on capital and a riddle.

    Desdobro: 250 more EXMP4, so 2 for 1. JCP: 170 came in, 200 before 15 % of tax.
    """
    settled = "Transferência - Liquidação"
    return movimentacao(
        move(settled, "Credito", 100, 10, 1000, ROUND, "12/03/2025"),
        move(settled, "Credito", 100, 10, 1000, ROUND, "12/03/2025"),
        move("Desdobro", "Credito", 250, "-", "-", ROUND, "01/07/2025"),
        move(settled, "Debito", 100, 8, 800, ROUND, "19/08/2025"),
        move("Juros Sobre Capital Próprio", "Credito", 400, "0,50", 170, ODD, "15/09/2025"),
        move("Evento Nunca Visto", "Credito", "-", "-", 5, ODD, "20/10/2025"),
    )


def position(**held: int) -> bytes:
    """B3's position with these quantities."""
    rows = [
        [f"{code} - EXEMPLO", trade()[4], "1", code, "", "", "ON", "", count, count, "-", "-", 1, 1]
        for code, count in held.items()
    ]
    return xlsx({"Acoes": [POSICAO, *rows]})
