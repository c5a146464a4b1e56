"""Recording, changing and deleting rows."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import Invalid, NotFound
from apps.ledger.models import Origin, Transaction
from apps.ledger.services.bulk import transactions_copy
from apps.ledger.services.change import changed, lock, touched_by
from apps.ledger.services.input import TransactionInput, check
from apps.ledger.services.notes import SALES, TRADES, notes_respread


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
    check(access=access, data=data)
    lock(access=access)
    row = Transaction.objects.create(
        workspace=access.workspace,
        origin=origin,
        sequence=_next_sequence(access),
        **_values(data),
    )
    changed(access=access, since=data.trade_date, assets=touched_by([row]))
    return row


@transaction.atomic
def transaction_update(*, access: Access, row: Transaction, data: TransactionInput) -> Transaction:
    """Changes a row; an imported one is marked as edited by hand so that an undo asks first.

    A trade whose fees come from a brokerage note keeps them (the note is spread anew when values
    change) until its day or account changes, which takes it out of the note. Raises
    :class:`Invalid`, and :class:`NotFound` when the row was deleted meanwhile.
    """
    access.require_editor()
    check(access=access, data=data)
    lock(access=access)
    current = (
        Transaction.objects.of(access.workspace.pk)
        .select_related("brokerage_note")
        .filter(pk=row.pk)
        .first()
    )
    if current is None:
        raise NotFound("not_found", _("Não encontramos este lançamento."))
    before, note_id = current.trade_date, current.brokerage_note_id
    touched = touched_by([current])
    values = _values(data)
    if note_id is not None:
        values |= _leaving_note(current, data)
    for name, value in values.items():
        setattr(current, name, value)
    current.edited_by_hand = current.batch_id is not None or current.edited_by_hand
    current.save()
    touched |= touched_by([current])
    if note_id is not None:
        touched |= notes_respread({note_id})
        current.refresh_from_db()
    changed(access=access, since=min(before, data.trade_date), assets=touched)
    return current


def _leaving_note(current: Transaction, data: TransactionInput) -> dict[str, Any]:
    """What changes in a noted trade beside what was typed. Raises :class:`Invalid`."""
    note = current.brokerage_note
    assert note is not None
    stays = (
        data.account.pk == current.account_id
        and data.trade_date == current.trade_date
        and data.kind in TRADES
    )
    if stays and data.fees != current.fees:
        raise Invalid(
            "fees_from_note",
            _("As taxas vêm do rateio da nota de corretagem; altere ou exclua a nota."),
            field="fees",
        )
    if stays:
        return {}
    left: dict[str, Any] = {"brokerage_note": None}
    if data.fees == current.fees:  # the note gave them, and the trade is no longer its own
        left["fees"] = None
    given = note.irrf is not None and current.kind in SALES
    if given and data.tax_withheld == current.tax_withheld:
        left["tax_withheld"] = None
    return left


@transaction.atomic
def transaction_delete(*, access: Access, row: Transaction) -> None:
    """Deletes a row; the history keeps it."""
    access.require_editor()
    lock(access=access)
    found = Transaction.objects.of(access.workspace.pk).filter(pk=row.pk)
    current = found.first()
    if current is None:
        raise NotFound("not_found", _("Não encontramos este lançamento."))
    found.delete()
    touched = touched_by([current]) | notes_respread({current.brokerage_note_id})
    changed(access=access, since=current.trade_date, assets=touched)


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
            check(access=access, data=data)
        except Invalid as error:
            error.params["index"] = index
            raise
    lock(access=access)
    # An ordinary UPDATE before the COPY: it carries the audit context into the transaction.
    named = {data.asset.pk if data.asset is not None else None for data in inputs}
    named |= {data.to_asset.pk for data in inputs if data.to_asset is not None}
    changed(access=access, since=min(data.trade_date for data in inputs), assets=named)
    return transactions_copy(
        workspace_id=access.workspace.pk,
        inputs=inputs,
        origin=origin,
        batch_id=batch_id,
        first_sequence=_next_sequence(access),
    )


@transaction.atomic
def transactions_delete_bulk(*, access: Access, ids: Iterable[uuid.UUID]) -> int:
    """Deletes many rows, all or none; tells how many there were."""
    access.require_editor()
    lock(access=access)
    rows = Transaction.objects.of(access.workspace.pk).filter(pk__in=list(ids))
    since = rows.aggregate(first=Min("trade_date"))["first"]
    if since is None:
        return 0
    notes = set(rows.filter(brokerage_note__isnull=False).values_list("brokerage_note", flat=True))
    pairs = set(rows.values_list("asset_id", "to_asset_id"))
    touched = {asset for asset, _to in pairs} | {to for _asset, to in pairs if to is not None}
    count, _by_model = rows.delete()
    changed(access=access, since=since, assets=touched | notes_respread(notes))
    return count
