"""Value and money invested, day by day, over a grid of calendar days."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date

import numpy as np

from apps.engine.grid import (
    Days,
    Floats,
    PriceArrays,
    accrual_grid,
    carried,
    carried_day,
    closes_of,
    days_between,
    floats,
    fx_grid,
    ordinals,
)
from apps.engine.holdings import Holding, fold
from apps.engine.holdings.model import RawStep, replay
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.types import Account, Asset, Issue, Row
from apps.engine.valuation import price_currency, splits

_NO_INDEXES = IndexTable()
_NO_HOLIDAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Series:
    """One point per calendar day, in ``currency``, as float64.

    ``value`` is what was held at the close, ``net_invested`` the money put in less the money
    taken out so far (purchases with fees less net sales; with cash: deposits less withdrawals).
    ``estimated`` marks the days on which something without a price counts at its cost; what has
    not even a known cost is left out and named in ``issues``.
    """

    dates: list[date]
    value: Floats
    net_invested: Floats
    estimated: np.typing.NDArray[np.bool_]
    currency: str
    issues: list[Issue]


def _steps(steps: list[RawStep], days: Days, sign: int) -> tuple[Floats, Floats, Floats]:
    """Quantity held, its cost (NaN unknown) and money put in, on each day."""
    when = ordinals([step[0].date for step in steps])
    after = list(replay(steps))
    held = floats([sign * quantity for _step, quantity, _cost in after])
    cost = np.array([np.nan if total is None else float(total) for _step, _held, total in after])
    put = np.array([_put_in(step) for step in steps]).cumsum()
    return (
        carried(days, when, held, 0.0),
        carried(days, when, cost, 0.0),
        carried(days, when, put, 0.0),
    )


def _put_in(step: RawStep) -> float:
    """Money a row put in: what the cost rose by, less the gain taken. Bonus shares raise the
    cost without money."""
    cost, sign, gain = step[2], step[4], step[5]
    if step[0].kind is Kind.BONUS or cost is None or gain is None:
        return 0.0
    return float(sign * cost - gain)


def _splits(holding: Holding) -> tuple[Days, Floats]:
    """Dates and accumulated ratios of the splits a holding went through."""
    found = splits(holding)
    ratios: Floats = np.cumprod(floats([ratio for _, ratio in found])).astype(np.float64)
    return ordinals([day for day, _ in found]), ratios


def _market(
    holding: Holding,
    asset: Asset | None,
    prices: PriceTable | PriceArrays,
    days: Days,
    indexes: IndexTable,
    holidays: Set[date],
    issues: list[Issue],
) -> Floats:
    """Price of one unit as held on each day: the last close, carried over splits; before any
    close (or without one) the value by the paper's terms; NaN where unknown."""
    when, closes = closes_of(prices, holding.asset)
    price = np.full(len(days), np.nan)
    if len(when):
        price = carried(days, when, closes)
        split_days, ratios = _splits(holding)
        if len(split_days):
            # A close from before a split is worth less per share after it.
            then = carried(carried_day(days, when), split_days, ratios, 1.0)
            price = price * then / carried(days, split_days, ratios, 1.0)
    if asset is not None and asset.terms is not None and np.isnan(price).any():
        accrued, found = accrual_grid(asset.terms, days, indexes, holidays)
        price = np.where(np.isnan(price), accrued, price)
        issues.extend(Issue(each.code, holding.asset, each.params) for each in found)
    return price


