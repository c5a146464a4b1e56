"""Closes as arrays give the same series as closes as decimals."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

from apps.engine.grid import PriceArrays, closes_of
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable, PriceTable
from apps.engine.series import daily_values
from apps.engine.types import Account, Asset, Row


def row(seq: int, day: dt.date, kind: Kind, asset: str, **values: D) -> Row:
    return Row(str(seq), seq, day, kind, "a", "BRL", asset=asset, **values)  # type: ignore[arg-type]


def test_the_same_values_and_the_same_issues() -> None:
    rows = [
        row(1, dt.date(2024, 1, 2), Kind.BUY, "X", quantity=D(10), unit_price=D(5)),
        row(2, dt.date(2024, 3, 1), Kind.SPLIT, "X", ratio=D(2)),
        row(3, dt.date(2024, 4, 1), Kind.SELL, "X", quantity=D(3), unit_price=D(4)),
        row(4, dt.date(2024, 4, 2), Kind.BUY, "Y", quantity=D(3), unit_price=D(4)),
    ]
    start = dt.date(2024, 1, 2)
    table = PriceTable(
        {"X": [(start + dt.timedelta(days=n), D(5) + D(n) / 10) for n in range(0, 200, 3)]}
    )
    arrays = PriceArrays({"X": closes_of(table, "X")})
    assets = {code: Asset(code, AssetClass.STOCK, currency="BRL") for code in ("X", "Y")}
    one, other = (
        daily_values(
            rows,
            assets,
            {"a": Account("a")},
            prices,
            FxTable(),
            start=dt.date(2024, 1, 1),
            end=dt.date(2024, 6, 1),
            currency="BRL",
        )
        for prices in (table, arrays)
    )
    assert one.value.tolist() == other.value.tolist()
    assert one.issues == other.issues
    # 20 - 3 shares at the close of 31 May, the last one: 5 + 150 / 10; 3 of Y at their cost of 4.
    assert one.value[-1] == 17 * 20.0 + 12
    assert len(closes_of(arrays, "Y")[0]) == 0
