"""What taking a batch back would remove."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from apps.imports.models import Batch, Line
from apps.ledger.models import Origin, Transaction

_CLAIMING = (Line.State.APPLIED, Line.State.DUPLICATE)


@dataclass(frozen=True, slots=True)
class UndoRow:
    """A row that only this batch claims."""

    pk: uuid.UUID
    edited_by_hand: bool


def rows_to_remove(*, batch: Batch) -> list[UndoRow]:
    """Imported rows this batch made or met, less those another live batch also claims.

    Rows typed by hand that a file merely repeated are never removed. Three queries.
    """
    claimed = {
        pk
        for pk in Line.objects.filter(batch=batch, state__in=_CLAIMING).values_list(
            "transaction_id", flat=True
        )
        if pk is not None
    }
    if not claimed:
        return []
    others = set(
        Line.objects.filter(
            batch__workspace_id=batch.workspace_id,
            batch__status=Batch.Status.APPLIED,
            state__in=_CLAIMING,
            transaction_id__in=claimed,
        )
        .exclude(batch=batch)
        .values_list("transaction_id", flat=True)
    )
    rows = Transaction.objects.of(batch.workspace_id).filter(
        pk__in=claimed - others, origin=Origin.IMPORT
    )
    return [UndoRow(pk, edited) for pk, edited in rows.values_list("pk", "edited_by_hand")]
