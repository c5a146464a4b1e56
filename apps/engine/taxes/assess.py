"""Assesses the taxes of one Holder from a ledger: one pass, every month and year."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter

from apps.engine.holdings import fold
from apps.engine.kinds import Kind
from apps.engine.prices import FxTable, IndexTable
from apps.engine.taxes.blocking import expired_open
from apps.engine.taxes.calendar import BankCalendar
from apps.engine.taxes.context import Context
from apps.engine.taxes.exchange import Exchange, assess_exchange, assessment, withheld_left
from apps.engine.taxes.model import MonthAssessment, Opening
from apps.engine.taxes.prepare import Prepared, prepare, rows_of_holder, unassigned
from apps.engine.taxes.quotes import chosen, for_trades
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.settings import TaxSettings
from apps.engine.types import DEFAULT_HOLDER, Account, Asset, Issue, Row

_HOME = "BRL"
# Rows after the last year that still speak of it: payments, and arrivals that pair with departures.
_LOOKING_BACK = frozenset({Kind.DARF_PAYMENT, Kind.TRANSFER_IN, Kind.TRANSFER_OUT})


@dataclass(slots=True)
class TaxLedger:
    """A Holder's taxes up to the end of ``until``. Months are worked out; what explains them is
    made when asked for."""

    ctx: Context
    prepared: Prepared
    exchange: Exchange
    until: int
    reckoned: dt.date | None = None
    _shown: dict[int, MonthAssessment] = field(default_factory=dict)

    def month(self, year: int, month: int) -> MonthAssessment | None:
        """One month of the exchange; None before the first one of the ledger."""
        index = year * 12 + month - 1
        if index not in self.exchange.months:
            return None
        found = self._shown.get(index)
        if found is None:
            found = self._shown[index] = assessment(self.exchange, index, self.ctx)
        return found

    def months(self, year: int | None = None) -> list[MonthAssessment]:
        """Months of a year, or all of them, oldest first."""
        found = [
            self.month(index // 12, index % 12 + 1)
            for index in sorted(self.exchange.months)
            if year is None or index // 12 == year
        ]
        return [each for each in found if each is not None]

    def withheld_left(self, year: int) -> Mapping[str, Decimal]:
        """Withholding of a year that no month used, by bucket."""
        return withheld_left(self.exchange, year)


def assess(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    *,
    rules: RuleBook,
    until: int,
    settings: TaxSettings | None = None,
    opening: Opening | None = None,
    fx: FxTable | None = None,
    indexes: IndexTable | None = None,
    holder: str = DEFAULT_HOLDER,
    reckoned: dt.date | None = None,
) -> TaxLedger:
    """Assess one Holder from the first row to the end of the year ``until``.

    ``rules`` is the law, ``settings`` the Holder's choices where it is not settled, ``opening``
    what comes from before the ledger. ``reckoned`` adds to unpaid DARFs the charges of paying them
    on that day. Nothing is rounded but what is paid. Never raises for what a ledger may hold.
    """
    # Nothing made here is cyclic, and the collector would walk the whole ledger several times.
    collecting = gc.isenabled()
    gc.disable()
    try:
        ctx, prepared = _context(
            rows,
            assets,
            accounts,
            rules,
            until,
            settings or TaxSettings(),
            opening or Opening(),
            fx or FxTable(),
            indexes or IndexTable(),
            holder,
        )
        exchange = assess_exchange(ctx, prepared, until, reckoned)
        return TaxLedger(ctx, prepared, exchange, until, reckoned)
    finally:
        if collecting:
            gc.enable()


def _context(
    rows: Sequence[Row],
    assets: Mapping[str, Asset],
    accounts: Mapping[str, Account],
    rules: RuleBook,
    until: int,
    settings: TaxSettings,
    opening: Opening,
    fx: FxTable,
    indexes: IndexTable,
    holder: str,
) -> tuple[Context, Prepared]:
    """The rows of the Holder, made ready and folded."""
    own = rows_of_holder(rows, accounts, holder)
    end = dt.date(until, 12, 31)
    if max(map(attrgetter("date"), own), default=end) > end:
        own = [row for row in own if row.date <= end or row.kind in _LOOKING_BACK]
    prepared = prepare(own, assets, accounts, settings=settings, rules=rules, opening=opening)
    if len(own) < len(rows):
        prepared.issues += unassigned(rows, accounts)
    fx = chosen(fx, settings)
    rates = for_trades(fx, settings, rules)
    folded = fold(prepared.rows, prepared.assets, accounts, currency=_HOME, fx=rates, on=end)
    lapsed = expired_open(folded, prepared.assets, end)
    if lapsed:
        # The best figure there is: what nobody exercised or closed was worth nothing.
        prepared.rows = prepared.rows + _expiries(prepared, lapsed)
        prepared.issues += lapsed
        folded = fold(prepared.rows, prepared.assets, accounts, currency=_HOME, fx=rates, on=end)
    ctx = Context(
        holder=holder,
        given=prepared.whole,
        assets=prepared.assets,
        accounts=accounts,
        fold=folded,
        rules=rules,
        settings=settings,
        opening=opening,
        fx=fx,
        indexes=indexes,
        calendar=BankCalendar(
            rules,
            carnival=settings.bank_closed_carnival,
            year_end=settings.bank_closed_year_end,
        ),
        kinds=prepared.kinds,
    )
    return ctx, prepared


def _expiries(prepared: Prepared, lapsed: Iterable[Issue]) -> list[Row]:
    """Rows that let options expire which the ledger left open."""
    after = max((row.seq for row in prepared.rows), default=0) + 1
    last = {code: row for row in prepared.rows for code in (row.to_asset, row.asset) if code}
    found = []
    for place, issue in enumerate(lapsed):
        code = issue.where
        found.append(
            Row(
                ref=f"expiry {code}",
                seq=after + place,
                date=dt.date.fromisoformat(issue.params["date"]),
                kind=Kind.EXPIRY,
                account=last[code].account if code in last else "",
                currency=_HOME,
                asset=code,
            )
        )
    return found
