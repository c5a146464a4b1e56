"""How much of the month's exemption is used, now and after a sale that may come."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.law import rule_book
from apps.taxes.models import Assessment
from apps.taxes.selectors.state import ZERO, money, state_of

RULE = "VAR-EX20K"


def exemption_meter(
    *,
    access: Access,
    holder: Holder,
    on: dt.date | None = None,
    sale: Decimal | None = None,
    gold: bool = False,
) -> dict[str, Any] | None:
    """Sales of the month of ``on`` against the limit, and with ``sale`` more. Three queries.

    ``sold`` and ``after`` are sales so far and with the new one, ``remaining`` what may still be
    sold, ``share`` the used fraction with the new sale: None while nothing was assessed yet.
    ``is_stale`` where there are rows newer than what was assessed. None where the law exempts
    nothing.
    """
    state = state_of(access=access, holder=holder)
    on = on or timezone.localdate()
    rule = rule_book().find(RULE, on)
    if rule is None:
        return None
    figures = (
        Assessment.objects.filter(holder=holder, year=on.year, month=on.month)
        .values_list("figures", flat=True)
        .first()
    ) or {}
    limit = rule.decimal("gold_limit" if gold else "limit")
    base = {
        "month": f"{on:%Y-%m}",
        "limit": limit,
        "sale": sale or ZERO,
        "exempt_gain": money(figures.get("exempt_gain_gold" if gold else "exempt_gain")),
        "rule": rule.id,
        "law": rule.law,
        "is_stale": state.is_stale,
    }
    if not state.version and access.workspace.ledger_version:
        unknown = dict.fromkeys(("sold", "after", "remaining", "share", "is_within"))
        return {**base, **unknown, "would_cross": False}
    sold = money(figures.get("gold_sales" if gold else "stock_sales"))
    after = sold + (sale or ZERO)
    return {
        **base,
        "sold": sold,
        "after": after,
        "remaining": max(limit - after, ZERO),
        "share": after / limit if limit else None,
        "is_within": after <= limit,
        "would_cross": sold <= limit < after,
    }
