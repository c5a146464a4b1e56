"""A line as a ledger row: only the fields its kind reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from apps.common.errors import Invalid
from apps.imports.formats import ParsedLine
from apps.imports.planning.catalogue import Catalogue
from apps.imports.planning.model import Outcome, State, Task
from apps.ledger.models import Kind
from apps.ledger.services import TransactionInput
from apps.ledger.services.input import check

_TRADE = ("quantity", "unit_price", "amount", "fees", "tax_withheld", "fx_rate")
_INCOME = ("quantity", "unit_price", "amount", "tax_withheld", "fx_rate")
_CASH = ("amount", "fx_rate")
_FIELDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER), _TRADE),
    **dict.fromkeys(
        (Kind.DIVIDEND, Kind.JCP, Kind.DISTRIBUTION, Kind.INTEREST, Kind.LENDING_INCOME), _INCOME
    ),
    **dict.fromkeys((Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FEE, Kind.TAX), _CASH),
    Kind.SPLIT: ("ratio",),
    Kind.BONUS: ("quantity", "unit_price"),
    Kind.SPIN_OFF: ("quantity", "cost_share"),
    Kind.MERGER: ("ratio", "amount"),
    Kind.RENAME: (),
    Kind.SUBSCRIPTION: ("quantity", "unit_price", "amount", "fees", "fx_rate"),
    Kind.RETURN_OF_CAPITAL: ("amount", "tax_withheld", "fees", "fx_rate"),
    Kind.FRACTION_SALE: ("quantity", "amount", "fees", "tax_withheld", "fx_rate"),
    Kind.TRANSFER_IN: ("quantity", "amount"),
    Kind.TRANSFER_OUT: ("quantity", "amount"),
    Kind.EXERCISE: ("quantity", "fees"),
    Kind.ASSIGNMENT: ("quantity", "fees"),
    Kind.EXPIRY: ("quantity", "fees"),
    Kind.DAILY_ADJUSTMENT: ("amount", "fees", "fx_rate"),
    Kind.COME_COTAS: ("quantity", "amount"),
    Kind.MATURITY: ("quantity", "amount", "fees", "tax_withheld", "fx_rate"),
    Kind.FX: ("quantity", "amount"),
    Kind.OPENING_LOSS: ("amount",),
    Kind.DARF_PAYMENT: ("amount",),
}
_TARGETS = (Kind.SPIN_OFF, Kind.MERGER, Kind.RENAME, Kind.SUBSCRIPTION)
NUMBERS = (
    "quantity",
    "unit_price",
    "amount",
    "fees",
    "tax_withheld",
    "ratio",
    "cost_share",
)

_ALL = (*NUMBERS, "fx_rate")


def fields_of(kind: str) -> tuple[str, ...]:
    """The numbers a kind reads, and ``to_ticker`` where it names another asset."""
    target = ("to_ticker",) if kind in _TARGETS or kind == Kind.FX else ()
    return (*_FIELDS.get(kind, ()), *target)


def overridden(outcome: Outcome) -> dict[str, Any]:
    """The line's values, over them what the ledger told, over that what the person decided."""
    line: ParsedLine = outcome.line
    values: dict[str, Any] = {name: getattr(line, name) for name in (*NUMBERS, "fx_rate")}
    values |= {"ticker": line.ticker, "to_ticker": line.to_ticker, "trade_date": line.trade_date}
    values |= outcome.found
    for name, given in outcome.decision.items():
        if name in NUMBERS:
            values[name] = Decimal(given) if given not in ("", None) else None
        elif name == "trade_date" and given:
            values[name] = dt.date.fromisoformat(given)
        elif name in ("ticker", "to_ticker"):
            values[name] = given
    return values


def build(outcome: Outcome, kind: str, task: Task, catalogue: Catalogue) -> None:
    """Write the row a line becomes; a row the ledger would refuse is left to the person."""
    line = outcome.line
    values = overridden(outcome)
    # A ledger of Exitus says what another one holds: nothing of it is dropped.
    whole = task.is_ledger and not outcome.decision
    kept = {name: values.get(name) for name in (_ALL if whole else _FIELDS[kind])}
    changed = "quantity" in outcome.decision or "unit_price" in outcome.decision
    if changed and "amount" not in outcome.decision and kind in (Kind.BUY, Kind.SELL):
        kept["amount"] = None
    asset = catalogue.find(values["ticker"], line)
    target = None
    if kind in _TARGETS and values["to_ticker"]:
        target = catalogue.find(values["to_ticker"], None, line.currency)
    if outcome.account is None or values["trade_date"] is None:
        outcome.to_decide("needs_details", kind)
        return
    data = TransactionInput(
        account=outcome.account,
        kind=kind,
        trade_date=values["trade_date"],
        asset=asset,
        trade_time=line.time,
        currency=line.currency,
        to_asset=target,
        to_currency=values["to_ticker"].upper() if kind == Kind.FX else "",
        bucket=line.bucket,
        note=line.note[:500],
        **kept,
    )
    if task.checked:
        outcome.state, outcome.kind, outcome.data = State.NEW, kind, data
        return
    try:
        check(access=task.access, data=data)
    except Invalid as error:
        first = error.errors[0] if error.errors else error
        field = getattr(first, "field", "")
        outcome.to_decide("cannot_record", kind, why=str(first.message), field=field)
        return
    outcome.state, outcome.kind, outcome.data = State.NEW, kind, data
