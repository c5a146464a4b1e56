"""Where Frankfurter lives (its first API, whose shape is stable)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.frankfurter.errors import body_of
from apps.market_data.providers.http import Transport

BASE_URL = "https://api.frankfurter.dev"


class Client:
    """Rates of a window in one request."""

    def __init__(self, config: ProviderConfig) -> None:
        self._transport = Transport(config)

    def window(
        self, base: str, quote: str, start: date, end: date, *, now: datetime
    ) -> dict[str, Any]:
        """The decoded answer; raises ``ProviderError``."""
        reply = self._transport.get(
            f"/v1/{start:%Y-%m-%d}..{end:%Y-%m-%d}", params={"base": base, "symbols": quote}
        )
        return body_of(reply, now=now)
