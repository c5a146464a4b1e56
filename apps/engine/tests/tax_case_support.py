"""The shared worked tax cases, and their key names as ledger lines.

Each case keeps its own key names; the adapters here turn them into ledger lines. Where a case only
gives a result and a sales total, a purchase of the day before is made up that leaves that result.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from typing import Any

from apps.engine.tests.support import SHARED
from apps.engine.tests.tax_support import Cells, D, line


@cache
def cases() -> dict[str, dict[str, Any]]:
    path = SHARED / "cases" / "tax.json"
    return {case["id"]: case for case in json.loads(path.read_text())["cases"]}


def worked(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Inputs and expected figures of a case."""
    case = cases()[name]
    return case["inputs"], case["expected"]


def operations(given: list[dict[str, Any]]) -> list[Cells]:
    """Ledger lines of a case's trades; a price that does not matter to it is 20."""
    kinds = {"buy": "buy", "sell": "sell"}
    found = []
    for each in given:
        kind = kinds[each["side"]]
        kind = "short_sell" if each.get("short") else "cover" if each.get("cover") else kind
        if each.get("price") is None:
            each = {**each, "price": 20}
        found.append(
            line(
                each["date"],
                kind,
                each["ticker"],
                each["qty"],
                each["price"],
                fees=each.get("fees", 0),
                account=each.get("broker", "main"),
            )
        )
    return found


def sale_leaving(month: str, code: str, sales: Any, result: Any) -> list[Cells]:
    """A purchase of the month before and a sale that leave ``result``."""
    first = date.fromisoformat(f"{month}-01")
    bought = (first - timedelta(days=10)).isoformat()
    cost = D(str(sales)) - D(str(result))
    return [
        line(bought, "buy", code, 100, amount=cost),
        line(f"{month}-15", "sell", code, 100, amount=sales),
    ]


def day_trade_leaving(month: str, code: str, result: Any) -> list[Cells]:
    """A purchase and a sale of one day that leave ``result``."""
    return [
        line(f"{month}-16", "buy", code, 100, amount=50_000),
        line(f"{month}-16", "sell", code, 100, amount=D(50_000) + D(str(result))),
    ]


def month_leaving(month: str, bucket: str, result: Any, sales: Any = None) -> list[Cells]:
    """What leaves ``result`` in a bucket of the month."""
    code = f"{bucket.upper()}{month.replace('-', '')}"
    if bucket == "daytrade":
        return day_trade_leaving(month, code, result)
    return sale_leaving(month, code, 50_000 if sales is None else sales, result)


def year_of(name: str) -> int:
    """The year of a month's name."""
    return int(name[:4])
