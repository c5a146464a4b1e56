"""Numbers, dates and names as Brazilian files print them."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from apps.imports.formats import values


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.234,56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("R$\u00a01.234,56 ", "1234.56"),
        ("-R$ 10,00", "-10.00"),
        ("(10,00)", "-10.00"),
        ("1.234", "1234"),
        ("0.123", "0.123"),
        ("12.34", "12.34"),
        ("0,5", "0.5"),
        (Decimal("36.71"), "36.71"),
    ],
)
def test_numbers_are_read_whatever_the_style(cell: object, expected: str) -> None:
    assert values.number(cell) == Decimal(expected)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", [None, "", " ", "-", "\u00a0", " - ", "–"])
def test_a_dash_or_blank_is_nothing_and_not_zero(cell: str | None) -> None:
    assert values.number(cell) is None
    assert values.day(cell) is None


@pytest.mark.parametrize(
    "cell", ["0.b2", "1.000.00", "12,34,56", "1e5", "abc", "R$", "1,2.3", True]
)
def test_what_is_no_number_is_refused(cell: object) -> None:
    with pytest.raises(ValueError):
        values.number(cell)  # type: ignore[arg-type]


def test_the_noise_of_doubles_is_removed() -> None:
    assert values.excel_number("36.709999999999997") == Decimal("36.71")
    assert values.excel_number("0.57000000000000006") == Decimal("0.57")
    assert str(values.excel_number("3671")) == "3671"
    assert str(values.excel_number("1E3")) == "1000"
    assert str(values.excel_number("1.0000000000000001E-5")) == "0.00001"


@pytest.mark.parametrize(
    "cell",
    [
        "10/03/2026",
        "10/3/2026",
        " 10/03/2026 ",
        "2026-03-10",
        "2026-03-10T00:00:00",
        "10-03-2026",
        "10/03/2026 14:30",
        date(2026, 3, 10),
        datetime(2026, 3, 10, 9, 30),  # noqa: DTZ001
        Decimal(46091),
    ],
)
def test_dates_are_read_as_text_or_as_excel_dates(cell: object) -> None:
    assert values.day(cell) == date(2026, 3, 10)  # type: ignore[arg-type]


@pytest.mark.parametrize("cell", ["30/ab/2021", "31/02/2021", "10/03/26", "0001-01-01", "x"])
def test_what_is_no_date_is_refused(cell: str) -> None:
    with pytest.raises(ValueError):
        values.day(cell)


def test_institutions_spelled_differently_are_one() -> None:
    spellings = [
        "XP INVESTIMENTOS CCTVM S/A",
        "XP Investimentos CCTVM S.A.",
        "xp investimentos  cctvm s.a",
        "XP INVESTIMENTOS CCTVM SA",
    ]
    assert {values.institution_key(name) for name in spellings} == {"XP INVESTIMENTOS CCTVM"}
    assert values.institution_key("NOVA FUTURA CTVM LTDA") == "NOVA FUTURA CTVM"


def test_a_row_has_the_same_key_however_it_is_printed() -> None:
    first = values.content_key("f", [date(2026, 3, 10), "Compra", Decimal("36.710"), "-"])
    second = values.content_key("f", ["2026-03-10", " COMPRA ", Decimal("36.71"), None])
    assert first == second
    assert first != values.content_key("f", ["2026-03-10", "COMPRA", Decimal("36.72"), None])
