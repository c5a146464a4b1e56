"""Costs at the end of a year of what is taxed lot by lot.

What a redemption takes first, the oldest lots, is what leaves Bens e Direitos: the average would
declare a cost that no later redemption has.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from apps.engine.holdings import fold
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import holdings_of
from apps.engine.taxes.fund_book import fund_book
from apps.engine.taxes.scope import HOME, Regime

#: Quantity and cost by asset; a cost of None is unknown.
LotCosts = dict[str, tuple[Decimal, Decimal | None]]


def lot_costs(ctx: Context, year: int) -> LotCosts:
    """Quantity and cost of the lots left on 31/12: of fixed income, where each custodian redeems
    its own; of funds, whose gains become cost once come-cotas taxed them; and of assets abroad
    where the Holder chose lots."""
    day = dt.date(year, 12, 31)
    papers = {holding.asset for holding, _asset in holdings_of(ctx, Regime.FIXED_INCOME)}
    abroad = {holding.asset for holding, _asset in holdings_of(ctx, Regime.ABROAD)}
    if ctx.settings.abroad_cost != "fifo":
        abroad = set()
    found: LotCosts = {}
    for codes, by_account in ((papers, True), (abroad, False)):
        if codes:
            _fold_lots(ctx, codes, day, found, by_account=by_account)
    for code, lots in fund_book(ctx, year).lots.items():
        for lot in lots:
            _put(found, code, lot.units, lot.cost)
    return found


def _fold_lots(
    ctx: Context, codes: set[str], day: dt.date, found: LotCosts, *, by_account: bool
) -> None:
    rows = [row for row in ctx.rows if row.asset in codes or row.to_asset in codes]
    ended = fold(
        rows,
        ctx.assets,
        ctx.accounts,
        by="account" if by_account else "asset",
        on=day,
        currency=HOME,
        fx=ctx.fx,
    )
    for holding in ended.holdings.values():
        if holding.asset in codes:
            _put(found, holding.asset, holding.quantity, holding.fifo_cost)


def _put(found: LotCosts, code: str, quantity: Decimal, cost: Decimal | None) -> None:
    held, so_far = found.get(code, (Decimal(0), Decimal(0)))
    found[code] = held + quantity, None if so_far is None or cost is None else so_far + cost
