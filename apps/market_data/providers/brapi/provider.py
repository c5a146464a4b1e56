"""brapi as a provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property

from apps.market_data.providers.base import (
    Capability,
    History,
    IndexRow,
    Instrument,
    PlanRestricted,
    Provider,
    ProviderError,
    Quote,
    QuoteBatch,
    SymbolNotFound,
)
from apps.market_data.providers.brapi import parse
from apps.market_data.providers.brapi.client import BASE_URL, Client, range_for
from apps.market_data.providers.symbols import b3_ticker, is_listed_on_b3

INDEXES = {"IBOV": "^BVSP", "IFIX": "IFIX.SA"}
# What brapi answers without a key, each asked alone or with the others of these.
WITHOUT_KEY = frozenset({"PETR4", "MGLU3", "VALE3", "ITUB4"})


class Brapi(Provider):
    """Quotes in batches, daily history with the share events that adjusted it, two indexes."""

    name = "brapi"
    default_url = BASE_URL
    capabilities = frozenset({Capability.QUOTE, Capability.HISTORY, Capability.INDEX})

    @cached_property
    def _client(self) -> Client:
        return Client(self.config)

    def symbol(self, instrument: Instrument) -> str | None:
        """The B3 ticker; nothing outside B3, and without a key only four."""
        if not is_listed_on_b3(instrument):
            return None
        ticker = b3_ticker(instrument.quote_symbol.removesuffix(".SA") or instrument.ticker)
        return ticker if self.config.token or ticker in WITHOUT_KEY else None

    def knows_index(self, code: str) -> bool:
        """IBOV and IFIX, with a key."""
        return code in INDEXES and bool(self.config.token)

    def quotes(self, instruments: Sequence[Instrument], *, now: datetime) -> QuoteBatch:
        """Last prices. One unknown ticker can fail the whole request, so a 404 is asked again
        one by one."""
        symbols = {item.ref: symbol for item in instruments if (symbol := self.symbol(item))}
        wanted = list(dict.fromkeys(symbols.values()))
        found: dict[str, Quote] = {}
        failed: dict[str, ProviderError] = {}
        try:
            self._collect(wanted, found, failed, now)
        except SymbolNotFound as error:
            if len(wanted) == 1:
                failed[wanted[0]] = error
            else:
                for symbol in wanted:
                    try:
                        self._collect([symbol], found, failed, now)
                    except SymbolNotFound as one:
                        failed[symbol] = one
        missing = SymbolNotFound("not in the answer")
        return QuoteBatch(
            quotes={ref: found[symbol] for ref, symbol in symbols.items() if symbol in found},
            errors={
                item.ref: failed.get(symbols.get(item.ref, ""), missing)
                for item in instruments
                if symbols.get(item.ref) not in found
            },
        )

    def _collect(
        self,
        symbols: Sequence[str],
        found: dict[str, Quote],
        failed: dict[str, ProviderError],
        now: datetime,
    ) -> None:
        items = parse.results_by_symbol(self._client.quote(symbols, now=now))
        for symbol in symbols:
            item = items.get(symbol)
            if item is None:
                continue
            error = parse.item_error(item)
            if error is not None:
                failed[symbol] = error
                continue
            try:
                found[symbol] = parse.quote(item, self.name)
            except ProviderError as bad:
                failed[symbol] = bad

    def history(self, instrument: Instrument, *, start: date, end: date, now: datetime) -> History:
        """History as traded. The window always reaches today, since earlier prices are adjusted
        by every split since. Without the list of share events (a matter of plan) the adjustment
        cannot be undone: ``PlanRestricted``, and the next source is asked."""
        symbol = self.symbol(instrument)
        if symbol is None:
            raise SymbolNotFound(instrument.ticker)
        body = self._client.quote(
            [symbol],
            now=now,
            range=range_for(start, now.astimezone(parse.SAO_PAULO).date()),
            interval="1d",
            dividends="true",
        )
        item = parse.results_by_symbol(body).get(symbol)
        if item is None:
            raise SymbolNotFound(symbol)
        error = parse.item_error(item)
        if error is not None:
            raise error
        if not isinstance(item.get("dividendsData"), dict):
            raise PlanRestricted("history without its share events")
        rows, splits = parse.history(item)
        return History(
            symbol=symbol,
            currency=str(item.get("currency") or "BRL"),
            source=self.name,
            rows=[row for row in rows if start <= row.date <= end],
            splits=splits,
        )

    def index(self, code: str, *, start: date, end: date, now: datetime) -> list[IndexRow]:
        """Closing points."""
        symbol = INDEXES[code]
        today = now.astimezone(parse.SAO_PAULO).date()
        body = self._client.quote([symbol], now=now, range=range_for(start, today), interval="1d")
        item = parse.results_by_symbol(body).get(symbol)
        if item is None:
            raise SymbolNotFound(symbol)
        error = parse.item_error(item)
        if error is not None:
            raise error
        rows, _ = parse.history(item)
        return [IndexRow(row.date, row.close) for row in rows if start <= row.date <= end]
