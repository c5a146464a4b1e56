"""Where a price came from and when: ``{% load prices %}``."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

from django import template
from django.template import Context
from django.urls import reverse
from django.utils import timezone

from apps.common import formatting
from apps.portfolios import words
from apps.portfolios.figures import PositionView

register = template.Library()


@register.simple_tag(takes_context=True)
def position_why(context: Context, row: PositionView, currency: str, on: dt.date | None) -> str:
    """Where a row of positions comes from: the address of its quantity, price, cost and gains."""
    path = reverse("portfolios:explain", args=[context["workspace"].pk, row.asset_id])
    asked = {"holder": row.holder_id, "currency": currency}
    if row.account_id:
        asked["account"] = row.account_id
    if on:
        asked["on"] = on.isoformat()
    return f"{path}?{urlencode(asked)}"


@register.filter
def source_label(code: str) -> str:
    """The name of a price source for people."""
    return words.source_label(code)


@register.filter
def price_time(value: dt.datetime | dt.date | None) -> str:
    """The hour of a price of today, the day of an older one."""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value)
        if local.date() == timezone.localdate():
            return f"{local:%H:%M}"
        return formatting.day_month(local.date())
    return formatting.day_month(value) if value else ""


@register.filter
def kind_label(kind: str) -> str:
    """The name of a ledger kind for people."""
    return words.kind_label(kind)
