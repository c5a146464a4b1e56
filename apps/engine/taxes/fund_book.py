"""The ledger's rows of funds, folded into lots that remember the tax already taken."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from apps.engine.holdings.trades import gross_of
from apps.engine.kinds import INCOME_KINDS, Kind
from apps.engine.taxes.context import Context
from apps.engine.taxes.doubts import differs, far_apart, gain_unknown, income_unknown, of_row
from apps.engine.taxes.fund_parts import advance_line, code_of, redemption_line
from apps.engine.taxes.funds import (
    LONG,
    SHORT,
    FundLot,
    advance_rate,
    come_cotas,
    final_rate,
    kind_of_fund,
    redeem,
    rule_of,
    taxable_share,
)
from apps.engine.taxes.model import ZERO, Part, SourceTax
from apps.engine.taxes.money import cents, text, total
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.scope import HOME, Regime, regime_of
from apps.engine.types import Issue, Row

_IN = frozenset({Kind.BUY, Kind.SUBSCRIPTION, Kind.BONUS, Kind.TRANSFER_IN})
_MATCH_DAYS = 10


@dataclass(slots=True)
class FundBook:
    """Lots by fund, unused losses by administrator and kind, and the lines met on the way."""

    ctx: Context
    since: dt.date = dt.date.min
    end: dt.date = dt.date.max
    lots: dict[str, list[FundLot]] = field(default_factory=dict)
    losses: dict[tuple[str, str], Decimal] = field(default_factory=dict)
    lines: list[SourceTax] = field(default_factory=list)
    issues: list[tuple[dt.date, Issue]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def law(self) -> tuple[dt.date, RuleBook]:
        """The law in force at the end of the book."""
        return self.end, self.ctx.rules

    def kind_of(self, code: str) -> str:
        """Kind of a fund, for its taxes."""
        found = self.kinds.get(code)
        if found is None:
            told = kind_of_fund(self.ctx.assets.get(code), *self.law)
            found = self.kinds[code] = told or LONG
        return found

    def pool(self, code: str, account: str) -> tuple[str, str]:
        """Funds among which losses compensate: same administrator, same kind."""
        asset = self.ctx.assets.get(code)
        place = self.ctx.accounts.get(account)
        return (
            (asset.issuer if asset else "") or (place.institution if place else "") or account,
            self.kind_of(code),
        )


def fund_book(ctx: Context, until: int, since: dt.date = dt.date.min) -> FundBook:
    """Fold the rows of funds up to the end of a year, keeping the lines from ``since`` on."""
    end = dt.date(until, 12, 31)
    book = FundBook(ctx, since, end)
    funds = {code for code, asset in ctx.assets.items() if regime_of(asset, HOME) is Regime.FUND}
    if not funds:
        return book
    rows = [row for row in ctx.rows if row.asset in funds and row.date <= end]
    paired = _paired(rows)
    for row in rows:
        if row.ref in paired:
            _relabel(book, row, paired[row.ref])
        else:
            _apply(book, row)
    return book


def _paired(rows: Sequence[Row]) -> dict[str, Row]:
    """Transfers between the Holder's own accounts, by row: units leave one for the other."""
    departures = [row for row in rows if row.kind is Kind.TRANSFER_OUT]
    pairs: dict[str, Row] = {}
    for row in rows:
        if row.kind is not Kind.TRANSFER_IN:
            continue
        for out in departures:
            near = abs((out.date - row.date).days) <= _MATCH_DAYS
            if out.asset == row.asset and out.quantity == row.quantity and near:
                departures.remove(out)
                pairs[row.ref], pairs[out.ref] = out, row
                break
    return pairs


def _relabel(book: FundBook, row: Row, other: Row) -> None:
    """Units change account when they leave; their arrival changes nothing."""
    if row.kind is Kind.TRANSFER_IN:
        return
    moved, kept = _take(book, row, row.quantity or ZERO)
    book.lots[row.asset or ""] = _sorted(
        kept + [replace(lot, account=other.account) for lot in moved]
    )


def _sorted(lots: list[FundLot]) -> list[FundLot]:
    return sorted(lots, key=lambda lot: lot.acquired)


