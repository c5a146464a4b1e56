"""Frankfurter as a provider."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from apps.market_data.providers.base import Capability, FxRow, Provider
from apps.market_data.providers.frankfurter import parse
from apps.market_data.providers.frankfurter.client import BASE_URL, Client

CURRENCIES = frozenset(
    [
        "AUD",
        "BRL",
        "CAD",
        "CHF",
        "CNY",
        "CZK",
        "DKK",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
        "KRW",
        "MXN",
        "MYR",
        "NOK",
        "NZD",
        "PHP",
        "PLN",
        "RON",
        "SEK",
        "SGD",
        "THB",
        "TRY",
        "USD",
        "ZAR",
    ]
)


class Frankfurter(Provider):
    """Reference rates of the ECB. No key."""

    name = "frankfurter"
    default_url = BASE_URL
    capabilities = frozenset({Capability.FX})

    @cached_property
    def _client(self) -> Client:
        return Client(self.config)

    def knows_fx(self, base: str, quote: str) -> bool:
        """Any two of the ECB's currencies."""
        return base != quote and {base, quote} <= CURRENCIES

    def fx(self, base: str, quote: str, *, start: date, end: date, now: datetime) -> list[FxRow]:
        """Daily reference rates."""
        body = self._client.window(base, quote, start, end, now=now)
        return [row for row in parse.rows(body, base, quote) if start <= row.date <= end]
