"""Fixed income at source: the regressive tables of income tax and IOF, exempt papers, what a
redemption brings net.

Both taxes fall on the yield of each lot, first in, first out, by the calendar days it was held:
IOF first, income tax on what it leaves. They are withheld and final; losses compensate nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from apps.engine.holdings import Lot, LotUse
from apps.engine.kinds import AssetClass, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.disposals import Disposal
from apps.engine.taxes.doubts import differs, gain_unknown, of_row
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.money import by_days, cents, text, total
from apps.engine.taxes.papers import papers_of
from apps.engine.taxes.rules import Rule, RuleBook
from apps.engine.types import Asset, Issue, Row

_HUNDRED = Decimal(100)
_SALE = frozenset({Kind.SELL})
_UNDATED = frozenset({Kind.TRANSFER_IN})


@dataclass(frozen=True, slots=True)
class LotYield:
    """What one lot yields when it leaves: ``gross`` = proceeds - cost; ``iof`` and ``tax`` fall on
    it; ``net`` is what is left of the proceeds. Losses bear neither."""

    acquired: dt.date
    days: int
    quantity: Decimal
    proceeds: Decimal
    cost: Decimal
    gross: Decimal
    iof_rate: Decimal
    iof: Decimal
    taxable: Decimal
    rate: Decimal
    tax: Decimal
    net: Decimal


@dataclass(frozen=True, slots=True)
class Redemption:
    """A redemption of one or more lots. Totals are the sums of the lots."""

    gross: Decimal
    iof: Decimal
    taxable: Decimal
    tax: Decimal
    net: Decimal
    lots: tuple[LotYield, ...]


def income_tax_rate(days: int, day: dt.date, rules: RuleBook) -> Decimal:
    """Rate of income tax on a yield after ``days`` calendar days, by the table in force on
    ``day``."""
    return by_days(days, rules.on("RF-IR", day).value["brackets"])


def iof_rate(days: int, day: dt.date, rules: RuleBook, *, day_zero: str = "first") -> Decimal:
    """Share of the yield IOF takes after ``days`` calendar days; what leaves on the day it came is
    taken as of the first day (``day_zero="none"``: free)."""
    shares = rules.on("RF-IOF", day).value["percent_of_yield_by_day"]
    if days < 1 and day_zero == "none":
        return ZERO
    place = max(days, 1) - 1
    return Decimal(str(shares[place])) / _HUNDRED if place < len(shares) else ZERO


def is_exempt(asset_class: AssetClass | None, day: dt.date, rules: RuleBook) -> Rule | None:
    """The rule that exempts the yield of a class of papers for individuals, or None."""
    rule = rules.find("RF-EXEMPT", day)
    return rule if rule is not None and asset_class in rule.value["classes"] else None


def bears_iof(asset: Asset | None, day: dt.date, rules: RuleBook) -> bool:
    """Whether IOF falls on short holdings of an asset."""
    rule = rules.find("RF-IOF-SCOPE", day)
    if rule is None or asset is None or asset.asset_class not in rule.value["classes"]:
        return False
    return asset.tax_class not in rule.value.get("exempt_fund_classes", [])


def lot_yield(
    acquired: dt.date,
    day: dt.date,
    proceeds: Decimal,
    cost: Decimal,
    rules: RuleBook,
    *,
    quantity: Decimal = Decimal(1),
    iof: bool = True,
    exempt: bool = False,
    day_zero: str = "first",
) -> LotYield:
    """Taxes of one lot acquired on one day and redeemed on another. Money out is in cents."""
    days = (day - acquired).days
    gross = proceeds - cost
    earned = max(gross, ZERO)
    share = iof_rate(days, day, rules, day_zero=day_zero) if iof and not exempt else ZERO
    taken = cents(earned * share)
    rate = ZERO if exempt else income_tax_rate(days, day, rules)
    taxable = earned - taken
    tax = cents(taxable * rate)
    return LotYield(
        acquired,
        days,
        quantity,
        proceeds,
        cost,
        gross,
        share,
        taken,
        taxable,
        rate,
        tax,
        proceeds - taken - tax,
    )


def together(lots: Iterable[LotYield]) -> Redemption:
    """A redemption from its lots."""
    found = tuple(lots)
    return Redemption(
        gross=total(each.gross for each in found),
        iof=total(each.iof for each in found),
        taxable=total(each.taxable for each in found),
        tax=total(each.tax for each in found),
        net=total(each.net for each in found),
        lots=found,
    )


def redeem_today(
    lots: Sequence[Lot],
    value: Decimal,
    day: dt.date,
    asset: Asset | None,
    rules: RuleBook,
    *,
    day_zero: str = "first",
) -> Redemption | None:
    """What the open lots of a paper would bring, redeemed on ``day`` for ``value`` together; None
    where the cost of a lot is unknown."""
    held = total(lot.quantity for lot in lots)
    if not held:
        return together(())
    exempt = is_exempt(asset.asset_class if asset else None, day, rules) is not None
    found = []
    for lot in lots:
        if lot.cost is None:
            return None
        found.append(
            lot_yield(
                lot.date,
                day,
                value * lot.quantity / held,
                lot.cost,
                rules,
                quantity=lot.quantity,
                iof=bears_iof(asset, day, rules),
                exempt=exempt,
                day_zero=day_zero,
            )
        )
    return together(found)


def source_lines(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Redemptions, sales and coupons of fixed income in a year, one line per lot and row."""
    lines: list[SourceTax] = []
    issues: list[Issue] = []
    for paper in papers_of(ctx):
        own, coupons = paper.left.get(year, ()), paper.coupons.get(year, ())
        if not own and not coupons:
            continue
        holding, asset = paper.holding, paper.asset
        sources = {raw[0].ref: raw[0] for raw in holding.raw_steps if raw[0].kind in _UNDATED}
        for each in own:
            uses = paper.by_ref.get(each.row.ref, [])
            found = _redemption(ctx, each, asset, uses, sources, issues)
            lines += found
            issues += _compare(each.row, found)
        for row, gross, _withheld in coupons:
            found = _coupon(ctx, row, gross, asset, paper.uses, holding.lots, issues)
            lines += found
            issues += _compare(row, found)
    lines.sort(key=lambda each: each.date)
    return lines, issues


