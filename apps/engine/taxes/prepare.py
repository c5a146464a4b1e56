"""Makes a Holder's ledger ready for the tax fold.

What the law treats apart leaves the common stream here: futures, day trades, the spot trades that
settle an option or a term on the day of exercise.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import attrgetter

from apps.engine.holdings.events import BY_RATIO
from apps.engine.holdings.options import SETTLING, is_settled_term
from apps.engine.kinds import CORPORATE_KINDS, AssetClass, Kind
from apps.engine.taxes.classes import on_exchange
from apps.engine.taxes.daytrade import BOUGHT, SOLD, DayTrade, gross_of, take_day_trades
from apps.engine.taxes.incorporation import dispose_incorporated
from apps.engine.taxes.model import ZERO, Opening
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.scope import Regime, regime_of
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, Issue, Row

#: Marks the asset a settlement goes through, apart from what else is held of the underlying.
SETTLED = "⟂"
_FRACTIONAL = re.compile(r"^[A-Z]{4}\d{1,2}F$")
# Settlements come after everything else of their day, the sale of what they brought after them.
_AT_EXERCISE = dt.time(23, 59, 58)
_AFTER_EXERCISE = dt.time(23, 59, 59)
_DECLARED = frozenset({Kind.OPENING_LOSS, Kind.DARF_PAYMENT})
_ENDING = SETTLING | {Kind.EXPIRY, Kind.MATURITY}


@dataclass(slots=True)
class Prepared:
    """Rows for the fold, and what was taken out of them."""

    rows: list[Row]
    assets: dict[str, Asset]
    whole: list[Row] = field(default_factory=list)  # before anything was taken out
    day_trades: list[DayTrade] = field(default_factory=list)
    futures: list[Row] = field(default_factory=list)
    amortised: list[Row] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    kinds: Set[Kind] = frozenset()


def holders_of(rows: Iterable[Row], accounts: Mapping[str, Account]) -> list[str]:
    """Holders whose accounts appear in a ledger; where none do, those described beside it."""
    used = set(map(attrgetter("account"), rows))
    found = {accounts[code].holder for code in used if code in accounts}
    if any(code and code not in accounts for code in used):
        found.add(DEFAULT_HOLDER)
    return sorted(found or {account.holder for account in accounts.values()} or {DEFAULT_HOLDER})


def unassigned(rows: Sequence[Row], accounts: Mapping[str, Account]) -> list[Issue]:
    """Declarations and totals of events that name no account where several holders may claim them:
    nobody's."""
    if len(holders_of(rows, accounts)) == 1:
        return []
    claimed = _claimed(rows, accounts)
    return [
        Issue(
            "account_missing",
            row.ref,
            {"kind": str(row.kind), "date": row.date.isoformat()}
            | ({"asset": row.asset} if row.asset else {}),
        )
        for row in rows
        if not row.account
        and (
            row.kind in _DECLARED or (_is_total(row) and len(claimed.get(row.asset or "", ())) > 1)
        )
    ]


def _is_total(row: Row) -> bool:
    """Whether an event states what somebody got, and not a ratio for everyone."""
    return row.kind in CORPORATE_KINDS and (row.kind not in BY_RATIO or row.amount is not None)


def _claimed(rows: Sequence[Row], accounts: Mapping[str, Account]) -> dict[str, set[str]]:
    """Holders who have dealt in the assets of events that state a total and name no account."""
    found: dict[str, set[str]] = {
        row.asset: set() for row in rows if not row.account and row.asset and _is_total(row)
    }
    for row in rows if found else ():
        if row.account:
            known = accounts.get(row.account)
            for code in (row.asset, row.to_asset):
                if code in found:
                    found[code].add(known.holder if known else DEFAULT_HOLDER)
    return found


def rows_of_holder(rows: Sequence[Row], accounts: Mapping[str, Account], holder: str) -> list[Row]:
    """Rows of a Holder's accounts, with the market-wide events, and those that name no account
    where there is nobody else."""
    own = {code for code, account in accounts.items() if account.holder == holder}
    others = holder == DEFAULT_HOLDER
    alone = holders_of(rows, accounts) == [holder]
    if others and alone:
        return list(rows)
    claimed = {} if alone else _claimed(rows, accounts)
    return [
        row
        for row in rows
        if (row.account in own)
        or (others and row.account not in accounts)
        or (
            not row.account
            and (
                alone
                or (
                    row.kind in CORPORATE_KINDS
                    and (not _is_total(row) or claimed.get(row.asset or "", set()) <= {holder})
                )
            )
        )
    ]


