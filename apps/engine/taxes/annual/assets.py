"""Bens e Direitos and Dívidas: what was held at both ends of the year, at cost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from apps.engine.holdings import Holding, fold
from apps.engine.holdings.model import CashKey, replay
from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.abroad import AbroadYear, country_of
from apps.engine.taxes.annual.codes import Code, CodeBook
from apps.engine.taxes.annual.lots import LotCosts, lot_costs
from apps.engine.taxes.annual.model import AssetEntry, Debt, UnitCost
from apps.engine.taxes.annual.texts import Purchase, account_text, description, on_exchange
from apps.engine.taxes.classes import on_exchange as monthly
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import row_currency
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.money import cents
from apps.engine.taxes.prepare import SETTLED
from apps.engine.taxes.scope import HOME, Regime, regime_of
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset, Issue, Row

_NEVER_OWNED = frozenset({AssetClass.FUTURE})
_MONEY_KINDS = frozenset({Kind.DEPOSIT, Kind.WITHDRAWAL, Kind.FX})


@dataclass(slots=True)
class _Held:
    """A holding at both ends of a year. ``custody`` is by account at the end of it."""

    before: Decimal = ZERO
    cost_before: Decimal | None = ZERO
    quantity: Decimal = ZERO
    cost: Decimal | None = ZERO
    moved: bool = False
    custody: dict[str, Decimal] = field(default_factory=dict)
    purchases: list[Purchase] = field(default_factory=list)


def ends_of(year: int) -> tuple[dt.date, dt.date]:
    """31/12 of the year before and of the year."""
    return dt.date(year - 1, 12, 31), dt.date(year, 12, 31)


def _held(holding: Holding, year: int) -> _Held:
    first, last = ends_of(year)
    found = _Held()
    for raw, quantity, cost in replay(holding.raw_steps):
        row, moved, paid, _formula, sign, _gain, rate = raw
        if row.date > last:
            break
        if row.date <= first:
            found.before, found.cost_before = quantity, cost
        elif moved:
            found.moved = True
        found.quantity, found.cost = quantity, cost
        if not quantity:
            found.custody.clear()
            found.purchases.clear()
            continue
        own = found.custody.get(row.account, ZERO)
        found.custody[row.account] = own + moved if sign > 0 else own - moved
        if sign > 0 and moved > ZERO and paid is not None:
            amount = paid if rate is None else paid / rate
            currency = HOME if rate is None else row.currency
            found.purchases.append(Purchase(row.date, moved, amount, currency, rate))
    return found


def _of_lots(lots: LotCosts, asset: str, quantity: Decimal, cost: Decimal | None) -> Decimal | None:
    """Cost of the lots left of an asset taxed lot by lot, where they are all that is held; else
    its average cost."""
    held, left = lots.get(asset, (ZERO, None))
    return left if asset in lots and held == quantity else cost


def code_of(
    asset: Asset | None, filing: int, codes: CodeBook, settings: TaxSettings
) -> Code | None:
    """Group and code of an asset in a filing year; the code of exchange funds may be chosen."""
    kind = asset.asset_class if asset else None
    if kind is None:
        return None
    found = codes.asset(kind, filing, asset)
    if kind is AssetClass.ETF and settings.etf_code != "auto" and found is not None:
        return Code(found.group, settings.etf_code, True)
    return found


def _positions(ctx: Context) -> Iterator[tuple[Holding, Asset | None]]:
    for holding in ctx.fold.holdings.values():
        asset = ctx.assets.get(holding.asset)
        kind = asset.asset_class if asset else None
        passing = holding.asset.startswith(SETTLED)
        if holding.raw_steps and kind not in _NEVER_OWNED and not passing:
            yield holding, asset


def asset_entries(
    ctx: Context,
    year: int,
    codes: CodeBook,
    cnpjs: Mapping[str, str],
    abroad: AbroadYear | None,
) -> tuple[list[AssetEntry], list[Issue]]:
    """Everything held at either end of the year, or bought and sold within it."""
    results, taxes = _abroad_sums(abroad)
    entries: list[AssetEntry] = []
    issues: list[Issue] = []
    opened, closed = lot_costs(ctx, year - 1), lot_costs(ctx, year)
    for holding, asset in _positions(ctx):
        held = _held(holding, year)
        held.cost_before = _of_lots(opened, holding.asset, held.before, held.cost_before)
        held.cost = _of_lots(closed, holding.asset, held.quantity, held.cost)
        if not (held.before or held.quantity or held.moved):
            continue
        code = code_of(asset, year + 1, codes, ctx.settings)
        if code is None:
            where = {"asset": holding.asset, "year": str(year + 1)}
            issues.append(Issue("annual_code_missing", holding.asset, where))
        if held.cost is None or held.cost_before is None:
            where = {"asset": holding.asset, "year": str(year)}
            issues.append(Issue("annual_cost_unknown", holding.asset, where))
        is_abroad = regime_of(asset, row_currency(holding)) is Regime.ABROAD
        entry = _entry(
            ctx, holding.asset, asset, held, code, year, codes, cnpjs, is_abroad=is_abroad
        )
        if is_abroad and abroad is not None:
            result = results.get(holding.asset, ZERO)
            entry = replace(
                entry,
                result=None if result is None else cents(result),
                foreign_tax=cents(taxes.get(holding.asset, ZERO)),
            )
        entries.append(entry)
    entries.sort(key=lambda each: (each.group, each.code, each.asset))
    return entries, issues


def _abroad_sums(
    abroad: AbroadYear | None,
) -> tuple[dict[str, Decimal | None], dict[str, Decimal]]:
    results: dict[str, Decimal | None] = {}
    taxes: dict[str, Decimal] = {}
    for line in abroad.lines if abroad else ():
        so_far = results.get(line.asset, ZERO)
        results[line.asset] = (
            None if so_far is None or line.result is None else so_far + line.result
        )
        taxes[line.asset] = taxes.get(line.asset, ZERO) + line.foreign_tax
    return results, taxes


def _entry(
    ctx: Context,
    name: str,
    asset: Asset | None,
    held: _Held,
    code: Code | None,
    year: int,
    codes: CodeBook,
    cnpjs: Mapping[str, str],
    *,
    is_abroad: bool,
) -> AssetEntry:
    custody: dict[str, Decimal] = {}
    for account, quantity in held.custody.items():
        if quantity:
            place = institution(ctx, account)
            custody[place] = custody.get(place, ZERO) + quantity
    group = code.group if code else ""
    country = country_of(asset) if is_abroad else "BR"
    largest = max(held.cost or ZERO, held.cost_before or ZERO)
    return AssetEntry(
        group=group,
        code=code.code if code else "",
        asset=name,
        country=country,
        cnpj=asset.cnpj if asset else "",
        quantity_before=held.before,
        quantity=held.quantity,
        value_before=None if held.cost_before is None else cents(held.cost_before),
        value=None if held.cost is None else cents(held.cost),
        text=description(
            name,
            asset,
            held.quantity,
            held.cost,
            custody,
            cnpjs=cnpjs,
            purchases=held.purchases if is_abroad else (),
            country=country if is_abroad else "",
        ),
        custody=custody,
        traded=on_exchange(asset),
        required=largest >= codes.minimum(group, year + 1)
        or held.cost is None
        or held.cost_before is None,
        settled=code.settled if code else False,
    )


def institution(ctx: Context, account: str) -> str:
    """Name of the institution of an account."""
    known = ctx.accounts.get(account)
    return (known.institution or account) if known else account


def revar_lines(ctx: Context, year: int) -> list[UnitCost]:
    """Unit costs at the end of the year of what the monthly rules of the exchange speak of."""
    lines = []
    for holding, asset in _positions(ctx):
        kind = asset.asset_class if asset else None
        if kind is None or not monthly(kind):
            continue
        held = _held(holding, year)
        if held.quantity and regime_of(asset, HOME) is Regime.EXCHANGE:
            unit = None if held.cost is None else held.cost / held.quantity
            total = None if held.cost is None else cents(held.cost)
            lines.append(UnitCost(holding.asset, str(kind), held.quantity, unit, total))
    return sorted(lines, key=lambda each: each.asset)


def _last(log: Mapping[dt.date, Decimal], day: dt.date) -> Decimal:
    dates = [each for each in log if each <= day]
    return log[max(dates)] if dates else ZERO


def _tracked(rows: tuple[Row, ...]) -> set[str]:
    """Accounts whose money is followed: without what went in, a balance says nothing."""
    return {row.account for row in rows if row.kind in _MONEY_KINDS}


def money_entries(
    ctx: Context, year: int, codes: CodeBook, cnpjs: Mapping[str, str]
) -> tuple[list[AssetEntry], list[Debt], list[Issue]]:
    """Balances of accounts at both ends of the year, foreign ones at the sale PTAX of each; what
    is below zero is a debt."""
    tracked = _tracked(ctx.rows)
    entries: list[AssetEntry] = []
    debts: list[Debt] = []
    issues: list[Issue] = []
    if not tracked:
        return entries, debts, issues
    first, last = ends_of(year)
    folded = fold(ctx.rows, ctx.assets, ctx.accounts, fx=ctx.fx, on=last, log_cash=True)
    for key, log in sorted(folded.cash_log.items()):
        account, currency = key
        if account not in tracked:
            continue
        if key in folded.cash_incomplete:
            where = {"account": institution(ctx, account), "currency": currency}
            issues.append(Issue("annual_balance_incomplete", account, where))
        before, after = _last(log, first), _last(log, last)
        values = [
            _in_home(ctx, currency, amount, day) for amount, day in ((before, first), (after, last))
        ]
        if None in values:
            where = {
                "account": institution(ctx, account),
                "base": currency,
                "quote": HOME,
                "date": last.isoformat(),
            }
            issues.append(Issue("annual_rate_missing", account, where))
            continue
        value_before, value = (each or ZERO for each in values)
        _money(ctx, key, (before, after), (value_before, value), year, codes, cnpjs, entries, debts)
    return entries, debts, issues


def _in_home(ctx: Context, currency: str, amount: Decimal, day: dt.date) -> Decimal | None:
    if currency == HOME or not amount:
        return amount
    rate = ctx.fx.rate(currency, HOME, day)
    return None if rate is None else amount * rate


def _money(
    ctx: Context,
    key: CashKey,
    amounts: tuple[Decimal, Decimal],
    values: tuple[Decimal, Decimal],
    year: int,
    codes: CodeBook,
    cnpjs: Mapping[str, str],
    entries: list[AssetEntry],
    debts: list[Debt],
) -> None:
    account, currency = key
    foreign = currency != HOME
    place = institution(ctx, account)
    before, after = (cents(max(each, ZERO)) for each in values)
    rate = ctx.fx.rate(currency, HOME, ends_of(year)[1]) if foreign else None
    text = account_text(place, currency, max(amounts[1], ZERO), rate, cnpjs.get(place, ""))
    code = codes.asset("account", year + 1)
    if (before or after) and code is not None:
        entries.append(
            AssetEntry(
                group=code.group,
                code=code.code,
                asset=f"{place} {currency}",
                country="" if foreign else "BR",
                cnpj=cnpjs.get(place, ""),
                quantity_before=max(amounts[0], ZERO),
                quantity=max(amounts[1], ZERO),
                value_before=before,
                value=after,
                text=text,
                custody={place: amounts[1]},
                traded=False,
                required=max(before, after) >= codes.minimum(code.group, year + 1),
                settled=code.settled,
            )
        )
    owed_before, owed = (cents(max(-each, ZERO)) for each in values)
    debt = codes.debt("abroad" if foreign else "home", year + 1)
    if (owed_before or owed) and debt is not None:
        told = account_text(place, currency, min(amounts[1], ZERO), rate, cnpjs.get(place, ""))
        required = max(owed, owed_before) > debt[1]
        debts.append(Debt(debt[0], told, owed_before, owed, required))
