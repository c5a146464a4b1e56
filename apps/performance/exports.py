"""Every answer as tables to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.common.errors import Invalid
from apps.performance.selectors import (
    AfterTax,
    Allocation,
    AssetPerformance,
    Explained,
    Income,
    Performance,
    heat_map,
    rolling_returns,
)
from apps.performance.tables import Cell, Column, Table
from apps.performance.words import DEFINITIONS

_SUMMARY = (
    "start_value",
    "end_value",
    "inflows",
    "outflows",
    "absolute_gain",
    "twr",
    "twr_annualised",
    "irr",
    "real_twr",
    "real_gain",
)
_SPLIT = (
    "price_realised",
    "price_unrealised",
    "income_gross",
    "income_withheld",
    "fees",
    "taxes",
    "currency",
)
_RISK = (
    "volatility_annualised",
    "downside_annualised",
    "sharpe",
    "sortino",
    "var_95",
    "var_99",
)


def pick(tables: Sequence[Table], name: str) -> list[Table]:
    """The tables with the one named first. Raises :class:`Invalid` for a name nobody has."""
    if not name:
        return list(tables)
    chosen = [table for table in tables if table.name == name]
    if not chosen:
        names = ", ".join(table.name for table in tables)
        raise Invalid(
            "invalid_choice", _("Use um destes: %(values)s.") % {"values": names}, field="table"
        )
    return chosen + [table for table in tables if table.name != name]


def performance_tables(found: Performance) -> list[Table]:
    """``rows`` by group, ``summary``, ``benchmarks``."""
    return [_rows(found), _summary(found), _benchmarks(found)]


def _rows(found: Performance) -> Table:
    columns = [
        Column("key", _("chave")),
        Column("label", _("nome")),
        Column("currency", _("moeda")),
        Column("start_value", _("valor inicial"), "money"),
        Column("inflows", _("entradas"), "money"),
        Column("outflows", _("saídas"), "money"),
        Column("end_value", _("valor final"), "money"),
        Column("gain", _("ganho"), "money"),
        *[Column(code, str(DEFINITIONS[code].name), "money") for code in _SPLIT],
        Column("twr", _("retorno"), "rate"),
        Column("irr", _("TIR"), "rate"),
        Column("contribution", _("contribuição"), "rate"),
        Column("weight", _("peso"), "rate"),
    ]
    rows: list[list[Cell]] = [
        [
            row.key,
            found.label(row),
            found.scope.currency,
            row.start_value,
            row.inflows,
            row.outflows,
            row.end_value,
            row.gain.total,
            *[getattr(row.gain, code) for code in _SPLIT],
            row.twr,
            row.irr,
            row.contribution,
            row.weight,
        ]
        for row in found.rows
    ]
    return Table("rows", columns, rows)


def _summary(found: Performance) -> Table:
    f = found.figures
    rows: list[list[Cell]] = [_figure(code, getattr(f, code)) for code in _SUMMARY]
    rows += [_figure(code, getattr(f.gain, code)) for code in _SPLIT]
    rows += [_figure(code, getattr(f.risk, code)) for code in _RISK]
    rows += [_figure("max_drawdown", f.risk.max_drawdown.depth)]
    rows += _after_tax(found.after_tax)
    return Table("summary", _FIGURE, rows)


def _after_tax(found: AfterTax) -> list[list[Cell]]:
    taxed, sold = found.taxed, found.sold
    return [
        _figure("gain_after_tax", taxed.gain if taxed else None),
        _figure("twr_after_tax", taxed.twr if taxed else None),
        _figure("irr_after_tax", taxed.irr if taxed else None),
        _figure("latent_tax", sold.tax if sold else None),
        _figure("gain_if_sold", sold.taxed.gain if sold and sold.taxed else None),
    ]


_FIGURE = (
    Column("figure", "figure"),
    Column("name", "name"),
    Column("value", "value", "number"),
)


def _figure(code: str, value: float | None) -> list[Cell]:
    return [code, str(DEFINITIONS[code].name), value]


def _benchmarks(found: Performance) -> Table:
    columns = [
        Column("benchmark", _("referência")),
        Column("twr", _("retorno"), "rate"),
        Column("twr_annualised", _("anualizado"), "rate"),
        Column("excess", _("excesso"), "rate"),
        Column("end_value", _("o mesmo dinheiro valeria"), "money"),
        Column("gain", _("ganharia"), "money"),
        Column("irr", _("TIR"), "rate"),
        Column("beta", "beta", "number"),
        Column("correlation", _("correlação"), "number"),
        Column("tracking_error", "tracking error", "rate"),
    ]
    names = [column.name for column in columns[1:]]
    rows: list[list[Cell]] = [
        [code, *[getattr(c, name) for name in names]]
        for code, c in found.figures.comparisons.items()
    ]
    return Table("benchmarks", columns, rows)


def series_tables(found: Performance) -> list[Table]:
    """``series``: every day of the period."""
    daily, compared = found.figures.daily, found.figures.comparisons
    columns = [
        Column("date", _("data"), "date"),
        Column("value", _("valor"), "money"),
        Column("invested", _("investido"), "money"),
        Column("inflow", _("entradas"), "money"),
        Column("outflow", _("saídas"), "money"),
        Column("return", _("retorno desde o início"), "rate"),
        Column("drawdown", _("queda"), "rate"),
        *[Column(code, code, "rate") for code in compared],
    ]
    first = daily.start.toordinal()
    lists: list[Any] = [
        daily.value.tolist(),
        daily.invested.tolist(),
        daily.inflow.tolist(),
        daily.outflow.tolist(),
        (daily.index - 1.0).tolist(),
        daily.drawdown.tolist(),
        *[(c.levels - 1.0).tolist() for c in compared.values()],
    ]
    rows: list[list[Cell]] = [
        [dt.date.fromordinal(first + place), *cells]
        for place, cells in enumerate(zip(*lists, strict=True))
    ]
    return [Table("series", columns, rows)]


def heat_map_tables(found: Performance) -> list[Table]:
    """``heatmap``: a row for each year."""
    columns = [Column("year", _("ano"), "number")]
    columns += [Column(f"{month:02}", f"{month:02}", "rate") for month in range(1, 13)]
    columns += [Column("total", _("ano todo"), "rate")]
    years: dict[int, dict[int, float]] = {}
    for cell in heat_map(found):
        years.setdefault(cell.year, {})[cell.month] = cell.rate
    rows: list[list[Cell]] = [
        [year, *[months.get(month) for month in range(1, 13)], months.get(0)]
        for year, months in sorted(years.items())
    ]
    return [Table("heatmap", columns, rows)]


def rolling_tables(found: Performance, window: str) -> list[Table]:
    """``rolling``: every window by its last day."""
    windows = rolling_returns(found, window)
    columns = [
        Column("date", _("data"), "date"),
        Column("return", _("retorno"), "rate"),
        Column("volatility", _("volatilidade"), "rate"),
    ]
    first = windows.start.toordinal()
    pairs = zip(windows.rate.tolist(), windows.volatility.tolist(), strict=True)
    rows: list[list[Cell]] = [
        [dt.date.fromordinal(first + place), *pair] for place, pair in enumerate(pairs)
    ]
    return [Table("rolling", columns, rows)]


def risk_tables(found: Performance) -> list[Table]:
    """``risk`` and ``benchmarks``."""
    risk = found.figures.risk
    rows = [_figure(code, getattr(risk, code)) for code in _RISK]
    rows += [
        _figure("max_drawdown", risk.max_drawdown.depth),
        _figure("current_drawdown", risk.current_drawdown.depth),
    ]
    return [Table("risk", _FIGURE, rows), _benchmarks(found)]


def contribution_tables(found: Performance) -> list[Table]:
    """``contributions`` of each group, which add up to the return."""
    columns = [
        Column("key", _("chave")),
        Column("label", _("nome")),
        Column("contribution", _("contribuição"), "rate"),
        Column("gain", _("ganho"), "money"),
        Column("weight", _("peso"), "rate"),
    ]
    rows: list[list[Cell]] = [
        [row.key, found.label(row), row.contribution, row.gain.total, row.weight]
        for row in sorted(found.rows, key=lambda row: -row.contribution)
    ]
    return [Table("contributions", columns, rows)]


def allocation_tables(found: Allocation) -> list[Table]:
    """``slices`` by group, and ``targets`` where the portfolio has any."""
    columns = [
        Column("key", _("chave")),
        Column("label", _("nome")),
        Column("currency", _("moeda")),
        Column("value", _("valor"), "money"),
        Column("share", _("participação"), "rate"),
        Column("target", _("meta"), "rate"),
        Column("drift", _("diferença"), "rate"),
        Column("to_target", _("comprar ou vender"), "money"),
    ]

    def table(name: str, slices: Sequence[Any]) -> Table:
        rows: list[list[Cell]] = [
            [s.key, s.label, found.currency, s.value, s.share, s.target, s.drift, s.to_target]
            for s in slices
        ]
        return Table(name, columns, rows)

    return [table("slices", found.slices), table("targets", found.targets)]


def income_tables(found: Income) -> list[Table]:
    """``months``, ``assets`` and ``cells`` (each asset in each month)."""
    months = Table(
        "months",
        [
            Column("month", _("mês"), "date"),
            Column("gross", _("bruto"), "money"),
            Column("withheld", _("retido"), "money"),
            Column("net", _("líquido"), "money"),
            Column("year_before", _("um ano antes"), "money"),
        ],
        [[m.month, m.gross, m.withheld, m.net, m.year_before] for m in found.months],
    )
    assets = Table(
        "assets",
        [
            Column("asset", "id"),
            Column("ticker", _("código")),
            Column("periodicity", _("periodicidade")),
            Column("payments", _("pagamentos"), "number"),
            Column("gross", _("bruto"), "money"),
            Column("withheld", _("retido"), "money"),
            Column("last_year", _("12 meses"), "money"),
            Column("year_before", _("12 meses anteriores"), "money"),
            Column("yield_on_value", _("rendimento"), "rate"),
            Column("yield_on_cost", _("rendimento sobre o custo"), "rate"),
            Column("growth", _("crescimento"), "rate"),
        ],
        [
            [
                item.asset,
                item.ticker,
                item.periodicity,
                item.payments,
                item.row.gross,
                item.row.withheld,
                item.row.last_year,
                item.row.year_before,
                item.row.yield_on_value,
                item.row.yield_on_cost,
                item.row.growth,
            ]
            for item in found.assets
        ],
    )
    tickers = found.scope.names
    cells = Table(
        "cells",
        [
            Column("month", _("mês"), "date"),
            Column("asset", "id"),
            Column("ticker", _("código")),
            Column("gross", _("bruto"), "money"),
            Column("withheld", _("retido"), "money"),
        ],
        [[c.month, c.key, tickers.ticker(c.key), c.gross, c.withheld] for c in found.cells],
    )
    return [months, assets, cells]


def asset_tables(found: AssetPerformance) -> list[Table]:
    """``prices`` as traded and adjusted, ``marks``, ``summary``, ``benchmarks``."""
    series = found.prices.series
    pairs = zip(series.dates, series.close.tolist(), series.adjusted.tolist(), strict=True)
    prices = Table(
        "prices",
        [
            Column("date", _("data"), "date"),
            Column("close", _("fechamento"), "number"),
            Column("adjusted", _("ajustado"), "number"),
        ],
        [list(cells) for cells in pairs],
    )
    marks = Table(
        "marks",
        [
            Column("date", _("data"), "date"),
            Column("kind", _("tipo")),
            Column("quantity", _("quantidade"), "number"),
            Column("price", _("preço"), "number"),
            Column("adjusted", _("preço ajustado"), "number"),
            Column("amount", _("valor"), "money"),
            Column("transaction", "id"),
        ],
        [
            [m.date, m.kind, m.quantity, m.price, m.adjusted, m.amount, m.transaction]
            for m in found.prices.marks
        ],
    )
    return [prices, marks, _summary(found.performance), _benchmarks(found.performance)]


def explained_tables(item: Explained) -> list[Table]:
    """``parts`` of a figure."""
    columns = [
        Column("block", _("bloco")),
        Column("label", _("parte")),
        Column("date", _("data"), "date"),
        Column("value", _("valor"), "number"),
        Column("sign", _("sinal"), "number"),
        Column("transaction", "id"),
    ]
    rows: list[list[Cell]] = [
        [block.title, part.label, part.date, part.value, part.sign, part.transaction]
        for block in item.blocks
        for part in block.parts
    ]
    return [Table("parts", columns, rows)]
