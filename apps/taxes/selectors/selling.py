"""What selling would cost: estimates from what is stored, with the prices of now."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.assets.selectors import engine_asset
from apps.engine import types as engine
from apps.engine.holdings import Lot
from apps.engine.taxes import selling
from apps.engine.taxes.funds import FundLot
from apps.engine.taxes.held import Held, candidates
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.selling import Candidate, Plan, Room
from apps.engine.taxes.settings import TaxSettings
from apps.portfolios.pricing import Priced
from apps.taxes.law import home_rates, rule_book
from apps.taxes.models import Assessment
from apps.taxes.selectors.choices import settings_of
from apps.taxes.selectors.prices import assets_priced, of_shares_held, price_notes
from apps.taxes.selectors.state import ZERO, Named, asset_names, money, require_holder

#: Rates of the pools that have one: pool, rule, name of the figure.
_RATES = (("common", "VAR-15"), ("fii", "VAR-FII20"), ("abroad", "EXT-15"))


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a holder could sell now, and where the period stands."""

    candidates: list[Candidate]
    left_out: list[tuple[str, str]]
    room: Room
    names: dict[str, Named]
    prices: dict[str, Priced]

    def named(self, asset: str) -> dict[str, Any]:
        """An asset's id and names, and where its price came from."""
        return {**_named(asset, self.names), **price_notes(self.prices.get(asset))}


def shelf_of(*, access: Access, holder: Holder, on: dt.date | None = None) -> Shelf:
    """Positions at the last prices, with the limits, results and losses of the period of ``on``.
    A fixed number of queries, no fold."""
    require_holder(access, holder)
    on = on or timezone.localdate()
    stored = {
        (year, month): (figures, detail)
        for year, month, figures, detail in Assessment.objects.filter(
            holder=holder, year__in=[0, on.year], month__in=[0, on.month]
        ).values_list("year", "month", "figures", "detail")
    }
    rules, settings = rule_book(), settings_of(access=access, holder=holder)
    shelf = stored.get((0, 0), ({}, {}))[1]
    held = [_held(each) for each in shelf.get("held", [])]
    codes = {each.asset: uuid.UUID(shelf["codes"][each.asset]) for each in held}
    by_id, known = assets_priced(access=access, ids=list(codes.values()))
    known = of_shares_held(holder=holder, prices=known)
    assets = {code: engine_asset(by_id[pk]) for code, pk in codes.items() if pk in by_id}
    prices = {code: known[pk] for code, pk in codes.items() if pk in known}
    found, left = candidates(held, _at_home(prices, assets), assets, on, rules, settings)
    year, month = stored.get((on.year, 0)), stored.get((on.year, on.month))
    room = room_of(month[0] if month else {}, year, rules, settings, on)
    names = asset_names(access=access, holder=holder, values=[each.asset for each in held])
    return Shelf(found, left, room, names, prices)


def _held(stored: dict[str, Any]) -> Held:
    cost = stored["cost"]
    return Held(
        stored["asset"],
        stored.get("pool", ""),
        Decimal(stored["quantity"]),
        None if cost is None else Decimal(cost),
        tuple(
            Lot(lot["ref"], _day(lot["date"]), Decimal(lot["quantity"]), _known(lot["cost"]))
            for lot in stored.get("lots", ())
        ),
        tuple(
            FundLot(
                lot["ref"],
                _day(lot["acquired"]),
                lot["account"],
                Decimal(lot["units"]),
                _known(lot["cost"]),
                Decimal(lot["taxed"]),
                Decimal(lot["paid"]),
            )
            for lot in stored.get("fund_lots", ())
        ),
        stored.get("fund", ""),
    )


