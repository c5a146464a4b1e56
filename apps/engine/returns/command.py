"""The ``returns`` command: what a ledger earned, how evenly, and where it came from."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from math import isfinite
from typing import Any

from apps.engine.io import (
    InputError,
    read_accounts,
    read_assets,
    read_fx,
    read_indexes,
    read_ledger,
)
from apps.engine.prices import FxTable, IndexTable
from apps.engine.returns import benchmarks
from apps.engine.returns.build import build
from apps.engine.returns.figures import Daily, Drawdown, Extreme, Figures, Gain, GroupRow
from apps.engine.returns.files import read_price_arrays
from apps.engine.returns.measure import measure
from apps.engine.returns.model import Timeline
from apps.engine.returns.tables import concentration, table_by
from apps.engine.types import Account, Asset, Issue, Row


def text(number: float | None) -> str | None:
    """A float as a decimal without exponent; None where it is no number."""
    if number is None or not isfinite(number):
        return None
    return format(Decimal(repr(float(number))), "f") if number else "0"


def _currency(rows: list[Row], assets: dict[str, Asset], issues: list[Issue]) -> str:
    """The currency most rows are in, BRL where several are as many; more than one is reported."""
    count = Counter(
        (assets[row.asset].currency if row.asset in assets else "") or row.currency
        for row in rows
        if row.currency
    )
    if not count:
        return "BRL"
    most = max(count, key=lambda code: (count[code], code == "BRL"))
    if len(count) > 1:
        issues.append(Issue("currency_assumed", most, {"currencies": ", ".join(sorted(count))}))
    return most


def returns(args: argparse.Namespace) -> dict[str, Any]:
    """Read the files, lay the ledger over days, measure it."""
    issues: list[Issue] = []
    assets: dict[str, Asset] = {}
    accounts: dict[str, Account] = {}
    fx, indexes = FxTable(), IndexTable()
    if args.assets:
        assets, found = read_assets(args.assets)
        issues += found
    if args.accounts:
        accounts, found = read_accounts(args.accounts)
        issues += found
    if args.fx:
        fx, found = read_fx(args.fx)
        issues += found
    if args.indexes:
        indexes, found = read_indexes(args.indexes)
        issues += found
    ledger = read_ledger(args.ledger, assets, accounts)
    prices, found = read_price_arrays(args.prices)
    issues += [*ledger.issues, *found]
    if args.start and args.to and args.start > args.to:
        raise InputError("--from", 0, f"{args.start} is after --to {args.to}")
    currency = args.currency or _currency(ledger.rows, assets, issues)
    timeline = build(
        ledger.rows,
        assets,
        accounts,
        prices,
        fx,
        currency=currency,
        start=args.start,
        end=args.to,
        indexes=indexes,
    )
    issues += timeline.issues
    free = _risk_free(timeline, indexes, args.risk_free)
    inflation = benchmarks.monthly_rate(timeline, indexes) if "IPCA" in indexes.names() else None
    issues += [issue for levels in (free, inflation) if levels for issue in levels.issues]
    figures = measure(
        timeline,
        start=args.start,
        end=args.to,
        with_cash=args.cash,
        risk_free=None if free is None or free.issues else free,
        inflation=inflation,
    )
    rows = table_by(timeline, "asset", start=args.start, end=args.to, with_cash=args.cash)
    issues += figures.issues
    answer = _answer(figures, rows)
    if args.series:
        answer["series"] = _series(timeline, figures.daily)
    answer["issues"] = [
        {"code": issue.code, "where": issue.where, "params": dict(issue.params)} for issue in issues
    ]
    return answer


def _risk_free(
    timeline: Timeline, indexes: IndexTable, wanted: str | None
) -> benchmarks.Levels | None:
    """Default: the CDI where it is given."""
    if wanted is None:
        known = "CDI" in indexes.names()
        return benchmarks.daily_rate(timeline, indexes, "CDI") if known else None
    try:
        return benchmarks.constant(timeline, float(wanted))
    except ValueError:
        return benchmarks.daily_rate(timeline, indexes, wanted.upper())


def _split(gain: Gain) -> dict[str, str | None]:
    return {
        "price_realised": text(gain.price_realised),
        "price_unrealised": text(gain.price_unrealised),
        "income": text(gain.income_gross),
        "fees": text(gain.fees),
        "taxes": text(gain.taxes),
        "currency": text(gain.cash_currency),
    }


def _more(gain: Gain) -> dict[str, Any]:
    return {
        "income_withheld": text(gain.income_withheld),
        "income_net": text(gain.income_net),
        "currency_in_price": {
            "realised": text(gain.currency_realised),
            "unrealised": text(gain.currency_unrealised),
        },
    }


def _fall(fall: Drawdown) -> dict[str, str | None]:
    return {
        "depth": text(fall.depth),
        "from": fall.peak.isoformat(),
        "to": fall.trough.isoformat(),
        "recovered": fall.recovery.isoformat() if fall.recovery else None,
    }


def _extreme(found: Extreme | None) -> dict[str, str | None] | None:
    if found is None:
        return None
    return {
        "return": text(found.rate),
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
    }


def _answer(figures: Figures, rows: list[GroupRow]) -> dict[str, Any]:
    risk, gain = figures.risk, figures.gain
    shares = concentration(rows)
    return {
        "from": figures.start.isoformat(),
        "to": figures.end.isoformat(),
        "currency": figures.currency,
        "start_value": text(figures.start_value),
        "end_value": text(figures.end_value),
        "inflows": text(figures.inflows),
        "outflows": text(figures.outflows),
        "absolute_gain": text(figures.absolute_gain),
        "twr": text(figures.twr),
        "twr_annualised": text(figures.twr_annualised),
        "irr": text(figures.irr),
        "volatility": text(risk.volatility),
        "volatility_annualised": text(risk.volatility_annualised),
        "downside_deviation": text(risk.downside_deviation),
        "sharpe": text(risk.sharpe),
        "max_drawdown": text(risk.max_drawdown.depth),
        "max_drawdown_from": risk.max_drawdown.peak.isoformat(),
        "max_drawdown_to": risk.max_drawdown.trough.isoformat(),
        "split": _split(gain),
        "fifo": {"realised": text(gain.fifo_realised), "unrealised": text(gain.fifo_unrealised)},
        **_more(gain),
        "sortino": text(risk.sortino),
        "risk_free": text(risk.risk_free),
        "downside_deviation_annualised": text(risk.downside_annualised),
        "drawdown": _fall(risk.max_drawdown),
        "current_drawdown": _fall(risk.current_drawdown),
        "best_day": _extreme(risk.best_day),
        "worst_day": _extreme(risk.worst_day),
        "best_month": _extreme(risk.best_month),
        "worst_month": _extreme(risk.worst_month),
        "var_95": text(risk.var_95),
        "var_99": text(risk.var_99),
        "real_twr": text(figures.real_twr),
        "real_gain": text(figures.real_gain),
        "inflation": text(figures.inflation),
        "concentration": {
            "hhi": text(shares.hhi),
            "effective": text(shares.effective),
            "top": {str(count): text(share) for count, share in shares.top.items()},
        },
        "by_asset": [_row(row) for row in rows],
    }


def _row(row: GroupRow) -> dict[str, Any]:
    return {
        "asset": row.key,
        "start_value": text(row.start_value),
        "end_value": text(row.end_value),
        "inflows": text(row.inflows),
        "outflows": text(row.outflows),
        "absolute_gain": text(row.gain.total),
        "twr": text(row.twr),
        "irr": text(row.irr),
        "contribution": text(row.contribution),
        "weight": text(row.weight),
        "split": _split(row.gain),
        "fifo": {
            "realised": text(row.gain.fifo_realised),
            "unrealised": text(row.gain.fifo_unrealised),
        },
        **_more(row.gain),
    }


def _series(timeline: Timeline, daily: Daily) -> list[dict[str, str | None]]:
    first = timeline.at(daily.start)
    columns: Iterable[tuple[float, ...]] = zip(
        daily.value.tolist(),
        daily.inflow.tolist(),
        daily.outflow.tolist(),
        daily.rate.tolist(),
        daily.index.tolist(),
        strict=True,
    )
    return [
        {
            "date": timeline.date(first + place).isoformat(),
            "value": text(value),
            "inflow": text(inflow),
            "outflow": text(outflow),
            "return": text(rate),
            "twr": text(index - 1.0),
        }
        for place, (value, inflow, outflow, rate, index) in enumerate(columns)
    ]
