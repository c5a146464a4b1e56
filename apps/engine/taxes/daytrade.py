"""Day trades: what was begun and ended on one day, in one asset, at one institution.

They are found before anything is folded: matched purchases never enter the average cost and matched
sales never use it. What is left of a row goes on as a common trade.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_DOWN, Decimal
from operator import attrgetter
from typing import NamedTuple

from apps.engine.kinds import Kind
from apps.engine.taxes.model import ZERO
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import Asset, Issue, Row

BOUGHT = frozenset({Kind.BUY, Kind.COVER})
SOLD = frozenset({Kind.SELL, Kind.SHORT_SELL})
# Shares of a row are cut at this many decimals, so that what is taken and what is left add up.
_UNIT = Decimal("0.00000001")

DayKey = tuple[date, str | None, str]


class DayTrade(NamedTuple):
    """Matched trades of a day in an asset at an institution. ``result`` None = a value is missing.

    ``withheld`` is the tax withheld on the matched part, ``withheld_known`` whether every sale
    said.
    """

    date: date
    asset: str
    institution: str
    quantity: Decimal
    proceeds: Decimal | None
    cost: Decimal | None
    result: Decimal | None
    gross_sold: Decimal | None
    withheld: Decimal
    withheld_known: bool
    method: str
    refs: tuple[str, ...]


class Piece(NamedTuple):
    """A trade with the quantity of it that was matched."""

    row: Row
    used: Decimal
    gross: Decimal | None

    @property
    def share(self) -> Decimal:
        """Matched part of the row."""
        return self.used / (self.row.quantity or self.used)


def gross_of(row: Row, assets: Mapping[str, Asset]) -> Decimal | None:
    """Gross value of a trade: amount, else quantity x price x multiplier."""
    if row.amount is not None:
        return row.amount
    if row.unit_price is None or row.quantity is None:
        return None
    known = assets.get(row.asset or "")
    gross = row.quantity * row.unit_price
    return gross if known is None or known.multiplier == 1 else gross * known.multiplier


def _valid(row: Row) -> bool:
    return row.quantity is not None and row.quantity > ZERO


def in_day_order(rows: Iterable[Row]) -> list[Row]:
    """Trades of a day by time, those without one in file order."""
    ordered = sorted(rows, key=attrgetter("seq"))
    if all(row.time is not None for row in ordered):
        ordered.sort(key=lambda row: row.time)  # type: ignore[arg-type, return-value]
    return ordered


def allot(
    rows: Sequence[Row], matched: Decimal, fifo: bool, assets: Mapping[str, Asset]
) -> list[Piece]:
    """Spread the matched quantity over the rows of one side: the first ones, or all alike."""
    pieces: list[Piece] = []
    total = sum((row.quantity or ZERO for row in rows), ZERO)
    left = matched
    for place, row in enumerate(rows):
        size = row.quantity or ZERO
        if matched == total:
            used = size
        elif fifo:
            used = min(size, left)
        elif place == len(rows) - 1:
            used = left
        else:
            used = (size * matched / total).quantize(_UNIT, rounding=ROUND_DOWN)
        left -= used
        pieces.append(Piece(row, used, gross_of(row, assets)))
    return pieces


def value_of(pieces: Iterable[Piece], sign: int) -> Decimal | None:
    """Net value of the matched parts: gross plus fees bought (sign -1), less fees sold (1)."""
    total = ZERO
    for piece in pieces:
        if not piece.used:
            continue
        if piece.gross is None:
            return None
        net = piece.gross - sign * (piece.row.fees or ZERO)
        total += net if piece.used == piece.row.quantity else net * piece.share
    return total


def rest_of(piece: Piece, withheld: Decimal | None) -> Row | None:
    """What is left of a row once its matched part is out; None when that is nothing."""
    row = piece.row
    if not piece.used:
        return row
    size = row.quantity or ZERO
    left = size - piece.used
    if not left:
        return None
    part = left / size
    return replace(
        row,
        quantity=left,
        amount=None if row.amount is None else row.amount * part,
        fees=None if row.fees is None else row.fees * part,
        tax_withheld=withheld,
    )


def uses_fifo(rows: Iterable[Row], settings: TaxSettings) -> bool:
    """Whether the trades of a day are paired first in, first out."""
    if settings.daytrade_matching == "auto":
        return all(row.time is not None for row in rows)
    return settings.daytrade_matching == "fifo"


def _withheld_split(
    pieces: Sequence[Piece], result: Decimal | None, rules: RuleBook, day: date
) -> tuple[Decimal, bool, list[Decimal | None]]:
    """Tax withheld on sales: what is of the day trade, whether all of it is known, and what stays
    with the rest of each row, in the proportion the law would have withheld."""
    total, known = ZERO, True
    rests: list[Decimal | None] = []
    matched = sum((piece.used for piece in pieces), ZERO)
    day_rule, spot_rule = rules.find("VAR-IRRF-DT", day), rules.find("VAR-IRRF", day)
    day_rate = day_rule.decimal("rate") if day_rule else ZERO
    spot_rate = spot_rule.decimal("rate") if spot_rule else ZERO
    for piece in pieces:
        tax = piece.row.tax_withheld
        if not piece.used:
            rests.append(tax)
            continue
        if tax is None:
            known = False
            rests.append(None)
            continue
        if piece.used == piece.row.quantity:
            total += tax
            rests.append(ZERO)
            continue
        won = max(result or ZERO, ZERO) * day_rate * piece.used / matched
        spot = (piece.gross or ZERO) * (1 - piece.share) * spot_rate
        own = tax * won / (won + spot) if won + spot else ZERO
        total += own
        rests.append(tax - own)
    return total, known, rests


def match_day(
    day: DayKey,
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    settings: TaxSettings,
    rules: RuleBook,
) -> tuple[DayTrade, list[Row], Issue | None]:
    """Match one day of an asset at an institution: the day trade, the rows that are left, and an
    issue where the order of the day is not known and would matter."""
    fifo = uses_fifo(rows, settings)
    bought = in_day_order(row for row in rows if row.kind in BOUGHT)
    sold = in_day_order(row for row in rows if row.kind in SOLD)
    sides = [sum((row.quantity or ZERO for row in side), ZERO) for side in (bought, sold)]
    matched = min(sides)
    purchases = allot(bought, matched, fifo, assets)
    sales = allot(sold, matched, fifo, assets)
    cost, proceeds = value_of(purchases, -1), value_of(sales, 1)
    result = None if cost is None or proceeds is None else proceeds - cost
    withheld, known, rests = _withheld_split(sales, result, rules, day[0])
    kept = []
    for piece in purchases:
        own = (piece.row.tax_withheld or ZERO) * piece.share if piece.used else ZERO
        withheld += own  # some notes book the day's tax on the purchase that closes it
        tax = piece.row.tax_withheld
        kept.append(rest_of(piece, None if tax is None else tax - own))
    kept += [rest_of(piece, tax) for piece, tax in zip(sales, rests, strict=True)]
    longer = bought if sides[0] > sides[1] else sold
    issue = None
    timed = all(row.time is not None for row in rows)
    if sides[0] != sides[1] and not timed and len({_unit_value(row, assets) for row in longer}) > 1:
        issue = Issue(
            "same_day_order_unknown",
            longer[0].ref,
            {"asset": day[1] or "", "date": day[0].isoformat(), "institution": day[2]},
        )
    gross = ZERO
    for piece in sales:
        gross += (piece.gross or ZERO) * piece.share if piece.used else ZERO
    trade = DayTrade(
        day[0],
        day[1] or "",
        day[2],
        matched,
        proceeds,
        cost,
        result,
        gross,
        withheld,
        known,
        "fifo" if fifo else "average",
        tuple(piece.row.ref for piece in (*purchases, *sales) if piece.used),
    )
    return trade, [row for row in kept if row is not None], issue


def _unit_value(row: Row, assets: Mapping[str, Asset]) -> Decimal | None:
    gross = gross_of(row, assets)
    return None if gross is None or not row.quantity else gross / row.quantity


def take_day_trades(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    settings: TaxSettings,
    rules: RuleBook,
    *,
    institution: Callable[[str], str],
    traded: Callable[[str | None], bool],
) -> tuple[list[Row], list[DayTrade], list[Issue]]:
    """Take the day trades out of a ledger: the rows that are left, the trades, the issues."""
    bought: set[tuple[date, str | None]] = set()
    sold: set[tuple[date, str | None]] = set()
    buy, sell = Kind.BUY, Kind.SELL  # asked about by identity: the others are rare
    for row in rows:
        kind = row.kind
        if kind is buy:
            bought.add((row.date, row.asset))
        elif kind is sell or kind in SOLD:
            sold.add((row.date, row.asset))
        elif kind in BOUGHT:
            bought.add((row.date, row.asset))
    both = {key for key in bought & sold if key[1] is not None and traded(key[1])}
    if not both:
        return list(rows), [], []
    groups: dict[DayKey, list[Row]] = {}
    kept: list[Row] = []
    days = {day for day, _asset in both}
    for row in rows:
        if (
            row.date in days
            and (row.date, row.asset) in both
            and (row.kind in BOUGHT or row.kind in SOLD)
            and _valid(row)
        ):
            key = (row.date, row.asset, institution(row.account))
            groups.setdefault(key, []).append(row)
        else:
            kept.append(row)
    trades: list[DayTrade] = []
    issues: list[Issue] = []
    left: list[Row] = []
    for day in sorted(groups, key=lambda each: (each[0], each[1] or "", each[2])):
        group = groups[day]
        if len({row.kind in BOUGHT for row in group}) == 1:
            left += group
            continue
        trade, rest, issue = match_day(day, group, assets, settings, rules)
        trades.append(trade)
        left += rest
        if issue is not None:
            issues.append(issue)
    return kept + left, trades, issues + _unordered(left)


def _unordered(rows: Iterable[Row]) -> list[Issue]:
    """Days on which an asset was bought at one institution and sold at another, nobody knows in
    which order: the average cost of the sale depends on it."""
    days: dict[tuple[date, str | None], list[Row]] = {}
    for row in rows:
        days.setdefault((row.date, row.asset), []).append(row)
    issues = []
    for (day, asset), group in sorted(days.items(), key=lambda each: (each[0][0], str(each[0][1]))):
        crossed = len({row.kind in BOUGHT for row in group}) == 2
        if crossed and any(row.time is None for row in group):
            params = {"asset": asset or "", "date": day.isoformat(), "institution": ""}
            issues.append(Issue("same_day_order_unknown", group[0].ref, params))
    return issues
