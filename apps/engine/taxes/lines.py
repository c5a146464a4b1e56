"""The lines a month of the exchange is made of: each sale, day trade or future."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from apps.engine.holdings import Fold, Holding
from apps.engine.holdings.model import RawStep
from apps.engine.kinds import AssetClass
from apps.engine.taxes.classes import (
    COMMON,
    DAY_TRADE,
    EXEMPT,
    FII,
    FINAL,
    MARKETS,
    limit_of,
    rule_of,
    treatment,
)
from apps.engine.taxes.daytrade import DayTrade, gross_of
from apps.engine.taxes.futures import FutureResult
from apps.engine.taxes.incorporation import INCORPORATED
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.prepare import SETTLED, Prepared
from apps.engine.taxes.scope import Regime, regime_of
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset, Row


class Line(NamedTuple):
    """One result. ``bucket`` is one of the three, ``final`` or ``exempt`` or ``capital_gain``;
    ``limit`` which small-sales limit its ``sales`` count against and may exempt its gain (none:
    empty). ``gain`` None = unknown. ``withheld`` None = nobody said."""

    date: dt.date
    label: str
    bucket: str
    limit: str
    asset: str
    market: str
    rule: str
    quantity: Decimal
    sales: Decimal | None
    cost: Decimal | None
    gain: Decimal | None
    withheld: Decimal | None
    refs: tuple[str, ...]
    row: Row | None = None
    institution: str = ""
    exemptible: bool = True


# What closes a position, by the formula of its step.
_SPOT = {"sell": "sale", "fraction_sale": "fraction_sale", "fraction_of_bonus": "fraction_sale"}
_OTHER = {
    "cover": "short_cover",
    "expiry": "expiry",
    "maturity": "redemption",
    "exercise": "exercise",
    "assignment": "exercise",
    "exercise_out": "exercise_sale",
    "assignment_out": "exercise_sale",
    "oversold": "sale",
    "cover_without_short": "short_cover",
}
#: Gains taken without a sale: money above what the shares had cost.
EXCESS = {"return_of_capital": "capital_above_cost", "merger_out": "merger_cash"}


@dataclass(frozen=True, slots=True)
class _Kindred:
    """How an asset's lines are written, worked out once."""

    bucket: str
    limit: str
    market: str
    rule: str


def _kindred(asset_class: AssetClass | None, settings: TaxSettings) -> _Kindred | None:
    bucket = treatment(asset_class)
    if bucket is None:
        return None
    return _Kindred(
        bucket,
        limit_of(asset_class, settings),
        MARKETS.get(asset_class, "spot") if asset_class else "spot",
        rule_of(asset_class),
    )


def lines_of(
    fold: Fold,
    prepared: Prepared,
    futures: Iterable[FutureResult],
    settings: TaxSettings,
    after: dt.date | None,
) -> list[Line]:
    """Every line of the exchange after a date (None: all), in no order."""
    lines: list[Line] = []
    known: dict[AssetClass | None, _Kindred | None] = {}
    assets = prepared.assets
    for holding in fold.holdings.values():
        asset = assets.get(holding.asset)
        asset_class = asset.asset_class if asset else None
        if regime_of(asset, _currency(holding)) is not Regime.EXCHANGE:
            continue
        if asset_class not in known:
            known[asset_class] = _kindred(asset_class, settings)
        kindred = known[asset_class]
        if kindred is None:
            continue
        _long(lines, holding, asset, kindred, settings)
        if holding.raw_short_steps:
            _short(lines, holding, asset, kindred, settings)
    for trade in prepared.day_trades:
        lines.append(_day_trade(trade, assets.get(trade.asset), settings))
    lines += [_future(result) for result in futures]
    if after is not None:
        lines = [line for line in lines if line.date > after]
    return lines


def _currency(holding: Holding) -> str:
    """Currency of a holding's rows."""
    steps = holding.raw_steps or holding.raw_short_steps
    return steps[0][0].currency if steps else ""


def _long(
    lines: list[Line],
    holding: Holding,
    asset: Asset | None,
    kindred: _Kindred,
    settings: TaxSettings,
) -> None:
    bucket, limit, market, rule = kindred.bucket, kindred.limit, kindred.market, kindred.rule
    code = holding.asset
    unit = asset is None or asset.multiplier == 1
    net = settings.limit_net_of_fees
    # Made by the ten thousand: without the named constructor.
    new, append = tuple.__new__, lines.append
    for step in holding.raw_steps:
        formula = step[3]
        if formula == "buy":
            continue
        if formula == "sell":
            row, quantity, cost, _formula, _sign, gain, _rate = step
            sales = row.amount
            if sales is None and unit and row.unit_price is not None and row.quantity is not None:
                sales = row.quantity * row.unit_price
            elif sales is None and asset is not None:
                sales = gross_of(row, {code: asset})
            if net and sales is not None and row.fees:
                sales -= row.fees
            append(
                new(
                    Line,
                    (
                        row.date,
                        "sale",
                        bucket,
                        limit,
                        code,
                        market,
                        rule,
                        quantity,
                        sales,
                        cost,
                        gain,
                        row.tax_withheld,
                        (row.ref,),
                        row,
                        "",
                        True,
                    ),
                )
            )
        elif formula in _SPOT or formula in _OTHER or (formula in EXCESS and step[5] is not ZERO):
            line = _odd(step, code, asset, kindred)
            if line is not None and line.label == "fraction_sale" and _elsewhere(settings):
                line = line._replace(bucket=EXEMPT, limit="")
            if line is not None:
                lines.append(line)


