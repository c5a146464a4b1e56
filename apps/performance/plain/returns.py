"""Returns and risk as plain JSON."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.tables import number
from apps.engine.returns import GroupRow
from apps.engine.returns.after_tax import AfterTax as Taxed
from apps.engine.returns.figures import Comparison, Drawdown, Extreme, Gain
from apps.performance.plain.basics import (
    Json,
    dates,
    money,
    moneys,
    notes_json,
    points,
    rate,
    rates,
    scope_json,
)
from apps.performance.plain.explained import explained_json
from apps.performance.selectors import (
    AfterTax,
    Explained,
    Performance,
    grouped,
    heat_map,
    rolling_returns,
)


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
        "after_tax": after_tax_json(found.after_tax),
        "benchmarks": comparisons_json(found),
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


def after_tax_json(found: AfterTax) -> Json:
    """The figures after tax; ``if_sold`` after that of selling everything at the end."""
    sold = found.sold
    return {
        "reason": found.reason,
        "is_stale": found.is_stale,
        "is_incomplete": found.is_incomplete,
        **taxed_json(found.taxed),
        "if_sold": None
        if sold is None
        else {
            "latent_tax": money(sold.tax),
            "end_value": money(sold.end_value),
            **taxed_json(sold.taxed),
            "left_out": list(sold.left_out),
        },
    }


def taxed_json(taxed: Taxed | None) -> Json:
    """Figures less the taxes counted in the period; null where they are not known."""
    return {
        "tax": money(taxed.tax if taxed else None),
        "absolute_gain": money(taxed.gain if taxed else None),
        "twr": rate(taxed.twr if taxed else None),
        "twr_annualised": rate(taxed.twr_annualised if taxed else None),
        "irr": rate(taxed.irr if taxed else None),
    }


def comparisons_json(found: Performance) -> list[Json]:
    """Every benchmark of the question."""
    return [
        comparison_json(code, c, price_only=code in found.price_only)
        for code, c in found.figures.comparisons.items()
    ]


def comparison_json(code: str, c: Comparison, *, price_only: bool) -> Json:
    """A benchmark over the same days, and with the same money."""
    return {
        "benchmark": code,
        "price_only": price_only,
        "twr": rate(c.twr),
        "twr_annualised": rate(c.twr_annualised),
        "excess": rate(c.excess) if c.known_to else None,
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


def series_json(found: Performance) -> Json:
    """Daily series of the period: worth and money put in, return and fall, and the benchmarks'
    return and worth with the same money. Returns are fractions since the start."""
    daily = found.figures.daily
    places = points(len(daily.value))
    return {
        **scope_json(found.scope),
        "dates": dates(daily.start, places),
        "value": moneys(daily.value[places]),
        "invested": moneys(daily.invested[places]),
        "return": rates(daily.index[places] - 1.0),
        "drawdown": rates(-daily.drawdown[places]),
        "benchmarks": [
            {
                "benchmark": code,
                "return": rates(c.levels[places] - 1.0),
                "value": moneys(c.values[places]),
            }
            for code, c in found.figures.comparisons.items()
        ],
    }


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
        "return": rates(windows.rate[places]),
        "volatility": rates(windows.volatility[places]),
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
        "benchmarks": comparisons_json(found),
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