def _day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def _known(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _at_home(prices: dict[str, Priced], assets: dict[str, engine.Asset]) -> dict[str, Decimal]:
    """Prices in reais; what cannot be converted is absent."""
    money_of = {code: assets[code].currency for code in prices}
    rates = home_rates(money_of.values())
    return {
        code: priced.price * rates[money_of[code]]
        for code, priced in prices.items()
        if money_of[code] in rates
    }


def room_of(
    month: dict[str, Any],
    year: tuple[dict[str, Any], dict[str, Any]] | None,
    rules: RuleBook,
    settings: TaxSettings,
    on: dt.date,
) -> Room:
    """Where the period stands, from the stored figures of the month and of the year."""
    figures, detail = year or ({}, {})
    buckets = month.get("buckets", {})
    abroad = figures.get("abroad") or {}
    limits, spot, rates = {}, {}, {}
    rule = rules.find("VAR-EX20K", on)
    if rule is not None:
        limits["stock"] = rule.decimal("limit") - money(month.get("stock_sales"))
        limits["gold"] = rule.decimal("gold_limit") - money(month.get("gold_sales"))
    spot["stock"] = money(month.get("exempt_gain"))
    spot["gold"] = money(month.get("exempt_gain_gold"))
    crypto = rules.find("CRY-GC", on)
    coins: dict[str, Any] = next(
        (m for m in detail.get("crypto", ()) if m["month"] == f"{on:%Y-%m}"), {}
    )
    brackets: list[dict[str, Any]] = []
    if crypto is not None:
        limits["crypto"] = crypto.decimal("exempt_up_to") - money(coins.get("disposals"))
        brackets = list(rules.on(crypto.text("brackets"), on).value["brackets"])
        rates["crypto"] = Decimal(str(brackets[0]["rate"]))
    spot["crypto"] = money(coins.get("gain"))
    for pool, rule_id in _RATES:
        if (found := rules.find(rule_id, on)) is not None:
            rates[pool] = found.decimal("rate")
    results = {name: money(buckets.get(name, {}).get("result")) for name in ("common", "fii")}
    losses = {name: money(buckets.get(name, {}).get("loss_before")) for name in ("common", "fii")}
    results["abroad"] = (
        money(abroad.get("gains")) - money(abroad.get("losses")) + money(abroad.get("income"))
    )
    losses["abroad"] = money(abroad.get("loss_before"))
    # Below zero is beyond: whatever is sold next is taxed, with what was exempt until now.
    return Room(limits, spot, results, losses, rates, brackets)


def raise_cash(
    *, access: Access, holder: Holder, amount: Decimal, on: dt.date | None = None
) -> dict[str, Any]:
    """The cheapest way to have ``amount`` after tax, and the others tried. An estimate before
    brokerage. ``reached`` is False where everything sold is not enough."""
    shelf = shelf_of(access=access, holder=holder, on=on)
    best, others = selling.raise_cash(amount, shelf.candidates, shelf.room)
    shown, rest = (best, others) if best else (others[0] if others else None, others[1:])
    return {
        "amount": amount,
        "reached": best is not None,
        **_plan(shown, shelf),
        "alternatives": [_plan(each, shelf) for each in rest],
        "left_out": _left(shelf),
    }


def _plan(plan: Plan | None, shelf: Shelf) -> dict[str, Any]:
    if plan is None:
        return {"proceeds": ZERO, "tax": ZERO, "net": ZERO, "lines": [], "keeps": [], "pools": []}
    return {
        "proceeds": plan.value,
        "tax": plan.tax,
        "net": plan.net,
        "keeps": sorted(plan.keeps),
        "pools": _pools(plan),
        "lines": [
            {
                **shelf.named(each.candidate.asset),
                "pool": each.candidate.pool,
                "quantity": each.quantity,
                "price": each.value / each.quantity,
                "proceeds": each.value,
                "gain": each.gain,
                "acquired": each.candidate.acquired,
            }
            for each in plan.sold
        ],
    }


def _pools(plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "pool": pool.pool,
            "sales": pool.sales,
            "gain": pool.gain,
            "exempt": pool.exempt,
            "base": pool.base,
            "rate": pool.rate,
            "tax": pool.tax,
        }
        for pool in plan.pools
    ]


def _named(asset: str, names: dict[str, Named]) -> dict[str, Any]:
    found = names.get(asset)
    return {
        "asset": found.id if found else None,
        "ticker": found.ticker if found else asset,
        "name": found.name if found else "",
        "asset_class": found.asset_class if found else "",
    }


def _left(shelf: Shelf) -> list[dict[str, Any]]:
    return [{**_named(asset, shelf.names), "reason": why} for asset, why in shelf.left_out]


def loss_harvest(*, access: Access, holder: Holder, on: dt.date | None = None) -> dict[str, Any]:
    """Positions below cost whose loss may compensate gains, the most useful first.

    ``saves_now`` is the tax of the period that selling it alone would take back; ``kept_loss``
    what is left of the loss for later.
    """
    shelf = shelf_of(access=access, holder=holder, on=on)
    lines = []
    for each in shelf.candidates:
        bucket = "common" if each.pool in ("stock", "gold") else each.pool
        if each.gain >= ZERO or bucket not in shelf.room.rates or bucket == "crypto":
            continue
        rate, loss = shelf.room.rates[bucket], -each.gain
        saved = -selling.sell_alone(each, shelf.room)
        lines.append(
            {
                **shelf.named(each.asset),
                "bucket": bucket,
                "quantity": each.quantity,
                "cost": each.cost,
                "value": each.value,
                "loss": loss,
                "rate": rate,
                "saves_now": saved,
                "kept_loss": max(loss - saved / rate, ZERO) if rate else loss,
            }
        )
    lines.sort(key=lambda line: (-line["saves_now"], -line["loss"]))
    return {
        "lines": lines,
        "totals": {"loss": sum((line["loss"] for line in lines), ZERO)},
        "left_out": _left(shelf),
    }


def holdings_of(*, access: Access, holder: Holder) -> list[Named]:
    """What the holder has, by ticker. Three queries, no price."""
    require_holder(access, holder)
    rows = Assessment.objects.filter(holder=holder).shelf()
    held = rows.values_list("detail__held", flat=True).first() or []
    names = asset_names(access=access, holder=holder, values=[each["asset"] for each in held])
    return sorted(names.values(), key=lambda named: named.ticker)


def after_tax(*, access: Access, holder: Holder, on: dt.date | None = None) -> dict[str, Any]:
    """What everything would leave after tax if sold today, and the tax of selling each alone."""
    shelf = shelf_of(access=access, holder=holder, on=on)
    plan = selling.sell_all(shelf.candidates, shelf.room)
    lines = [
        {
            **shelf.named(each.asset),
            "pool": each.pool,
            "quantity": each.quantity,
            "value": each.value,
            "cost": each.cost,
            "gain": each.gain,
            "acquired": each.acquired,
            "tax_alone": selling.sell_alone(each, shelf.room),
        }
        for each in shelf.candidates
    ]
    lines.sort(key=lambda line: -line["value"])
    return {
        "value": plan.value,
        "tax": plan.tax,
        "after_tax": plan.net,
        "pools": _pools(plan),
        "lines": lines,
        "left_out": _left(shelf),
    }
