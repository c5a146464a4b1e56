"""Short ways to assess a ledger in a test."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from apps.engine.kinds import AssetClass
from apps.engine.prices import FxTable
from apps.engine.taxes.assess import TaxLedger, assess
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.tests.support import D, ledger
from apps.engine.types import Account, Asset, Row


@cache
def law() -> RuleBook:
    """The law shipped with the engine."""
    return RuleBook.shipped()


def day(text: str) -> date:
    """A date from ISO text."""
    return date.fromisoformat(text)


def ptax(*rates: tuple[str, str, str, str]) -> FxTable:
    """Rates to BRL as (date, currency, sale, purchase)."""
    sale: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    buying: dict[tuple[str, str], list[tuple[date, Decimal]]] = {}
    for when, currency, rate, buy in rates:
        sale.setdefault((currency, "BRL"), []).append((day(when), D(rate)))
        if buy:
            buying.setdefault((currency, "BRL"), []).append((day(when), D(buy)))
    return FxTable(sale, FxTable(buying) if buying else None)


def known(*described: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> dict[str, Asset]:
    """Assets as (code, class) or (code, class, other fields)."""
    assets = {}
    for code, kind, *rest in described:
        fields: dict[str, Any] = dict(rest[0]) if rest else {}
        assets[code] = Asset(code=code, asset_class=AssetClass(kind), **fields)
    return assets


def taxed(
    *rows: Row,
    assets: dict[str, Asset] | None = None,
    accounts: dict[str, Account] | None = None,
    until: int,
    fx: FxTable | None = None,
    opening: Any = None,
    **settings: Any,
) -> TaxLedger:
    """Rows assessed under the shipped law."""
    return assess(
        ledger(*rows),
        assets or {},
        accounts or {},
        rules=law(),
        until=until,
        settings=TaxSettings(**settings),
        opening=opening,
        fx=fx,
    )