def _take(book: FundBook, row: Row, units: Decimal) -> tuple[list[FundLot], list[FundLot]]:
    """Lots worth ``units``, oldest of the row's account first, and the rest."""
    lots = book.lots.get(row.asset or "", [])
    own = [lot for lot in lots if lot.account == row.account]
    others = [lot for lot in lots if lot.account != row.account] if len(own) < len(lots) else []
    ordered = own + others
    taken: list[FundLot] = []
    kept: list[FundLot] = []
    need = units
    for place, lot in enumerate(ordered):
        if need <= ZERO:
            kept += ordered[place:]
            break
        size = min(lot.units, need)
        need -= size
        taken.append(lot.part(size))
        if size < lot.units:
            kept.append(lot.part(lot.units - size))
    if need > ZERO:
        values = {"asset": row.asset or "", "quantity": text(units), "excess": text(need)}
        book.issues.append((row.date, Issue("oversold", row.ref, values)))
    return taken, _sorted(kept) if others else kept


def _apply(book: FundBook, row: Row) -> None:
    code, kind, size = row.asset or "", row.kind, row.quantity
    if kind in _IN:
        if size is None or size <= ZERO:
            return
        gross = gross_of(row)
        cost = None if gross is None else gross + (row.fees or ZERO)
        if kind is Kind.TRANSFER_IN:
            book.issues.append((row.date, of_row("lot_date_assumed", row)))
        lot = FundLot(row.ref, row.date, row.account, size, cost)
        book.lots[code] = _sorted([*book.lots.get(code, []), lot])
    elif kind is Kind.TRANSFER_OUT:
        book.lots[code] = _take(book, row, size or ZERO)[1]
    elif kind in (Kind.SELL, Kind.MATURITY):
        _redemption(book, row)
    elif kind is Kind.COME_COTAS:
        _advance(book, row)
    elif kind is Kind.SPLIT and row.ratio:
        ratio = row.ratio
        book.lots[code] = [replace(lot, units=lot.units * ratio) for lot in book.lots.get(code, [])]
    elif kind in (Kind.RENAME, Kind.MERGER) and row.to_asset:
        ratio = row.ratio if kind is Kind.MERGER and row.ratio else Decimal(1)
        moved = [replace(lot, units=lot.units * ratio) for lot in book.lots.pop(code, [])]
        book.lots[row.to_asset] = _sorted(book.lots.get(row.to_asset, []) + moved)
    elif kind is Kind.RETURN_OF_CAPITAL:
        _amortisation(book, row)
    elif kind in INCOME_KINDS:
        _income(book, row)


def _redemption(book: FundBook, row: Row) -> None:
    code = row.asset or ""
    kind = book.kind_of(code)
    held = total(
        lot.units for lot in book.lots.get(code, []) if lot.account == row.account
    ) or total(lot.units for lot in book.lots.get(code, []))
    units = held if row.kind is Kind.MATURITY else row.quantity or ZERO
    gross = gross_of(row)
    if not units or gross is None:
        book.issues.append((row.date, of_row("value_missing", row)))
        return
    proceeds = gross - (row.fees or ZERO)
    taken, kept = _take(book, row, units)
    sold = total(lot.units for lot in taken)
    if not sold:
        return
    pool = book.pool(code, row.account)
    if row.date < book.since:
        book.lots[code] = kept
        _settle_losses(book, pool, taken, sold, proceeds * sold / units, row)
        return
    found = redeem(
        taken,
        sold,
        proceeds * sold / units,
        row.date,
        kind,
        book.ctx.rules,
        losses=book.losses.get(pool, ZERO),
        day_zero=book.ctx.settings.iof_day_zero,
    )
    book.losses[pool] = book.losses.get(pool, ZERO) - found.loss_used + found.loss
    book.lots[code] = kept
    if found.gain is None:
        book.issues.append((row.date, gain_unknown(row)))
    for place, each in enumerate(found.redeemed):
        withheld = row.tax_withheld if not place else ZERO
        book.lines.append(redemption_line(book.ctx.rules, row, kind, each, withheld))
    if found.gain is not None:
        told = differs(row, row.tax_withheld, found.tax, found.tax + found.iof)
        book.issues += [(row.date, issue) for issue in told]


def _settle_losses(
    book: FundBook,
    pool: tuple[str, str],
    taken: Sequence[FundLot],
    sold: Decimal,
    proceeds: Decimal,
    row: Row,
) -> None:
    """What a redemption of an earlier year leaves to later ones: the losses it made or used."""
    left, made = book.losses.get(pool, ZERO), ZERO
    kind = pool[1]
    for lot in taken:
        if lot.cost is None:
            continue
        gain = proceeds * lot.units / sold - lot.cost
        if gain < ZERO:
            made -= gain
        elif left:
            days = (row.date - lot.acquired).days
            zero = book.ctx.settings.iof_day_zero
            left -= taxable_share(gain, days, row.date, kind, left, book.ctx.rules, zero)[1]
    book.losses[pool] = left + made


