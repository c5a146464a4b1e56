"""Reads of the law."""

from __future__ import annotations

import datetime as dt

from django.db.models import Q, QuerySet

from apps.taxes.models import TaxRule


def rules_all(*, on: dt.date | None = None, prefix: str = "") -> QuerySet[TaxRule]:
    """Rules by name, the newest value first; only those in force on a day, where one is given."""
    found = TaxRule.objects.order_by("rule_id", "-valid_from")
    if prefix:
        found = found.filter(rule_id__istartswith=prefix)
    if on is not None:
        ends_later = Q(valid_to__isnull=True) | Q(valid_to__gte=on)
        found = found.filter(ends_later, valid_from__lte=on)
    return found
