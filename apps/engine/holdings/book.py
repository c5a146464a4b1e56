"""Everything a fold keeps while it runs: positions, cash, issues."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from apps.engine.holdings.model import ZERO, HoldingKey, PartKey
from apps.engine.holdings.position import Position
from apps.engine.kinds import AssetClass, Kind
from apps.engine.prices import FxTable
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, Issue, Row

RouteKey = tuple[str, str | None, str]
# A rate carried forward for longer than this (long holidays included) is worth a warning.
STALE_DAYS = 10


# Where a route's own sum starts: told from a true zero by identity.
UNTOUCHED = Decimal(0)


class Cell:
    """A running cash balance; ``touched`` tells a true zero from never used."""

    __slots__ = ("touched", "value")

    def __init__(self) -> None:
        self.value = ZERO
        self.touched = False

    def add(self, money: Decimal) -> None:
        """Move the balance."""
        self.value += money
        self.touched = True


class LoggedCell(Cell):
    """A balance that also remembers what it was at the end of each day it moved."""

    __slots__ = ("_balance", "book", "log")

    def __init__(self, book: Book) -> None:
        self.book = book
        self.log: dict[date, Decimal] = {}
        self._balance = ZERO
        self.touched = False

    @property
    def value(self) -> Decimal:
        """The balance now."""
        return self._balance

    @value.setter
    def value(self, balance: Decimal) -> None:
        self._balance = balance
        self.log[self.book.today] = balance


@dataclass(slots=True)
class Route:
    """Where rows of one account, asset and currency go, worked out once.

    ``account_cell`` is the balance in the account's own currency when rows are in another, for
    those booked at a rate. ``multiplier`` is None where one unit is one unit. ``plain`` is the
    position where its rows need none of all that, else None; such rows sum their cash in ``cash``,
    which goes to the cell at the end.
    """

    position: Position | None
    cell: Cell
    account_cell: Cell | None
    multiplier: Decimal | None
    converts: bool
    future: bool
    plain: Position | None
    cash: Decimal = UNTOUCHED


class Book:
    """Mutable state of one fold."""

    __slots__ = (
        "_stale",
        "about",
        "accounts",
        "assets",
        "by_account",
        "cash",
        "cash_by_kind",
        "cash_incomplete",
        "currency",
        "fx",
        "handlers",
        "issues",
        "logging",
        "pairs",
        "positions",
        "routes",
        "spun",
        "today",
        "transfers_done",
        "warned",
    )

    def __init__(
        self,
        assets: Mapping[str, Asset],
        accounts: Mapping[str, Account],
        *,
        by_account: bool,
        currency: str | None,
        fx: FxTable | None,
        logging: bool = False,
    ) -> None:
        self.handlers: dict[Kind, Callable[[Book, Row, Route], None]] = {}
        self.logging = logging
        self.today = date.min
        self.assets = assets
        self.accounts = accounts
        self.by_account = by_account
        self.currency = currency
        self.fx = fx
        self.routes: dict[RouteKey, Route] = {}
        self.positions: dict[HoldingKey, Position] = {}
        # Cost before a spin-off, by day, position and new asset: its rows are one event.
        self.spun: dict[tuple[date, HoldingKey, str], Decimal | None] = {}
        self.cash: dict[PartKey, Cell] = {}
        self.cash_by_kind: dict[tuple[str, str, Kind], Decimal] = {}
        self.cash_incomplete: set[PartKey] = set()
        self.about: list[Issue] = []  # of positions as a whole, at the end
        self.issues: list[tuple[date, int, Issue]] = []
        self.warned: set[tuple[str, str]] = set()
        self._stale: set[tuple[str, str]] = set()
        # Matched transfers: each row, by identity, with its other half.
        self.pairs: dict[int, Row] = {}
        self.transfers_done: set[int] = set()

    def holder_of(self, account: str) -> str:
        """Holder of an account; all belong to one where accounts are not described."""
        known = self.accounts.get(account)
        return DEFAULT_HOLDER if known is None else known.holder

    def issue(
        self, code: str, row: Row, position: Position | None = None, **params: object
    ) -> None:
        """Report an oddity of a row; its values become plain strings."""
        values = {"kind": str(row.kind), "date": row.date.isoformat()}
        if row.asset:
            values["asset"] = row.asset
        for name, value in params.items():
            values[name] = f"{value:f}" if isinstance(value, Decimal) else str(value)
        self.issues.append((row.date, row.seq, Issue(code, row.ref, values)))
        if position is not None:
            position.issue_codes[code] = None

    def issue_once(self, code: str, row: Row, what: str, **params: object) -> None:
        """Report an oddity the first time it is met about ``what``."""
        if (code, what) not in self.warned:
            self.warned.add((code, what))
            self.issue(code, row, None, **params)

    def cell(self, account: str, currency: str, asset: str | None) -> Cell:
        """What an asset moved of the cash of an account in a currency (None: rows without one).

        A log of balances is of all assets together.
        """
        key = (account, currency, None if self.logging else asset)
        found = self.cash.get(key)
        if found is None:
            found = self.cash[key] = LoggedCell(self) if self.logging else Cell()
        return found

    def position(self, row: Row, asset: str) -> Position:
        """Position of the row's holder (or account) in an asset, made on first use."""
        holder = self.holder_of(row.account)
        key = (holder, row.account if self.by_account else None, asset)
        found = self.positions.get(key)
        if found is None:
            known = self.assets.get(asset)
            currency = self.currency or (known.currency if known else "") or row.currency
            found = self.positions[key] = Position(holder, key[1], asset, currency, row)
        found.accounts.add(row.account)
        return found

    def route(self, row: Row, asset: str | None = None) -> Route:
        """Where a row goes. ``asset`` overrides the row's, for the other side of an event."""
        name = asset or row.asset
        key = (row.account, name, row.currency)
        found = self.routes.get(key)
        if found is not None:
            return found
        account = self.accounts.get(row.account)
        if account is None and self.accounts:
            self.issue_once("account_unknown", row, row.account, account=row.account)
        own = account.currency if account else ""
        multiplier: Decimal | None = None
        future = False
        position = None
        if name:
            position = self.position(row, name)
            if not position.currency:
                position.currency = row.currency
            known = self.assets.get(name)
            if known is None:
                if self.assets:
                    self.issue_once("asset_unknown", row, name, asset=name)
            else:
                future = known.asset_class is AssetClass.FUTURE
                multiplier = None if known.multiplier == 1 else known.multiplier
        converts = position is not None and position.currency != row.currency
        part = name or None
        booked = self.cell(row.account, own, part) if own and own != row.currency else None
        found = self.routes[key] = Route(
            position,
            self.cell(row.account, row.currency, part),
            booked,
            multiplier,
            converts,
            future,
            None
            if position is None
            or self.logging
            or not row.currency
            or booked is not None
            or multiplier is not None
            or converts
            or future
            else position,
        )
        return found

    def forget_routes(self, asset: str) -> None:
        """Drop the routes of an asset whose position has moved."""
        for key in [key for key in self.routes if key[1] == asset]:
            self.bank(self.routes.pop(key))

    def bank(self, route: Route) -> None:
        """Move what a route summed by itself to the balance."""
        if route.cash is not UNTOUCHED:
            route.cell.add(route.cash)
            route.cash = UNTOUCHED

    def pay(self, row: Row, route: Route, money: Decimal) -> None:
        """Move cash: at the rate the broker booked where it gave one, into the account's own
        currency, else in the row's."""
        if row.fx_rate is not None and route.account_cell is not None:
            route.account_cell.add(money * row.fx_rate)
        else:
            route.cell.add(money)

    def pay_unknown(self, row: Row, route: Route) -> None:
        """Mark a balance that lacks a movement of unknown value."""
        own = route.account_cell is not None and row.fx_rate is not None
        currency = self.accounts[row.account].currency if own else row.currency
        self.mark_unknown(row, currency)

    def mark_unknown(self, row: Row, currency: str) -> None:
        """Mark that a row moved the balance in a currency by nobody knows how much."""
        self.cash_incomplete.add((row.account, currency, row.asset or None))
        self.cell(row.account, currency, row.asset or None).touched = True

    def rate(self, row: Row, position: Position) -> Decimal | None:
        """Rate from the row's currency to the position's on the row's date; None is reported."""
        found = self.fx.on(row.currency, position.currency, row.date) if self.fx else None
        if found is None:
            self.issue("fx_rate_missing", row, position, base=row.currency, quote=position.currency)
            return None
        rate, day = found
        if (row.date - day).days > STALE_DAYS:
            pair = (row.currency, position.currency)
            if pair not in self._stale:
                self._stale.add(pair)
                self.issue(
                    "fx_rate_stale", row, position, base=pair[0], quote=pair[1], rate_date=day
                )
        return rate