def _advance(book: FundBook, row: Row) -> None:
    """A come-cotas as booked: units taken for an amount."""
    code, units, amount = row.asset or "", row.quantity, gross_of(row)
    if units is None and amount is not None and row.unit_price:
        units = amount / row.unit_price
    if not units or amount is None or units <= ZERO:
        book.issues.append((row.date, of_row("value_missing", row)))
        return
    lots = book.lots.get(code, [])
    own = [lot for lot in lots if lot.account == row.account] or lots
    if not own:
        book.issues.append((row.date, of_row("event_without_position", row)))
        return
    others = [lot for lot in lots if lot not in own]
    rate = advance_rate(book.kind_of(code), row.date, book.ctx.rules)
    found = come_cotas(own, amount / units, rate, units)
    if far_apart(amount, found.tax) and not kind_of_fund(book.ctx.assets.get(code), *book.law):
        # A fund of which nothing is told is short where what it took is what a short one takes.
        rate = advance_rate(SHORT, row.date, book.ctx.rules)
        other = come_cotas(own, amount / units, rate, units)
        if not far_apart(amount, other.tax):
            found, book.kinds[code] = other, SHORT
    # what counts later is what was really taken
    scale = amount / found.tax if found.tax else ZERO
    before = {lot.ref: lot.paid for lot in own}
    book.lots[code] = _sorted(
        others
        + [
            replace(lot, paid=before[lot.ref] + (lot.paid - before[lot.ref]) * scale)
            for lot in found.lots
        ]
    )
    book.lines.append(advance_line(book.ctx.rules, row, found, amount))
    book.issues += [(row.date, issue) for issue in differs(row, amount, found.tax)]


def _amortisation(book: FundBook, row: Row) -> None:
    """Money back lowers the cost of the lots by their units; beyond it, it is income."""
    lots = book.lots.get(row.asset or "", [])
    held = total(lot.units for lot in lots)
    amount = gross_of(row)
    if not held or amount is None:
        book.issues.append((row.date, of_row("event_without_position", row)))
        return
    excess = ZERO
    lowered = []
    for lot in lots:
        share = amount * lot.units / held
        if lot.cost is not None:
            excess += max(share - lot.cost, ZERO)
            lot = replace(lot, cost=max(lot.cost - share, ZERO))
        lowered.append(lot)
    book.lots[row.asset or ""] = lowered
    if excess:
        _income(book, row, excess)


def _income(book: FundBook, row: Row, amount: Decimal | None = None) -> None:
    """A distribution, taxed as a redemption of the days each lot was held would be."""
    code = row.asset or ""
    kind = book.kind_of(code)
    gross = row.amount if amount is None else amount
    lots = book.lots.get(code, [])
    held = total(lot.units for lot in lots)
    rules = book.ctx.rules
    if row.date < book.since:
        return
    rule = rule_of(kind, row.date, rules)
    if gross is None:
        book.issues.append((row.date, income_unknown(row)))
    days = (row.date - lots[0].acquired).days if lots else 0
    expected = None
    if gross is not None:
        expected = cents(
            total(
                gross
                * lot.units
                / held
                * final_rate(kind, (row.date - lot.acquired).days, row.date, rules)
                for lot in lots
            )
            if held
            else gross * final_rate(kind, 0, row.date, rules)
        )
        told = differs(row, row.tax_withheld, expected)
        book.issues += [(row.date, issue) for issue in told]
    params = {"asset": code, "date": row.date.isoformat(), "days": str(days)}
    rate = final_rate(kind, days, row.date, rules)
    book.lines.append(
        SourceTax(
            kind="fund",
            asset=code,
            date=row.date,
            gross=gross,
            rate=rate,
            expected=expected,
            withheld=row.tax_withheld,
            code=code_of(book.ctx.rules, row.date),
            part=Part("fund_income", gross, rule.id, rule.law, (row.ref,), params),
            account=row.account,
            days=days,
            taxable=gross,
        )
    )


def fund_lines(ctx: Context, year: int) -> tuple[list[SourceTax], list[Issue]]:
    """Redemptions, advances and distributions of funds in a year."""
    book = fund_book(ctx, year, dt.date(year, 1, 1))
    lines = [each for each in book.lines if each.date.year == year]
    return lines, [issue for day, issue in book.issues if day.year == year]
