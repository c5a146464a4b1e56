"""Exchange rates as a Holder chose to read them: by settlement, through the dollar."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from apps.engine.prices import FxTable
from apps.engine.taxes.rules import RuleBook
from apps.engine.taxes.scope import HOME
from apps.engine.taxes.settings import TaxSettings

_DOLLAR = "USD"
_DAY = timedelta(days=1)


class SettlementRates(FxTable):
    """Rates of the day a trade settles, asked for by the day it was made. Settlement days are
    counted in weekdays: holidays abroad are not known here."""

    __slots__ = ("_rates", "_rules")

    def __init__(self, rates: FxTable, rules: RuleBook) -> None:
        super().__init__(None, rates.buy)
        self._rates = rates
        self._rules = rules

    def settles(self, day: date) -> date:
        """When a trade of ``day`` settles."""
        rule = self._rules.find("EXT-SETTLEMENT", day)
        left = int(rule.decimal("business_days")) if rule else 0
        while left:
            day += _DAY
            if day.weekday() < 5:
                left -= 1
        return day

    def on(self, base: str, quote: str, day: date) -> tuple[Decimal, date] | None:
        """Rate in force when a trade of ``day`` settles."""
        return self._rates.on(base, quote, self.settles(day))


def through_dollar(rates: FxTable) -> FxTable:
    """The same rates, where currencies quoted against the dollar have no direct quote in BRL."""
    dollar = {
        (set(pair) - {_DOLLAR}).pop()
        for pair in rates.pairs()
        if _DOLLAR in pair and len(set(pair)) == 2
    } - {HOME}
    kept = {
        pair: list(zip(*rates.series(*pair), strict=True))
        for pair in rates.pairs()
        if not (HOME in pair and dollar & set(pair))
    }
    return FxTable(kept, through_dollar(rates.buy) if rates.buy else None)


def chosen(rates: FxTable, settings: TaxSettings) -> FxTable:
    """Rates for income and foreign tax."""
    return through_dollar(rates) if settings.abroad_via_usd else rates


def for_trades(rates: FxTable, settings: TaxSettings, rules: RuleBook) -> FxTable:
    """Rates for purchases and sales."""
    return SettlementRates(rates, rules) if settings.abroad_date == "settlement" else rates
