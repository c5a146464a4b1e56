"""What left the holdings of one regime, and what each of them earned, read off the fold."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from apps.engine.holdings import Holding
from apps.engine.holdings.model import RawStep
from apps.engine.holdings.trades import gross_of
from apps.engine.taxes.context import Context
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.scope import Regime, regime_of
from apps.engine.types import Asset, Row

_CLOSING = frozenset(
    {"sell", "cover", "maturity", "expiry", "fraction_sale", "exercise_out", "assignment_out"}
)

_day = attrgetter("date")


class Disposal(NamedTuple):
    """One closing of a position, or a gain taken without one, in BRL.

    ``gross`` is what was received before costs, ``proceeds`` after them; None = unknown. ``rate``
    converted the row's money (None: it was in BRL). ``cost`` is that of what left.
    """

    row: Row
    asset: str
    quantity: Decimal
    gross: Decimal | None
    proceeds: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    rate: Decimal | None
    short: bool


def rows_of(ctx: Context, year: int) -> tuple[Row, ...]:
    """The Holder's rows of a year, in order."""
    first = bisect_left(ctx.rows, dt.date(year, 1, 1), key=_day)
    return ctx.rows[first : bisect_right(ctx.rows, dt.date(year, 12, 31), key=_day)]


def row_currency(holding: Holding) -> str:
    """Currency of a holding's rows (the holding itself is folded in BRL)."""
    for steps in (holding.raw_steps, holding.raw_short_steps):
        if steps:
            return steps[0][0].currency
    return holding.raw_income[0][0].currency if holding.raw_income else holding.currency


def holdings_of(ctx: Context, regime: Regime) -> list[tuple[Holding, Asset | None]]:
    """Holdings of a regime, with what is known of their asset."""
    return ctx.once("regimes", lambda: _by_regime(ctx)).get(regime, [])


def _by_regime(ctx: Context) -> dict[Regime, list[tuple[Holding, Asset | None]]]:
    found: dict[Regime, list[tuple[Holding, Asset | None]]] = {}
    for holding in ctx.fold.holdings.values():
        asset = ctx.assets.get(holding.asset)
        currency = asset.currency if asset else ""
        regime = regime_of(asset, currency or row_currency(holding))
        found.setdefault(regime, []).append((holding, asset))
    return found


class Payment(NamedTuple):
    """Income of a holding, in BRL; None where its rate is unknown."""

    holding: Holding
    asset: Asset | None
    row: Row
    gross: Decimal | None


def income_of(ctx: Context, regime: Regime, year: int) -> list[Payment]:
    """Income of a year by holding, each in order."""
    return ctx.once(("income", regime), lambda: _income(ctx, regime)).get(year, [])


def _income(ctx: Context, regime: Regime) -> dict[int, list[Payment]]:
    found: dict[int, list[Payment]] = {}
    for holding, asset in holdings_of(ctx, regime):
        for row, gross, _withheld in holding.raw_income:
            payment = Payment(holding, asset, row, gross)
            found.setdefault(row.date.year, []).append(payment)
    return found


def _disposal(holding: Holding, asset: Asset | None, raw: RawStep, *, short: bool) -> Disposal:
    row, quantity, cost, formula, _sign, gain, rate = raw
    proceeds = gross = None
    if gain is not None and cost is not None:
        proceeds = gain + cost if formula in _CLOSING else gain
    told = gross_of(row, asset.multiplier if asset else None)
    if told is not None and (rate is not None or row.currency == holding.currency):
        gross = told * (Decimal(1) if rate is None else rate)
        if row.quantity and quantity and row.quantity != quantity and formula in _CLOSING:
            gross = gross * quantity / row.quantity
    if short and cost is not None:
        gross = -cost
    elif formula.endswith("_out"):  # the row is the option's: it does not tell the strike's money
        gross = proceeds
    return Disposal(row, holding.asset, quantity, gross, proceeds, cost, gain, rate, short)


def disposals(
    holding: Holding, asset: Asset | None, since: dt.date = dt.date.min
) -> Iterator[Disposal]:
    """Everything from a day on that realised something (or might have: gain unknown), in order of
    each side."""
    for short, steps in ((False, holding.raw_steps), (True, holding.raw_short_steps)):
        for raw in steps:
            gain = raw[5]
            if raw[0].date < since:
                continue
            if gain is None or gain != ZERO or (raw[4] < 0 and raw[3] in _CLOSING):
                yield _disposal(holding, asset, raw, short=short)


def disposals_of(ctx: Context, regime: Regime, year: int) -> list[tuple[Disposal, Asset | None]]:
    """Everything of a year that realised something (or might have), by holding."""
    return ctx.once(("disposals", regime), lambda: _disposals(ctx, regime)).get(year, [])


def _disposals(ctx: Context, regime: Regime) -> dict[int, list[tuple[Disposal, Asset | None]]]:
    found: dict[int, list[tuple[Disposal, Asset | None]]] = {}
    for holding, asset in holdings_of(ctx, regime):
        for each in disposals(holding, asset):
            found.setdefault(each.row.date.year, []).append((each, asset))
    return found


def self_kept(ctx: Context) -> frozenset[str]:
    """Accounts that are the Holder's own wallets."""
    names = {
        str(name)
        for rule in ctx.rules.starting("CRY-SELF")
        for name in rule.value.get("institutions", [])
    }
    return frozenset(
        code
        for code, account in ctx.accounts.items()
        if account.institution.strip().casefold() in names
    )