def _elsewhere(settings: TaxSettings) -> bool:
    """Whether fraction auctions are reported as other exempt income, outside the month."""
    return settings.fraction_auctions == "exempt_other"


def _odd(step: RawStep, code: str, asset: Asset | None, kindred: _Kindred) -> Line | None:
    """A line that is not a plain sale."""
    row, quantity, cost, formula, sign, gain, _rate = step
    bucket, limit = kindred.bucket, kindred.limit
    label = _SPOT.get(formula) or _OTHER.get(formula, "")
    rule = kindred.rule
    sales: Decimal | None = ZERO
    withheld: Decimal | None = ZERO
    if formula in EXCESS:
        if gain is not None and not gain:
            return None
        label, limit, rule = EXCESS[formula], "", "VAR-CAPRED"
        bucket = FINAL if bucket == FII else EXEMPT if bucket == EXEMPT else "capital_gain"
        if bucket == FINAL:
            rule = "VAR-AMORT"
        sales, withheld = gain, row.tax_withheld
    elif formula in ("exercise", "assignment"):
        # With its terms known the premium joined the underlying trade and nothing was won here.
        if sign > 0:
            return None
    elif formula in _SPOT or formula == "oversold":
        sales = gross_of(row, {code: asset} if asset else {})
        withheld = row.tax_withheld
        if formula != "oversold":
            withheld = withheld or ZERO
            rule = "VAR-FRACTION"
            quantity = row.quantity or quantity
            if formula == "fraction_of_bonus" and sales is not None and gain is not None:
                cost = sales - (row.fees or ZERO) - gain
    elif row.bucket == INCORPORATED:
        label, bucket, limit, rule, withheld = INCORPORATED, "capital_gain", "", "VAR-INCORP", ZERO
        sales = row.amount
    else:
        limit = ""
        withheld = row.tax_withheld or ZERO
        if formula in ("exercise_out", "assignment_out"):
            rule = "VAR-OPT"
    return Line(
        row.date,
        label,
        bucket,
        limit,
        code,
        kindred.market,
        rule,
        quantity,
        sales,
        cost,
        gain,
        withheld,
        (row.ref,),
        row,
    )


def _short(
    lines: list[Line],
    holding: Holding,
    asset: Asset | None,
    kindred: _Kindred,
    settings: TaxSettings,
) -> None:
    """Short sales count when made, and are results when covered."""
    spot = kindred.limit if kindred.limit and settings.short_sales_in_limit else ""
    for step in holding.raw_short_steps:
        row, quantity, cost, formula, _sign, _gain, _rate = step
        if formula == "short_sell":
            lines.append(
                Line(
                    row.date,
                    "short_sale",
                    kindred.bucket,
                    spot,
                    holding.asset,
                    kindred.market,
                    "VAR-SHORT",
                    quantity,
                    gross_of(row, {holding.asset: asset} if asset else {}),
                    None,
                    ZERO,
                    row.tax_withheld,
                    (row.ref,),
                    row,
                )
            )
            continue
        if formula not in _OTHER:
            continue
        line = _odd(step, holding.asset, asset, kindred)
        if line is None:
            continue
        exempt = kindred.limit if settings.short_gains_exempt and formula == "cover" else ""
        lines.append(
            line._replace(
                rule="VAR-SHORT" if formula == "cover" and kindred.limit else line.rule,
                cost=None if cost is None else -cost,
                limit=exempt,
                sales=ZERO,
            )
        )


def _day_trade(trade: DayTrade, asset: Asset | None, settings: TaxSettings) -> Line:
    asset_class = asset.asset_class if asset else None
    bucket = treatment(asset_class) or COMMON
    if bucket == COMMON or (bucket == EXEMPT and not settings.fi_infra_daytrade_exempt):
        bucket = DAY_TRADE
    counts = settings.daytrade_in_limit and bucket == DAY_TRADE
    return Line(
        trade.date,
        "day_trade",
        bucket,
        limit_of(asset_class, settings) if counts else "",
        trade.asset,
        MARKETS.get(asset_class, "spot") if asset_class else "spot",
        "VAR-FII20"
        if bucket == FII
        else "VAR-DT20"
        if bucket == DAY_TRADE
        else rule_of(asset_class),
        trade.quantity,
        trade.gross_sold if counts else ZERO,
        trade.cost,
        trade.result,
        trade.withheld if trade.withheld_known else None,
        trade.refs,
        None,
        trade.institution,
        False,
    )


def _future(result: FutureResult) -> Line:
    withheld = result.withheld if result.withheld_known or not result.result else None
    if result.result is not None and result.result < ZERO and not result.withheld:
        withheld = ZERO  # nothing is withheld on a loss
    return Line(
        result.date,
        "future_day_trade" if result.day_trade else "future",
        DAY_TRADE if result.day_trade else COMMON,
        "",
        result.asset,
        "futures",
        "VAR-DT20" if result.day_trade else "VAR-FUT",
        result.quantity,
        result.adjustments,
        result.fees,
        result.result,
        withheld,
        result.refs,
        None,
        result.institution,
    )


def shown(asset: str) -> str:
    """Name of an asset as people know it."""
    return asset.removeprefix(SETTLED)
