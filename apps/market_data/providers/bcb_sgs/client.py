"""Where SGS lives. Both dates are always sent and no window is longer than it accepts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.bcb_sgs.errors import body_of
from apps.market_data.providers.http import Transport

BASE_URL = "https://api.bcb.gov.br"
# Daily series are refused above ten years.
MAX_DAYS = 3650


class Client:
    """One series at a time."""

    def __init__(self, config: ProviderConfig) -> None:
        self._transport = Transport(config)

    def series(self, code: int, start: date, end: date) -> list[dict[str, object]]:
        """Raw rows of ``start`` to ``end``, both included, in as many requests as it takes."""
        rows: list[dict[str, object]] = []
        for first, last in windows(start, end):
            reply = self._transport.get(
                f"/dados/serie/bcdata.sgs.{code}/dados",
                params={
                    "formato": "json",
                    "dataInicial": f"{first:%d/%m/%Y}",
                    "dataFinal": f"{last:%d/%m/%Y}",
                },
            )
            rows += body_of(reply)
        return rows


def windows(start: date, end: date) -> Iterator[tuple[date, date]]:
    """``start`` to ``end`` in pieces of at most ten years."""
    while start <= end:
        last = min(end, start + timedelta(days=MAX_DAYS - 1))
        yield start, last
        start = last + timedelta(days=1)