def _compare(row: Row, lines: Sequence[SourceTax]) -> list[Issue]:
    """A row's withholding is one figure for all of its lots; statements give the income tax alone
    or with IOF."""
    if not lines or any(each.expected is None for each in lines):
        return []
    tax = total(each.expected for each in lines)
    return differs(row, row.tax_withheld, tax, tax + total(each.iof for each in lines))


def _redemption(
    ctx: Context,
    each: Disposal,
    asset: Asset | None,
    uses: Sequence[LotUse],
    sources: dict[str, Row],
    issues: list[Issue],
) -> list[SourceTax]:
    """Lines of one redemption. Proceeds are shared among its lots by quantity."""
    day = each.row.date
    sold = total(use.quantity for use in uses)
    unknown = each.proceeds is None or not sold or any(use.cost is None for use in uses)
    exempt = is_exempt(asset.asset_class if asset else None, day, ctx.rules)
    if exempt is not None and each.row.kind in _SALE and not ctx.settings.cra_gain_exempt:
        exempt = None if asset and asset.asset_class is AssetClass.CRA else exempt
    if unknown or each.proceeds is None:
        issues.append(gain_unknown(each.row))
        return [_unknown_line(ctx, each, exempt)]
    lines = []
    left = each.row.tax_withheld
    for place, use in enumerate(uses):
        source = sources.get(use.lot_ref)
        if source is not None and exempt is None:
            issues.append(of_row("lot_date_assumed", source))
        found = lot_yield(
            use.lot_date,
            day,
            each.proceeds * use.quantity / sold,
            use.cost or ZERO,
            ctx.rules,
            quantity=use.quantity,
            iof=bears_iof(asset, day, ctx.rules),
            exempt=exempt is not None,
            day_zero=ctx.settings.iof_day_zero,
        )
        # One figure is told for the whole row: it stands on its first line.
        lines.append(_line(ctx, each.row, each.asset, found, exempt, left if not place else ZERO))
    return lines


