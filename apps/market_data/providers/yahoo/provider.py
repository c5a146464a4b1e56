"""Yahoo as a provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import cached_property

from apps.market_data.providers.base import (
    Capability,
    History,
    IndexRow,
    Instrument,
    Provider,
    ProviderError,
    Quote,
    QuoteBatch,
    SymbolNotFound,
)
from apps.market_data.providers.symbols import yahoo_symbol
from apps.market_data.providers.yahoo import parse
from apps.market_data.providers.yahoo.client import BASE_URL, Client

INDEXES = {"IBOV": "^BVSP", "IFIX": "IFIX.SA", "SP500": "^GSPC"}


class Yahoo(Provider):
    """Shares, funds and coins of the whole world, and three indexes; one symbol a request."""

    name = "yahoo"
    default_url = BASE_URL
    capabilities = frozenset({Capability.QUOTE, Capability.HISTORY, Capability.INDEX})

    @cached_property
    def _client(self) -> Client:
        return Client(self.config)

    def symbol(self, instrument: Instrument) -> str | None:
        """Ticker and suffix of the exchange, or what was set by hand."""
        return yahoo_symbol(instrument)

    def knows_index(self, code: str) -> bool:
        """IBOV, IFIX and S&P 500."""
        return code in INDEXES

    def quotes(self, instruments: Sequence[Instrument], *, now: datetime) -> QuoteBatch:
        """Last prices, a request each. An error about one symbol stays with it; one about Yahoo
        ends the batch."""
        found: dict[str, Quote] = {}
        failed: dict[str, ProviderError] = {}
        for instrument in instruments:
            symbol = self.symbol(instrument)
            if symbol is None:
                failed[instrument.ref] = SymbolNotFound(instrument.ticker)
                continue
            try:
                chart = self._client.recent(symbol)
                found[instrument.ref] = parse.quote(chart.frame, chart.meta, symbol, self.name)
            except ProviderError as error:
                if error.unhealthy and not found:
                    raise
                failed[instrument.ref] = error
                if error.unhealthy:
                    rest = instruments[len(found) + len(failed) :]
                    failed.update({item.ref: error for item in rest})
                    break
        return QuoteBatch(found, failed)

    def history(self, instrument: Instrument, *, start: date, end: date, now: datetime) -> History:
        """History as traded: Yahoo's split adjustment is undone with Yahoo's own splits."""
        symbol = self.symbol(instrument)
        if symbol is None:
            raise SymbolNotFound(instrument.ticker)
        chart = self._client.since(symbol, start)
        rows, splits = parse.history(chart.frame, chart.meta)
        return History(
            symbol=symbol,
            currency=parse.currency_of(chart.meta)[1],
            source=self.name,
            rows=[row for row in rows if start <= row.date <= end],
            splits=splits,
        )

    def index(self, code: str, *, start: date, end: date, now: datetime) -> list[IndexRow]:
        """Closing points."""
        chart = self._client.since(INDEXES[code], start)
        rows, _ = parse.history(chart.frame, chart.meta)
        return [IndexRow(row.date, row.close) for row in rows if start <= row.date <= end]