def daily_values(
    rows: Iterable[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    prices: PriceTable | PriceArrays,
    fx: FxTable,
    *,
    start: date,
    end: date,
    currency: str,
    with_cash: bool = False,
    indexes: IndexTable = _NO_INDEXES,
    holidays: Set[date] = _NO_HOLIDAYS,
) -> Series:
    """Daily value and net invested from ``start`` to ``end``, both included.

    Quantities are those in force each day (splits and the like happen when the ledger says so),
    prices as traded and carried forward, rates those of the day. ``with_cash`` adds the cash
    balances and counts deposits and withdrawals as the money put in.
    """
    ledger = list(rows)
    days = days_between(start, end)
    value = np.zeros(len(days))
    invested = np.zeros(len(days))
    estimated = np.zeros(len(days), dtype=bool)
    issues: list[Issue] = []
    rates: dict[str, Floats] = {}

    def rate(base: str) -> Floats:
        if base not in rates:
            rates[base] = fx_grid(fx, base, currency, days)
        return rates[base]

    result = fold(ledger, assets, accounts, on=end, currency=currency, fx=fx, log_cash=with_cash)
    issues += result.issues
    for holding in result.holdings.values():
        asset = assets.get(holding.asset)
        held = cost = put = np.zeros(len(days))
        for steps, sign in ((holding.raw_steps, 1), (holding.raw_short_steps, -1)):
            if steps:
                more = _steps(steps, days, sign)
                held, cost, put = held + more[0], cost + more[1], put + more[2]
        invested = invested + put
        if not held.any() or (asset is not None and asset.asset_class is AssetClass.FUTURE):
            continue
        price = _market(holding, asset, prices, days, indexes, holidays, issues)
        worth = held * price * rate(price_currency(holding, asset))
        if asset is not None:
            worth = worth * float(asset.multiplier)
        worth = np.where(held == 0.0, 0.0, worth)
        unknown = np.isnan(worth)
        if unknown.any():
            by_cost = np.where(unknown, cost, worth)
            _report(holding.asset, days, unknown, np.isnan(by_cost), issues)
            estimated |= unknown
            worth = np.nan_to_num(by_cost)
        value = value + worth
    if with_cash:
        invested = np.zeros(len(days))
        for (_account, code), log in result.cash_log.items():
            when = sorted(log)
            balance = carried(days, ordinals(when), floats([log[day] for day in when]), 0.0)
            worth = np.where(balance == 0.0, 0.0, balance * rate(code))
            if np.isnan(worth).any():
                issues.append(Issue("fx_rate_missing", code, {"base": code, "quote": currency}))
            value = value + np.nan_to_num(worth)
        invested = _deposits(ledger, days, fx, currency, issues)
    dates = [date.fromordinal(int(day)) for day in days]
    return Series(dates, value, invested, estimated, currency, issues)


def _report(
    asset: str,
    days: Days,
    unknown: np.typing.NDArray[np.bool_],
    left_out: np.typing.NDArray[np.bool_],
    issues: list[Issue],
) -> None:
    for code, mask in (("valued_at_cost", unknown & ~left_out), ("left_out_of_value", left_out)):
        if mask.any():
            first, last = days[mask][[0, -1]]
            params = {
                "from": date.fromordinal(int(first)).isoformat(),
                "to": date.fromordinal(int(last)).isoformat(),
                "days": str(int(mask.sum())),
            }
            issues.append(Issue(code, asset, params))


def _deposits(
    rows: list[Row], days: Days, fx: FxTable, currency: str, issues: list[Issue]
) -> Floats:
    """Deposits less withdrawals so far, each at the rate of its day."""
    moves: dict[int, float] = {}
    for row in rows:
        if row.kind not in (Kind.DEPOSIT, Kind.WITHDRAWAL) or row.amount is None:
            continue
        rate = fx.rate(row.currency, currency, row.date)
        if rate is None:
            params = {"base": row.currency, "quote": currency, "date": row.date.isoformat()}
            issues.append(Issue("fx_rate_missing", row.ref, params))
            continue
        money = float(row.amount * rate)
        day = row.date.toordinal()
        moves[day] = moves.get(day, 0.0) + (money if row.kind is Kind.DEPOSIT else -money)
    when = sorted(moves)
    total = np.cumsum([moves[day] for day in when])
    return carried(days, np.array(when, dtype=np.int64), total, 0.0)
