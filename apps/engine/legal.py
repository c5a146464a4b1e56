"""Folds a ledger at its legal cost, day trades apart.

What is bought and sold on one day at one institution is an operation of its own (IN RFB 1.585/2015
art. 65): its purchases never enter the average cost and its sales never use it, in whatever order
they came. What it brought is a realised gain all the same.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Literal

from apps.engine.holdings import Fold, Holding, fold
from apps.engine.holdings.model import ZERO, HoldingKey, RawStep
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, Issue, Row

if TYPE_CHECKING:
    from apps.engine.taxes.daytrade import DayTrade

_HOME = "BRL"
_ASSET = attrgetter("asset")
_BOUGHT = frozenset({Kind.BUY, Kind.COVER})
_SOLD = frozenset({Kind.SELL, Kind.SHORT_SELL})
# Told of whole trades, whether or not part of them is a day trade.
_OF_TRADES = frozenset({"fees_unknown"})
# Without day trades, first in first out has nothing to take a sale from that came first.
_SOLD_FIRST = frozenset({"oversold", "cover_without_short", "long_and_short"})


def legal_fold(
    rows: Iterable[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    *,
    by: Literal["asset", "account"] = "asset",
    on: date | None = None,
    currency: str | None = None,
    fx: FxTable | None = None,
) -> Fold:
    """``fold``, with the day trades of the Brazilian exchange out of quantities, costs and
    averages. Cash, income, fees and lots (first in, first out) are of every row."""
    # Nothing made here is cyclic, and the collector would walk the whole ledger several times.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _legal_fold(list(rows), assets, accounts, by, on, currency, fx)
    finally:
        if collecting:
            gc.enable()


def _legal_fold(
    given: list[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    by: Literal["asset", "account"],
    on: date | None,
    currency: str | None,
    fx: FxTable | None,
) -> Fold:
    whole = fold(given, assets, accounts, by=by, on=on, currency=currency, fx=fx)
    if on is not None:
        given = [row for row in given if row.date <= on]
    crossed = _crossed(given, assets, accounts, by)
    if not crossed:
        return whole
    near = _linked(given, crossed, assets)
    own = [row for row in given if row.asset in near]
    rest, trades = _apart(own, crossed, assets, accounts, by)
    if not trades:
        return whole
    common = fold(rest, assets, accounts, by=by, on=on, currency=currency, fx=fx)
    matched = _matched(
        own, rest, {ref for each in trades.values() for one in each for ref in one.refs}
    )
    holdings = dict(whole.holdings)
    for key, holding in whole.holdings.items():
        if holding.asset in near:
            done = [
                ([matched[ref] for ref in trade.refs], _in(trade, holding.currency, fx))
                for trade in trades.get(key, ())
            ]
            holdings[key] = _joined(holding, common.holdings.get(key), done)
    return replace(whole, holdings=holdings, issues=_issues(whole, common, near))


def _crossed(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    by: Literal["asset", "account"],
) -> set[str]:
    """Assets of the exchange bought and sold on one day at one institution."""
    if not assets:
        return set()
    houses = _houses(accounts) if by == "asset" else {}
    bought: set[tuple[object, ...]] = set()
    sold: set[tuple[object, ...]] = set()
    buy, sell = Kind.BUY, Kind.SELL  # asked about by identity: the others are rare
    for row in rows:
        kind = row.kind
        if kind is buy or kind is Kind.COVER:
            bought.add((row.date, row.asset, row.account))
        elif kind is sell or kind is Kind.SHORT_SELL:
            sold.add((row.date, row.asset, row.account))
    if houses:
        bought = {(day, code, houses.get(str(place), place)) for day, code, place in bought}
        sold = {(day, code, houses.get(str(place), place)) for day, code, place in sold}
    found = {str(code) for _day, code, _place in bought & sold if code}
    if not found:
        return found
    from apps.engine.taxes.classes import on_exchange
    from apps.engine.taxes.scope import Regime, regime_of

    currencies = {row.asset: row.currency for row in rows if row.asset in found}

    def traded(code: str) -> bool:
        asset = assets.get(code)
        kind = asset.asset_class if asset else None
        return (
            # Of what nobody said what it is, nobody said either that it trades on the exchange.
            kind not in (None, AssetClass.FUTURE)
            and on_exchange(kind)
            and currencies[code] == _HOME
            and regime_of(asset, _HOME) is Regime.EXCHANGE
        )

    return set(filter(traded, found))


def _houses(accounts: Mapping[str, Account]) -> dict[str, tuple[str, str]]:
    """Holder and institution of each account, where any two share them."""
    found = {code: (each.holder, each.institution or code) for code, each in accounts.items()}
    return found if len(set(found.values())) < len(found) else {}


def _linked(rows: Sequence[Row], crossed: set[str], assets: Mapping[str, Asset]) -> set[str | None]:
    """These assets and all that events, or the exercise of an option, join to them."""
    pairs = {(row.asset, row.to_asset) for row in rows if row.asset and row.to_asset}
    for code in set(map(_ASSET, rows)):
        known = assets.get(code or "")
        if known is not None and known.underlying:
            pairs.add((code, known.underlying))
    found: set[str | None] = set(crossed)
    grew = True
    while grew:
        more = {there for pair in pairs for here, there in (pair, pair[::-1]) if here in found}
        grew = not more <= found
        found |= more
    return found


def _apart(
    rows: list[Row],
    crossed: set[str],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    by: Literal["asset", "account"],
) -> tuple[list[Row], dict[HoldingKey, list[DayTrade]]]:
    """The rows without what was matched, and the day trades of each holding."""
    from apps.engine.taxes.daytrade import take_day_trades
    from apps.engine.taxes.rules import RuleBook
    from apps.engine.taxes.settings import TaxSettings

    owners: dict[str, tuple[str, str | None]] = {}

    def place(account: str) -> str:
        known = accounts.get(account)
        holder = known.holder if known else DEFAULT_HOLDER
        house = account if by == "account" or not known else known.institution or account
        name = f"{holder}\n{house}"
        owners[name] = holder, account if by == "account" else None
        return name

    # No withholding is looked for, and so no rules.
    rest, found, _issues = take_day_trades(
        rows,
        assets,
        TaxSettings(),
        RuleBook(()),
        institution=place,
        traded=lambda code: code in crossed,
    )
    trades: dict[HoldingKey, list[DayTrade]] = {}
    for trade in found:
        holder, account = owners[trade.institution]
        trades.setdefault((holder, account, trade.asset), []).append(trade)
    return rest, trades


def _matched(rows: Iterable[Row], rest: Iterable[Row], refs: set[str]) -> dict[str, Row]:
    """What was matched of the rows of some refs."""
    left = {row.ref: row.quantity or ZERO for row in rest if row.ref in refs}
    found = {}
    for row in rows:
        if row.ref not in refs:
            continue
        size = row.quantity or ZERO
        used = size - left.get(row.ref, ZERO)
        if used and used != size:
            part = used / size
            row = replace(
                row,
                quantity=used,
                amount=None if row.amount is None else row.amount * part,
                fees=None if row.fees is None else row.fees * part,
            )
        found[row.ref] = row
    return found


def _in(trade: DayTrade, currency: str, fx: FxTable | None) -> Decimal | None:
    if trade.result is None or currency == _HOME:
        return trade.result
    rate = fx.rate(_HOME, currency, trade.date) if fx is not None else None
    return None if rate is None else trade.result * rate


def _joined(
    whole: Holding,
    common: Holding | None,
    trades: Sequence[tuple[Sequence[Row], Decimal | None]],
) -> Holding:
    """A holding at the cost of its common trades, with the gains of both."""
    won = sum((gain for _rows, gain in trades if gain is not None), ZERO)
    known = all(gain is not None for _rows, gain in trades)
    done: list[RawStep] = []
    for rows, brought in trades:
        for row in rows:
            sign = 1 if row.kind in _BOUGHT else -1
            own = brought if row is rows[-1] else ZERO
            done.append((row, ZERO, ZERO, "day_trade", sign, own, None))
    codes = [code for code in whole.issue_codes if code in _OF_TRADES]
    if common is not None:
        codes += [code for code in common.issue_codes if code not in _OF_TRADES]
    gain = common.realised_gain if common else ZERO
    steps = [*common.raw_steps, *done] if common else done
    joined = replace(
        whole,
        quantity=common.quantity if common else ZERO,
        total_cost=common.total_cost if common else ZERO,
        average_cost=common.average_cost if common else None,
        realised_gain=gain + won if known and gain is not None else None,
        realised_known=(common.realised_known if common else ZERO) + won,
        issue_codes=tuple(codes),
        raw_steps=sorted(steps, key=lambda step: step[0].date),
        raw_short_steps=common.raw_short_steps if common else [],
    )
    if not _SOLD_FIRST & set(whole.issue_codes):
        return joined
    # First in first out is of every trade, save where a day began with the sale of what nobody
    # held: there it is of the common ones.
    realised = common.fifo_realised if common else ZERO
    return replace(
        joined,
        fifo_cost=common.fifo_cost if common else ZERO,
        fifo_realised=realised + won if known and realised is not None else None,
        raw_lots=common.raw_lots if common else [],
        raw_short_lots=common.raw_short_lots if common else [],
        raw_runs=common.raw_runs if common else [],
        raw_short_runs=common.raw_short_runs if common else [],
    )


def _issues(whole: Fold, common: Fold, near: set[str | None]) -> list[Issue]:
    """Oddities of the common trades, and of whole trades where they are about those."""

    def of_common(issue: Issue) -> bool:
        return issue.params.get("asset") in near and issue.code not in _OF_TRADES

    kept = [issue for issue in whole.issues if not of_common(issue)]
    return kept + [issue for issue in common.issues if of_common(issue)]
