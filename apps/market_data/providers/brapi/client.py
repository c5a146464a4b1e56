"""Where brapi lives and how it is asked. Documented at brapi.dev/docs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote as percent_encode

from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.brapi.errors import raise_for_reply
from apps.market_data.providers.http import Transport

BASE_URL = "https://brapi.dev"

# brapi's windows and the calendar days each of them is sure to reach back.
RANGES = (
    (4, "5d"),
    (27, "1mo"),
    (85, "3mo"),
    (175, "6mo"),
    (360, "1y"),
    (725, "2y"),
    (1820, "5y"),
    (3645, "10y"),
)


class Client:
    """Thin client of ``/api/quote``."""

    def __init__(self, config: ProviderConfig) -> None:
        self._transport = Transport(config)
        # The header, not ?token=: addresses end up in logs.
        self._headers = {"Authorization": f"Bearer {config.token}"} if config.token else {}

    def quote(self, tickers: Sequence[str], *, now: datetime, **params: str) -> dict[str, Any]:
        """The decoded answer for ``tickers``; raises ``ProviderError``."""
        path = "/api/quote/" + percent_encode(",".join(tickers), safe=",")
        reply = self._transport.get(path, params=params, headers=self._headers)
        return raise_for_reply(reply, now=now)


def range_for(start: date, today: date) -> str:
    """The shortest of brapi's windows that reaches back to ``start``."""
    days = (today - start).days
    return next((name for reach, name in RANGES if days <= reach), "max")
