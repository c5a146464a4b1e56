"""Where PTAX lives. The service is particular about its query: it is written by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from apps.market_data.providers.base import ProviderConfig
from apps.market_data.providers.http import Transport
from apps.market_data.providers.ptax.errors import value_of

BASE_URL = "https://olinda.bcb.gov.br/olinda/servico/PTAX/versao/v1/odata"
# Other currencies come with five bulletins a day.
TOP = 5000
MAX_DAYS = 730


class Client:
    """Closing bulletins of one currency."""

    def __init__(self, config: ProviderConfig) -> None:
        self._transport = Transport(config)

    def period(self, currency: str, start: date, end: date) -> list[dict[str, object]]:
        """Raw rows of ``start`` to ``end``, both included. ``$``, ``@`` and ``'`` must not be
        escaped, and dates are month first."""
        rows: list[dict[str, object]] = []
        for first, last in windows(start, end):
            window = f"@dataInicial='{first:%m-%d-%Y}'&@dataFinalCotacao='{last:%m-%d-%Y}'"
            arguments = "dataInicial=@dataInicial,dataFinalCotacao=@dataFinalCotacao"
            if currency == "USD":
                path = f"/CotacaoDolarPeriodo({arguments})?{window}"
            else:
                path = (
                    f"/CotacaoMoedaPeriodo(moeda=@moeda,{arguments})?@moeda='{currency}'&{window}"
                )
            reply = self._transport.get(f"{path}&$top={TOP}&$format=json")
            rows += value_of(reply, limit=TOP)
        return rows


def windows(start: date, end: date) -> Iterator[tuple[date, date]]:
    """``start`` to ``end`` in pieces that stay under ``TOP`` rows."""
    while start <= end:
        last = min(end, start + timedelta(days=MAX_DAYS - 1))
        yield start, last
        start = last + timedelta(days=1)