def prepare(
    rows: Iterable[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    *,
    settings: TaxSettings,
    rules: RuleBook,
    opening: Opening,
) -> Prepared:
    """Rows of one Holder, ready to be folded. ``assets`` gains the terms of term contracts and the
    assets that settlements go through."""
    known = dict(assets)
    for code, asset in assets.items():
        if asset.asset_class is AssetClass.TERM and asset.underlying:
            # A term is a call that costs its whole price and nothing more at settlement.
            known[code] = replace(asset, option_type="call", strike=ZERO)
    ready = _opened(_merged_fractional(list(rows), known, settings), opening)
    out = Prepared(ready, known, ready, kinds=set(map(attrgetter("kind"), ready)))
    classes = {code: asset.asset_class for code, asset in known.items()}
    futures = {code for code, kind in classes.items() if kind is AssetClass.FUTURE}
    if futures:
        out.futures = [row for row in out.rows if row.asset in futures]
        out.rows = [row for row in out.rows if row.asset not in futures]
    elif Kind.DAILY_ADJUSTMENT in out.kinds:
        named = {row.asset for row in out.rows if row.kind is Kind.DAILY_ADJUSTMENT}
        out.futures = [row for row in out.rows if row.asset in named]
        out.rows = [row for row in out.rows if row.asset not in named]

    def institution(account: str) -> str:
        found = accounts.get(account)
        return (found.institution or account) if found else account

    def traded(code: str | None) -> bool:
        asset = known.get(code or "")
        return on_exchange(classes.get(code or "")) and regime_of(asset, "") is Regime.EXCHANGE

    if settings.share_incorporation == "disposal" and Kind.MERGER in out.kinds:
        out.rows, issues = dispose_incorporated(out.rows, known, accounts)
        out.issues += issues
    out.rows, out.day_trades, issues = take_day_trades(
        out.rows, known, settings, rules, institution=institution, traded=traded
    )
    out.issues += issues
    if _ENDING & out.kinds:
        _deliver_terms(out, known)
        _settle_same_day(out, known)
    _free_rights(out, classes)
    if settings.fii_amortization == "capital_gain":
        fii = {
            code for code, kind in classes.items() if kind in (AssetClass.FII, AssetClass.FIAGRO)
        }
        taken = [row for row in out.rows if row.kind is Kind.RETURN_OF_CAPITAL and row.asset in fii]
        if taken:
            gone = set(map(id, taken))
            out.amortised = taken
            out.rows = [row for row in out.rows if id(row) not in gone]
    return out


def _merged_fractional(
    rows: list[Row], assets: Mapping[str, Asset], settings: TaxSettings
) -> list[Row]:
    """PETR4F is PETR4 (a setting)."""
    if not settings.fractional_same_asset:
        return rows
    names = {
        name
        for name in set(map(attrgetter("asset"), rows))
        if name and name[-1] == "F" and _FRACTIONAL.match(name)
    }
    if not names:
        return rows
    return [
        replace(row, asset=row.asset[:-1]) if row.asset and row.asset in names else row
        for row in rows
    ]


def _opened(rows: list[Row], opening: Opening) -> list[Row]:
    """Positions declared at the opening date take the place of the rows that led to them."""
    if opening.date is None or not opening.costs:
        return rows
    stated = {cost.asset for cost in opening.costs}
    start = opening.date
    arrivals = [
        Row(
            ref=f"opening {cost.asset}",
            seq=place - len(opening.costs),
            date=start,
            kind=Kind.TRANSFER_IN,
            account=cost.account,
            currency="BRL",
            asset=cost.asset,
            quantity=cost.quantity,
            amount=cost.cost,
            fees=ZERO,
        )
        for place, cost in enumerate(opening.costs)
        if cost.quantity > ZERO
    ]
    return arrivals + [row for row in rows if row.asset not in stated or row.date > start]


def _deliver_terms(out: Prepared, assets: Mapping[str, Asset]) -> None:
    """Terms that ended by delivery are exercised by who bought them, assigned to who sold."""
    ended = {row.asset for row in out.rows if is_settled_term(row, assets.get(row.asset or ""))}
    if not ended:
        return
    bought = {row.asset for row in out.rows if row.kind is Kind.BUY and row.asset in ended}
    out.rows = [
        replace(row, kind=Kind.EXERCISE if row.asset in bought else Kind.ASSIGNMENT)
        if row.quantity and is_settled_term(row, assets.get(row.asset or ""))
        else row
        for row in out.rows
    ]


def _settle_same_day(out: Prepared, assets: dict[str, Asset]) -> None:
    """Join exercises to the spot trades of the same day that sell what they brought, or buy what
    they deliver: the law sees one operation, apart from what else is held of the underlying."""
    settling = [row for row in out.rows if row.kind in SETTLING and row.quantity]
    if not settling:
        return
    wanted: dict[tuple[dt.date, str], list[Row]] = {}
    days = {row.date for row in settling}
    for row in out.rows:
        if row.date in days and row.asset and row.quantity and row.kind in BOUGHT | SOLD:
            wanted.setdefault((row.date, row.asset), []).append(row)
    changed: dict[int, list[Row]] = {}
    left: dict[int, Decimal] = {}
    for row in settling:
        terms = assets.get(row.asset or "")
        if terms is None or not terms.underlying or not terms.option_type or row.quantity is None:
            continue
        bought = (terms.option_type[:1].lower() == "c") == (row.kind is Kind.EXERCISE)
        units = row.quantity * terms.multiplier
        opposite = SOLD if bought else BOUGHT
        through = SETTLED + terms.underlying
        matched = ZERO
        for spot in wanted.get((row.date, terms.underlying), []):
            free = left.get(id(spot), spot.quantity or ZERO)
            if spot.kind not in opposite or not free or matched == units:
                continue
            used = min(free, units - matched)
            matched += used
            left[id(spot)] = free - used
            changed.setdefault(id(spot), []).append(
                replace(
                    _portion(spot, used, assets),
                    asset=through,
                    kind=Kind.SELL if bought else Kind.BUY,
                    time=_AFTER_EXERCISE if bought else None,
                )
            )
        if not matched:
            continue
        assets.setdefault(through, Asset(through, AssetClass.OPTION, currency="BRL"))
        part = matched / terms.multiplier
        pieces = [replace(_portion(row, part, assets), to_asset=through, time=_AT_EXERCISE)]
        if part != row.quantity:
            pieces.append(_portion(row, row.quantity - part, assets))
        changed[id(row)] = pieces
        left[id(row)] = ZERO
    if not changed:
        return
    rows: list[Row] = []
    for row in out.rows:
        pieces = changed.get(id(row), [])
        rows += pieces
        free = left.get(id(row), ZERO)
        if not pieces:
            rows.append(row)
        elif free:
            rows.append(_portion(row, free, assets))
    out.rows = rows


def _portion(row: Row, quantity: Decimal, assets: Mapping[str, Asset]) -> Row:
    """Part of a row, its money in proportion."""
    size = row.quantity or quantity
    if quantity == size:
        return row
    part = quantity / size
    gross = gross_of(row, assets) if row.kind not in SETTLING else row.amount

    def share(value: Decimal | None) -> Decimal | None:
        return None if value is None else value * part

    return replace(
        row,
        quantity=quantity,
        amount=share(gross),
        fees=share(row.fees),
        tax_withheld=share(row.tax_withheld),
    )


def _free_rights(out: Prepared, classes: Mapping[str, AssetClass | None]) -> None:
    """Subscription rights that nobody bought were received, and cost nothing."""
    rights = {code for code, kind in classes.items() if kind is AssetClass.RIGHT}
    if not rights:
        return
    held: dict[str, Decimal] = {}
    arrivals: list[Row] = []
    into = {Kind.BUY, Kind.BONUS, Kind.TRANSFER_IN}
    ordered = sorted(out.rows, key=lambda row: (row.date, row.kind not in into, row.seq))
    for row in ordered:
        size = row.quantity
        if size is None:
            continue
        if row.kind is Kind.SUBSCRIPTION and row.to_asset in rights:
            held[row.to_asset] = max(held.get(row.to_asset, ZERO) - size, ZERO)
        elif row.kind is Kind.SPIN_OFF and row.to_asset in rights:
            held[row.to_asset] = held.get(row.to_asset, ZERO) + size
        elif row.asset in rights and row.kind in into:
            held[row.asset] = held.get(row.asset, ZERO) + size
        elif row.asset in rights and row.kind in (Kind.SELL, Kind.TRANSFER_OUT):
            missing = size - held.get(row.asset, ZERO)
            held[row.asset] = max(-missing, ZERO)
            if missing > ZERO:
                arrivals.append(
                    replace(
                        row,
                        kind=Kind.TRANSFER_IN,
                        quantity=missing,
                        amount=ZERO,
                        unit_price=None,
                        fees=None,
                        tax_withheld=None,
                    )
                )
    out.rows = arrivals + out.rows
