"""Lines between the database and the planner."""

from __future__ import annotations

import json
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
_SHOWN = ("quantity", "unit_price", "amount", "fees", "tax_withheld", "ratio")


def access_of(batch: Batch) -> Access:
    """The access of the person who handed the file in. Raises when they may no longer write."""
    if batch.user is None:
        raise Forbidden("no_user", "")
    access = access_get(user=batch.user, workspace_id=batch.workspace_id)
    access.require_editor()
    return access


def task_of(*, batch: Batch, access: Access) -> Task:
    """What the planner must know of a batch."""
    holder = batch.holder or (batch.account.holder if batch.account else None)
    return Task(
        access=access,
        holder=holder or holder_default(access=access),
        account=batch.account,
        batch_id=batch.pk,
        format=batch.format,
        choices=batch.proposals.get("answered", {}),
        told=(batch.proposals.get("meta") or {}).get("told", {}),
    )


def outcomes_of(lines: Iterable[Line]) -> list[Outcome]:
    """Stored lines as the planner takes them: it needs no cell as it was printed."""
    return [
        Outcome(
            line=ParsedLine.from_dict(
                line.parsed,
                number=line.number,
                sheet=line.sheet,
                raw={},
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
        params["row"] = row_of(outcome.data, outcome.line)
    return {
        "state": outcome.state,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "params": params,
        "scope": outcome.scope,
        "transaction_id": outcome.transaction_id,
    }


def row_of(data: TransactionInput, line: ParsedLine) -> dict[str, str]:
    """What a row to be recorded has that its line does not already say, for showing."""
    row = {"account": data.account.name}
    if data.trade_date != line.trade_date:
        row["date"] = data.trade_date.isoformat()
    if data.resolved_currency() != line.currency:
        row["currency"] = data.resolved_currency()
    if data.asset is not None and data.asset.ticker != line.ticker:
        row["asset"] = data.asset.ticker
    target = data.to_asset.ticker if data.to_asset is not None else data.to_currency
    if target and target != line.to_ticker:
        row["to_asset"] = target
    for name in _SHOWN:
        value = getattr(data, name)
        if value is not None and value != getattr(line, name):
            row[name] = format(value, "f")
    return row


def lines_store(
    batch: Batch, outcomes: Sequence[Outcome], parsed: Sequence[dict[str, Any]]
) -> None:
    """Write the lines of a file for the first time; ``parsed`` is each before planning.

    By COPY: ten thousand rows with three JSON columns each are the bulk of reading a file.
    """
    columns = ", ".join(_COPIED)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY imports_line ({columns}) FROM STDIN") as copy,
    ):
        for outcome, read in zip(outcomes, parsed, strict=True):
            line, values = outcome.line, values_of(outcome)
            copy.write_row(
                (
                    batch.pk,
                    line.number,
                    line.sheet[:60],
                    _json(line.raw),
                    _json(read),
                    line.content_key,
                    line.occurrence,
                    "{}",
                    False,
                    values["state"],
                    values["kind"],
                    values["reason"],
                    _json(values["params"]),
                    values["scope"],
                    values["transaction_id"],
                )
            )


_COPIED = (
    "batch_id",
    "number",
    "sheet",
    "raw",
    "parsed",
    "content_key",
    "occurrence",
    "decision",
    "created_transaction",
    *CHANGING,
)


def _json(value: dict[str, Any]) -> str:
    # PostgreSQL's JSON holds no NUL, which a damaged cell may.
    return json.dumps(value, ensure_ascii=False).replace("\\u0000", "")


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
