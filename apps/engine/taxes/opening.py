"""Reads what a Holder brings from before the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.engine.kinds import LOSS_BUCKETS
from apps.engine.taxes.model import ZERO, Opening, OpeningCost

# Figures beyond this many digits either way are typing errors, and would overflow arithmetic.
_DIGITS = 20


class OpeningError(ValueError):
    """An opening that cannot be read."""


def _number(value: Any, what: str) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or abs(found.adjusted()) > _DIGITS:
        raise OpeningError(f"{what} is not a number: {value!r}")
    if found < ZERO:
        raise OpeningError(f"{what} is below zero: {value!r}")
    return found


def _by_bucket(value: Any, what: str) -> dict[str, Decimal]:
    if not isinstance(value, Mapping):
        raise OpeningError(f"{what} is not an object")
    for name in value:
        if name not in LOSS_BUCKETS:
            raise OpeningError(f"{what} of an unknown bucket: {name!r}")
    return {str(name): _number(each, f"{what} {name}") for name, each in value.items()}


def opening_from_json(text: str) -> Opening:
    """``{"date", "losses": {bucket: amount}, "withheld": {bucket: amount}, "darf", "costs":
    [{"asset", "account", "quantity", "cost"}]}``, all optional. Raises ``OpeningError``."""
    data = json.loads(text)
    if not isinstance(data, dict):
        raise OpeningError("not an object")
    day = data.get("date")
    try:
        when = date.fromisoformat(day) if day else None
    except (TypeError, ValueError):
        raise OpeningError(f"not an ISO date: {day!r}") from None
    costs = []
    for each in data.get("costs", []):
        if not isinstance(each, Mapping) or not each.get("asset"):
            raise OpeningError("a cost without its asset")
        cost = each.get("cost")
        costs.append(
            OpeningCost(
                str(each["asset"]),
                str(each.get("account", "")),
                _number(each.get("quantity", 0), "quantity"),
                None if cost in (None, "") else _number(cost, "cost"),
            )
        )
    if costs and when is None:
        raise OpeningError("costs need the date they were held on")
    return Opening(
        when,
        _by_bucket(data.get("losses", {}), "losses"),
        _by_bucket(data.get("withheld", {}), "withheld"),
        _number(data.get("darf", ZERO), "darf"),
        tuple(costs),
    )
