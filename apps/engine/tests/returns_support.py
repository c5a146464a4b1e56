"""Short ways to lay a ledger over days in a test."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.engine.prices import FxTable, PriceTable
from apps.engine.returns import Timeline, build
from apps.engine.tests.support import D, ledger
from apps.engine.types import Asset, Row


def day(text: str) -> date:
    return date.fromisoformat(text)


def prices(**series: dict[str, float]) -> PriceTable:
    """Closes by asset: ``A={"2024-01-01": 10}``."""
    return PriceTable(
        {
            code: [(day(when), D(str(close))) for when, close in points.items()]
            for code, points in series.items()
        }
    )


def rates(pair: str, points: dict[str, float]) -> FxTable:
    """One pair of currencies: ``"USDBRL"``."""
    return FxTable(
        {(pair[:3], pair[3:]): [(day(when), D(str(rate))) for when, rate in points.items()]}
    )


def laid(*rows: Row, **options: Any) -> Timeline:
    """The timeline of some rows; in BRL and without prices unless given."""
    described = options.pop("assets", {})
    accounts = options.pop("accounts", {})
    closes = options.pop("prices", PriceTable())
    fx = options.pop("fx", FxTable())
    options.setdefault("currency", "BRL")
    if isinstance(options.get("end"), str):
        options["end"] = day(options["end"])
    if any(isinstance(each, Asset) for each in described):
        described = {each.code: each for each in described}
    return build(ledger(*rows), described, accounts, closes, fx, **options)
