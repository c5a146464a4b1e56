"""Figures and dates in templates: ``{% load figures %}``.

Filters: ``money``, ``amount``, ``quantity``, ``price``, ``percent``, ``day``, ``day_month``,
``moment``, ``tone_of``. Tags with colour, sign and arrow: ``signed``, ``signed_money``,
``signed_percent``. Unknown values are written as a dash.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from apps.common import formatting

register = template.Library()

UP, DOWN = "▲", "▼"


def as_figure(value: Any) -> Decimal | None:
    """A template value as a decimal; empty or unreadable is unknown."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, Decimal):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


@register.filter
def money(value: Any, currency: str = "BRL") -> str:
    """``{{ value|money:"USD" }}``: US$ 1.234,56."""
    return formatting.money(as_figure(value), currency)


@register.filter
def money_round(value: Any, currency: str = "BRL") -> str:
    """Money without cents, for axes and summaries."""
    return formatting.money(as_figure(value), currency, 0)


@register.filter
def amount(value: Any, places: int = 2) -> str:
    """A number with fixed decimals and no currency, for columns that name it in the header."""
    return formatting.plain_number(as_figure(value), int(places))


@register.filter
def quantity(value: Any) -> str:
    """A quantity without decimals that say nothing."""
    return formatting.quantity(as_figure(value))


@register.filter
def price(value: Any) -> str:
    """A unit price, with as many decimals as it has and at least two."""
    return formatting.price(as_figure(value))


@register.filter
def percent(value: Any, places: int = 2) -> str:
    """A fraction as a percentage."""
    return formatting.percent(as_figure(value), int(places))


@register.filter
def day(value: date | datetime | None) -> str:
    """A date."""
    return formatting.day(value or None)


@register.filter
def day_month(value: date | datetime | None) -> str:
    """A date without its year."""
    return formatting.day_month(value or None)


@register.filter
def moment(value: datetime | None) -> str:
    """A date and time in the reader's zone."""
    return formatting.moment(value or None)


@register.filter
def tone_of(value: Any) -> str:
    """The CSS class of a figure's sign: ``gain``, ``loss`` or nothing."""
    figure = as_figure(value)
    if not figure:
        return ""
    return "gain" if figure > 0 else "loss"


def _signed(value: Any, write: Callable[[Decimal | None], str], arrow: bool) -> SafeString:
    figure = as_figure(value)
    text = formatting.with_sign(write(figure))
    if figure is None:
        return format_html('<span class="faint" title="{}">{}</span>', gettext("não se sabe"), text)
    if not text.startswith(("+", formatting.MINUS)):  # zero, or what rounds to it
        return format_html("<span>{}</span>", text)
    tone, mark = ("gain", UP) if figure > 0 else ("loss", DOWN)
    if not arrow:
        return format_html('<span class="{}">{}</span>', tone, text)
    return format_html(
        '<span class="{}"><span class="arrow" aria-hidden="true">{}</span>{}</span>',
        tone,
        mark,
        text,
    )


@register.simple_tag
def signed(value: Any, places: int = 2, arrow: bool = True) -> SafeString:
    """``{% signed gain %}``: ▲ +1.234,56 in the colour of gains."""
    return _signed(value, lambda v: formatting.plain_number(v, places), arrow)


@register.simple_tag
def signed_money(value: Any, currency: str = "BRL", arrow: bool = True) -> SafeString:
    """``{% signed_money gain "BRL" %}``: ▲ +R$ 1.234,56."""
    return _signed(value, lambda v: formatting.money(v, currency), arrow)


@register.simple_tag
def signed_percent(value: Any, places: int = 2, arrow: bool = False) -> SafeString:
    """``{% signed_percent change %}``: +12,34 %."""
    return _signed(value, lambda v: formatting.percent(v, places), arrow)
