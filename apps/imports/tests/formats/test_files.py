"""Whole files: recognised by content, read to the last row, or refused with their place."""

from __future__ import annotations

import gzip
import io
import time
import tracemalloc
import zipfile
from datetime import date, datetime
from decimal import Decimal

import pytest

from apps.engine.kinds import Kind
from apps.imports import formats
from apps.imports.formats import Action, FormatError, Limits, Market
from apps.imports.formats.messages import ERRORS, REASONS
from apps.imports.tests.formats.files import (
    BROKER,
    MOVIMENTACAO,
    NEGOCIACAO,
    OFFERS,
    POSICAO,
    csv,
    move,
    movimentacao,
    negociacao,
    rewrite,
    trade,
    xlsx,
)

SHEET = "xl/worksheets/sheet1.xml"


def refused(data: bytes, **options: object) -> FormatError:
    with pytest.raises(FormatError) as caught:
        formats.read(data, **options)  # type: ignore[arg-type]
    assert caught.value.code in ERRORS
    assert "%(" not in caught.value.message
    return caught.value


def test_the_format_is_known_by_content_and_never_by_name() -> None:
    cases = {
        "b3_negociacao": negociacao(trade()),
        "b3_movimentacao": movimentacao(move("Dividendo", value=1)),
        "b3_offers": xlsx({"Movimentação": [OFFERS, ("06/11/2023",)]}),
        "b3_posicao": xlsx({"Acoes": [POSICAO]}),
        "exitus_csv": csv(["date,kind,asset,account,quantity,unit_price"]),
        "generic_csv": csv(["Data;Operação;Ativo;Qtd;Preço", "10/03/2026;C;EXMP4;1;2"]),
    }
    for name, data in cases.items():
        assert formats.detect(data, "posicao-2026-01-01.xlsx").format == name


def test_a_trade_keeps_every_decimal_and_drops_only_the_fractional_f() -> None:
    whole, fractional, option, put = formats.read(
        negociacao(
            trade(price=36.71, value=3671),
            trade(
                code="EXMP4F",
                quantity=7,
                price="36,90",
                value="R$ 258,30",
                side="Venda",
                market="Mercado Fracionário",
            ),
            trade(code="EXMPD380", quantity=1000, price=0.42, value=420, market="Opção de Compra"),
            trade(code="EXMPP10F", quantity=10, price=1, value=10, market="Opção de Venda"),
        )
    ).lines
    assert (whole.ticker, whole.kind, whole.unit_price, whole.amount) == (
        "EXMP4",
        Kind.BUY,
        Decimal("36.71"),
        Decimal(3671),
    )
    assert (fractional.ticker, fractional.kind, fractional.market) == (
        "EXMP4",
        Kind.SELL,
        Market.FRACTIONAL,
    )
    assert fractional.unit_price == Decimal("36.90")
    assert (option.ticker, option.asset_class_guess) == ("EXMPD380", "option")
    assert put.ticker == "EXMPP10F"
    assert whole.fees is None


@pytest.mark.parametrize(
    ("market", "side", "choice"),
    [
        ("Exercício de Opção de Compra", "Compra", "exercise"),
        ("Exercício de Opção de Compra", "Venda", "assignment"),
        ("Exercício de Opção de Venda", "Venda", "exercise"),
        ("Exercício de Opção de Venda", "Compra", "assignment"),
    ],
)
def test_an_exercise_needs_its_underlying(market: str, side: str, choice: str) -> None:
    line = formats.read(negociacao(trade(code="EXMPA101E", side=side, market=market))).lines[0]
    assert (line.action, line.needs) == (Action.CONTEXT, ("underlying",))
    assert line.choices[0] == choice


def test_unknown_sides_and_markets_wait_for_the_person() -> None:
    side, market, future = formats.read(
        negociacao(
            trade(side="Permuta"),
            trade(market="Mercado Novo"),
            trade(market="Futuro", code="WINJ26"),
        )
    ).lines
    assert [line.action for line in (side, market, future)] == [Action.DECIDE] * 3
    assert [line.reason for line in (side, market, future)] == [
        "unknown_trade_side",
        "unknown_market",
        "future_trade",
    ]


def test_older_exports_with_an_account_column_give_the_same_keys() -> None:
    header = (*NEGOCIACAO[:5], "Conta", *NEGOCIACAO[5:])
    row = trade()
    old = xlsx({"Negociação": [header, (*row[:5], "123", *row[5:])]})
    assert (
        formats.read(old).lines[0].content_key == formats.read(negociacao(row)).lines[0].content_key
    )


