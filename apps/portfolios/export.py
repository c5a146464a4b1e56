"""Positions as a table to take away."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal

from apps.accounts.access import Access
from apps.portfolios.selectors import positions_on

COLUMNS = (
    "ticker",
    "name",
    "class",
    "holder",
    "quantity",
    "average_cost",
    "price",
    "price_as_of",
    "price_source",
    "asset_currency",
    "currency",
    "total_cost",
    "market_value",
    "unrealised_gain",
    "realised_gain",
    "income",
)


def positions_table(*, access: Access, currency: str, on: dt.date | None) -> tuple[str, str]:
    """The positions as CSV text, and a file name. Unknown figures are empty."""
    found = positions_on(access=access, currency=currency, on=on)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in found.rows:
        money = row.report
        figures = (money.cost, money.value, money.unrealised, money.realised, money.income)
        writer.writerow(
            [
                _safe(row.ticker),
                _safe(row.name),
                row.asset_class,
                _safe(row.holder),
                _plain(row.quantity),
                _plain(row.average_cost),
                _plain(row.price),
                row.price_as_of.isoformat() if row.price_as_of else "",
                row.price_source,
                row.native.currency,
                money.currency,
                *(_plain(figure) for figure in figures),
            ]
        )
    return out.getvalue(), f"exitus-{found.on.isoformat()}.csv"


def _plain(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}"


def _safe(text: str) -> str:
    """Text a spreadsheet will not run as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text
