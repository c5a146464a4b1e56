"""Events as they are gathered, before they are laid over days and converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from apps.engine.kinds import Kind
from apps.engine.returns.model import NOBODY, OUTSIDE, Line, What
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, Row

#: Columns of entries by name: whole numbers or floats.
Table = dict[str, Any]

#: A split: it changes how many units there are and nothing else. Only drafts have it.
SPLIT = 0


class Entry(NamedTuple):
    """One event in the row's own currency. ``delta`` is the change of units as they were that
    day, ``ratio`` that of a split; ``cash`` is what the peer's balance moves by, in its own
    currency. A ``valued`` entry moves at market worth, ``cost`` (in the row's currency) standing
    in where there is no price; ``size`` units of ``priced`` (a line) say how much moves.
    ``part`` is as in :class:`Events`, in the units of that day."""

    line: int
    day: int
    what: int
    side: int
    delta: float
    gross: float
    fees: float
    tax: float
    inflow: float
    outflow: float
    currency: int
    peer: int
    cash: float
    row: int
    ratio: float = 1.0
    priced: int = -1
    size: float = 0.0
    cost: float = 0.0
    part: float = 0.0


@dataclass(slots=True)
class Draft:
    """Lines, currencies and entries met so far."""

    assets: Mapping[str, Asset]
    accounts: Mapping[str, Account]
    lines: list[Line] = field(default_factory=list)
    line_of: dict[tuple[str, str, str], int] = field(default_factory=dict)
    currencies: dict[str, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)
    ref_of: dict[str, int] = field(default_factory=dict)

    def holder(self, account: str) -> str:
        """Holder of an account."""
        known = self.accounts.get(account)
        return DEFAULT_HOLDER if known is None else known.holder

    def currency(self, code: str) -> int:
        """Number of a currency."""
        return self.currencies.setdefault(code, len(self.currencies))

    def line(self, account: str, asset: str, currency: str) -> int:
        """Line of an asset in an account; ``currency`` where the asset states none."""
        key = (account, asset, "")
        found = self.line_of.get(key)
        if found is None:
            known = self.assets.get(asset)
            kind = known.asset_class if known else None
            code = (known.currency if known else "") or currency
            found = self.line_of[key] = len(self.lines)
            self.currency(code)
            self.lines.append(
                Line(self.holder(account), account, asset, code, str(kind) if kind else "")
            )
        return found

    def cash(self, account: str, currency: str) -> int:
        """Line of an account's cash in a currency."""
        key = (account, "", currency)
        found = self.line_of.get(key)
        if found is None:
            found = self.line_of[key] = len(self.lines)
            self.currency(currency)
            self.lines.append(Line(self.holder(account), account, "", currency, "cash"))
        return found

    def ref(self, row: Row) -> int:
        """Number of a row reference."""
        found = self.ref_of.get(row.ref)
        if found is None:
            found = self.ref_of[row.ref] = len(self.refs)
            self.refs.append(row.ref)
        return found

    def booked(self, row: Row) -> tuple[int, float]:
        """Cash line a row settles in, with the rate it was booked at."""
        account = self.accounts.get(row.account)
        own = account.currency if account else ""
        if row.fx_rate is not None and own and own != row.currency:
            return self.cash(row.account, own), float(row.fx_rate)
        return self.cash(row.account, row.currency), 1.0

    def money(
        self,
        row: Row,
        line: int,
        what: What,
        *,
        side: int = 1,
        delta: float = 0.0,
        gross: float = 0.0,
        fees: float = 0.0,
        tax: float = 0.0,
        paid: float | None = None,
        received: float | None = None,
        settled: float | None = None,
    ) -> None:
        """An event settled in cash: ``paid`` into the line at the start of the day, or
        ``received`` from it at the end. ``settled`` is what the cash moves by where it differs."""
        peer, rate = self.booked(row)
        net = (received or 0.0) - (paid or 0.0)
        self.entries.append(
            Entry(
                line,
                row.date.toordinal(),
                what,
                side,
                delta,
                gross,
                fees,
                tax,
                paid or 0.0,
                received or 0.0,
                self.currency(row.currency),
                peer,
                (net if settled is None else settled) * rate,
                self.ref(row),
            )
        )

    def plain(self, row: Row, line: int, what: int, **figures: float) -> None:
        """An event without money."""
        self.entries.append(
            Entry(
                line=line,
                day=row.date.toordinal(),
                what=what,
                side=int(figures.get("side", 1)),
                delta=figures.get("delta", 0.0),
                gross=figures.get("gross", 0.0),
                fees=figures.get("fees", 0.0),
                tax=figures.get("tax", 0.0),
                inflow=figures.get("inflow", 0.0),
                outflow=figures.get("outflow", 0.0),
                currency=self.currency(row.currency or self.lines[line].currency),
                peer=int(figures.get("peer", NOBODY)),
                cash=figures.get("cash", 0.0),
                row=self.ref(row),
                ratio=figures.get("ratio", 1.0),
            )
        )

    def move(
        self,
        row: Row,
        source: int,
        target: int,
        *,
        left: float,
        came: float,
        priced: int,
        size: float,
        cost: float,
        side: int = 1,
        side_in: int | None = None,
    ) -> None:
        """Worth goes from one line to another (either may be ``OUTSIDE``): ``left`` and ``came``
        are the units that go and arrive, ``size`` units of ``priced`` its worth."""
        halves = (
            (source, What.MOVE_OUT, -left, target, side),
            (target, What.MOVE_IN, came, source, side if side_in is None else side_in),
        )
        for half in halves:
            self.half(row, *half, priced=priced, size=size, cost=cost)

    def half(
        self,
        row: Row,
        line: int,
        what: What,
        delta: float,
        peer: int,
        side: int,
        *,
        priced: int,
        size: float,
        cost: float,
        part: float = 0.0,
    ) -> None:
        """One side of such a move, as its own position sees it happen; nothing is outside."""
        if line == OUTSIDE:
            return
        self.entries.append(
            Entry(
                line=line,
                day=row.date.toordinal(),
                what=what,
                side=side,
                delta=delta,
                gross=0.0,
                fees=0.0,
                tax=0.0,
                inflow=0.0,
                outflow=0.0,
                currency=self.currency(row.currency or self.lines[line].currency),
                peer=peer,
                cash=0.0,
                row=self.ref(row),
                priced=priced,
                size=size,
                cost=cost,
                part=part,
            )
        )


_WHOLE = {"line", "day", "what", "side", "currency", "peer", "row", "priced"}


def empty_table(count: int) -> Table:
    """Columns of an entry's fields, all zero."""
    return {
        name: np.zeros(count, dtype=np.int64 if name in _WHOLE else np.float64)
        for name in Entry._fields
    }


def table_of(entries: list[Entry]) -> Table:
    """Entries column by column."""
    table = np.array(entries, dtype=np.float64).reshape(len(entries), len(Entry._fields))
    return {
        name: table[:, place].astype(np.int64 if name in _WHOLE else np.float64)
        for place, name in enumerate(Entry._fields)
    }


def number(value: object) -> float:
    """A figure of a row; what is unknown counts as nothing."""
    return 0.0 if value is None else float(value)  # type: ignore[arg-type]


def gross_of(row: Row, asset: Asset | None = None) -> float:
    """Gross value of a row: its amount, else quantity times price times multiplier."""
    if row.amount is not None:
        return float(row.amount)
    if row.unit_price is None or row.quantity is None:
        return 0.0
    gross = float(row.quantity) * float(row.unit_price)
    trade = row.kind in (Kind.BUY, Kind.SELL, Kind.SHORT_SELL, Kind.COVER)
    return gross * float(asset.multiplier) if asset is not None and trade else gross
