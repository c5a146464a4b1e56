"""Reads of the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.engine import kinds
from apps.engine import types as engine
from apps.ledger.models import BrokerageNote, Transaction

# Ids as text: making and printing UUIDs would take longer than the rest of a row.
_ENGINE_COLUMNS = (
    Cast("id", TextField()),
    "sequence",
    "trade_date",
    "kind",
    Cast("account_id", TextField()),
    "currency",
    Cast("asset_id", TextField()),
    "trade_time",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "fx_rate",
    "ratio",
    Cast("to_asset_id", TextField()),
    "cost_share",
    "bucket",
    "note",
    "to_currency",
)


def transactions_of(*, access: Access) -> QuerySet[Transaction]:
    """The workspace's rows, newest first, with what a list shows of them."""
    return (
        Transaction.objects.of(access.workspace.pk)
        .select_related("asset", "account", "to_asset")
        .order_by("-trade_date", "-sequence")
    )


def transaction_get(*, access: Access, transaction_id: object) -> Transaction:
    """One row. Raises :class:`NotFound`."""
    try:
        key = uuid.UUID(str(transaction_id))
    except ValueError:
        key = uuid.UUID(int=0)
    found = transactions_of(access=access).filter(pk=key).first()
    if found is None:
        raise NotFound("not_found", _("Não encontramos este lançamento."))
    return found


def notes_of(*, access: Access) -> QuerySet[BrokerageNote]:
    """The workspace's brokerage notes, newest first."""
    return (
        BrokerageNote.objects.select_related("account")
        .filter(workspace=access.workspace)
        .order_by("-trade_date", "number")
    )


def engine_rows(
    *,
    workspace_id: uuid.UUID,
    until: dt.date | None = None,
    asset_ids: Iterable[uuid.UUID | None] | None = None,
) -> list[engine.Row]:
    """The ledger as the engine reads it, in chronological order. One query.

    Assets and accounts are their ids as text, ``ref`` is the row's id. ``None`` among
    ``asset_ids`` asks for the rows without asset.
    """
    rows = Transaction.objects.of(workspace_id)
    if until is not None:
        rows = rows.filter(trade_date__lte=until)
    if asset_ids is not None:
        wanted = set(asset_ids)
        of_assets = Q(asset_id__in=wanted - {None})
        rows = rows.filter(of_assets | Q(asset_id__isnull=True) if None in wanted else of_assets)
    values = rows.order_by("trade_date", "sequence").values_list(*_ENGINE_COLUMNS)
    return [_to_engine(value) for value in values]


_KINDS = {str(kind): kind for kind in kinds.Kind}


def _to_engine(value: tuple[Any, ...]) -> engine.Row:
    row = engine.Row(*value[:19])
    row.kind = _KINDS[value[3]]
    row.bucket = value[17] or None
    if row.to_asset is None and value[19]:
        row.to_asset = value[19]
    return row


def held_asset_ids(*, workspace_id: uuid.UUID) -> set[uuid.UUID]:
    """Every asset the ledger names, as held or as received."""
    # Without an order: columns that rows are put in order by count as different.
    rows = Transaction.objects.of(workspace_id).order_by()
    named = set(rows.filter(asset__isnull=False).values_list("asset_id", flat=True).distinct())
    named |= set(
        rows.filter(to_asset__isnull=False).values_list("to_asset_id", flat=True).distinct()
    )
    return named
