"""The frame of every page: main navigation, theme, tabs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import template
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from apps.accounts.models import Role
from apps.common.formatting import day, moment
from apps.portfolios.selectors.health import HealthIssue

register = template.Library()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the main navigation.

    ``section`` is the app whose pages it stands for, ``key`` the letter after ``g``.
    """

    section: str
    label: Any
    url_name: str
    icon: str
    key: str


# Add an entry here when its pages exist; nothing is shown before.
ENTRIES = (
    Entry("dashboard", _("Resumo"), "dashboard:overview", "house", "r"),
    Entry("portfolios", _("Carteira"), "portfolios:positions", "briefcase", "c"),
    Entry("ledger", _("Lançamentos"), "ledger:list", "list", "l"),
    Entry("performance", _("Análises"), "performance:returns", "chart-line", "a"),
    Entry("taxes", _("Impostos"), "taxes:home", "landmark", "i"),
)
# Apps whose pages stand under another's entry.
PARENT = {"imports": "ledger"}
THEMES = ("light", "dark")


@register.simple_tag(takes_context=True)
def main_entries(context: Context) -> list[dict[str, Any]]:
    """The entries of the current workspace; the one whose app answers is marked as current."""
    request = context.get("request")
    access = getattr(request, "access", None)
    if request is None or access is None:
        return []
    match = request.resolver_match
    app_name = match.app_names[0] if match and match.app_names else ""
    here = PARENT.get(app_name, app_name)
    return [
        {
            "label": entry.label,
            "icon": entry.icon,
            "key": f"g {entry.key}",
            "url": reverse(entry.url_name, args=[access.workspace.pk]),
            "current": entry.section == here,
        }
        for entry in ENTRIES
    ]


@register.simple_tag(takes_context=True)
def theme_attribute(context: Context) -> str:
    """The chosen theme as an attribute of ``<html>``; nothing when the system decides.

    The cookie is this browser's choice and wins over the stored preference.
    """
    request = context.get("request")
    if request is None:
        return ""
    user = getattr(request, "user", None)
    chosen = request.COOKIES.get("theme") or getattr(user, "theme", "")
    return format_html(' data-theme="{}"', chosen) if chosen in THEMES else ""


@register.filter
def role_label(role: str) -> Any:
    """A role's name for people."""
    return Role(role).label if role in Role.values else role


@register.filter
def issue_when(issue: HealthIssue) -> str:
    """The day an issue is about, or how many rows it joins."""
    as_of, on = issue.params.get("as_of"), issue.params.get("date", "")
    if isinstance(as_of, dt.datetime):
        return moment(as_of)
    if isinstance(as_of, dt.date):
        return day(as_of)
    if on:
        return day(dt.date.fromisoformat(on))
    count = issue.params.get("count")
    return (
        ngettext("%(n)s lançamento", "%(n)s lançamentos", int(count)) % {"n": count}
        if count
        else ""
    )
