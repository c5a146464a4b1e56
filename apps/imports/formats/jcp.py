"""Withholding on juros sobre capital próprio: dated rates, given by the caller."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

Rates = Sequence[tuple[date, Decimal]]


@cache
def default_rates() -> tuple[tuple[date, Decimal], ...]:
    """The rates shipped beside this module, each with its law, oldest first."""
    path = Path(__file__).with_name("jcp_rates.json")
    rows = json.loads(path.read_text(encoding="utf-8"))["rates"]
    return tuple((date.fromisoformat(row["from"]), Decimal(row["rate"])) for row in rows)


def rate_on(day: date, rates: Rates) -> Decimal | None:
    """The rate in force on a payment date; ``None`` before the first."""
    found = None
    for start, rate in rates:
        if start <= day:
            found = rate
    return found


def gross_of(net: Decimal, rate: Decimal) -> Decimal:
    """The gross of a net payment, to the centavo: net / (1 - rate)."""
    return (net / (1 - rate)).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
