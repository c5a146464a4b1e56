"""Every movement of B3's Movimentação, with its side and what becomes of it."""

from decimal import Decimal

import pytest

from apps.engine.kinds import Kind
from apps.imports import formats
from apps.imports.formats import Action, ParsedLine
from apps.imports.formats.wording import Movement, read_movement
from apps.imports.tests.formats.files import move, movimentacao


def lines(*rows: tuple[object, ...]) -> list[ParsedLine]:
    return formats.read(movimentacao(*rows)).lines


def only(*row: object, **fields: object) -> ParsedLine:
    return lines(move(*row, **fields))[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "Juros Sobre Capital Próprio - Transferido",
            ("JUROS SOBRE CAPITAL PROPRIO", "TRANSFERIDO"),
        ),
        ("Restituição de Capital - Transferida", ("RESTITUICAO DE CAPITAL", "TRANSFERIDO")),
        ("Dividendo - Cancelado", ("DIVIDENDO", "CANCELADO")),
        ("Direitos de Subscrição - Excercído", ("DIREITOS DE SUBSCRICAO", "EXERCIDO")),
        ("Direitos de Subscrição - Não Exercido", ("DIREITOS DE SUBSCRICAO", "NAO EXERCIDO")),
        ("Cessão de Direitos - Solicitada", ("CESSAO DE DIREITOS", "SOLICITADO")),
        ("COMPRA / VENDA", ("COMPRA/VENDA", "")),
        ("RESGATE ANTECIPADO/", ("RESGATE ANTECIPADO", "")),
        ("  Transferência -  Liquidação ", ("TRANSFERENCIA - LIQUIDACAO", "")),
    ],
)
def test_movements_are_normalised_and_split_from_their_state(
    cell: str, expected: tuple[str, str]
) -> None:
    assert read_movement(cell) == Movement(*expected)


