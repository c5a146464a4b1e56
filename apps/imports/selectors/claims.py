"""What earlier files said: rows they brought or met, lines they left out."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Max, Min, QuerySet
from django.db.models.expressions import RawSQL
from django.db.models.fields.json import KeyTextTransform

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.imports.formats import Format
from apps.imports.models import Batch, Line
from apps.ledger.models import Transaction

Where = tuple[str, str]
_DAY = KeyTextTransform("trade_date", "parsed")
_CLAIMING = (Line.State.APPLIED, Line.State.DUPLICATE)
_KEPT = (Batch.Status.APPLIED, Batch.Status.UNDONE)


def _lines(access: Access, without_batch: uuid.UUID) -> QuerySet[Line]:
    return Line.objects.filter(batch__workspace=access.workspace).exclude(batch_id=without_batch)


def _any_of(keys: Collection[str]) -> RawSQL:
    """Keys as one parameter: ten thousand of them take longer to put into a query than to find."""
    return RawSQL("SELECT unnest(%s::text[])", [list(keys)])


def claims_of(
    *, access: Access, keys: Collection[str], without_batch: uuid.UUID
) -> dict[Where, list[uuid.UUID]]:
    """Rows of the ledger by (scope, content), as often as the file that had them most often.

    Lines of undone batches count where their row was kept. Two queries.
    """
    found = (
        _lines(access, without_batch)
        .filter(
            content_key__in=_any_of(keys),
            state__in=_CLAIMING,
            transaction_id__isnull=False,
            batch__status__in=_KEPT,
        )
        .order_by("batch_id", "occurrence", "number")
        .values_list("scope", "content_key", "batch_id", "transaction_id")
    )
    by_batch: dict[Where, dict[uuid.UUID, list[uuid.UUID]]] = defaultdict(lambda: defaultdict(list))
    rows = list(found)
    alive = transactions_alive(access=access, ids={row[3] for row in rows if row[3]})
    for scope, key, batch_id, transaction_id in rows:
        if transaction_id in alive:
            by_batch[scope, key][batch_id].append(transaction_id)
    return {where: max(lists.values(), key=len) for where, lists in by_batch.items()}


def transactions_alive(*, access: Access, ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these rows the ledger still has. One query."""
    wanted = set(ids)
    if not wanted:
        return set()
    rows = Transaction.objects.of(access.workspace.pk)
    if len(wanted) > 20_000:
        return set(rows.values_list("pk", flat=True)) & wanted
    return set(rows.filter(pk__in=wanted).values_list("pk", flat=True))


def ignored_keys_of(
    *, access: Access, keys: Collection[str], without_batch: uuid.UUID
) -> set[Where]:
    """Lines a person chose to leave out of an applied batch. One query."""
    found = _lines(access, without_batch).filter(
        content_key__in=_any_of(keys),
        reason="ignored_by_person",
        batch__status=Batch.Status.APPLIED,
    )
    return set(found.values_list("scope", "content_key"))


def settlement_rows(*, access: Access) -> set[uuid.UUID]:
    """Rows of the ledger that a settlement made, for want of a Negociação. Two queries."""
    found = Line.objects.filter(
        batch__workspace=access.workspace,
        reason="settlement_as_trade",
        state=Line.State.APPLIED,
        transaction_id__isnull=False,
    ).values_list("transaction_id", flat=True)
    return transactions_alive(access=access, ids={pk for pk in found if pk is not None})


def negociacao_periods(*, access: Access) -> dict[str, list[tuple[dt.date, dt.date]]]:
    """The days that applied Negociação files span, by scope. One query."""
    found = (
        Line.objects.filter(
            batch__workspace=access.workspace,
            batch__status=Batch.Status.APPLIED,
            batch__format=Format.B3_NEGOCIACAO,
        )
        .order_by()
        .values("batch_id", "scope")
        .annotate(first=Min(_DAY), last=Max(_DAY))
    )
    periods: dict[str, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    for row in found:
        if row["first"] and row["last"]:
            span = dt.date.fromisoformat(row["first"]), dt.date.fromisoformat(row["last"])
            periods[row["scope"]].append(span)
    return periods


def institutions_chosen_before(*, access: Access, holder: Holder) -> dict[str, str]:
    """Accounts a person chose for names of institutions in earlier files, the latest last."""
    found = (
        Batch.objects.filter(workspace=access.workspace, holder=holder, status=Batch.Status.APPLIED)
        .order_by("created_at")
        .values_list("proposals", flat=True)
    )
    chosen: dict[str, str] = {}
    for proposals in found:
        for key, part in (proposals or {}).get("answered", {}).get("institutions", {}).items():
            if part.get("choice") and part["choice"] != "create":
                chosen[key] = part["choice"]
    return chosen
