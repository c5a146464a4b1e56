"""Recording, changing and deleting rows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.accounts.services import workspace_touch
from apps.common.errors import Invalid, NotFound
from apps.ledger.models import Origin, Transaction
from apps.ledger.services.input import TransactionInput, check
from apps.ledger.signals import ledger_changed


def changed(access: Access, since: dt.date) -> None:
    """Marks the workspace's figures stale and tells the layers above after commit."""
    workspace_id = access.workspace.pk
    workspace_touch(workspace_id=workspace_id, since=since)
    transaction.on_commit(
        lambda: ledger_changed.send(sender=Transaction, workspace_id=workspace_id)
    )


def _lock(access: Access) -> None:
    """Writers of one workspace take turns, so that sequences never collide."""
    Workspace.objects.select_for_update().only("pk").get(pk=access.workspace.pk)


def _next_sequence(access: Access) -> int:
    last = Transaction.objects.of(access.workspace.pk).aggregate(last=Max("sequence"))["last"]
    return (last or 0) + 1


def _values(data: TransactionInput) -> dict[str, Any]:
    return {
        "account": data.account,
        "asset": data.asset,
        "kind": data.kind,
        "trade_date": data.trade_date,
        "trade_time": data.trade_time,
        "quantity": data.quantity,
        "unit_price": data.unit_price,
        "amount": data.amount,
        "fees": data.fees,
        "tax_withheld": data.tax_withheld,
        "currency": data.resolved_currency(),
        "fx_rate": data.fx_rate,
        "ratio": data.ratio,
        "to_asset": data.to_asset,
        "to_currency": data.to_currency.upper(),
        "cost_share": data.cost_share,
        "bucket": data.bucket,
        "note": data.note.strip(),
    }


@transaction.atomic
def transaction_record(
    *, access: Access, data: TransactionInput, origin: str = Origin.MANUAL
) -> Transaction:
    """Records one row. Raises :class:`Invalid` naming the fields, :class:`Forbidden`."""
    access.require_editor()
    check(access, data)
    _lock(access)
    row = Transaction.objects.create(
        workspace=access.workspace,
        origin=origin,
        sequence=_next_sequence(access),
        **_values(data),
    )
    changed(access, data.trade_date)
    return row


@transaction.atomic
def transaction_update(*, access: Access, row: Transaction, data: TransactionInput) -> Transaction:
    """Changes a row; an imported one is marked as edited by hand so that an undo asks first."""
    access.require_editor()
    check(access, data)
    _lock(access)
    current = Transaction.objects.of(access.workspace.pk).filter(pk=row.pk).first()
    if current is None:
        raise NotFound("not_found", _("Não encontramos este lançamento."))
    before = current.trade_date
    for name, value in _values(data).items():
        setattr(current, name, value)
    current.edited_by_hand = current.batch_id is not None or current.edited_by_hand
    if current.fees != row.fees or before != data.trade_date:
        current.brokerage_note = None
    current.save()
    changed(access, min(before, data.trade_date))
    return current


@transaction.atomic
def transaction_delete(*, access: Access, row: Transaction) -> None:
    """Deletes a row; the history keeps it."""
    access.require_editor()
    _lock(access)
    deleted, _by_model = Transaction.objects.of(access.workspace.pk).filter(pk=row.pk).delete()
    if not deleted:
        raise NotFound("not_found", _("Não encontramos este lançamento."))
    changed(access, row.trade_date)


@transaction.atomic
def transactions_record_bulk(
    *,
    access: Access,
    inputs: Sequence[TransactionInput],
    origin: str = Origin.IMPORT,
    batch_id: uuid.UUID | None = None,
) -> list[uuid.UUID]:
    """Records many rows in their order, all or none; answers their ids in the same order.

    Raises :class:`Invalid` with ``params["index"]`` of the first row that cannot be recorded.
    """
    access.require_editor()
    if not inputs:
        return []
    for index, data in enumerate(inputs):
        try:
            check(access, data)
        except Invalid as error:
            error.params["index"] = index
            raise
    _lock(access)
    first = _next_sequence(access)
    rows = [
        Transaction(
            workspace=access.workspace,
            origin=origin,
            batch_id=batch_id,
            sequence=first + index,
            **_values(data),
        )
        for index, data in enumerate(inputs)
    ]
    Transaction.objects.bulk_create(rows, batch_size=2000)
    changed(access, min(data.trade_date for data in inputs))
    return [row.pk for row in rows]


@transaction.atomic
def transactions_delete_bulk(*, access: Access, ids: Iterable[uuid.UUID]) -> int:
    """Deletes many rows, all or none; tells how many there were."""
    access.require_editor()
    _lock(access)
    rows = Transaction.objects.of(access.workspace.pk).filter(pk__in=list(ids))
    since = rows.aggregate(first=Min("trade_date"))["first"]
    if since is None:
        return 0
    count, _by_model = rows.delete()
    changed(access, since)
    return count
