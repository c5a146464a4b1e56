"""Events of rows about money alone: deposits, interest on balances, account fees, exchange."""

from __future__ import annotations

from collections.abc import Iterable

from apps.engine.kinds import Kind
from apps.engine.returns.draft import Draft, number
from apps.engine.returns.model import NOBODY, OUTSIDE, What
from apps.engine.types import Row

_COST_KINDS = (Kind.FEE, Kind.TAX)


def emit_money(draft: Draft, rows: Iterable[Row]) -> None:
    """Events of rows that are about money alone, or about a cost of an asset."""
    for row in rows:
        if row.amount is None:
            continue
        amount, fees, tax = float(row.amount), number(row.fees), number(row.tax_withheld)
        if row.kind in _COST_KINDS and row.asset:
            line = draft.line(row.account, row.asset, row.currency)
            fee = row.kind is Kind.FEE
            draft.money(
                row,
                line,
                What.COST,
                fees=amount + fees if fee else 0.0,
                tax=0.0 if fee else amount + fees,
                received=-amount - fees,
            )
            continue
        line, rate = draft.booked(row)
        if row.kind is Kind.DEPOSIT:
            draft.plain(row, line, What.MONEY, inflow=amount, cash=amount * rate, peer=OUTSIDE)
        elif row.kind is Kind.WITHDRAWAL:
            draft.plain(row, line, What.MONEY, outflow=amount, cash=-amount * rate, peer=OUTSIDE)
        elif row.kind is Kind.INTEREST:
            draft.plain(
                row,
                line,
                What.INCOME,
                gross=amount,
                tax=tax,
                fees=fees,
                cash=(amount - tax - fees) * rate,
                peer=NOBODY,
            )
            continue
        elif row.kind is Kind.FEE:
            draft.plain(row, line, What.COST, fees=amount, cash=-amount * rate)
        elif row.kind is Kind.TAX:
            draft.plain(row, line, What.COST, tax=amount, cash=-amount * rate)
        elif row.kind is Kind.FX:
            _exchange(draft, row, amount)
        if fees or tax:
            draft.plain(row, line, What.COST, fees=fees, tax=tax, cash=-(fees + tax) * rate)


def _exchange(draft: Draft, row: Row, amount: float) -> None:
    """One currency becomes another: what leaves one balance is what reaches the other."""
    source = draft.cash(row.account, row.currency)
    if not row.to_asset:
        return
    target = draft.cash(row.account, row.to_asset)
    draft.plain(row, source, What.MONEY, outflow=amount, cash=-amount, peer=target)
    draft.plain(row, target, What.MONEY, inflow=amount, cash=number(row.quantity), peer=source)
