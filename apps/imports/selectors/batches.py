"""Reads of batches, their lines and saved column mappings."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.common.errors import NotFound
from apps.imports.formats import Format
from apps.imports.models import Batch, ColumnMapping, Line
from apps.imports.selectors.preview import LineView, line_view
from apps.imports.selectors.undo import rows_to_remove

_HEAVY = ("file", "mapping", "proposals")


def _missing() -> NotFound:
    return NotFound("not_found", _("Não encontramos esta importação."))


def batches_of(*, access: Access) -> QuerySet[Batch]:
    """The workspace's imports, newest first, without their content."""
    return (
        Batch.objects.filter(workspace=access.workspace)
        .select_related("user", "account", "task_run")
        .defer(*_HEAVY)
        .order_by("-created_at")
    )


def batch_get(*, access: Access, batch_id: object) -> Batch:
    """One import without its content. Raises :class:`NotFound`. One query."""
    try:
        key = uuid.UUID(str(batch_id))
    except ValueError:
        raise _missing() from None
    found = (
        Batch.objects.filter(workspace=access.workspace, pk=key)
        .select_related("user", "holder", "account__institution", "task_run")
        .defer("file")
        .first()
    )
    if found is None:
        raise _missing()
    return found


def batches_waiting(*, workspace_id: uuid.UUID) -> bool:
    """Whether any file of a workspace awaits review. One query."""
    return Batch.objects.filter(
        workspace_id=workspace_id, status=Batch.Status.PARSED, counts__total__gt=0
    ).exists()


def lines_of(*, batch: Batch, states: Iterable[str] = ()) -> QuerySet[Line]:
    """The rows of a batch in the order of the file, narrowed by state."""
    lines = Line.objects.filter(batch=batch).order_by("sheet", "number")
    wanted = list(states)
    return lines.filter(state__in=wanted) if wanted else lines


def lines_alike(*, batch: Batch, line: Line) -> QuerySet[Line]:
    """Other undecided rows with the same movement, side and reason."""
    waiting = lines_of(batch=batch, states=[Line.State.DECIDE]).exclude(pk=line.pk)
    kin = [other.pk for other in waiting if _likeness(other) == _likeness(line)]
    return Line.objects.filter(pk__in=kin)


def lines_waiting(*, batch: Batch, limit: int) -> list[tuple[LineView, int]]:
    """The rows to decide, one of each likeness, with how many others are alike. One query."""
    kin: Counter[tuple[str, ...]] = Counter()
    first: dict[tuple[str, ...], Line] = {}
    for line in lines_of(batch=batch, states=[Line.State.DECIDE]):
        kin[_likeness(line)] += 1
        first.setdefault(_likeness(line), line)
    return [(line_view(line), kin[key] - 1) for key, line in list(first.items())[:limit]]


def _likeness(line: Line) -> tuple[str, ...]:
    return (line.reason, line.parsed.get("movement", ""), line.parsed.get("side", ""))


def has_proposals(*, batch: Batch) -> bool:
    """Whether applying would make accounts or assets."""
    return bool(batch.proposals.get("institutions") or batch.proposals.get("assets"))


def state_tabs(*, batch: Batch, shown: str) -> list[dict[str, Any]]:
    """The states a batch has lines in, as links, the whole first."""
    counts = batch.counts or {}
    tabs = [{"url": "?", "label": _all_label(counts), "current": not shown}]
    for state in Line.State:
        if counts.get(state):
            label = f"{state.label.capitalize()} ({counts[state]})"
            tabs.append(
                {
                    "url": f"?mostrar={state.value}#linhas",
                    "label": label,
                    "current": shown == state,
                }
            )
    return tabs


def _all_label(counts: dict[str, Any]) -> str:
    return gettext("Todas (%(total)s)") % {"total": counts.get("total", 0)}


def undo_effect(*, batch: Batch) -> dict[str, int]:
    """What taking a batch back would do: rows removed, kept for another file, edited by hand."""
    rows = rows_to_remove(batch=batch)
    claimed = (
        Line.objects.filter(batch=batch, state__in=[Line.State.APPLIED, Line.State.DUPLICATE])
        .filter(transaction_id__isnull=False)
        .values("transaction_id")
        .distinct()
        .count()
    )
    edited = sum(1 for row in rows if row.edited_by_hand)
    return {"removed": len(rows), "kept": claimed - len(rows), "edited": edited}


def day_asked(text: str) -> dt.date | None:
    """A day of an address; ``None`` where it is none."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def line_get(*, batch: Batch, line_id: object) -> Line:
    """One row of a batch. Raises :class:`NotFound`."""
    found = (
        Line.objects.filter(batch=batch, pk=int(str(line_id))).first()
        if str(line_id).isdigit() and len(str(line_id)) < 19
        else None
    )
    if found is None:
        raise _missing()
    return found


def mapping_saved(*, access: Access, fingerprint: str) -> ColumnMapping | None:
    """The workspace's mapping for a header, if it kept one."""
    return ColumnMapping.objects.filter(
        workspace=access.workspace, header_fingerprint=fingerprint
    ).first()


def mappings_of(*, access: Access) -> QuerySet[ColumnMapping]:
    """The workspace's saved mappings by name."""
    return ColumnMapping.objects.filter(workspace=access.workspace).order_by("name")


def same_file_before(*, batch: Batch) -> Batch | None:
    """An applied import of the very same bytes, if there is one."""
    return (
        Batch.objects.filter(
            workspace_id=batch.workspace_id,
            sha256=batch.sha256,
            holder=batch.holder,
            status=Batch.Status.APPLIED,
        )
        .exclude(pk=batch.pk)
        .only("pk", "file_name", "applied_at")
        .first()
    )


def positions_files_of(*, access: Access) -> QuerySet[Batch]:
    """B3 position files of the workspace, newest first."""
    return batches_of(access=access).filter(format=Format.B3_POSICAO)
