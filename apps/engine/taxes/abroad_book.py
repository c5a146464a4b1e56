"""Reads what happened abroad off a Holder's ledger, year by year."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from apps.engine.holdings import Holding
from apps.engine.kinds import AssetClass, Bucket, Kind
from apps.engine.taxes.abroad import (
    AbroadLine,
    AbroadYear,
    country_of,
    creditable,
    default_withholding,
    tax_of,
)
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal, disposals, holdings_of, self_kept
from apps.engine.taxes.doubts import gain_unknown, income_unknown, of_row
from apps.engine.taxes.model import ZERO, Part
from apps.engine.taxes.money import cents, text, total
from apps.engine.taxes.rules import Rule
from apps.engine.taxes.scope import HOME, Regime
from apps.engine.types import Asset, Issue, Row

_YEAR_END = (12, 31)


def abroad_years(ctx: Context, until: int, since: int = 0) -> list[AbroadYear]:
    """Every year under this law from ``since`` to ``until``, oldest first, losses carried along
    from all the years before."""
    found = ctx.once("abroad", lambda: _lines(ctx))
    carried = ctx.opening.losses.get(Bucket.ABROAD, ZERO)
    declared = ctx.once("abroad losses", lambda: _declared(ctx))
    first = min([*found.years, *(day.year for day, _amount in declared), until])
    years = []
    for year in range(first, until + 1):
        end = dt.date(year, *_YEAR_END)
        carried += total(amount for day, amount in declared if day.year == year and day != end)
        if ctx.rules.find("EXT-15", end) is None or end <= found.opening:
            pass
        elif year < since:
            net = found.years.get(year, ZERO)
            carried = cents(carried - (min(carried, net) if net > ZERO else net))
        else:
            lines = [each for each in found.lines if each.date.year == year]
            own = tuple(issue for day, issue in found.issues if day.year == year)
            settled = tax_of(year, lines, carried, ctx.rules, own)
            years.append(settled)
            carried = settled.loss_after
        carried += total(amount for day, amount in declared if day == end)
    return years


def abroad_year(ctx: Context, year: int) -> AbroadYear | None:
    """One year; None before this law."""
    years = abroad_years(ctx, year, year)
    return years[-1] if years else None


def _declared(ctx: Context) -> list[tuple[dt.date, Decimal]]:
    return [
        (row.date, abs(row.amount))
        for row in (ctx.rows if Kind.OPENING_LOSS in ctx.kinds else ())
        if row.kind is Kind.OPENING_LOSS and row.bucket == Bucket.ABROAD and row.amount is not None
    ]


@dataclass(slots=True)
class _Found:
    """Every line, and the net result of every year (unknown ones apart)."""

    opening: dt.date
    lines: list[AbroadLine] = field(default_factory=list)
    years: dict[int, Decimal] = field(default_factory=dict)
    issues: list[tuple[dt.date, Issue]] = field(default_factory=list)

    def passes(self, day: dt.date, result: Decimal | None) -> bool:
        """Count a result in its year; whether it is one of this ledger's."""
        if day <= self.opening:
            return False
        self.years[day.year] = self.years.get(day.year, ZERO) + (result or ZERO)
        return True


def _lines(ctx: Context) -> _Found:
    found = _Found(ctx.opening.date or dt.date.min)
    if ctx.settings.self_custody == "abroad":
        wallets = self_kept(ctx)
        for holding, asset in holdings_of(ctx, Regime.CRYPTO):
            _gains(ctx, holding, asset, found, wallets)
    for holding, asset in holdings_of(ctx, Regime.ABROAD):
        _gains(ctx, holding, asset, found)
        for row, gross, _withheld in holding.raw_income:
            _income(ctx, row, _at_its_date(ctx, row, gross), asset, found)
    if ctx.settings.bdr_dividends == "abroad":
        for holding, asset in holdings_of(ctx, Regime.EXCHANGE):
            if asset is not None and asset.asset_class is AssetClass.BDR:
                for row, gross, _withheld in holding.raw_income:
                    _income(ctx, row, gross, asset, found)
    for row in ctx.rows if Kind.INTEREST in ctx.kinds else ():
        if row.kind is Kind.INTEREST and not row.asset and row.currency not in ("", HOME):
            rate = ctx.fx.rate(row.currency, HOME, row.date)
            paid = None if row.amount is None or rate is None else row.amount * rate
            if paid is None or paid > ZERO:  # interest paid is no deduction
                _income(ctx, row, paid, None, found)
    found.lines.sort(key=lambda each: each.date)
    return found


def _gains(
    ctx: Context,
    holding: Holding,
    asset: Asset | None,
    found: _Found,
    accounts: frozenset[str] | None = None,
) -> None:
    """Gains of a holding, or only those made through some accounts."""
    fifo: dict[str, Decimal | None] | None = None
    old: dict[str, Decimal] = {}
    country = country_of(asset)
    if ctx.settings.abroad_cost == "fifo":
        fifo = _fifo_costs(holding)
    if not ctx.settings.abroad_pre2024_fx_taxed:
        old = _untaxed_exchange(ctx, holding)
    for each in disposals(holding, asset, _first_day(ctx)):
        day, gain, cost = each.row.date, each.gain, each.cost
        rule = ctx.rules.find("EXT-15", day)
        if rule is None or (accounts is not None and each.row.account not in accounts):
            continue
        if fifo is not None and gain is not None and cost is not None:
            first_in = fifo.get(each.row.ref, cost)
            gain = None if first_in is None else gain + cost - first_in
            cost = first_in
        if gain is not None and each.row.ref in old:
            gain -= old[each.row.ref]
        if not found.passes(day, gain):
            continue
        if gain is None:
            found.issues.append((day, gain_unknown(each.row)))
        part = _gain_part(each, gain, cost, rule)
        found.lines.append(AbroadLine("gain", each.asset, day, country, gain, ZERO, ZERO, part))


