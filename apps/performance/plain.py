"""Answers as plain JSON: decimals as text, dates as ISO, unknown as null."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.common.api import plain
from apps.engine.returns import GroupRow
from apps.engine.returns.figures import Comparison, Drawdown, Extreme, Gain, IncomeRow
from apps.performance.selectors import (
    Allocation,
    AssetPerformance,
    Building,
    Explained,
    Income,
    Note,
    Performance,
    Scope,
    Slice,
    grouped,
    heat_map,
    rolling_returns,
)
from apps.performance.tables import number

#: A chart this wide cannot show more; every n-th day stands for the others beyond it.
MAX_POINTS = 800
Floats = NDArray[np.float64]
Json = dict[str, Any]


def money(value: float | None) -> str | None:
    """Money as text, to a hundredth of a cent."""
    return number(value, 4)


def rate(value: float | None) -> str | None:
    """A fraction as text."""
    return number(value, 10)


def building_json(found: Building) -> Json:
    """What is told while nobody has built the figures."""
    return {"status": "building", "step": found.step, "steps": found.steps}


def scope_json(scope: Scope) -> Json:
    """What was measured, and how fresh it is."""
    portfolio = scope.portfolio
    return {
        "portfolio": str(portfolio.pk) if portfolio else "all",
        "name": portfolio.name if portfolio else "",
        "from": scope.start.isoformat(),
        "to": scope.end.isoformat(),
        "currency": scope.currency,
        "cash": scope.with_cash,
        "cash_tracked": scope.cash_tracked,
        "is_stale": scope.ready.is_stale,
        "is_behind": scope.ready.is_behind,
    }


def performance_json(found: Performance, *, explain: Sequence[Explained] = ()) -> Json:
    """The summary: figures, where the gain came from, comparisons, the table by group."""
    f = found.figures
    body = {
        **scope_json(found.scope),
        "start_value": money(f.start_value),
        "end_value": money(f.end_value),
        "inflows": money(f.inflows),
        "outflows": money(f.outflows),
        "absolute_gain": money(f.absolute_gain),
        "twr": rate(f.twr),
        "twr_annualised": rate(f.twr_annualised),
        "irr": rate(f.irr),
        "real_twr": rate(f.real_twr),
        "real_gain": money(f.real_gain),
        "inflation": rate(f.inflation),
        "split": gain_json(f.gain),
        "fifo": {
            "realised": money(f.gain.fifo_realised),
            "unrealised": money(f.gain.fifo_unrealised),
        },
        "risk_free": found.scope.query.risk_free,
        **_risk_summary(found),
        "benchmarks": [comparison_json(code, c) for code, c in f.comparisons.items()],
        "group_by": found.scope.query.group_by,
        "rows": [row_json(found, row) for row in found.rows],
        "issues": notes_json(found.notes),
    }
    if explain:
        body["explain"] = {item.code: explained_json(item) for item in explain}
    return body


def _risk_summary(found: Performance) -> Json:
    risk = found.figures.risk
    return {
        "volatility": rate(risk.volatility),
        "volatility_annualised": rate(risk.volatility_annualised),
        "downside_deviation": rate(risk.downside_deviation),
        "sharpe": rate(risk.sharpe),
        "max_drawdown": rate(risk.max_drawdown.depth),
        "max_drawdown_from": risk.max_drawdown.peak.isoformat(),
        "max_drawdown_to": risk.max_drawdown.trough.isoformat(),
    }


def gain_json(gain: Gain) -> Json:
    """The parts of a gain; ``total`` is their sum as the contract writes it."""
    return {
        "total": money(gain.total),
        "price": money(gain.price),
        "price_realised": money(gain.price_realised),
        "price_unrealised": money(gain.price_unrealised),
        "income": money(gain.income_gross),
        "income_withheld": money(gain.income_withheld),
        "income_net": money(gain.income_net),
        "fees": money(gain.fees),
        "taxes": money(gain.taxes),
        "currency": money(gain.currency),
    }


def comparison_json(code: str, c: Comparison) -> Json:
    """A benchmark over the same days, and with the same money."""
    return {
        "benchmark": code,
        "twr": rate(c.twr),
        "twr_annualised": rate(c.twr_annualised),
        "excess": rate(c.excess),
        "end_value": money(c.end_value),
        "gain": money(c.gain),
        "irr": rate(c.irr),
        "beta": rate(c.beta),
        "correlation": rate(c.correlation),
        "tracking_error": rate(c.tracking_error),
    }


def row_json(found: Performance, row: GroupRow, label: str | None = None) -> Json:
    """One group of the table."""
    return {
        "key": row.key,
        "label": found.label(row) if label is None else label,
        "start_value": money(row.start_value),
        "end_value": money(row.end_value),
        "inflows": money(row.inflows),
        "outflows": money(row.outflows),
        "gain": money(row.gain.total),
        "split": gain_json(row.gain),
        "twr": rate(row.twr),
        "irr": rate(row.irr),
        "contribution": rate(row.contribution),
        "weight": rate(row.weight),
        "spark": [number(float(v), 5) for v in row.spark],
    }


def notes_json(notes: Iterable[Note]) -> list[Json]:
    """What keeps the figures from being whole."""
    return [
        {
            "code": note.code,
            "asset": note.asset or None,
            "ticker": note.ticker,
            "from": note.first.isoformat() if note.first else None,
            "to": note.last.isoformat() if note.last else None,
            "days": note.days,
        }
        for note in notes
    ]


def points(count: int) -> NDArray[np.intp]:
    """At most ``MAX_POINTS`` places, counted from the newest so that it is always one of them."""
    step = max(1, -(-count // MAX_POINTS))
    return np.arange(count - 1, -1, -step, dtype=np.intp)[::-1]


def series_json(found: Performance) -> Json:
    """Daily series of the period: worth and money put in, return and fall, and the benchmarks'
    return and worth with the same money. Returns are fractions since the start."""
    daily = found.figures.daily
    places = points(len(daily.value))
    return {
        **scope_json(found.scope),
        "dates": dates(daily.start, places),
        "value": _moneys(daily.value[places]),
        "invested": _moneys(daily.invested[places]),
        "return": _rates(daily.index[places] - 1.0),
        "drawdown": _rates(-daily.drawdown[places]),
        "benchmarks": [
            {
                "benchmark": code,
                "return": _rates(c.levels[places] - 1.0),
                "value": _moneys(c.values[places]),
            }
            for code, c in found.figures.comparisons.items()
        ],
    }


def dates(start: dt.date, places: Iterable[Any]) -> list[str]:
    """ISO dates of places counted from ``start``."""
    first = start.toordinal()
    return [dt.date.fromordinal(first + int(place)).isoformat() for place in places]


def _moneys(values: Floats) -> list[str | None]:
    return [number(value, 2) for value in values.tolist()]


def _rates(values: Floats) -> list[str | None]:
    return [number(value, 6) for value in values.tolist()]


def heat_map_json(found: Performance) -> Json:
    """Returns by month; ``month`` 0 is the year, ``complete`` false where the period cuts it."""
    cells = [
        {
            "year": cell.year,
            "month": cell.month,
            "return": rate(cell.rate),
            "from": cell.first.isoformat(),
            "to": cell.last.isoformat(),
            "complete": cell.complete,
        }
        for cell in heat_map(found)
    ]
    return {**scope_json(found.scope), "cells": cells}


def rolling_json(found: Performance, window: str) -> Json:
    """Return and volatility of moving windows, by the day each ends."""
    windows = rolling_returns(found, window)
    places = points(len(windows.rate))
    return {
        **scope_json(found.scope),
        "window": window,
        "days": windows.days,
        "dates": dates(windows.start, places),
        "return": _rates(windows.rate[places]),
        "volatility": _rates(windows.volatility[places]),
    }


def contributions_json(found: Performance) -> Json:
    """Each group's part of the return; the parts add up to ``twr``. By asset too."""
    rows = sorted(found.rows, key=lambda row: -row.contribution)
    classes = found.rows if found.scope.query.group_by == "class" else grouped(found.scope, "class")
    return {
        **scope_json(found.scope),
        "twr": rate(found.figures.twr),
        "group_by": found.scope.query.group_by,
        "rows": [
            {
                "key": row.key,
                "label": found.label(row),
                "contribution": rate(row.contribution),
                "gain": money(row.gain.total),
                "weight": rate(row.weight),
            }
            for row in rows
        ],
        "classes": [{"key": row.key, "contribution": rate(row.contribution)} for row in classes],
    }


