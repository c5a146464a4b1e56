"""Short ways to write a ledger in a test, and where the shared cases are found."""

from __future__ import annotations

import os
from datetime import date, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from apps.engine.holdings import Fold, Holding, fold
from apps.engine.kinds import Kind
from apps.engine.types import Asset, Row

D = Decimal
_SHARED = os.environ.get("EXITUS_SHARED")
needs_shared = pytest.mark.skipif(
    not _SHARED, reason="EXITUS_SHARED is not set: the shared cases and ledgers are elsewhere"
)
SHARED = Path(_SHARED or ".")

_NUMBERS = {
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "fx_rate",
    "ratio",
    "cost_share",
}


def row(day: str, kind: str, asset: str | None = "XPTO3", *numbers: Any, **fields: Any) -> Row:
    """A ledger row: ``numbers`` are quantity and unit price; fees are zero unless given."""
    values: dict[str, Any] = {"account": "main", "currency": "BRL", "fees": 0, "seq": 0, **fields}
    for name, number in zip(("quantity", "unit_price"), numbers, strict=False):
        values[name] = number
    for name in _NUMBERS & values.keys():
        if values[name] is not None:
            values[name] = D(str(values[name]))
    if isinstance(values.get("time"), str):
        values["time"] = time.fromisoformat(values["time"])
    values.setdefault("ref", f"{day} {kind}")
    return Row(date=date.fromisoformat(day), kind=Kind(kind), asset=asset, **values)


def ledger(*rows: Row) -> list[Row]:
    """Rows numbered in the order given."""
    from dataclasses import replace

    return [replace(each, seq=place, ref=str(place)) for place, each in enumerate(rows)]


def folded(*rows: Row, **options: Any) -> Fold:
    """Fold rows without describing assets or accounts, unless given."""
    assets = options.pop("assets", {})
    accounts = options.pop("accounts", {})
    return fold(ledger(*rows), assets, accounts, **options)


def held(result: Fold, asset: str = "XPTO3", account: str | None = None) -> Holding:
    """The one holding of an asset."""
    return result.holdings[("default", account, asset)]


def codes(result: Fold) -> list[str]:
    """Codes of the issues, in order."""
    return [issue.code for issue in result.issues]


def asset(code: str, **fields: Any) -> dict[str, Asset]:
    """One asset, by code."""
    return {code: Asset(code=code, **fields)}