@pytest.mark.parametrize(
    ("movement", "side", "action", "kind"),
    [
        ("Transferência - Liquidação", "Credito", "reconcile", "buy"),
        ("Transferência - Liquidação", "Debito", "reconcile", "sell"),
        ("Compra", "Credito", "record", "buy"),
        ("Venda", "Debito", "record", "sell"),
        ("COMPRA / VENDA", "Credito", "record", "buy"),
        ("COMPRA/VENDA", "Debito", "record", "sell"),
        ("COMPRA/VENDA DEFINITIVA/CESSAO", "Crédito", "record", "buy"),
        ("COMPRA/VENDA DEFINITIVA A TERMO", "Débito", "record", "sell"),
        ("COMPRA / VENDA A TERMO", "Credito", "record", "buy"),
        ("MDA COMPRA/VENDA DEFINITIVA MERCADO PRIMARIO", "Credito", "record", "buy"),
        ("APLICAÇÃO", "Credito", "record", "buy"),
        ("Resgate", "Debito", "record", "sell"),
        ("RESGATE ANTECIPADO", "Debito", "record", "sell"),
        ("ANTECIPAÇÃO TOTAL/PARCIAL", "Debito", "record", "sell"),
        ("VENCIMENTO", "Debito", "record", "maturity"),
        ("VENCIMENTO/RESGATE SALDO EM CONTA", "Debito", "record", "maturity"),
        ("Dividendo", "Credito", "record", "dividend"),
        ("Dividendo - Transferido", "Credito", "record", "dividend"),
        ("Juros Sobre Capital Próprio", "Credito", "record", "jcp"),
        ("Juros Sobre Capital Próprio - Transferido", "Credito", "record", "jcp"),
        ("Juros Sobre Capital Próprio - Reativado", "Credito", "record", "jcp"),
        ("Rendimento", "Credito", "record", "distribution"),
        ("Rendimento - Transferido", "Credito", "record", "distribution"),
        ("Juros", "Credito", "record", "interest"),
        ("PAGAMENTO DE JUROS", "Credito", "record", "interest"),
        ("PAGAMENTO DE PRÊMIO/RENDIMENTOS", "Credito", "record", "interest"),
        ("PAGAMENTO DE RENDIMENTOS", "Credito", "record", "interest"),
        ("Reembolso", "Credito", "record", "distribution"),
        ("Amortização", "Credito", "record", "return_of_capital"),
        ("AMORTIZAÇÃO", "Credito", "record", "return_of_capital"),
        ("Restituição de Capital", "Credito", "record", "return_of_capital"),
        ("Restituição de Capital - Transferida", "Credito", "record", "return_of_capital"),
        ("Bonificação em Ativos", "Credito", "record", "bonus"),
        ("Leilão de Fração", "Credito", "record", "fraction_sale"),
        ("Recibo de Subscrição", "Credito", "record", "subscription"),
        ("Direito de Subscrição", "Credito", "record", "bonus"),
        ("Direitos de Subscrição - Não Exercido", "Debito", "record", "expiry"),
        ("Direito Sobras de Subscrição", "Credito", "record", "bonus"),
        ("Direito Sobras de Subscrição - Não Exercido", "Debito", "record", "expiry"),
        ("Empréstimo", "Credito", "record", "lending_income"),
        ("Cobrança de Taxa Semestral", "Debito", "record", "fee"),
        ("Desdobro", "Credito", "context", "split"),
        ("Grupamento", "Credito", "context", "split"),
        ("Atualização", "Credito", "context", None),
        ("Transferência", "Credito", "context", "transfer_in"),
        ("TRANSFERENCIA SEM FINANCEIRO", "Debito", "context", "transfer_out"),
        ("Transf. sem financeiro", "Credito", "context", "transfer_in"),
        ("Liquidação Termo", "Credito", "context", "buy"),
        ("INCORPORAÇÃO DE JUROS", "Credito", "ignore", None),
        ("BLOQUEIO DE CUSTÓDIA", "Debito", "ignore", None),
        ("Evento em Dinheiro - Excluído", "Credito", "ignore", None),
        ("Fração em Ativos", "Debito", "ignore", None),
        ("Cessão de Direitos - Solicitada", "Debito", "ignore", None),
        ("Incorporação", "Debito", "decide", None),
        ("Cisão", "Credito", "decide", None),
        ("Conversão de Ativos", "Debito", "decide", None),
        ("Restituição de Capital em Ações", "Credito", "decide", None),
        ("Grupamento", "Debito", "decide", "split"),
        ("Dividendo - Cancelado", "Debito", "decide", None),
        ("Direitos de Subscrição - Exercido", "Debito", "decide", None),
        ("Cessão de Direitos", "Debito", "decide", None),
        ("Solicitação de Subscrição", "Debito", "decide", None),
        ("IR", "Debito", "decide", None),
        ("Evento Nunca Visto", "Credito", "decide", None),
    ],
)
def test_every_movement_has_its_verdict(
    movement: str, side: str, action: str, kind: str | None
) -> None:
    line = only(movement, side, 100, 10, 1000)
    assert (line.action, line.kind) == (action, kind)
    assert line.action is not Action.DECIDE or line.reason


@pytest.mark.parametrize(
    ("movement", "side"),
    [
        ("Venda", "Credito"),
        ("Compra", "Debito"),
        ("Dividendo", "Debito"),
        ("Desdobro", "Debito"),
        ("Rendimento", "Debito"),
        ("Bonificação em Ativos", "Debito"),
        ("VENCIMENTO", "Credito"),
    ],
)
def test_a_side_that_contradicts_the_movement_waits_for_the_person(
    movement: str, side: str
) -> None:
    line = only(movement, side, 10, 1, 10)
    assert (line.action, line.reason) == (Action.DECIDE, "side_contradicts")
    assert line.choices


def test_an_unknown_side_waits_for_the_person() -> None:
    line = only("Transferência - Liquidação", "Saida", 54, 16.12, 870.48)
    assert (line.action, line.reason) == (Action.DECIDE, "unknown_side")
    assert line.choices == ("buy", "sell")
    assert line.params["side"] == "Saida"


