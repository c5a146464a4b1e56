"""What a Holder has and could sell, by the pool its gains fall into, lot by lot where the law
taxes lots."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.holdings import Lot
from apps.engine.kinds import AssetClass
from apps.engine.taxes.assess import TaxLedger
from apps.engine.taxes.classes import COMMON, FII, FINAL, limit_of, treatment
from apps.engine.taxes.classes import EXEMPT as EXEMPT_CLASS
from apps.engine.taxes.fixed_income import redeem_today
from apps.engine.taxes.fund_book import fund_book
from apps.engine.taxes.funds import FundLot, redeem
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.money import by_days
from apps.engine.taxes.prepare import SETTLED
from apps.engine.taxes.rules import RuleBook, RuleMissing
from apps.engine.taxes.scope import HOME, Regime, regime_of
from apps.engine.taxes.selling import ABROAD, CRYPTO, EXEMPT, SOURCE, Candidate
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset

_COIN = Decimal("0.00000001")
_CENT = Decimal("0.01")
_NEVER = frozenset({AssetClass.FUTURE, AssetClass.TERM})


@dataclass(frozen=True, slots=True)
class Held:
    """A long position: ``cost`` in BRL, None = unknown. ``lots`` of fixed income and ``fund_lots``
    of funds, the oldest first; ``fund`` is the kind of a fund."""

    asset: str
    pool: str
    quantity: Decimal
    cost: Decimal | None
    lots: tuple[Lot, ...] = ()
    fund_lots: tuple[FundLot, ...] = ()
    fund: str = ""


def pool_of(asset: Asset | None, settings: TaxSettings) -> str:
    """Pool of an asset's gains; empty for what cannot simply be sold."""
    kind = asset.asset_class if asset else None
    if kind in _NEVER:
        return ""
    regime = regime_of(asset, HOME)
    if regime is Regime.ABROAD:
        return ABROAD
    if regime is Regime.CRYPTO:
        return CRYPTO
    if regime in (Regime.FIXED_INCOME, Regime.FUND):
        return SOURCE
    found = treatment(kind)
    if found == COMMON:
        return limit_of(kind, settings) or COMMON
    return {FII: FII, FINAL: SOURCE, EXEMPT_CLASS: EXEMPT}.get(found or "", COMMON)


def held_of(ledger: TaxLedger) -> list[Held]:
    """Every long position of an assessed ledger, by asset."""
    ctx = ledger.ctx
    book = fund_book(ctx, ledger.until, dt.date(ledger.until, 12, 31))
    found = []
    for holding in ctx.fold.holdings.values():
        asset = ctx.assets.get(holding.asset)
        if holding.quantity <= ZERO or holding.asset.startswith(SETTLED):
            continue
        pool = pool_of(asset, ctx.settings)
        regime = regime_of(asset, HOME)
        found.append(
            Held(
                holding.asset,
                pool,
                holding.quantity,
                holding.total_cost,
                tuple(holding.lots) if regime is Regime.FIXED_INCOME else (),
                tuple(book.lots.get(holding.asset, ())) if regime is Regime.FUND else (),
                book.kind_of(holding.asset) if regime is Regime.FUND else "",
            )
        )
    return sorted(found, key=lambda each: each.asset)


def candidates(
    held: Iterable[Held],
    prices: Mapping[str, Decimal],
    assets: Mapping[str, Asset],
    day: dt.date,
    rules: RuleBook,
    settings: TaxSettings,
) -> tuple[list[Candidate], list[tuple[str, str]]]:
    """What may be sold at ``prices`` (BRL per unit), and what is left out with the reason:
    ``not_sold``, ``price_missing``, ``cost_unknown`` or ``rule_missing``."""
    found: list[Candidate] = []
    left: list[tuple[str, str]] = []
    for each in held:
        asset, price = assets.get(each.asset), prices.get(each.asset)
        if not each.pool:
            left.append((each.asset, "not_sold"))
        elif price is None:
            left.append((each.asset, "price_missing"))
        elif each.cost is None:
            left.append((each.asset, "cost_unknown"))
        else:
            price *= asset.multiplier if asset else Decimal(1)
            try:
                own = _candidates(each, each.cost, price, asset, day, rules, settings)
            except RuleMissing:
                left.append((each.asset, "rule_missing"))
                continue
            if own is None:
                left.append((each.asset, "cost_unknown"))
            else:
                found += own
    return found, left


def _candidates(
    each: Held,
    cost: Decimal,
    price: Decimal,
    asset: Asset | None,
    day: dt.date,
    rules: RuleBook,
    settings: TaxSettings,
) -> list[Candidate] | None:
    """Its lots, or the whole of it; None where the cost of a lot is unknown."""
    if each.lots:
        return _fixed_income(each, price, asset, day, rules, settings)
    if each.fund_lots:
        return _fund(each, price, day, rules, settings)
    value, tax = price * each.quantity, ZERO
    if each.pool == SOURCE:
        rule = rules.on("VAR-ETFRF", day)
        # The highest rate where nobody knows the term.
        rate = by_days((asset.term_days if asset else None) or 0, rule.value["brackets"])
        tax = max(value - cost, ZERO) * rate
    return [Candidate(each.asset, each.pool, each.quantity, value, cost, _step(asset), tax)]


def _fixed_income(
    each: Held,
    price: Decimal,
    asset: Asset | None,
    day: dt.date,
    rules: RuleBook,
    settings: TaxSettings,
) -> list[Candidate] | None:
    whole = redeem_today(
        each.lots, price * each.quantity, day, asset, rules, day_zero=settings.iof_day_zero
    )
    if whole is None:
        return None
    return [
        Candidate(
            each.asset,
            SOURCE,
            lot.quantity,
            lot.proceeds,
            lot.cost,
            _CENT,
            lot.iof + lot.tax,
            lot.acquired,
        )
        for lot in whole.lots
    ]


def _fund(
    each: Held, price: Decimal, day: dt.date, rules: RuleBook, settings: TaxSettings
) -> list[Candidate] | None:
    found = []
    for lot in each.fund_lots:
        if lot.cost is None:
            return None
        value = lot.units * price
        own = redeem([lot], lot.units, value, day, each.fund, rules, day_zero=settings.iof_day_zero)
        tax = own.iof + own.tax
        found.append(
            Candidate(each.asset, SOURCE, lot.units, value, lot.cost, _CENT, tax, lot.acquired)
        )
    return found


def _step(asset: Asset | None) -> Decimal:
    kind = asset.asset_class if asset else None
    if kind in (AssetClass.CRYPTO, AssetClass.CRYPTO_ABROAD):
        return _COIN
    return _CENT if kind is AssetClass.TREASURY else Decimal(1)
