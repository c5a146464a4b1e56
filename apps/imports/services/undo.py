"""Taking a batch back."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.common.errors import Conflict, FieldError
from apps.imports.models import Batch, Line
from apps.imports.selectors import rows_to_remove
from apps.ledger.services import transactions_delete_bulk

ASK, REMOVE, KEEP = "ask", "remove", "keep"


@transaction.atomic
def batch_undo(*, access: Access, batch: Batch, edited: str = ASK) -> Batch:
    """Remove what an applied batch brought, except rows another live batch also claims.

    Where rows were changed by hand, ``edited`` says whether to ``remove`` or ``keep`` them;
    ``ask`` raises :class:`Conflict` ``edited_rows`` with their number and changes nothing.
    """
    access.require_editor()
    Workspace.objects.select_for_update().only("pk").get(pk=access.workspace.pk)
    current = (
        Batch.objects.select_for_update(of=("self",))
        .defer("file")
        .get(pk=batch.pk, workspace=access.workspace)
    )
    if current.status != Batch.Status.APPLIED:
        raise Conflict("not_applied", _("Só uma importação aplicada pode ser desfeita."))
    rows = rows_to_remove(batch=current)
    touched = [row for row in rows if row.edited_by_hand]
    if touched and edited == ASK:
        message = _("Há lançamentos alterados à mão. Diga se eles também saem.")
        raise Conflict(
            "edited_rows",
            message,
            params={"count": len(touched)},
            errors=[FieldError("edited", "required", message)],
        )
    removed = {row.pk for row in rows if edited == REMOVE or not row.edited_by_hand}
    transactions_delete_bulk(access=access, ids=removed)
    lines = Line.objects.filter(batch=current)
    kept_by_hand = [row.pk for row in touched if row.pk not in removed]
    # A row kept for its edits stays claimed, so that the same file would not bring it again.
    undone = lines.filter(state__in=[Line.State.APPLIED, Line.State.DUPLICATE]).exclude(
        transaction_id__in=kept_by_hand
    )
    undone.update(state=Line.State.UNDONE, transaction_id=None)
    counts = {**current.counts, "applied": 0, "removed": len(removed), "kept": len(kept_by_hand)}
    Batch.objects.filter(pk=current.pk, status=Batch.Status.APPLIED).update(
        status=Batch.Status.UNDONE, undone_at=timezone.now(), counts=counts
    )
    current.refresh_from_db(fields=["status", "undone_at", "counts"])
    return current