def test_jcp_is_printed_net_and_kept_gross_with_the_rate_of_its_day() -> None:
    # 47.03 / 0.85 = 55.3294..., and 47.03 / 0.825 = 57.0060...
    before, after = lines(
        move("Juros Sobre Capital Próprio", value=47.03, price=0.55, day="15/09/2025"),
        move("Juros Sobre Capital Próprio", value=47.03, price=0.57, day="15/09/2026"),
    )
    assert (before.amount, before.tax_withheld) == (Decimal("55.33"), Decimal("8.30"))
    assert (after.amount, after.tax_withheld) == (Decimal("57.01"), Decimal("9.98"))
    assert before.reason == after.reason == "jcp_gross"


def test_jcp_whose_price_disagrees_beyond_rounding_says_so() -> None:
    assert only("Juros Sobre Capital Próprio", value=47.03, price=0.80).reason == "jcp_check"


def test_price_is_value_over_quantity() -> None:
    line = only("Transferência - Liquidação", quantity=3, price=33.33, value=100)
    assert line.unit_price == Decimal("33.3333333333")
    assert line.amount == 100


def test_a_bonus_keeps_its_declared_cost_and_tells_when_there_is_none() -> None:
    whole = only("Bonificação em Ativos", quantity=5.5, price=12.3)
    # The half goes to auction: custody holds whole shares.
    assert (whole.quantity, whole.unit_price, whole.reason) == (
        5,
        Decimal("12.3"),
        "bonus_fraction",
    )
    bare = only("Bonificação em Ativos", quantity=20)
    assert (bare.action, bare.unit_price, bare.reason) == (
        Action.RECORD,
        None,
        "bonus_without_cost",
    )


def test_a_fraction_and_its_auction_are_one_sale() -> None:
    auction, fraction = lines(
        move("Leilão de Fração", quantity=1, price=36.1, value=18.05, day="10/06/2026"),
        move("Fração em Ativos", "Debito", quantity=0.5, day="21/05/2026"),
    )
    assert auction.kind is Kind.FRACTION_SALE
    assert (auction.quantity, auction.amount) == (Decimal("0.5"), Decimal("18.05"))
    assert auction.joins == (3,)
    assert (fraction.action, fraction.reason) == (Action.IGNORE, "fraction_joined")


def test_an_auction_alone_takes_its_fraction_from_value_and_price() -> None:
    # 157.38 / 166.37 = 0.945963815...
    line = only("Leilão de Fração", quantity=1, price=166.37, value=157.38)
    assert line.quantity == Decimal("0.94596382")


def test_a_cancellation_and_what_it_cancels_leave_nothing() -> None:
    cancel, original, other = lines(
        move("Dividendo - Cancelado", "Debito", value=10, day="12/09/2025"),
        move("Dividendo", value=10, day="10/09/2025"),
        move("Dividendo", value=11, day="10/09/2025"),
    )
    assert (cancel.action, cancel.reason) == (Action.IGNORE, "cancels")
    assert (original.action, original.reason) == (Action.IGNORE, "cancelled_by")
    assert other.action is Action.RECORD


def test_a_reinstated_event_counts_once() -> None:
    again, cancel, original = lines(
        move("Juros Sobre Capital Próprio - Reativado", value=10, day="20/09/2025"),
        move("Juros Sobre Capital Próprio - Cancelado", "Debito", value=10, day="12/09/2025"),
        move("Juros Sobre Capital Próprio", value=10, day="10/09/2025"),
    )
    assert [line.action for line in (again, cancel, original)] == ["record", "ignore", "ignore"]
    again, original = lines(
        move("Juros Sobre Capital Próprio - Reativado", value=10, day="20/09/2025"),
        move("Juros Sobre Capital Próprio", value=10, day="10/09/2025"),
    )
    assert (again.action, again.reason) == (Action.DECIDE, "reinstated_but_live")
    assert original.action is Action.RECORD


