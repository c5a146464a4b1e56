"""Pieces of the interface: ``{% load ui %}``.

``{% icon "search" %}``, ``{% field form.quantity %}``, ``{% share_bar parts %}``,
``{{ asset_class|class_tone }}``, ``{{ asset_class|class_label }}``, ``{{ code|issue_title }}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, RadioSelect
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.common.formatting import SYMBOLS
from apps.common.issue_texts import issue_text

register = template.Library()

# One tone for each group of classes, the same on every page and chart.
GROUP_OF = {
    "stock": "stocks",
    "unit": "stocks",
    "right": "stocks",
    "option": "derivatives",
    "future": "derivatives",
    "term": "derivatives",
    "fii": "fiis",
    "fiagro": "fiis",
    "fi_infra": "fiis",
    "etf": "etfs",
    "etf_fixed_income": "fixed_income",
    "bdr": "bdrs",
    "treasury": "fixed_income",
    "cdb": "fixed_income",
    "lci": "fixed_income",
    "lca": "fixed_income",
    "cri": "fixed_income",
    "cra": "fixed_income",
    "debenture": "fixed_income",
    "debenture_infra": "fixed_income",
    "bond": "fixed_income",
    "stock_abroad": "abroad",
    "etf_abroad": "abroad",
    "reit": "abroad",
    "fund": "funds",
    "crypto": "crypto",
    "crypto_abroad": "crypto",
    "gold": "gold",
}
TONE_OF = {
    "stocks": 1,
    "fiis": 2,
    "fixed_income": 3,
    "abroad": 4,
    "etfs": 5,
    "crypto": 6,
    "bdrs": 7,
    "gold": 8,
    "funds": 9,
    "derivatives": 10,
}
GROUP_LABEL = {
    "stocks": _("Ações"),
    "fiis": _("FIIs"),
    "fixed_income": _("Renda fixa"),
    "abroad": _("Exterior"),
    "etfs": _("ETFs"),
    "crypto": _("Cripto"),
    "bdrs": _("BDRs"),
    "gold": _("Ouro"),
    "funds": _("Fundos"),
    "derivatives": _("Derivativos"),
}


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """A Lucide icon of the sprite. Decorative unless it is given a ``label``."""
    href = f"{static('dist/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            css,
            label,
            href,
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        css,
        href,
    )


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, label: str = "", help: str = "", css: str = "", bare: bool = False
) -> dict[str, Any]:
    """A form field with its label, help and errors, wired for screen readers.

    ``bare`` drops the placeholder, where it would only repeat the label.
    """
    widget = bound.field.widget
    kind = "input"
    if isinstance(widget, CheckboxInput):
        kind = "check"
    elif isinstance(widget, RadioSelect):
        kind = "radio"
    attrs: dict[str, Any] = {"placeholder": False} if bare else {}
    if kind == "input":
        attrs["class"] = f"{widget.attrs.get('class', '')} input".strip()
    help_text = help or bound.help_text
    described = []
    if help_text:
        described.append(f"{bound.auto_id}_helptext")
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
        attrs["aria-invalid"] = "true"
    if described and kind != "radio":
        attrs["aria-describedby"] = " ".join(described)
    return {
        "bound": bound,
        "kind": kind,
        "label": label or bound.label,
        "help_text": help_text,
        "css": css,
        "widget": bound.as_widget(attrs=attrs),
    }


@register.filter
def class_group(asset_class: Any) -> str:
    """The group of an asset class (``stocks``, ``fixed_income``, ...)."""
    return GROUP_OF.get(str(asset_class), str(asset_class))


@register.filter
def class_tone(asset_class: Any) -> str:
    """The CSS class with the tone of an asset class or group: ``tone-3``."""
    return f"tone-{TONE_OF.get(class_group(asset_class), 10)}"


@register.filter
def class_label(asset_class: Any) -> Any:
    """The name of an asset class's group for people."""
    return GROUP_LABEL.get(class_group(asset_class), asset_class)


@register.filter
def issue_title(code: str) -> Any:
    """What an issue code means, in a few words."""
    return issue_text(code).title


@register.filter
def issue_remedy(code: str) -> Any:
    """What to do about an issue."""
    return issue_text(code).remedy


@register.filter
def currency_symbol(code: str) -> str:
    """``BRL`` as ``R$``."""
    return SYMBOLS.get(code, code)


def _part(part: Any, name: str) -> Any:
    return part.get(name) if isinstance(part, Mapping) else getattr(part, name, None)


@register.simple_tag
def share_bar(parts: Iterable[Any], label: str = "") -> SafeString:
    """A bar of shares. ``parts`` have ``share`` (fraction) and ``tone`` (CSS class)."""
    offset = Decimal(0)
    cells: list[tuple[str, str, str]] = []
    for part in parts:
        share, tone = _part(part, "share"), _part(part, "tone")
        if share is None or share <= 0:
            continue
        width = Decimal(share) * 100
        # A thin gap between neighbours, but never wider than the part itself.
        drawn = max(width - Decimal("0.25"), width / 2)
        cells.append((str(tone or ""), f"{offset:.3f}%", f"{drawn:.3f}%"))
        offset += width
    rects = format_html_join(
        "", '<rect class="{}" x="{}" width="{}" y="0" height="100%"></rect>', cells
    )
    return format_html('<svg class="bar" role="img" aria-label="{}">{}</svg>', label, rects)


@register.simple_tag
def meter(share: Any, css: str = "") -> SafeString:
    """A thin bar filled to ``share`` (a fraction); decorative, the figure stands beside it."""
    known = Decimal(0) if share is None else min(max(Decimal(share), Decimal(0)), Decimal(1))
    return format_html(
        '<svg class="bar bar-thin {}" aria-hidden="true">'
        '<rect x="0" y="0" width="{}%" height="100%"></rect></svg>',
        css,
        f"{known * 100:.2f}",
    )
