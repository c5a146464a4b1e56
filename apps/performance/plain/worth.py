"""Allocation, income and single assets as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.api import plain
from apps.common.tables import number
from apps.engine.returns.figures import IncomeRow
from apps.performance.plain.basics import Json, money, rate, scope_json
from apps.performance.plain.explained import explained_json
from apps.performance.plain.returns import performance_json
from apps.performance.selectors import (
    YIELDS,
    Allocation,
    AssetPerformance,
    Explained,
    Income,
    Slice,
    worth_explained,
)


def slice_json(item: Slice) -> Json:
    """One group of an allocation."""
    body: Json = {
        "key": item.key,
        "label": item.label,
        "value": money(item.value),
        "share": rate(item.share),
        "target": rate(item.target),
        "drift": rate(item.drift),
        "to_target": money(item.to_target),
    }
    if item.children:
        body["children"] = [
            {
                "key": child.key,
                "label": child.label,
                "value": money(child.value),
                "share": rate(child.share),
            }
            for child in item.children
        ]
    return body


def allocation_json(found: Allocation, *, explain: bool = False) -> Json:
    """Where the worth is, and how concentrated."""
    c = found.concentration
    why = [worth_explained(found.scope, "hhi")] if explain else []
    return {
        **scope_json(found.scope),
        "on": found.on.isoformat(),
        "total": money(found.total),
        "group_by": found.group_by,
        "slices": [slice_json(item) for item in found.slices],
        "target_by": found.target_by or None,
        "targets": [slice_json(item) for item in found.targets],
        "concentration": {
            "assets": len(c.shares),
            "hhi": rate(c.hhi) if c.shares else None,
            "effective": rate(c.effective) if c.shares else None,
            "top": {str(count): rate(share) for count, share in c.top.items()},
        },
        **({"explain": {item.code: explained_json(item) for item in why}} if why else {}),
    }


def income_json(found: Income, *, explain: bool = False) -> Json:
    """Income by month and asset, with yields and growth."""
    why = [worth_explained(found.scope, code) for code in sorted(YIELDS)] if explain else []
    return {
        **scope_json(found.scope),
        "total": None if found.total is None else _income_row(found.total),
        "months": [
            {
                "month": item.month.isoformat()[:7],
                "gross": money(item.gross),
                "withheld": money(item.withheld),
                "net": money(item.net),
                "year_before": money(item.year_before),
            }
            for item in found.months
        ],
        "assets": [
            {
                "asset": item.asset,
                "ticker": item.ticker,
                "periodicity": item.periodicity,
                "payments": item.payments,
                **_income_row(item.row),
            }
            for item in found.assets
        ],
        "cells": [
            {
                "month": cell.month.isoformat()[:7],
                "asset": cell.key or None,
                "gross": money(cell.gross),
                "withheld": money(cell.withheld),
            }
            for cell in found.cells
        ],
        **({"explain": {item.code: explained_json(item) for item in why}} if why else {}),
    }


def _income_row(row: IncomeRow) -> Json:
    return {
        "gross": money(row.gross),
        "withheld": money(row.withheld),
        "net": money(row.gross - row.withheld),
        "last_year": money(row.last_year),
        "year_before": money(row.year_before),
        "yield_on_value": rate(row.yield_on_value),
        "yield_on_cost": rate(row.yield_on_cost),
        "growth": rate(row.growth),
    }


def asset_json(found: AssetPerformance, *, explain: Sequence[Explained] = ()) -> Json:
    """One asset: its own return and its price series."""
    prices, series = found.prices, found.prices.series
    return {
        **performance_json(found.performance, explain=explain),
        "asset": str(found.asset.pk),
        "ticker": found.asset.ticker,
        "prices": {
            "currency": prices.currency,
            "dates": [day.isoformat() for day in series.dates],
            "close": [number(v, 6) for v in series.close.tolist()],
            "adjusted": [number(v, 6) for v in series.adjusted.tolist()],
            "marks": [
                {
                    "date": mark.date.isoformat(),
                    "side": mark.side,
                    "kind": mark.kind,
                    "quantity": None if mark.quantity is None else plain(mark.quantity),
                    "price": number(mark.price, 6),
                    "adjusted": number(mark.adjusted, 6),
                    "amount": None if mark.amount is None else plain(mark.amount),
                    "transaction": mark.transaction,
                }
                for mark in prices.marks
            ],
            "cost": [
                {
                    "date": point.date.isoformat(),
                    "cost": number(point.cost, 6),
                    "adjusted": number(point.adjusted, 6),
                }
                for point in prices.cost
            ],
        },
    }
