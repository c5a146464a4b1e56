"""Pieces of the analyses: ``{% load analysis %}``.

``{% asked_url "performance:risk" period="6m" %}`` is another page, or the same one with a change;
``{% why "twr" %}12 %{% endwhy %}`` a figure that opens its explanation; ``{% spark row.spark %}`` a
small line; ``{{ rate|heat }}`` the CSS class of a cell of the heat-map.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.dates import MONTHS_3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.common import formatting
from apps.common.issue_texts import issue_text
from apps.performance.asked import NO_KEY
from apps.performance.selectors import Note
from apps.performance.selectors.explain import EXPLAINERS
from apps.performance.selectors.explain_parts import BESIDE
from apps.performance.selectors.income import MonthIncome

register = template.Library()

#: Upper ends of the steps of the heat-map, as fractions; beyond the last is the deepest colour.
HEAT_STEPS = (0.005, 0.015, 0.03, 0.06)
NOTHING = 0.00005
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 96, 24, 2


def _workspace(context: Context) -> Any:
    return context["request"].access.workspace.pk


@lru_cache(maxsize=512)
def _path(view: str, *args: Any) -> str:
    """Where a page is; asked for once for each cell of a table."""
    return reverse(view, args=args)


def _given(changes: dict[str, Any]) -> dict[str, str]:
    """Changes as texts; ``from_`` stands for ``from``, dates are written in ISO."""
    return {
        name.rstrip("_"): value.isoformat() if isinstance(value, dt.date) else str(value or "")
        for name, value in changes.items()
    }


@register.simple_tag(takes_context=True)
def asked_url(context: Context, view: str, *args: Any, **changes: Any) -> str:
    """The address of a page that answers the question of this one, with changes."""
    path = _path(view, _workspace(context), *args)
    return f"{path}?{context['c'].asked.text(**_given(changes))}"


@register.simple_block_tag(takes_context=True)
def why(context: Context, content: str, code: str, **changes: Any) -> SafeString:
    """A figure as a link to its parts; as it is where it has none."""
    if code not in EXPLAINERS and code not in BESIDE:
        return SafeString(content)
    asked = {"sort": "", "window": "", **changes}
    url = asked_url(context, "performance:explain", code, **asked)
    return format_html('<a class="why" data-panel href="{}">{}</a>', url, SafeString(content))


@register.simple_tag(takes_context=True)
def asked_here(context: Context, **changes: Any) -> str:
    """This page with a change to its question."""
    return f"{context['request'].path}?{context['c'].asked.text(**_given(changes))}"


@register.simple_tag(takes_context=True)
def why_base(context: Context, code: str) -> str:
    """Where a figure is explained, without its question: for tables of many rows, which ask it
    with ``why_tail`` once for each row."""
    return _path("performance:explain", _workspace(context), code)


@register.simple_tag(takes_context=True)
def why_tail(context: Context, key: str | None = None, **changes: Any) -> SafeString:
    """The question about one row: the part of it with that ``key``, or with changes."""
    part = "" if key is None else key or NO_KEY
    asked = {"sort": "", "window": "", "part": part, **changes}
    return SafeString(escape(f"?{context['c'].asked.text(**_given(asked))}"))


@register.simple_block_tag(takes_context=True)
def why_part(context: Context, content: str, code: str, key: str, **changes: Any) -> SafeString:
    """A figure of one row of a table, opening the same figure of that part alone; ``key`` is that
    of its group."""
    return why(context, content, code, part=key or NO_KEY, **changes)


@register.filter
def percent_bare(rate: float | None) -> str:
    """A fraction as per cent, one decimal and no sign of it, for columns that name it."""
    return formatting.plain_number(None if rate is None else Decimal(str(rate)) * 100, 1)


@register.simple_tag
def figure(value: float | None, kind: str, currency: str) -> str:
    """A figure of an explanation, by its kind."""
    known = None if value is None else Decimal(str(value))
    if kind == "rate":
        return formatting.percent(known)
    if kind == "days":
        return formatting.plain_number(known, 0)
    if kind == "ratio":
        return formatting.plain_number(known, 4)
    return formatting.money(known, currency)


@register.filter
def points(difference: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return formatting.with_sign(percent_bare(difference))


@register.filter
def opens(month: MonthIncome) -> dt.date:
    """The day at whose close a month opens."""
    return month.month - dt.timedelta(days=1)


@register.filter
def closes(month: MonthIncome) -> dt.date:
    """The last day of a month."""
    return (month.month + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)


@register.filter
def heat(rate: Any) -> str:
    """The CSS class of a return: ``heat-gain-3``, ``heat-loss-1``, nothing around zero."""
    if not isinstance(rate, float) or rate != rate or abs(rate) < NOTHING:
        return ""
    step = 1 + sum(abs(rate) > edge for edge in HEAT_STEPS)
    return f"heat-{'gain' if rate > 0 else 'loss'}-{step}"


@register.filter
def month_short(month: int) -> str:
    """A month's name in three letters."""
    return str(MONTHS_3[int(month)]).rstrip(".").capitalize()


@register.simple_tag
def spark(values: Iterable[float]) -> SafeString:
    """A line of values, without axes; the table beside it has the figures."""
    known = [float(value) for value in values if value == value]
    if len(known) < 2:
        return SafeString("")
    low, high = min(known), max(known)
    wide = SPARK_WIDTH / (len(known) - 1)
    tall = (SPARK_HEIGHT - 2 * SPARK_EDGE) / (high - low or 1.0)
    points = " ".join(
        f"{place * wide:.1f},{SPARK_HEIGHT - SPARK_EDGE - (value - low) * tall:.1f}"
        for place, value in enumerate(known)
    )
    tone = "gain" if known[-1] >= known[0] else "loss"
    return format_html(
        '<svg class="spark {}" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">'
        '<polyline points="{}" vector-effect="non-scaling-stroke"></polyline></svg>',
        tone,
        SPARK_WIDTH,
        SPARK_HEIGHT,
        points,
    )


@register.filter
def note_text(note: Note) -> str:
    """A note of the period in words: what, of which asset, from when to when."""
    title = str(issue_text(note.code).title)
    return f"{note.ticker}: {title}" if note.ticker else title


@register.filter
def days_text(days: float | int | None) -> str:
    """So many days."""
    return "—" if days is None else _("%(days)s dias") % {"days": f"{int(days)}"}
