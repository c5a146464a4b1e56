"""Pieces of the pages of taxes in both languages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from apps.taxes.templatetags.tax import deducted, month_abbr, month_name, month_word


@pytest.mark.parametrize(
    ("language", "spelled"),
    [("pt-br", ("março de 2026", "março", "Mar")), ("en", ("March 2026", "March", "Mar"))],
)
def test_months_as_each_language_writes_them(language: str, spelled: tuple[str, ...]) -> None:
    day = dt.date(2026, 3, 9)
    with translation.override(language):
        assert (month_name(day), month_word(day), month_abbr(day)) == spelled


def test_nothing_taken_away_has_no_minus() -> None:
    with translation.override("pt-br"):
        shown = [deducted(value) for value in ("0", "-0.00", "1498.5", "", None)]
    assert shown == ["0,00", "0,00", "\N{MINUS SIGN}1.498,50", "—", "—"]