def test_a_custody_transfer_is_a_pair_and_a_lone_leg_waits() -> None:
    into, out, lone = lines(
        move("Transferência", quantity=50, day="14/03/2025", broker="OUTRA CORRETORA"),
        move("Transferência", "Debito", quantity=50, day="12/03/2025"),
        move("Transferência", quantity=7, day="12/03/2025"),
    )
    assert (into.kind, into.action, into.amount) == (Kind.TRANSFER_IN, Action.RECORD, None)
    assert (out.kind, out.action) == (Kind.TRANSFER_OUT, Action.RECORD)
    assert (into.joins, out.joins) == ((3,), (2,))
    assert (lone.action, lone.needs) == (Action.CONTEXT, ("transfer_pair",))


def test_a_transfer_within_one_institution_has_no_effect() -> None:
    into, out = lines(
        move("Transferência", quantity=50),
        move("Transferência", "Debito", quantity=50, broker="Corretora Exemplo S/A"),
    )
    assert into.reason == out.reason == "transfer_within"


def test_request_rights_and_receipt_are_one_subscription() -> None:
    receipt, used, request, received = lines(
        move("Recibo de Subscrição", quantity=10, product="EXMP9 - EXEMPLO", day="20/04/2025"),
        move(
            "Direitos de Subscrição - Excercído",
            "Debito",
            quantity=10,
            product="EXMP1 - EXEMPLO",
            day="05/04/2025",
        ),
        move(
            "Solicitação de Subscrição",
            "Debito",
            quantity=10,
            price=8,
            value=80,
            product="EXMP1 - EXEMPLO",
            day="05/04/2025",
        ),
        move("Direito de Subscrição", quantity=10, product="EXMP1 - EXEMPLO", day="01/04/2025"),
    )
    assert (receipt.kind, receipt.amount, receipt.to_ticker) == (
        Kind.SUBSCRIPTION,
        Decimal(80),
        "EXMP1",
    )
    assert (used.action, request.action) == (Action.IGNORE, Action.IGNORE)
    assert (received.kind, received.unit_price) == (Kind.BONUS, Decimal(0))


def test_lending_custody_has_no_effect_and_its_fee_is_income() -> None:
    custody, fee = lines(
        move("Empréstimo", "Debito", quantity=100),
        move("Empréstimo", quantity=100, value=3.2),
    )
    assert (custody.action, custody.reason) == (Action.IGNORE, "lending_custody")
    assert (fee.kind, fee.amount) == (Kind.LENDING_INCOME, Decimal("3.2"))


def test_income_without_a_value_waits_and_is_never_zero() -> None:
    line = only("Dividendo", quantity=100)
    assert (line.action, line.reason, line.amount) == (Action.DECIDE, "missing_value", None)


def test_products_of_every_shape() -> None:
    shapes = {
        "CDB - CDB1267XXX - BANCO EXEMPLO S/A": ("CDB1267XXX", "cdb"),
        "CDB - TESTE": ("CDB TESTE", "cdb"),
        "DEB - EXMP11 - EXEMPLO S/A": ("EXMP11", "debenture"),
        "LCI - 21K0000001 - BANCO": ("21K0000001", "lci"),
        "Tesouro Selic 2029": ("Tesouro Selic 2029", "treasury"),
        "Opção de Compra - EXMPD380 - EXMP4": ("EXMPD380", "option"),
        "Futuro - WINJ26 - INDICE": ("WINJ26", "future"),
        "Termo de Ação EXMP3 - EXMP3T - EXMP": ("EXMP3T", "term"),
        "B3SA3 - B3 S.A. – BRASIL, BOLSA, BALCÃO": ("B3SA3", "stock"),
        "XPBR31 - XP INC": ("XPBR31", "bdr"),
        "HGLG11 - FII CSHG LOG": ("HGLG11", "fii"),
        "EXMP11 - EXEMPLO": ("EXMP11", None),
    }
    for product, (code, asset_class) in shapes.items():
        line = only("Rendimento", value=1, product=product)
        assert (line.ticker, line.asset_class_guess) == (code, asset_class), product
