from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import translation

from apps.ledger.parsing import (
    parse_date,
    parse_decimal,
    parse_fraction,
    write_decimal,
    write_money,
)

TODAY = dt.date(2026, 11, 23)


@pytest.mark.parametrize(
    "text, value",
    [
        ("1.234,56", "1234.56"),
        ("1234.56", "1234.56"),
        ("1234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1.234.567,8", "1234567.8"),
        ("1.234.567", "1234567"),
        ("1,234,567", "1234567"),
        ("R$ 2.850,00", "2850"),
        ("R$2.850,00", "2850"),
        ("US$ 1,234.50", "1234.50"),
        ("USD 12,5", "12.5"),
        ("12,5 BRL", "12.5"),
        ("  100 ", "100"),
        ("1 234,56", "1234.56"),
        ("\u2212" + "3,5", "-3.5"),
        ("-1.000", "-1000"),
        ("+7", "7"),
        (",5", "0.5"),
        ("0.123", "0.123"),  # a group never begins with zero
        ("0,00000001", "0.00000001"),
        ("12.34", "12.34"),
        ("1234.567", "1234.567"),  # four digits before the mark: not a group
    ],
)
def test_numbers_as_brazilians_type_them(text: str, value: str) -> None:
    assert parse_decimal(text, portuguese=True) == Decimal(value)


def test_a_lone_mark_before_three_digits_follows_the_language() -> None:
    assert parse_decimal("1.234", portuguese=True) == 1234
    assert parse_decimal("1.234", portuguese=False) == Decimal("1.234")
    assert parse_decimal("1,234", portuguese=True) == Decimal("1.234")
    assert parse_decimal("1,234", portuguese=False) == 1234


@pytest.mark.parametrize(
    "text",
    ["", "-", "abc", "1.23.4", "1,2,3", "12.34,56,7", "1.2345,6", "--1", "1e5", "NaN", "1/2", "R$"],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_decimal(text, portuguese=True)


def test_fractions_and_percentages() -> None:
    assert parse_fraction("25%") == Decimal("0.25")
    assert parse_fraction("12,5 %") == Decimal("0.125")
    assert parse_fraction("0,25") == Decimal("0.25")


@pytest.mark.parametrize(
    "text, value",
    [
        ("hoje", "2026-11-23"),
        ("Hoje ", "2026-11-23"),
        ("ontem", "2026-11-22"),
        ("anteontem", "2026-11-21"),
        ("yesterday", "2026-11-22"),
        ("22/11", "2026-11-22"),
        ("23/11", "2026-11-23"),
        ("24/11", "2025-11-24"),  # this year's is still to come
        ("29/02", "2024-02-29"),  # the last leap year
        ("22/11/26", "2026-11-22"),
        ("22/11/98", "1998-11-22"),
        ("2/1/2026", "2026-01-02"),
        ("22-11-2026", "2026-11-22"),
        ("22.11.2026", "2026-11-22"),
        ("22112026", "2026-11-22"),
        ("2026-11-22", "2026-11-22"),
    ],
)
def test_dates_as_people_type_them(text: str, value: str) -> None:
    assert parse_date(text, today=TODAY) == dt.date.fromisoformat(value)


@pytest.mark.parametrize("text", ["", "31/02/2026", "11/22/2026", "22/13", "amanhã", "2026-02-30"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text, today=TODAY)


@pytest.mark.parametrize("language", ["pt-br", "en"])
@pytest.mark.parametrize("value", ["1.234", "1000", "0.00000001", "-12.5", "1234567.891", "100.00"])
def test_what_an_input_shows_reads_back(language: str, value: str) -> None:
    with translation.override(language):
        assert parse_decimal(write_decimal(Decimal(value))) == Decimal(value)
        assert parse_decimal(write_money(Decimal(value))) == Decimal(value)