def test_text_and_numbers_dates_and_text_give_the_same_keys() -> None:
    printed = [
        trade(),
        trade(day=datetime(2026, 3, 10), price="36,71", value="3.671,00"),  # noqa: DTZ001
        trade(day="2026-03-10", price="R$ 36,71", value="3671.00", quantity="100"),
        trade(day=" 10/03/2026 ", side="Compra ", code=" EXMP4 ", broker="Corretora Exemplo S/A"),
        trade(price=36.709999999999997),
    ]
    lines = formats.read(negociacao(*printed)).lines
    assert len({line.content_key for line in lines}) == 1
    assert [line.occurrence for line in lines] == [1, 2, 3, 4, 5]
    assert {line.trade_date for line in lines} == {date(2026, 3, 10)}


def test_totals_blank_rows_and_a_lying_dimension_are_harmless() -> None:
    data = negociacao(
        trade(),
        (None,) * 9,
        ("-", " ", "\u00a0") + (None,) * 6,
        trade(day="11/03/2026"),
        (None, None, None, None, None, None, None, "Total", 7342),
        (None,) * 9,
    )
    lying = rewrite(data, {SHEET: (r'<dimension ref="[^"]*"', '<dimension ref="A1"')})
    lines = formats.read(lying).lines
    assert [line.number for line in lines] == [2, 5]


def test_columns_in_another_order_with_others_between_are_read() -> None:
    order = [8, 7, 6, 5, 4, 3, 2, 1, 0]
    row = trade()
    data = xlsx(
        {
            "Negociação": [
                ("Relatório",),
                ("Extra", *[NEGOCIACAO[i].upper() for i in order]),
                ("x", *[row[i] for i in order]),
            ]
        }
    )
    assert formats.read(data).lines[0].amount == 3671


def test_movimentacao_as_csv() -> None:
    data = csv(
        [
            ";".join(MOVIMENTACAO),
            f"Credito;15/05/2023;COMPRA / VENDA;CDB - TESTE;{BROKER};10;;R$ 1.000,00",
            f"Debito;15/05/2024;VENCIMENTO;CDB - TESTE;{BROKER};10;;R$ 1.200,00",
            f"Credito;13/05/2022;Compra;Tesouro Selic 2029;{BROKER};5,21;R$ 1.000,00;R$ 5.210,00",
        ],
        "cp1252",
    )
    buy, due, treasury = formats.read(data).lines
    assert (buy.kind, buy.unit_price, buy.asset_class_guess) == (Kind.BUY, Decimal(100), "cdb")
    assert (due.kind, due.amount) == (Kind.MATURITY, Decimal("1200.00"))
    assert (treasury.quantity, treasury.unit_price) == (Decimal("5.21"), Decimal(1000))


def test_a_public_offer_is_a_purchase_of_the_share() -> None:
    row = (
        "06/11/2023",
        "EXEMPLO S/A",
        "OUTRO",
        "Exemplo (P)",
        BROKER,
        1064,
        13.25,
        14098,
        "EXMP3L",
    )
    none = ("06/11/2023", "EXEMPLO S/A", "OUTRO", "Exemplo (P)", BROKER, 0, 13.25, 0, "EXMP3L")
    line, nothing = formats.read(xlsx({"Ofertas": [OFFERS, row, none]})).lines
    assert (line.ticker, line.kind, line.quantity, line.unit_price) == (
        "EXMP3",
        Kind.BUY,
        1064,
        Decimal("13.25"),
    )
    assert nothing.action is Action.IGNORE


