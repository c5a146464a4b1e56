"""Any CSV: what is told from the file, what must be asked, and what a mapping says."""

from decimal import Decimal

import pytest

from apps.engine.kinds import Kind
from apps.imports import formats
from apps.imports.formats import Action, FormatError, Mapping
from apps.imports.formats.generic_csv import date_order, decimal_mark, propose
from apps.imports.tests.formats.files import csv

PT = ["Data;Operação;Ativo;Quantidade;Preço;Corretagem;Corretora"]


def test_brazilian_columns_are_read_without_a_mapping() -> None:
    parsed = formats.read(
        csv(
            [
                *PT,
                "10/03/2026;C;exmp4f;1.000;36,71;4,90;Clear",
                "25/03/2026;Venda;EXMP4;7;36,90;;Clear",
            ],
            "cp1252",
        )
    )
    buy, sell = parsed.lines
    assert (buy.ticker, buy.kind, buy.quantity, buy.amount, buy.fees) == (
        "EXMP4",
        Kind.BUY,
        Decimal(1000),
        Decimal(36710),
        Decimal("4.90"),
    )
    assert (sell.kind, sell.fees, sell.account) == (Kind.SELL, None, "Clear")


def test_english_columns_with_american_dates() -> None:
    parsed = formats.read(
        csv(
            [
                "Trade Date,Action,Symbol,Quantity,Price,Amount,Currency",
                '03/25/2026,Buy,VOO,2,"1,510.25","3,020.50",USD',
                "03/26/2026,Dividend,VOO,,,3.10,USD",
            ]
        )
    )
    buy, dividend = parsed.lines
    assert parsed.meta["mapping"]["date_order"] == "mdy"
    assert (buy.amount, buy.currency, str(buy.trade_date)) == (
        Decimal("3020.50"),
        "USD",
        "2026-03-25",
    )
    assert (dividend.kind, dividend.amount) == (Kind.DIVIDEND, Decimal("3.10"))


def test_what_cannot_be_told_is_asked() -> None:
    parsed = formats.read(csv([*PT, "10/03/2026;C;EXMP4;1.234;10;;X"]))
    assert parsed.lines == []
    assert set(parsed.meta["lacks"]) == {"decimal", "date_order"}
    proposed = Mapping.from_dict({**parsed.meta["mapping"], "decimal": ",", "date_order": "dmy"})
    line = formats.read(csv([*PT, "10/03/2026;C;EXMP4;1.234;10;;X"]), mapping=proposed).lines[0]
    assert (line.quantity, str(line.trade_date)) == (Decimal(1234), "2026-03-10")


def test_columns_nobody_knows_are_asked_and_mapped() -> None:
    data = csv(
        ["Quando;Papelzinho;Quanto;Por", "2026-03-10;EXMP4;-5;10,50", "2026-03-11;EXMP4;8;9,5"]
    )
    assert set(formats.read(data).meta["lacks"]) >= {"date", "kind", "amount"}
    mapping = Mapping(
        columns={
            "date": "Quando",
            "ticker": "Papelzinho",
            "quantity": "Quanto",
            "unit_price": "Por",
        },
        sign="quantity",
    )
    sell, buy = formats.read(data, mapping=mapping).lines
    assert (sell.kind, sell.quantity, sell.amount) == (Kind.SELL, Decimal(5), Decimal("52.50"))
    assert buy.kind is Kind.BUY


def test_the_sign_of_the_money_tells_the_side() -> None:
    data = csv(
        [
            "date;ticker;quantity;amount;type",
            "2026-03-10;EXMP4;5;-50,50;Trade",
            "2026-03-11;EXMP4;5;60,50;Trade",
            "2026-03-11;EXMP4;5;60,50;Buy",
        ]
    )
    mapping = Mapping(
        columns={
            "date": "date",
            "ticker": "ticker",
            "quantity": "quantity",
            "amount": "amount",
            "kind": "type",
        },
        sign="amount",
    )
    buy, sell, odd = formats.read(data, mapping=mapping).lines
    assert (buy.kind, buy.amount, sell.kind) == (Kind.BUY, Decimal("50.50"), Kind.SELL)
    assert (odd.action, odd.reason) == (Action.DECIDE, "side_contradicts")


def test_words_of_the_file_can_be_taught() -> None:
    data = csv(["Data;Tipo;Ativo;Quantidade;Preço", "25/03/2026;Entrou;EXMP4;5;10,00"])
    assert formats.read(data).lines[0].action is Action.DECIDE
    mapping = Mapping(
        columns=propose(["Data", "Tipo", "Ativo", "Quantidade", "Preço"]), kinds={"entrou": "buy"}
    )
    assert formats.read(data, mapping=mapping).lines[0].kind is Kind.BUY


def test_a_total_that_holds_the_fees_is_not_the_gross() -> None:
    data = csv(
        [
            "Data;Tipo;Ativo;Quantidade;Preço;Taxas;Total",
            "25/03/2026;Compra;EXMP4;10;10,00;1,50;101,50",
        ]
    )
    assert formats.read(data).lines[0].amount == Decimal("100.00")


def test_a_mapping_for_other_columns_is_refused() -> None:
    with pytest.raises(FormatError) as caught:
        formats.read(csv([*PT, "x"]), mapping=Mapping(columns={"date": "Nope"}))
    assert caught.value.code == "mapped_column_missing"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1.234,56", "10"], ","),
        (["1,234.56"], "."),
        (["10,5"], ","),
        (["10.50"], "."),
        (["1.234"], ""),
        (["1.234", "0,5"], ","),
        (["1.234.567"], ","),
        (["100", "7"], "."),
    ],
)
def test_the_decimal_mark_is_told_by_column(cells: list[str], expected: str) -> None:
    assert decimal_mark(cells) == expected


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["01/02/2026", "13/02/2026"], "dmy"),
        (["01/02/2026", "02/13/2026"], "mdy"),
        (["2026-02-13"], "ymd"),
        (["01/02/2026"], ""),
    ],
)
def test_the_order_of_dates_is_told_by_column(cells: list[str], expected: str) -> None:
    assert date_order(cells) == expected
