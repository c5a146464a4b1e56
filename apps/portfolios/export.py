"""Positions as tables to take away."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.assets.models import AssetClass
from apps.common.tables import Cell, Column, Table, table_file
from apps.portfolios.figures import Positions, PositionView
from apps.portfolios.folding import By
from apps.portfolios.selectors import positions_on
from apps.portfolios.words import source_label


def positions_file(
    *, access: Access, currency: str, on: dt.date | None, form: str, by: By = "asset"
) -> tuple[bytes, str, str]:
    """The positions of a day as CSV, or with the cash of the accounts as XLSX: bytes, media type
    and file name. Unknown figures are empty."""
    found = positions_on(access=access, currency=currency, on=on, by=by)
    tables = [_positions(found, by), _cash(found)]
    return table_file(tables, form, f"exitus-{found.on.isoformat()}", for_people=True)


def _positions(found: Positions, by: By) -> Table:
    labels = dict(AssetClass.choices)
    columns = [
        Column("ticker", _("código")),
        Column("name", _("nome")),
        Column("class", _("classe"), show=lambda code: labels.get(code, code)),
        Column("sector", _("setor")),
        Column("holder", _("titular")),
        *([Column("account", _("conta")), Column("institution", _("corretora"))] * (by != "asset")),
        Column("quantity", _("quantidade"), "number"),
        Column("average_cost", _("preço médio"), "number"),
        Column("price", _("preço"), "number"),
        Column("price_as_of", _("preço de"), "date"),
        Column("price_source", _("fonte do preço"), show=source_label),
        Column("asset_currency", _("moeda do ativo")),
        Column("currency", _("moeda")),
        Column("total_cost", _("custo"), "money"),
        Column("market_value", _("valor"), "money"),
        Column("unrealised_gain", _("não realizado"), "money"),
        Column("realised_gain", _("realizado"), "money"),
        Column("income", _("proventos"), "money"),
        Column("weight", _("peso"), "rate"),
    ]
    return Table(_("posições"), columns, [_row(row, by) for row in found.rows])


def _row(row: PositionView, by: By) -> list[Cell]:
    money, as_of = row.report, row.price_as_of
    where: list[Cell] = [row.account, row.institution] if by != "asset" else []
    return [
        row.ticker,
        row.name,
        row.asset_class,
        row.sector,
        row.holder,
        *where,
        row.quantity,
        row.average_cost,
        row.price,
        timezone.localdate(as_of) if isinstance(as_of, dt.datetime) else as_of,
        row.price_source,
        row.native.currency,
        money.currency,
        money.cost,
        money.value,
        money.unrealised,
        money.realised,
        money.income,
        row.weight,
    ]


def _cash(found: Positions) -> Table:
    columns = [
        Column("account", _("conta")),
        Column("currency", _("moeda")),
        Column("amount", _("saldo"), "money"),
        Column("value", _("valor em %(currency)s") % {"currency": found.currency}, "money"),
    ]
    rows: list[list[Cell]] = [[c.account, c.currency, c.amount, c.value] for c in found.cash]
    return Table(_("saldo em conta"), columns, rows)
