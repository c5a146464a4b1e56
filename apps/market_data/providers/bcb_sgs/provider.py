"""SGS as a provider."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

from apps.market_data.providers.base import Capability, IndexRow, Provider
from apps.market_data.providers.bcb_sgs import parse
from apps.market_data.providers.bcb_sgs.client import BASE_URL, Client

# Percent a business day, percent a month (dated day 1).
SERIES = {"CDI": 12, "SELIC": 11, "IPCA": 433, "IGPM": 189}


class BcbSgs(Provider):
    """Official rates. No key."""

    name = "bcb_sgs"
    default_url = BASE_URL
    capabilities = frozenset({Capability.INDEX})

    @cached_property
    def _client(self) -> Client:
        return Client(self.config)

    def knows_index(self, code: str) -> bool:
        """CDI, Selic, IPCA and IGP-M."""
        return code in SERIES

    def index(self, code: str, *, start: date, end: date, now: datetime) -> list[IndexRow]:
        """Values as published, in percent."""
        return parse.rows(self._client.series(SERIES[code], start, end), start=start, end=end)
