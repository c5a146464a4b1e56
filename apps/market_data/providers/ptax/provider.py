"""PTAX as a provider."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from apps.market_data.providers.base import Capability, FxRow, Provider
from apps.market_data.providers.ptax import parse
from apps.market_data.providers.ptax.client import BASE_URL, Client

CURRENCIES = frozenset({"USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "DKK", "NOK", "SEK"})


class Ptax(Provider):
    """Official rates against the real. No key."""

    name = "ptax"
    default_url = BASE_URL
    capabilities = frozenset({Capability.FX})

    @cached_property
    def _client(self) -> Client:
        return Client(self.config)

    def knows_fx(self, base: str, quote: str) -> bool:
        """The ten currencies of the bulletin, in reais."""
        return quote == "BRL" and base in CURRENCIES

    def fx(self, base: str, quote: str, *, start: date, end: date, now: datetime) -> list[FxRow]:
        """Sale and purchase of each business day."""
        return [
            row
            for row in parse.rows(self._client.period(base, start, end), base)
            if start <= row.date <= end
        ]
