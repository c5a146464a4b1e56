"""Reads of the ledger."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.engine import kinds
from apps.engine import types as engine
from apps.ledger.models import BrokerageNote, Transaction

_ENGINE_COLUMNS = (
    "id",
    "sequence",
    "trade_date",
    "kind",
    "account_id",
    "currency",
    "asset_id",
    "trade_time",
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "fx_rate",
    "ratio",
    "to_asset_id",
    "to_currency",
    "cost_share",
    "bucket",
    "note",
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
    return list(_to_engine(values))


def _to_engine(values: Iterable[tuple[object, ...]]) -> Iterator[engine.Row]:
    by_kind = {str(k): k for k in kinds.Kind}
    text: dict[object, str] = {}
    for value in values:
        (
            pk,
            sequence,
            date,
            kind,
            account,
            currency,
            asset,
            time,
            quantity,
            price,
            amount,
        ) = value[:11]
        (fees, withheld, fx_rate, ratio, to_asset, to_currency, share, bucket, note) = value[11:]
        for key in (account, asset, to_asset):
            if key is not None and key not in text:
                text[key] = str(key)
        yield engine.Row(
            ref=str(pk),
            seq=sequence,  # type: ignore[arg-type]
            date=date,  # type: ignore[arg-type]
            kind=by_kind[kind],  # type: ignore[index]
            account=text[account],
            currency=currency,  # type: ignore[arg-type]
            asset=text[asset] if asset is not None else None,
            time=time,  # type: ignore[arg-type]
            quantity=quantity,  # type: ignore[arg-type]
            unit_price=price,  # type: ignore[arg-type]
            amount=amount,  # type: ignore[arg-type]
            fees=fees,  # type: ignore[arg-type]
            tax_withheld=withheld,  # type: ignore[arg-type]
            fx_rate=fx_rate,  # type: ignore[arg-type]
            ratio=ratio,  # type: ignore[arg-type]
            to_asset=text[to_asset] if to_asset is not None else (to_currency or None),  # type: ignore[arg-type]
            cost_share=share,  # type: ignore[arg-type]
            bucket=bucket or None,  # type: ignore[arg-type]
            note=note,  # type: ignore[arg-type]
        )


def held_asset_ids(*, workspace_id: uuid.UUID) -> set[uuid.UUID]:
    """Every asset the ledger names, as held or as received."""
    rows = Transaction.objects.of(workspace_id)
    named = set(rows.filter(asset__isnull=False).values_list("asset_id", flat=True).distinct())
    named |= set(
        rows.filter(to_asset__isnull=False).values_list("to_asset_id", flat=True).distinct()
    )
    return named