def test_a_position_is_listed_and_never_recorded() -> None:
    rows = [
        POSICAO,
        (
            "EXMP4 - EXEMPLO",
            BROKER,
            "1",
            "EXMP4",
            "00.000.000/0001-91",
            "BREXMPACNPR6 - 123",
            "PN",
            "ESCRITURADOR",
            100,
            100,
            "-",
            "-",
            36.71,
            3671,
        ),
        (None,) * 12 + ("Total", 3671),
    ]
    treasury = [
        ("Produto", "Instituição", "Código ISIN", "Quantidade", "Valor Atualizado"),
        ("Tesouro Selic 2029", BROKER, "BRSTNCLF1RU6", 0.12, 2028.01),
    ]
    lent = [
        ("Produto", "Instituição", "Natureza", "Quantidade", "Preço de Fechamento"),
        ("EXMP4 - EXEMPLO", BROKER, "Doador", 40, 36.71),
    ]
    parsed = formats.read(
        xlsx({"Acoes": rows, "Tesouro Direto": treasury, "Empréstimos": lent}),
        "posicao-2026-03-31-10-00-00.xlsx",
    )
    share, bond, loan = parsed.lines
    assert parsed.meta["as_of"] == "2026-03-31"
    assert (share.action, share.ticker, share.quantity, share.isin) == (
        Action.POSITION,
        "EXMP4",
        100,
        "BREXMPACNPR6",
    )
    assert (bond.ticker, bond.asset_class_guess) == ("Tesouro Selic 2029", "treasury")
    assert loan.action is Action.IGNORE


