"""Returns and risk as tables to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from apps.common.errors import Invalid
from apps.common.tables import Cell, Column, Table
from apps.engine.returns.figures import Drawdown
from apps.performance.pages.controls import CASH_LABEL, NO_GROUP, compared_label
from apps.performance.selectors import (
    AfterTax,
    Performance,
    heat_map,
    rolling_returns,
)
from apps.performance.selectors.scope import CASH
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
    return [_rows(found), summary_table(found), benchmarks_table(found)]


def _rows(found: Performance) -> Table:
    columns = [
        Column("key", _("chave"), code=True),
        Column("label", _("nome"), show=name_of),
        Column("currency", _("moeda")),
        Column("start_value", _("valor inicial"), "money"),
        Column("inflows", _("entradas"), "money"),
        Column("outflows", _("saídas"), "money"),
        Column("end_value", _("valor final"), "money"),
        Column("gain", _("ganho"), "money"),
        # The report's currency has that name already.
        *[
            Column(
                "currency_effect" if code == "currency" else code,
                str(DEFINITIONS[code].name),
                "money",
            )
            for code in _SPLIT
        ],
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


def summary_table(found: Performance) -> Table:
    """Every figure of a period."""
    f = found.figures
    rows: list[list[Cell]] = [_figure(code, getattr(f, code)) for code in _SUMMARY]
    rows += [_figure(code, getattr(f.gain, code)) for code in _SPLIT]
    rows += [_figure(code, getattr(f.risk, code)) for code in _RISK]
    rows += [_drawdown("max_drawdown", f.risk.max_drawdown)]
    rows += _after_tax(found.after_tax)
    return Table("summary", _figures(), rows)


def _after_tax(found: AfterTax) -> list[list[Cell]]:
    taxed, sold = found.taxed, found.sold
    return [
        _figure("gain_after_tax", taxed.gain if taxed else None),
        _figure("twr_after_tax", taxed.twr if taxed else None),
        _figure("irr_after_tax", taxed.irr if taxed else None),
        _figure("latent_tax", sold.tax if sold else None),
        _figure("gain_if_sold", sold.taxed.gain if sold and sold.taxed else None),
    ]


def _figures() -> list[Column]:
    return [
        Column("figure", _("código"), code=True),
        Column("name", _("nome")),
        Column("value", _("valor"), "number"),
        Column("from", _("de"), "date"),
        Column("to", _("até"), "date"),
    ]


def _figure(
    code: str,
    value: float | None,
    first: dt.date | None = None,
    last: dt.date | None = None,
    name: str = "",
) -> list[Cell]:
    return [code, name or str(DEFINITIONS[code].name), value, first, last]


def name_of(label: str) -> str:
    """The words for a group: those of cash and of what has no group are not its own."""
    if label == CASH or label.startswith(f"{CASH}:"):
        return f"{CASH_LABEL} {label.partition(':')[2]}".strip()
    return label or str(NO_GROUP)


def benchmarks_table(found: Performance) -> Table:
    """Every benchmark beside the portfolio."""
    columns = [
        Column("benchmark", _("referência"), show=compared_label),
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
        *[Column(code, str(compared_label(code)), "rate") for code in compared],
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
    columns += [Column(f"{month:02}", str(MONTHS[month]), "rate") for month in range(1, 13)]
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
        _drawdown("max_drawdown", risk.max_drawdown),
        _drawdown("current_drawdown", risk.current_drawdown),
        _figure("longest_drawdown", float(risk.longest_drawdown_days)),
    ]
    extremes = {
        "best_day": (_("melhor dia"), risk.best_day),
        "worst_day": (_("pior dia"), risk.worst_day),
        "best_month": (_("melhor mês"), risk.best_month),
        "worst_month": (_("pior mês"), risk.worst_month),
    }
    rows += [
        _figure(code, extreme.rate, extreme.first, extreme.last, name)
        for code, (name, extreme) in extremes.items()
        if extreme is not None
    ]
    return [Table("risk", _figures(), rows), benchmarks_table(found)]


def _drawdown(code: str, fall: Drawdown) -> list[Cell]:
    return _figure(code, fall.depth, fall.peak, fall.trough)


def contribution_tables(found: Performance) -> list[Table]:
    """``contributions`` of each group, which add up to the return."""
    columns = [
        Column("key", _("chave"), code=True),
        Column("label", _("nome"), show=name_of),
        Column("contribution", _("contribuição"), "rate"),
        Column("gain", _("ganho"), "money"),
        Column("weight", _("peso"), "rate"),
    ]
    rows: list[list[Cell]] = [
        [row.key, found.label(row), row.contribution, row.gain.total, row.weight]
        for row in sorted(found.rows, key=lambda row: -row.contribution)
    ]
    return [Table("contributions", columns, rows)]