def _unknown_line(ctx: Context, each: Disposal, exempt: Rule | None) -> SourceTax:
    rule = exempt or ctx.rules.on("RF-IR", each.row.date)
    part = Part("fixed_income_yield", None, rule.id, rule.law, (each.row.ref,))
    return SourceTax(
        kind="exempt_paper" if exempt else "fixed_income",
        asset=each.asset,
        date=each.row.date,
        gross=None,
        rate=None,
        expected=ZERO if exempt else None,
        withheld=each.row.tax_withheld,
        code=_code(ctx, each.row.date, exempt),
        part=part,
        account=each.row.account,
    )


def _code(ctx: Context, day: dt.date, exempt: Rule | None) -> str:
    if exempt is not None:
        return exempt.text("code")
    rule = ctx.rules.find("RF-CODE", day)
    return rule.text("exclusive") if rule else ""


def _line(
    ctx: Context,
    row: Row,
    asset: str,
    found: LotYield,
    exempt: Rule | None,
    withheld: Decimal | None,
) -> SourceTax:
    rule = exempt or ctx.rules.on("RF-IR", row.date)
    params = {
        "asset": asset,
        "date": row.date.isoformat(),
        "acquired": found.acquired.isoformat(),
        "days": str(found.days),
        "quantity": text(found.quantity),
        "proceeds": text(found.proceeds),
        "cost": text(found.cost),
        "iof_rate": text(found.iof_rate),
        "iof": text(found.iof),
        "rate": text(found.rate),
        "tax": text(found.tax),
        "net": text(found.net),
    }
    return SourceTax(
        kind="exempt_paper" if exempt else "fixed_income",
        asset=asset,
        date=row.date,
        gross=found.gross,
        rate=found.rate,
        expected=found.tax,
        withheld=withheld,
        code=_code(ctx, row.date, exempt),
        part=Part("fixed_income_yield", found.gross, rule.id, rule.law, (row.ref,), params),
        account=row.account,
        days=found.days,
        taxable=found.taxable,
        iof=found.iof,
    )


def _coupon(
    ctx: Context,
    row: Row,
    gross: Decimal | None,
    asset: Asset | None,
    uses: Sequence[LotUse],
    lots: Sequence[Lot],
    issues: list[Issue],
) -> list[SourceTax]:
    """A coupon, taxed by the days since each lot was bought; its money is shared by the quantity
    of the lots held on its day. It bears no IOF."""
    code = row.asset or ""
    exempt = is_exempt(asset.asset_class if asset else None, row.date, ctx.rules)
    held: dict[dt.date, Decimal] = {}
    for lot_date, quantity, until in (
        *((use.lot_date, use.quantity, use.date) for use in uses),
        *((lot.date, lot.quantity, None) for lot in lots),
    ):
        if lot_date < row.date and (until is None or until >= row.date):
            held[lot_date] = held.get(lot_date, ZERO) + quantity
    whole = total(held.values())
    if gross is None or not whole:
        issues.append(of_row("income_unknown" if gross is None else "lots_unknown", row))
        rule = exempt or ctx.rules.on("RF-IR", row.date)
        part = Part("coupon", gross, rule.id, rule.law, (row.ref,))
        kind = "exempt_paper" if exempt else "fixed_income"
        expected = ZERO if exempt else None
        number = _code(ctx, row.date, exempt)
        return [
            SourceTax(kind, code, row.date, gross, None, expected, row.tax_withheld, number, part)
        ]
    lines = []
    for place, (acquired, quantity) in enumerate(sorted(held.items())):
        found = lot_yield(
            acquired,
            row.date,
            gross * quantity / whole,
            ZERO,
            ctx.rules,
            quantity=quantity,
            iof=False,
            exempt=exempt is not None,
        )
        withheld = row.tax_withheld if not place else ZERO
        lines.append(_line(ctx, row, code, found, exempt, withheld))
    return lines