class TestRefused:
    """One message with sheet, row and column, and nothing read."""

    def test_a_bad_date_number_or_blank_names_its_place(self) -> None:
        cases = [
            (trade(day="30/ab/2021"), "bad_date", "Data do Negócio", "30/ab/2021"),
            (trade(day=None), "missing_date", "Data do Negócio", ""),
            (trade(price="0.b2"), "bad_number", "Preço", "0.b2"),
            (trade(value="1.b3"), "bad_number", "Valor", "1.b3"),
            (trade(quantity="-5"), "negative_number", "Quantidade", "-5"),
            (trade(quantity="-"), "missing_cell", "Quantidade", "-"),
            (trade(code="-"), "missing_cell", "Código de Negociação", "-"),
        ]
        for row, code, column, value in cases:
            error = refused(negociacao(trade(), row))
            assert (error.code, error.sheet, error.row) == (code, "Negociação", 3)
            assert (error.column, error.value) == (column, value)
            assert "linha 3" in error.message
            assert column in error.message

    def test_a_missing_or_changed_header(self) -> None:
        gone = refused(xlsx({"Negociação": [trade(), trade()]}))
        assert (gone.code, gone.sheet) == ("missing_header", "Negociação")
        header = [name if name != "Preço" else "Custo" for name in NEGOCIACAO]
        changed = refused(xlsx({"Negociação": [header, trade()]}))
        assert (changed.code, changed.row) == ("missing_columns", 1)
        assert changed.params["columns"] == "Preço"

    def test_files_of_another_kind(self) -> None:
        assert refused(b"").code == "empty"
        assert refused(b"%PDF-1.7 ...").code == "wrong_type"
        assert refused(b"<html><table></table></html>").code == "wrong_type"
        assert refused(b"\x00\x01\x02" * 50).code == "wrong_type"
        assert refused(b"only words").code == "wrong_type"
        assert refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600).code == "old_excel"
        locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
        assert refused(locked).code == "encrypted"
        assert refused(xlsx({"Plan1": [("a", "b"), (1, 2)]})).code == "unknown_workbook"
        assert refused(xlsx({"Proventos Recebidos": [("Produto",)]})).code == "b3_income_report"
        assert refused(negociacao()).code == "no_rows"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("readme.txt", "hello")
        assert refused(out.getvalue()).code == "wrong_type"

    def test_a_half_broken_file(self) -> None:
        data = negociacao(*[trade()] * 50)
        assert refused(data[: len(data) // 2]).code == "damaged"
        cut = rewrite(data, {SHEET: (r"(?s)<row r=\"30\".*", "<row r=")})
        error = refused(cut)
        assert (error.code, error.sheet) == ("damaged", "Negociação")

    def test_too_large_too_long_and_bombs(self) -> None:
        data = negociacao(*[trade()] * 30)
        assert refused(data, limits=Limits(max_bytes=100)).code == "too_big"
        assert refused(data, limits=Limits(max_rows=5)).code == "too_many_rows"
        assert refused(data, limits=Limits(max_entries=3)).code == "bomb"
        assert refused(data, limits=Limits(max_unpacked=1000)).code == "bomb"
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("xl/workbook.xml", b"0" * 20_000_000)
        assert refused(out.getvalue()).code == "bomb"
        assert refused(gzip.compress(b"0" * 20_000_000)).code == "bomb"

    def test_xml_entities_are_refused(self) -> None:
        evil = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet'
        assert refused(rewrite(negociacao(trade()), {SHEET: ("<worksheet", evil)})).code == "unsafe"

    def test_a_format_that_is_not_the_one_asked_for(self) -> None:
        assert refused(negociacao(trade()), format="b3_movimentacao").code == "other_format"
        assert refused(negociacao(trade()), format="exitus_csv").code == "wrong_type"
        assert refused(negociacao(trade()), format="nonsense").code == "unknown_format"


class TestExitusCsv:
    HEADER = (
        "date,time,kind,asset,account,quantity,unit_price,amount,fees,tax_withheld,currency,"
        "fx_rate,ratio,to_asset,cost_share,note,bucket"
    )

    def test_every_column_is_read(self) -> None:
        data = csv(
            [
                self.HEADER,
                "2026-03-10,10:30:00,buy,EXMP4,XP,100,36.71,3671,4.9,,BRL,,,,,first,",
                "2026-03-11,,split,EXMP4,XP,,,,,,BRL,,2,,,,",
                "2026-03-12,,fee,,XP,,,-1.5,,,BRL,,,,,,",
                "2026-03-13,,opening_loss,,XP,,,10,,,BRL,,,,,,common",
                '2026-03-14,,spin_off,EXMP4,XP,10,,,,,BRL,,,EXMP5,0.25,"a, b",',
            ]
        )
        parsed = formats.read(gzip.compress(data))
        buy, split, fee, loss, spin = parsed.lines
        assert (buy.kind, buy.fees, buy.note, str(buy.time)) == (
            Kind.BUY,
            Decimal("4.9"),
            "first",
            "10:30:00",
        )
        assert (split.ratio, fee.amount, loss.bucket) == (Decimal(2), Decimal("-1.5"), "common")
        assert (spin.to_ticker, spin.cost_share, spin.note) == ("EXMP5", Decimal("0.25"), "a, b")
        assert {line.action for line in parsed.lines} == {Action.RECORD}

    def test_unknown_columns_are_named_and_bad_cells_refuse_the_file(self) -> None:
        error = refused(csv([self.HEADER + ",broker", "2026-03-10"]))
        assert (error.code, error.params["columns"]) == ("unknown_columns", "broker")
        error = refused(csv([self.HEADER, '2026-03-10,,buy,EXMP4,XP,"1,5",1']))
        assert (error.code, error.row, error.column) == ("bad_number", 2, "quantity")
        error = refused(csv([self.HEADER, "2026-03-10,25:99,buy,EXMP4,XP,1,1"]))
        assert (error.code, error.column) == ("bad_time", "time")

    def test_an_unknown_kind_and_missing_parts_wait_for_the_person(self) -> None:
        lines = formats.read(
            csv(
                [
                    self.HEADER,
                    "2026-03-10,,swap,EXMP4,XP,1,1,,,,BRL,,,,,,",
                    "2026-03-10,,buy,EXMP4,XP,,1,,,,BRL,,,,,,",
                    "2026-03-10,,dividend,EXMP4,XP,,,,,,BRL,,,,,,",
                    "2026-03-10,,buy,,XP,1,1,,,,BRL,,,,,,",
                ]
            )
        ).lines
        assert [line.reason for line in lines] == [
            "unknown_kind",
            "missing_quantity",
            "missing_value",
            "missing_product",
        ]


def test_every_reason_the_readers_give_has_words() -> None:
    import ast
    from pathlib import Path

    folder = Path(formats.__file__).parent
    given: set[str] = set()
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                position = {"decide": 1, "ignore": 1, "_ignored": 0, "_reorganisation": 0}.get(name)
                if position is not None and len(node.args) > position:
                    argument = node.args[position]
                    if isinstance(argument, ast.Constant):
                        given.add(str(argument.value))
    assert len(given) > 30
    assert given <= REASONS.keys()


def test_ten_thousand_trades_are_read_in_little_time_and_memory() -> None:
    data = negociacao(
        *[
            trade(
                day=f"{1 + n % 28:02d}/03/2026",
                code=f"EX{n % 90:02d}4",
                price=10 + n % 997 / 100,
                value=(10 + n % 997 / 100) * 100,
            )
            for n in range(10_000)
        ]
    )
    started = time.process_time()
    assert len(formats.read(data).lines) == 10_000
    elapsed = time.process_time() - started
    tracemalloc.start()
    formats.read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # The goal is 2.5 s of a quiet machine; processor time, since tests share theirs.
    assert elapsed < 5
    assert peak < 60 * 1024 * 1024
