"""Figures and dates as people read them, in both languages."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from apps.common import formatting as f

NB = "\u00a0"
MINUS = "\u2212"


@pytest.fixture(params=["pt-br", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


def both(pt, en, language):
    return pt if language == "pt-br" else en


@pytest.mark.parametrize(
    "value, currency, pt, en",
    [
        ("1234.56", "BRL", f"R${NB}1.234,56", f"R${'1,234.56'}"),
        ("1284530.42", "BRL", f"R${NB}1.284.530,42", "R$1,284,530.42"),
        ("-8114.9", "BRL", f"{MINUS}R${NB}8.114,90", f"{MINUS}R$8,114.90"),
        ("0", "BRL", f"R${NB}0,00", "R$0.00"),
        ("41.12", "USD", f"US${NB}41,12", "US$41.12"),
        ("10", "EUR", f"€{NB}10,00", "€10.00"),
        ("10", "SGD", f"SGD{NB}10,00", f"SGD{NB}10.00"),
        # Half up, as people round: 0.005 is one cent (the default of Decimal would give 0.00).
        ("0.005", "BRL", f"R${NB}0,01", "R$0.01"),
        # What rounds to zero has no sign.
        ("-0.004", "BRL", f"R${NB}0,00", "R$0.00"),
    ],
)
def test_money(value, currency, pt, en, language):
    assert f.money(D(value), currency) == both(pt, en, language)


def test_unknown_is_a_dash_and_never_zero(language):
    for write in (f.money, f.quantity, f.price, f.percent, f.plain_number, f.day, f.moment):
        assert write(None) == "—"
    assert f.money(D("NaN")) == "—"


@pytest.mark.parametrize(
    "value, pt, en",
    [
        ("100", "100", "100"),
        ("1000.5", "1.000,5", "1,000.5"),
        ("0.00012345", "0,00012345", "0.00012345"),
        ("0.0000000000", "0", "0"),
        ("-3.50", f"{MINUS}3,5", f"{MINUS}3.5"),
    ],
)
def test_quantity_has_only_the_decimals_that_say_something(value, pt, en, language):
    assert f.quantity(D(value)) == both(pt, en, language)


@pytest.mark.parametrize(
    "value, pt, en",
    [
        ("36.71", "36,71", "36.71"),
        ("36.7", "36,70", "36.70"),
        ("0.034512", "0,034512", "0.034512"),
    ],
)
def test_price_has_two_decimals_or_as_many_as_are_quoted(value, pt, en, language):
    assert f.price(D(value)) == both(pt, en, language)


@pytest.mark.parametrize(
    "fraction, pt, en",
    [
        ("0.1234", f"12,34{NB}%", "12.34%"),
        ("-0.042", f"{MINUS}4,20{NB}%", f"{MINUS}4.20%"),
        ("12", f"1.200,00{NB}%", "1,200.00%"),
    ],
)
def test_percent_takes_a_fraction(fraction, pt, en, language):
    assert f.percent(D(fraction)) == both(pt, en, language)


def test_a_rate_too_long_for_a_column_is_a_power_of_ten(language):
    # One day's gain by the year: (1 + 20 %) ** 365 is 8 x 10^28.
    assert f.percent(D("8.0345E28")) == both(f"8,03E+30{NB}%", "8.03E+30%", language)
    below = both(f"{MINUS}9,00E+16{NB}%", f"{MINUS}9.00E+16%", language)
    assert f.percent(D("-9E14")) == below
    # The longest written out.
    assert f.plain_number(D(10) ** 14, 0).count("0") == 14


def test_dates(language):
    assert f.day(dt.date(2026, 11, 22)) == both("22/11/2026", "22 Nov 2026", language)
    assert f.day_month(dt.date(2026, 11, 2)) == both("02/11", "2 Nov", language)


def test_a_moment_is_told_in_the_readers_zone_and_says_its_day_when_not_today(language):
    # 21:07 UTC is 18:07 in São Paulo (UTC-3, no daylight saving since 2019).
    then = dt.datetime(2024, 3, 5, 21, 7, tzinfo=dt.UTC)
    assert f.moment(then) == both("05/03/2024 18:07", "5 Mar 2024 18:07", language)
    now = timezone.now()
    assert f.moment(now) == timezone.localtime(now).strftime("%H:%M")


def render(source, **context):
    return Template("{% load figures ui %}" + source).render(Context(context))


def test_filters_read_text_and_leave_rubbish_unknown():
    with translation.override("pt-br"):
        assert render("{{ v|amount }}", v="1234.5") == "1.234,50"
        assert render("{{ v|amount }}", v="") == "—"
        assert render("{{ v|amount }}", v="abc") == "—"
        assert render("{{ v|percent:1 }}", v=D("0.312")) == f"31,2{NB}%"


def test_signed_figures_carry_sign_arrow_and_colour():
    with translation.override("pt-br"):
        gain = render('{% signed_money v "BRL" %}', v=D("3214.10"))
        loss = render("{% signed v %}", v=D("-240"))
        zero = render("{% signed v %}", v=D("0.001"))
        unknown = render("{% signed v %}", v=None)
    assert 'class="gain"' in gain
    assert "▲" in gain
    assert f"+R${NB}3.214,10" in gain
    assert 'class="loss"' in loss
    assert "▼" in loss
    assert f"{MINUS}240,00" in loss
    # Zero, or what rounds to it, is neither gain nor loss.
    assert zero == "<span>0,00</span>"
    assert "—" in unknown
    assert "gain" not in unknown


def test_share_bar_draws_without_inline_style():
    html = render(
        "{% share_bar parts 'x' %}",
        parts=[
            {"share": D("0.6"), "tone": "tone-1"},
            {"share": D("0.4"), "tone": "tone-2"},
            {"share": None, "tone": "tone-3"},
        ],
    )
    assert html.count("<rect") == 2
    assert 'x="60.000%"' in html
    assert "style" not in html


def test_icon_is_hidden_from_screen_readers_unless_named():
    assert 'aria-hidden="true"' in render('{% icon "search" %}')
    assert 'aria-label="Buscar"' in render('{% icon "search" "" "Buscar" %}')
