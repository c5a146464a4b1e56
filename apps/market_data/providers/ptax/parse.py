"""PTAX's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from apps.market_data.providers.base import BadShape, FxRow, positive


def rows(raw: Iterable[Mapping[str, object]], currency: str) -> list[FxRow]:
    """Closing rates in BRL by date. Dollar rows hold the closing bulletin only; of the others'
    bulletins the one that begins with "Fechamento" counts."""
    found: dict[date, FxRow] = {}
    for item in raw:
        bulletin = item.get("tipoBoletim")
        if bulletin is not None and not str(bulletin).startswith("Fechamento"):
            continue
        try:
            day = datetime.fromisoformat(str(item.get("dataHoraCotacao", ""))).date()
        except ValueError as error:
            raise BadShape("unreadable date") from error
        sale = positive(item.get("cotacaoVenda"))
        if sale is None:
            continue
        found[day] = FxRow(
            date=day,
            base=currency,
            quote="BRL",
            rate=sale,
            rate_buy=positive(item.get("cotacaoCompra")),
        )
    return [found[day] for day in sorted(found)]
