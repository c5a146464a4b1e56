"""Lines between the database and the planner."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from apps.accounts.access import Access
from apps.accounts.selectors import access_get, holder_default
from apps.common.errors import Forbidden
from apps.imports.formats import ParsedLine
from apps.imports.models import Batch, Line
from apps.imports.planning import Outcome
from apps.imports.planning.model import Task
from apps.ledger.services import TransactionInput

CHANGING = ("state", "kind", "reason", "params", "scope", "transaction_id")


def access_of(batch: Batch) -> Access:
    """The access of the person who handed the file in. Raises when they may no longer write."""
    if batch.user is None:
        raise Forbidden("no_user", "")
    access = access_get(user=batch.user, workspace_id=batch.workspace_id)
    access.require_editor()
    return access


def task_of(batch: Batch, access: Access) -> Task:
    """What the planner must know of a batch."""
    holder = batch.holder or (batch.account.holder if batch.account else None)
    return Task(
        access=access,
        holder=holder or holder_default(access=access),
        account=batch.account,
        batch_id=batch.pk,
        format=batch.format,
        choices=batch.proposals.get("answered", {}),
    )


def outcomes_of(lines: Iterable[Line]) -> list[Outcome]:
    """Stored lines as the planner takes them."""
    return [
        Outcome(
            line=ParsedLine.from_dict(
                line.parsed,
                number=line.number,
                sheet=line.sheet,
                raw=line.raw,
                content_key=line.content_key,
                occurrence=line.occurrence,
            ),
            decision=line.decision,
            key=line.pk,
        )
        for line in lines
    ]


def values_of(outcome: Outcome) -> dict[str, Any]:
    """The columns an outcome writes."""
    params: dict[str, Any] = dict(outcome.params)
    if outcome.state == Line.State.DECIDE:
        params["choices"] = list(outcome.line.choices)
    if outcome.suggested:
        params["suggested"] = outcome.suggested
    if outcome.data is not None:
        params["row"] = row_of(outcome.data)
    return {
        "state": outcome.state,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "params": params,
        "scope": outcome.scope,
        "transaction_id": outcome.transaction_id,
    }


def row_of(data: TransactionInput) -> dict[str, str]:
    """A row to be recorded, for showing."""
    row = {
        "date": data.trade_date.isoformat(),
        "account": data.account.name,
        "currency": data.resolved_currency(),
    }
    if data.asset is not None:
        row["asset"] = data.asset.ticker
    if data.to_asset is not None:
        row["to_asset"] = data.to_asset.ticker
    elif data.to_currency:
        row["to_asset"] = data.to_currency
    for name in ("quantity", "unit_price", "amount", "fees", "tax_withheld", "ratio"):
        value = getattr(data, name)
        if value is not None:
            row[name] = format(value, "f")
    return row


def lines_store(
    batch: Batch, outcomes: Sequence[Outcome], parsed: Sequence[dict[str, Any]]
) -> None:
    """Write the lines of a file for the first time; ``parsed`` is each before planning."""
    Line.objects.bulk_create(
        [
            Line(
                batch=batch,
                number=outcome.line.number,
                sheet=outcome.line.sheet[:60],
                raw=outcome.line.raw,
                parsed=read,
                content_key=outcome.line.content_key,
                occurrence=outcome.line.occurrence,
                **values_of(outcome),
            )
            for outcome, read in zip(outcomes, parsed, strict=True)
        ],
        batch_size=1000,
    )


def lines_update(lines: Sequence[Line], outcomes: Sequence[Outcome]) -> None:
    """Write what a new plan changed."""
    changed = []
    for line, outcome in zip(lines, outcomes, strict=True):
        values = values_of(outcome)
        if any(getattr(line, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(line, name, value)
            changed.append(line)
    Line.objects.bulk_update(changed, CHANGING, batch_size=500)


def lines_applied(pairs: Sequence[tuple[int, str]]) -> None:
    """Mark lines as recorded: (line id, transaction id). One statement whatever their number."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE imports_line SET state = 'applied', created_transaction = true, "
            "transaction_id = made.row FROM unnest(%s::bigint[], %s::uuid[]) AS made(line, row) "
            "WHERE imports_line.id = made.line",
            [[line for line, _row in pairs], [row for _line, row in pairs]],
        )
