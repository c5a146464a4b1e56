"""Allocation, income, single assets and explanations as tables to take away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.common.tables import Cell, Column, Table
from apps.ledger.models import Kind as RowKind
from apps.performance.exports.returns import benchmarks_table, name_of, summary_table
from apps.performance.pages.income import RHYTHMS
from apps.performance.selectors import (
    Allocation,
    AssetPerformance,
    Explained,
    Income,
)


def allocation_tables(found: Allocation) -> list[Table]:
    """``slices`` by group, ``targets`` where the portfolio has any, ``concentration`` by asset."""
    columns = [
        Column("key", _("chave"), code=True),
        Column("label", _("nome"), show=name_of),
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

    known = found.concentration
    concentration = Table(
        "concentration",
        [
            Column("asset", "id", code=True),
            Column("ticker", _("código do ativo")),
            Column("share", _("participação"), "rate"),
        ],
        [[key, found.scope.names.ticker(key), share] for key, share in known.shares],
    )
    return [table("slices", found.slices), table("targets", found.targets), concentration]


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
            Column("asset", "id", code=True),
            Column("ticker", _("código do ativo")),
            Column("periodicity", _("periodicidade"), show=lambda code: RHYTHMS.get(code, code)),
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
            Column("asset", "id", code=True),
            Column("ticker", _("código do ativo")),
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
            Column("kind", _("tipo"), show=lambda code: RowKind(code).label),
            Column("quantity", _("quantidade"), "number"),
            Column("price", _("preço"), "number"),
            Column("adjusted", _("preço ajustado"), "number"),
            Column("amount", _("valor"), "money"),
            Column("transaction", "id", code=True),
        ],
        [
            [m.date, m.kind, m.quantity, m.price, m.adjusted, m.amount, m.transaction]
            for m in found.prices.marks
        ],
    )
    return [prices, marks, summary_table(found.performance), benchmarks_table(found.performance)]


def explained_tables(item: Explained) -> list[Table]:
    """``parts`` of a figure."""
    columns = [
        Column("block", _("bloco")),
        Column("label", _("parte")),
        Column("date", _("data"), "date"),
        Column("value", _("valor"), "number"),
        Column("sign", _("sinal"), "number"),
        Column("transaction", "id", code=True),
    ]
    rows: list[list[Cell]] = [
        [block.title, part.label, part.date, part.value, part.sign, part.transaction]
        for block in item.blocks
        for part in block.parts
    ]
    return [Table("parts", columns, rows)]
