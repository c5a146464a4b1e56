"""Storing positions and parts of balances in bulk."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal

from django.db import connection
from django.db.models import Q

from apps.engine.holdings import Holding
from apps.engine.valuation import splits
from apps.portfolios.folding import HoldingKey
from apps.portfolios.models import CashPart, Position

COLUMNS = (
    "workspace_id",
    "holder_id",
    "account_id",
    "asset_id",
    "currency",
    "quantity",
    "total_cost",
    "realised_gain",
    "income",
    "fifo_cost",
    "fifo_realised",
    "total_cost_brl",
    "realised_gain_brl",
    "income_brl",
    "total_cost_usd",
    "realised_gain_usd",
    "income_usd",
    "first_date",
    "last_date",
    "issues",
    "splits",
)
PART_COLUMNS = ("workspace_id", "account_id", "currency", "asset_id", "amount", "is_complete")
Row = tuple[object, ...]


def position_row(
    workspace_id: uuid.UUID,
    key: HoldingKey,
    holding: Holding,
    brl: Holding | None,
    usd: Holding | None,
) -> Row:
    """A holding in the order of ``COLUMNS``. Income is gross, as the asset paid it."""
    holder, account, asset = key
    report = [
        figure
        for found in (brl, usd)
        for figure in (
            (found.total_cost, found.realised_gain, found.income) if found else (None, None, None)
        )
    ]
    return (
        workspace_id,
        holder,
        account,
        asset,
        holding.currency,
        holding.quantity,
        holding.total_cost,
        holding.realised_gain,
        holding.income,
        holding.fifo_cost,
        holding.fifo_realised,
        *report,
        holding.first_date,
        holding.last_date,
        json.dumps(holding.issue_codes),
        json.dumps([[day.isoformat(), str(ratio)] for day, ratio in splits(holding)]),
    )


def positions_replace(
    workspace_id: uuid.UUID, assets: Collection[uuid.UUID | None] | None, rows: Iterable[Row]
) -> None:
    """Swaps a workspace's positions in ``assets`` (``None``: all) for ``rows``, inside the
    caller's transaction.

    By COPY: preparing a thousand rows for INSERT costs the ORM more than folding them. The
    columns round to their own decimals.
    """
    old = Position.objects.filter(workspace_id=workspace_id)
    (old if assets is None else old.filter(_of(assets))).delete()
    _copy(Position._meta.db_table, COLUMNS, rows)


def parts_replace(
    workspace_id: uuid.UUID,
    assets: Collection[uuid.UUID | None] | None,
    parts: Mapping[tuple[str, str, str | None], tuple[Decimal, bool]],
) -> None:
    """The same for what assets (``None`` among them: rows without one) moved of the balances."""
    old = CashPart.objects.filter(workspace_id=workspace_id)
    (old if assets is None else old.filter(_of(assets))).delete()
    rows = (
        (workspace_id, account, currency, asset, amount, known)
        for (account, currency, asset), (amount, known) in parts.items()
    )
    _copy(CashPart._meta.db_table, PART_COLUMNS, rows)


def _of(assets: Collection[uuid.UUID | None]) -> Q:
    named = Q(asset_id__in={asset for asset in assets if asset is not None})
    return named | Q(asset__isnull=True) if None in assets else named


def _copy(table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    names = ", ".join(columns)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


Folded = Mapping[HoldingKey, Holding]


def rows_of(workspace_id: uuid.UUID, native: Folded, brl: Folded, usd: Folded) -> Iterable[Row]:
    """Rows of one fold, with the same holdings in reais and in dollars beside them."""
    for key, holding in native.items():
        yield position_row(workspace_id, key, holding, brl.get(key), usd.get(key))
