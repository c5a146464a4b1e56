"""Lines and errors as a person reads them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.common import formatting
from apps.imports.formats import FormatError, messages
from apps.imports.models import Batch, Line
from apps.ledger.models import Kind

_FIGURE = re.compile(r"^-?\d+\.\d+$")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_KIND_LABELS = dict(Kind.choices)
_ROW_NUMBERS = ("quantity", "unit_price", "amount", "fees", "tax_withheld", "ratio")


@dataclass(frozen=True, slots=True)
class LineView:
    """One row of the file beside what becomes of it. ``None`` = the file does not say."""

    id: int
    number: int
    sheet: str
    state: str
    state_label: str
    kind: str
    kind_label: str
    reason: str
    message: str
    raw: dict[str, str]
    date: dt.date | None
    asset: str
    to_asset: str
    account: str
    currency: str
    quantity: Decimal | None
    unit_price: Decimal | None
    amount: Decimal | None
    fees: Decimal | None
    tax_withheld: Decimal | None
    ratio: Decimal | None
    transaction_id: uuid.UUID | None
    decided: bool
    choices: tuple[tuple[str, str], ...]
    suggested: dict[str, str]
    movement: str


def line_view(line: Line) -> LineView:
    """A stored line for people; what will be recorded wins over what the file printed."""
    parsed, params = line.parsed, line.params or {}
    row: dict[str, Any] = params.get("row") or {}

    def number(name: str) -> Decimal | None:
        text = row.get(name, parsed.get(name))
        return Decimal(text) if text not in (None, "") else None

    suggested = params.get("suggested") or {}
    day = row.get("date") or suggested.get("trade_date") or parsed.get("trade_date")
    figures = {name: number(name) for name in _ROW_NUMBERS}
    return LineView(
        id=line.pk,
        number=line.number,
        sheet=line.sheet,
        state=line.state,
        state_label=str(Line.State(line.state).label),
        kind=line.kind,
        kind_label=str(_KIND_LABELS.get(line.kind, "")),
        reason=line.reason,
        message=messages.reason(line.reason, _worded(params)),
        raw=line.raw,
        date=dt.date.fromisoformat(day) if day else None,
        asset=row.get("asset") or parsed.get("ticker", ""),
        to_asset=row.get("to_asset") or parsed.get("to_ticker", ""),
        account=row.get("account") or parsed.get("account") or parsed.get("institution", ""),
        currency=row.get("currency") or parsed.get("currency") or "BRL",
        transaction_id=line.transaction_id,
        decided=bool(line.decision),
        choices=tuple(
            (choice, str(_KIND_LABELS.get(choice, choice))) for choice in params.get("choices", ())
        ),
        suggested=suggested,
        movement=parsed.get("movement", ""),
        **figures,
    )


def _worded(params: dict[str, Any]) -> dict[str, str]:
    """Parameters of a message with their figures and days as the reader writes them."""
    return {name: _written(value) for name, value in params.items() if isinstance(value, str)}


def _written(value: str) -> str:
    if _DAY.fullmatch(value):
        return formatting.day(dt.date.fromisoformat(value))
    return formatting.quantity(Decimal(value)) if _FIGURE.match(value) else value


def line_views(lines: Iterable[Line]) -> list[LineView]:
    """:func:`line_view` of each."""
    return [line_view(line) for line in lines]


def error_message(batch: Batch) -> str:
    """Why a batch was refused or given back, in the reader's language; empty where it was not."""
    error = batch.error or {}
    code = error.get("code", "")
    if not code:
        return ""
    if code in messages.ERRORS:
        return FormatError(
            code,
            sheet=error.get("sheet", ""),
            row=error.get("row"),
            column=error.get("column", ""),
            value=error.get("value", ""),
            **error.get("params", {}),
        ).message
    if code == "changed_meanwhile":
        return messages.reason("changed_meanwhile")
    return str(error.get("message") or code)
