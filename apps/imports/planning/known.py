"""Rows the ledger already has: a file that says them again changes nothing."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from apps.corporate_events.expansion import EVENT_REF
from apps.corporate_events.models import EventKind
from apps.imports.planning.model import Outcome, State, Task
from apps.imports.selectors import claims_of, ignored_keys_of
from apps.ledger.models import Transaction
from apps.ledger.services import TransactionInput
from apps.portfolios.loading import ledger_load

Where = tuple[str, str]
_EVENTS = frozenset(EventKind.values)


def mark_known(task: Task, outcomes: list[Outcome]) -> set[uuid.UUID]:
    """Mark lines that live batches already brought: of n identical lines in the file and m rows
    in the ledger, the first m are known. Answers the rows they matched."""
    keys = {outcome.line.content_key for outcome in outcomes}
    claims = claims_of(access=task.access, keys=keys, without_batch=task.batch_id)
    ignored = ignored_keys_of(access=task.access, keys=keys, without_batch=task.batch_id)
    taken: dict[Where, int] = defaultdict(int)
    matched: set[uuid.UUID] = set()
    for outcome in outcomes:
        if not outcome.is_open:
            continue
        where = (outcome.scope, outcome.line.content_key)
        rows = claims.get(where, [])
        place = taken[where]
        taken[where] += 1
        if place < len(rows):
            outcome.settle(State.DUPLICATE, "duplicate")
            outcome.transaction_id = rows[place]
            matched.add(rows[place])
        elif where in ignored and outcome.state == State.DECIDE and not outcome.decision:
            outcome.settle(State.IGNORED, "ignored_before")
    return matched


def mark_same_rows(task: Task, outcomes: list[Outcome], matched: Iterable[uuid.UUID]) -> None:
    """An Exitus file is the ledger itself: its rows are compared with what the ledger holds,
    however it came there."""
    if not task.is_ledger:
        return
    open_rows = [o for o in outcomes if o.state == State.NEW and o.data is not None]
    if not open_rows:
        return
    days = [o.data.trade_date for o in open_rows if o.data is not None]
    stored = (
        Transaction.objects.of(task.access.workspace.pk)
        .filter(trade_date__gte=min(days), trade_date__lte=max(days))
        .exclude(pk__in=set(matched))
        .order_by("sequence")
    )
    written = _events(task) if any(o.kind in _EVENTS for o in open_rows) else set()
    by_content: dict[tuple[object, ...], list[uuid.UUID]] = defaultdict(list)
    for row in stored:
        by_content[_content(row)].append(row.pk)
    for outcome in open_rows:
        rows = by_content.get(_content(outcome.data)) if outcome.data is not None else None
        if rows:
            outcome.transaction_id = rows.pop(0)
            outcome.settle(State.DUPLICATE, "duplicate")
        elif outcome.data is not None and _event(outcome.data) in written:
            outcome.settle(State.IGNORED, "event_applied")


def _events(task: Task) -> set[tuple[object, ...]]:
    """Events of the market that already change this ledger's figures without being in it: an
    export writes them out as rows."""
    rows = ledger_load(workspace_id=task.access.workspace.pk).rows
    return {
        (row.account, row.asset, row.to_asset, row.kind.value, row.date, row.quantity, row.ratio)
        for row in rows
        if row.ref.startswith(EVENT_REF)
    }


def _event(data: TransactionInput) -> tuple[object, ...]:
    target = str(data.to_asset.pk) if data.to_asset is not None else None
    asset = str(data.asset.pk) if data.asset is not None else None
    row = (data.kind, data.trade_date, data.quantity, data.ratio)
    return (str(data.account.pk), asset, target, *row)


def _content(row: Transaction | TransactionInput | None) -> tuple[object, ...]:
    assert row is not None
    currency = row.currency if isinstance(row, Transaction) else row.resolved_currency()
    return (
        row.account.pk if isinstance(row, TransactionInput) else row.account_id,
        row.asset.pk if isinstance(row, TransactionInput) and row.asset else _id(row, "asset"),
        row.to_asset.pk
        if isinstance(row, TransactionInput) and row.to_asset
        else _id(row, "to_asset"),
        row.kind,
        row.trade_date,
        row.trade_time,
        *(getattr(row, name) for name in _NUMBERS),
        currency,
        row.to_currency,
        row.bucket,
        row.note.strip(),
    )


def _id(row: Transaction | TransactionInput, name: str) -> object:
    return getattr(row, f"{name}_id", None)


_NUMBERS = (
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "fx_rate",
    "ratio",
    "cost_share",
)