def risk_json(found: Performance, *, explain: Sequence[Explained] = ()) -> Json:
    """How uneven the returns were, and how they moved with the benchmarks."""
    risk = found.figures.risk
    body = {
        **scope_json(found.scope),
        "days": risk.days,
        "volatility": rate(risk.volatility),
        "volatility_annualised": rate(risk.volatility_annualised),
        "downside_deviation": rate(risk.downside_deviation),
        "downside_annualised": rate(risk.downside_annualised),
        "risk_free": found.scope.query.risk_free,
        "risk_free_annualised": rate(risk.risk_free),
        "sharpe": rate(risk.sharpe),
        "sortino": rate(risk.sortino),
        "max_drawdown": _drawdown(risk.max_drawdown),
        "current_drawdown": _drawdown(risk.current_drawdown),
        "longest_drawdown_days": risk.longest_drawdown_days,
        "best_day": _extreme(risk.best_day),
        "worst_day": _extreme(risk.worst_day),
        "best_month": _extreme(risk.best_month),
        "worst_month": _extreme(risk.worst_month),
        "var_95": rate(risk.var_95),
        "var_99": rate(risk.var_99),
        "benchmarks": [comparison_json(code, c) for code, c in found.figures.comparisons.items()],
        "issues": notes_json(found.notes),
    }
    if explain:
        body["explain"] = {item.code: explained_json(item) for item in explain}
    return body


