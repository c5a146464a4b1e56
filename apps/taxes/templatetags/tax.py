"""Pieces of the pages of taxes: ``{% load tax %}``.

``{% tax_url "month" 2026 3 %}`` is a page of taxes for the holder of this one, under the workspace
or under an accountant's address; ``{{ state|state_pill }}`` the CSS class of a state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from django import template
from django.template import Context
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.common.formatting import UNKNOWN, money, percent, plain_number
from apps.common.templatetags.figures import as_figure
from apps.common.templatetags.ui import icon
from apps.taxes.pages.darfs import SOURCES
from apps.taxes.pages.frame import Frame
from apps.taxes.pages.sheets import SOURCE_KINDS
from apps.taxes.selectors import settings_described
from apps.taxes.words import (
    BUCKETS,
    DARF_STATES,
    LEFT_OUT,
    MONTH_STATES,
    in_a_sentence,
    market_words,
    month_of,
    month_words,
    part_label,
)

register = template.Library()

#: Of a table with more than ``MOST_LINES`` lines a page shows the first ones until asked for all.
FIRST_LINES, MOST_LINES = 40, 50

_PILLS = {
    "paid": "pill-ok",
    "closed": "pill-ok",
    "late": "pill-due",
    "partly_paid": "pill-warn",
    "due_soon": "pill-warn",
    "incomplete": "pill-warn",
    "reopened": "pill-warn",
    "running": "pill-info",
    "open": "",
}


@register.simple_tag(takes_context=True)
def tax_url(context: Context, name: str, *args: Any, **query: Any) -> str:
    """The address of a page of taxes."""
    frame: Frame = context["frame"]
    return frame.url(name, *args, **query)


#: Pages of taxes: the name of each address, its words, and the other addresses it stands for.
SECTIONS = (
    ("home", _("Meses"), ("year", "month", "explain")),
    ("darfs", _("DARFs"), ("darf",)),
    ("simulate", _("Simulador"), ("raise", "harvest", "after_tax")),
    ("annual", _("Declaração"), ()),
    ("abroad", _("Exterior"), ()),
    ("income", _("Proventos"), ()),
    ("fixed", _("Renda fixa"), ()),
    ("crypto", _("Cripto"), ()),
    ("calendar", _("Calendário"), ()),
    ("settings", _("Ajustes"), ("opening", "rules", "links")),
)
#: Those that know a year.
_BY_YEAR = frozenset({"annual", "abroad", "income", "fixed", "crypto"})
#: Those an accountant's address opens.
SHARED = frozenset({"home", "darfs", "annual", "abroad", "income", "fixed", "crypto"})


@register.simple_tag(takes_context=True)
def tax_sections(context: Context) -> list[dict[str, Any]]:
    """The pages of taxes, the one shown marked."""
    frame: Frame = context["frame"]
    here = context["request"].resolver_match.url_name
    return [
        {
            "label": label,
            "url": frame.url(name, *((frame.year,) if name in _BY_YEAR else ())),
            "current": "page" if here == name else "true" if here in under else "",
        }
        for name, label, under in SECTIONS
        if not frame.token or name in SHARED
    ]


@register.filter
def state_pill(state: str) -> str:
    """The CSS class of a state's pill."""
    return _PILLS.get(state, "")


@register.filter
def bucket_label(name: str) -> Any:
    """A bucket in words."""
    return BUCKETS.get(name, name)


@register.filter
def darf_label(state: str) -> Any:
    """A form's state in words."""
    return DARF_STATES.get(state, state)


@register.filter
def darf_source(name: str) -> Any:
    """What a form is of."""
    return SOURCES.get(name, name)


@register.filter
def month_label(state: str) -> Any:
    """A month's state in words."""
    return MONTH_STATES.get(state, state)


@register.filter
def left_out_label(reason: str) -> Any:
    """Why a position is left out of an estimate."""
    return LEFT_OUT.get(reason, reason)


@register.filter
def asset_code(text: Any) -> str:
    """An asset's code; nothing for what is known by its id only."""
    return "" if len(str(text)) == 36 else str(text)


register.filter("market_label", market_words)


@register.filter
def income_label(kind: str) -> Any:
    """A kind of income in words."""
    return SOURCE_KINDS.get(kind, kind.replace("_", " "))


@register.filter
def part_words(label: str) -> Any:
    """A part's name."""
    return part_label(label)


register.filter(month_of)


@register.filter
def iso_day(value: Any) -> dt.date | None:
    """An ISO text as a date."""
    try:
        return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))
    except ValueError:
        return None


