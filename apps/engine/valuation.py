"""What holdings are worth on a day."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.engine.fixed_income import unit_price
from apps.engine.holdings.model import ZERO, Fold, Holding
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable, IndexTable, PriceTable
from apps.engine.types import Asset, Issue

# Beyond any chain of holidays: the price is still shown, with its date and a warning.
STALE_DAYS = 10
_NO_INDEXES = IndexTable()
_NO_HOLIDAYS: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Valued:
    """A holding with its price, in ``currency``.

    ``price`` is in ``price_currency``, as quoted (divided by the splits since its date),
    ``price_source`` "market" or "terms" (accrued by the paper's terms). ``market_value`` and the
    gains are ``None`` where the price, a rate or the cost is unknown; an empty position is worth
    zero and needs no price.
    """

    holding: Holding
    currency: str
    price: Decimal | None
    price_date: date | None
    price_currency: str
    price_source: str
    market_value: Decimal | None
    unrealised_gain: Decimal | None
    fifo_unrealised: Decimal | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over holdings and cash in one currency; ``None`` where a part is unknown."""

    market_value: Decimal | None
    total_cost: Decimal | None
    unrealised_gain: Decimal | None
    realised_gain: Decimal | None
    income: Decimal | None
    income_withheld: Decimal | None
    fees: Decimal | None
    cash: Decimal | None


def price_currency(holding: Holding, asset: Asset | None) -> str:
    """Currency prices are quoted in: the asset's, else that of its ledger rows."""
    if asset is not None and asset.currency:
        return asset.currency
    for steps in (holding.raw_steps, holding.raw_short_steps):
        if steps:
            return steps[0][0].currency
    return holding.currency


def splits(holding: Holding) -> list[tuple[date, Decimal]]:
    """Splits the holding went through, oldest first, each once however many accounts it reached."""
    steps = (*holding.raw_steps, *holding.raw_short_steps)
    found = {
        (step[0].date, step[0].ratio)
        for step in steps
        if step[0].kind is Kind.SPLIT and step[0].ratio is not None
    }
    return sorted(found)


def _price(
    holding: Holding,
    asset: Asset | None,
    prices: PriceTable,
    on: date,
    indexes: IndexTable,
    holidays: Set[date],
    issues: list[Issue],
) -> tuple[Decimal | None, date | None, str]:
    """Market price while fresh, else accrued by the terms, else the old market price."""
    found = prices.on(holding.asset, on)
    fresh = found is not None and (on - found[1]).days <= STALE_DAYS
    if not fresh and asset is not None and asset.terms is not None:
        accrued, why = unit_price(asset.terms, on, indexes, holidays)
        issues.extend(Issue(each.code, holding.asset, each.params) for each in why)
        if accrued is not None:
            return accrued, on, "terms"
    if found is None:
        issues.append(Issue("price_missing", holding.asset, {"date": on.isoformat()}))
        return None, None, ""
    if not fresh:
        issues.append(Issue("price_stale", holding.asset, {"price_date": found[1].isoformat()}))
    price, when = found
    for day, ratio in splits(holding):
        if when < day <= on:
            # The close is of the shares before the split; what is held now are those after it.
            price /= ratio
            params = {"price_date": when.isoformat(), "split_date": day.isoformat()}
            issues.append(Issue("price_before_split", holding.asset, params))
    return price, when, "market"


def value(
    fold: Fold,
    prices: PriceTable,
    fx: FxTable,
    *,
    on: date,
    currency: str | None = None,
    assets: Mapping[str, Asset] | None = None,
    indexes: IndexTable = _NO_INDEXES,
    holidays: Set[date] = _NO_HOLIDAYS,
) -> list[Valued]:
    """Value every holding of a fold at the last price on or before ``on``.

    Values are in ``currency`` (default: each holding's own), converted at the rate of ``on``.
    Gains need the fold to be in that same currency, since costs are converted when they happen.
    Sorted by holder, account and asset.
    """
    known = assets or {}
    result = []
    for holding in sorted(
        fold.holdings.values(), key=lambda each: (each.holder, each.account or "", each.asset)
    ):
        target = currency or holding.currency
        asset = known.get(holding.asset)
        quoted = price_currency(holding, asset)
        issues: list[Issue] = []
        price: Decimal | None = None
        when: date | None = None
        source = ""
        worth: Decimal | None = ZERO
        if holding.quantity:
            price, when, source = _price(holding, asset, prices, on, indexes, holidays, issues)
            rate = fx.rate(quoted, target, on)
            if rate is None:
                params = {"base": quoted, "quote": target, "date": on.isoformat()}
                issues.append(Issue("fx_rate_missing", holding.asset, params))
            if asset is not None and asset.asset_class is AssetClass.FUTURE:
                worth = ZERO  # a contract is settled every day: its result is cash already
            elif price is None or rate is None:
                worth = None
            else:
                worth = holding.quantity * price * rate
                if asset is not None:
                    worth *= asset.multiplier
        unrealised = fifo = None
        if target != holding.currency:
            if holding.quantity:
                params = {"base": holding.currency, "quote": target}
                issues.append(Issue("cost_in_other_currency", holding.asset, params))
        elif worth is not None:
            unrealised = None if holding.total_cost is None else worth - holding.total_cost
            fifo = None if holding.fifo_cost is None else worth - holding.fifo_cost
        result.append(
            Valued(
                holding, target, price, when, quoted, source, worth, unrealised, fifo, tuple(issues)
            )
        )
    return result


def _sum(values: list[Decimal | None]) -> Decimal | None:
    total = ZERO
    for each in values:
        if each is None:
            return None
        total += each
    return total


def cash_in(fold: Fold, fx: FxTable, *, on: date, currency: str) -> Decimal | None:
    """All cash in one currency at the rates of ``on``; ``None`` where a balance or rate is
    unknown."""
    parts: list[Decimal | None] = []
    for key, balance in fold.cash.items():
        rate = fx.rate(key[1], currency, on)
        unknown = rate is None or key in fold.cash_incomplete
        parts.append(
            ZERO
            if not balance and not unknown
            else None
            if rate is None or unknown
            else balance * rate
        )
    return _sum(parts)


def totals(valued: list[Valued], fold: Fold, fx: FxTable, *, on: date, currency: str) -> Totals:
    """Sums of what was valued in ``currency``; figures in another one are unknown to it."""
    same = all(each.currency == currency and each.holding.currency == currency for each in valued)

    def add(values: list[Decimal | None]) -> Decimal | None:
        return _sum(values) if same else None

    return Totals(
        market_value=_sum(
            [each.market_value if each.currency == currency else None for each in valued]
        ),
        total_cost=add([each.holding.total_cost for each in valued]),
        unrealised_gain=add([each.unrealised_gain for each in valued]),
        realised_gain=add([each.holding.realised_gain for each in valued]),
        income=add([each.holding.income for each in valued]),
        income_withheld=add([each.holding.income_withheld for each in valued]),
        fees=add([each.holding.fees for each in valued]),
        cash=cash_in(fold, fx, on=on, currency=currency),
    )