def _drawdown(fall: Drawdown) -> Json:
    return {
        "depth": rate(fall.depth),
        "peak": fall.peak.isoformat(),
        "trough": fall.trough.isoformat(),
        "recovery": fall.recovery.isoformat() if fall.recovery else None,
    }


def _extreme(found: Extreme | None) -> Json | None:
    if found is None:
        return None
    return {
        "return": rate(found.rate),
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
    }


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


def allocation_json(found: Allocation) -> Json:
    """Where the worth is, and how concentrated."""
    c = found.concentration
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
    }


def income_json(found: Income) -> Json:
    """Income by month and asset, with yields and growth."""
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


def explained_json(item: Explained) -> Json:
    """A figure with its words and its parts."""
    write = {"money": money, "rate": rate}
    return {
        "figure": item.code,
        "name": str(item.definition.name),
        "kind": item.definition.kind,
        "value": write.get(item.definition.kind, rate)(item.value),
        "currency": item.currency,
        "from": item.start.isoformat(),
        "to": item.end.isoformat(),
        "formula": str(item.definition.formula),
        "meaning": str(item.definition.meaning),
        "source": str(item.definition.source),
        "blocks": [
            {
                "title": block.title,
                "adds": block.adds,
                "parts": [
                    {
                        "label": part.label,
                        "value": write.get(part.kind, rate)(part.value),
                        "kind": part.kind,
                        "sign": part.sign,
                        "date": part.date.isoformat() if part.date else None,
                        "asset": part.asset or None,
                        "transaction": part.transaction or None,
                    }
                    for part in block.parts
                ],
            }
            for block in item.blocks
        ],
    }