month_name = register.filter("month_name", month_words)


@register.filter
def month_word(value: Any) -> str:
    """``março``."""
    first = month_of(value)
    return in_a_sentence(str(MONTHS[first.month])) if first else ""


@register.filter
def month_abbr(value: Any) -> str:
    """``Mar``."""
    first = month_of(value)
    return str(MONTHS_3[first.month]).rstrip(".").capitalize() if first else ""


@register.filter
def get(values: Any, key: Any) -> Any:
    """``values[key]``; nothing where it is absent."""
    return values.get(key) if hasattr(values, "get") else None


@register.filter
def plain(value: Any) -> str:
    """A figure as it is typed into a form elsewhere: 1234,56, no thousands."""
    figure = as_figure(value)
    return "" if figure is None else plain_number(figure).replace(".", "").replace("\u2212", "-")


@register.filter
def input_day(value: dt.date | None) -> str:
    """A date for an input of type date."""
    return value.isoformat() if value else ""


@register.simple_tag
def amount_or_dash(value: Any, places: int = 2) -> SafeString:
    """An amount; zero is a quiet dash, unknown a question mark."""
    figure = as_figure(value)
    if figure is None:
        return format_html('<span class="warn" title="{}">?</span>', gettext("não se sabe"))
    if not figure:
        return SafeString('<span class="faint">–</span>')
    return format_html("{}", plain_number(figure, places))


@register.filter
def deducted(value: Any) -> str:
    """An amount that is taken away, with its minus; zero has none."""
    figure = as_figure(value)
    return plain_number(None if figure is None else -figure)


@register.filter
def as_percent(value: Any) -> str:
    """A rate without decimals that say nothing: 15 %, 17,5 %."""
    try:
        figure = Decimal(str(value))
    except InvalidOperation:
        return ""
    hundred = (figure * 100).normalize()
    exponent = hundred.as_tuple().exponent
    return percent(figure, max(-exponent, 0) if isinstance(exponent, int) else 2)


@register.filter
def brl(value: Any) -> str:
    """Reais."""
    return money(as_figure(value), "BRL")


@register.simple_tag
def copyable(value: Any) -> SafeString:
    """A text with a button that copies it; without scripts, the text."""
    text = str(value).replace("\N{NO-BREAK SPACE}", " ")
    if not text or text == UNKNOWN:
        return format_html('<span class="warn" title="{}">?</span>', gettext("não se sabe"))
    return format_html(
        '<span class="copy"><span data-copied>{}</span><button type="button" class="copy-button '
        'js-only" data-copy-beside aria-label="{}">{}</button></span>',
        text,
        gettext("Copiar %(text)s") % {"text": text[:60]},
        _copy_icon(),
    )


@cache
def _copy_icon() -> SafeString:
    return icon("copy")


@register.simple_tag(takes_context=True)
def first_of(context: Context, lines: Sequence[Any]) -> Sequence[Any]:
    """The first lines of a long table; all of them where they were asked for."""
    return lines[:FIRST_LINES] if _is_cut(context, lines) else lines


@register.inclusion_tag("taxes/_more.html", takes_context=True)
def more_lines(context: Context, lines: Sequence[Any]) -> dict[str, Any]:
    """Where the rest of a table is that :func:`first_of` cut."""
    if not _is_cut(context, lines):
        return {"row_count": 0}
    query = context["request"].GET.copy()
    query["linhas"] = "todas"
    return {"row_count": len(lines), "query": query.urlencode()}


def _is_cut(context: Context, lines: Sequence[Any]) -> bool:
    return len(lines) > MOST_LINES and context["request"].GET.get("linhas") != "todas"


@register.inclusion_tag("taxes/_points.html", takes_context=True)
def open_points(context: Context, *groups: str) -> dict[str, Any]:
    """What the law leaves open and these figures rest on: each choice and what it is now."""
    frame: Frame = context["frame"]
    found = settings_described(access=frame.access, holder=frame.holder)
    chosen = [c for c in found if c["group"] in groups and c["kind"] != "decimal"]
    return {
        "frame": frame,
        "points": [{**choice, "now": _now(choice)} for choice in chosen],
        "changed": sum(choice["changed"] for choice in chosen),
        "group": groups[0],
    }


def _now(choice: dict[str, Any]) -> Any:
    if choice["kind"] == "boolean":
        return gettext("sim") if choice["value"] else gettext("não")
    named = {option["value"]: option["label"] for option in choice["options"]}
    return named.get(choice["value"], choice["value"])