def _first_day(ctx: Context) -> dt.date:
    """The first day of this law; the last there is where it never was in force."""
    return min((rule.start for rule in ctx.rules.starting("EXT-15")), default=dt.date.max)


def _untaxed_exchange(ctx: Context, holding: Holding) -> dict[str, Decimal]:
    """By closing row, what the exchange rate did to the cost of lots bought before this law, for
    Holders who leave it untaxed: cost in foreign money x (rate of the sale - rate of the purchase),
    lots first in, first out."""
    rates = {
        raw[0].ref: (raw[0].date, raw[0].currency, raw[6])
        for raw in holding.raw_steps
        if raw[6] is not None
    }
    found: dict[str, Decimal] = {}
    for use in holding.lot_uses:
        bought, sold = rates.get(use.lot_ref), rates.get(use.ref)
        if bought is None or sold is None or use.cost is None or not bought[2] or not sold[2]:
            continue
        if bought[1] == sold[1] and ctx.rules.find("EXT-15", use.lot_date) is None:
            moved = use.cost / bought[2] * (sold[2] - bought[2])
            found[use.ref] = found.get(use.ref, ZERO) + moved
    return found


def _at_its_date(ctx: Context, row: Row, gross: Decimal | None) -> Decimal | None:
    """Income at the rate of the day it was received, whatever day trades are converted on."""
    if ctx.settings.abroad_date == "trade" or row.amount is None or row.currency == HOME:
        return gross
    rate = ctx.fx.rate(row.currency, HOME, row.date)
    return None if rate is None else row.amount * rate


def _fifo_costs(holding: Holding) -> dict[str, Decimal | None]:
    costs: dict[str, Decimal | None] = {}
    for use in holding.lot_uses:
        so_far = costs.get(use.ref, ZERO)
        costs[use.ref] = None if so_far is None or use.cost is None else so_far + use.cost
    return costs


def _gain_part(each: Disposal, gain: Decimal | None, cost: Decimal | None, rule: Rule) -> Part:
    params = {"asset": each.asset, "date": each.row.date.isoformat()}
    params["quantity"] = text(each.quantity)
    params["currency"] = each.row.currency
    for name, value in (("proceeds", each.proceeds), ("cost", cost), ("rate", each.rate)):
        if value is not None:
            params[name] = text(value)
    label = "abroad_loss" if gain is not None and gain < ZERO else "abroad_gain"
    return Part(label, gain, rule.id, rule.law, (each.row.ref,), params)


def _income(
    ctx: Context,
    row: Row,
    gross: Decimal | None,
    asset: Asset | None,
    found: _Found,
) -> None:
    rule = ctx.rules.find("EXT-DIV", row.date)
    if rule is None or not found.passes(row.date, gross):
        return
    issues = found.issues
    if gross is None:
        issues.append((row.date, income_unknown(row)))
    withheld = row.tax_withheld
    if withheld is None and row.asset and row.amount is not None:
        usual = default_withholding(asset, row.date, ctx.rules)
        if ctx.settings.estimate_foreign_tax and usual is not None:
            withheld = row.amount * usual
        elif row.kind is not Kind.INTEREST and usual != ZERO:
            issues.append((row.date, of_row("foreign_tax_unknown", row)))
    country = country_of(asset)
    foreign, rate = _foreign_tax(ctx, row, withheld, issues)
    credit = creditable(foreign, gross or ZERO, country, row.date, ctx.rules)
    params = {"asset": row.asset or "", "date": row.date.isoformat(), "kind": str(row.kind)}
    params |= {"currency": row.currency, "country": country}
    if row.amount is not None:
        params["amount"] = text(row.amount)
    if gross is not None and row.amount:
        params["rate"] = text(gross / row.amount)
    if withheld:
        params["withheld"] = text(withheld)
        params["buy_rate"] = text(rate) if rate is not None else ""
        params["foreign_tax"] = text(cents(foreign))
        params["credit"] = text(cents(credit))
    part = Part("abroad_income", gross, rule.id, rule.law, (row.ref,), params)
    name = row.asset or ""
    found.lines.append(AbroadLine("income", name, row.date, country, gross, foreign, credit, part))


def _foreign_tax(
    ctx: Context,
    row: Row,
    withheld: Decimal | None,
    issues: list[tuple[dt.date, Issue]],
) -> tuple[Decimal, Decimal | None]:
    """Foreign tax in BRL at the purchase PTAX of its day (the sale one, reported, where only that
    is known)."""
    if not withheld:
        return ZERO, None
    rate = ctx.fx.buy.rate(row.currency, HOME, row.date) if ctx.fx.buy else None
    if rate is None and row.currency != HOME:
        issues.append((row.date, of_row("ptax_buy_missing", row)))
        rate = ctx.fx.rate(row.currency, HOME, row.date)
    if row.currency == HOME:
        rate = Decimal(1)
    return (ZERO if rate is None else withheld * rate), rate
