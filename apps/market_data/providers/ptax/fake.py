"""PTAX's shapes with invented figures: one closing row for the dollar, five for the others."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.market_data.providers.fake_market import FakeMarket, rate
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply

_BULLETINS = ("Abertura", "Intermediário", "Intermediário", "Intermediário", "Fechamento PTAX")
_DATES = re.compile(r"@dataInicial='([\d-]+)'&@dataFinalCotacao='([\d-]+)'")


def respond(request: FakeRequest, market: FakeMarket) -> FakeReply:
    """``CotacaoDolarPeriodo`` and ``CotacaoMoedaPeriodo``."""
    match = _DATES.search(request.raw_query)
    if match is None or "$format=json" not in request.raw_query:
        return FakeReply(400, "text/plain", "/* 400 */")
    day, end = (_month_first(text) for text in match.groups())
    currency = request.raw_query.split("@moeda='")[1][:3] if "@moeda='" in request.raw_query else ""
    rows: list[dict[str, Any]] = []
    end = min(end, market.now().date())
    while day <= end and request.scenario != "empty":
        sale = rate(currency or "USD", "BRL", day)
        day += timedelta(days=1)
        if sale is None:
            continue
        moment = f"{day - timedelta(days=1)} 13:0%d:49.425"
        row = {"cotacaoCompra": sale - Decimal("0.0006"), "cotacaoVenda": sale}
        if not currency:
            rows.append(row | {"dataHoraCotacao": moment % 2})
            continue
        for position, bulletin in enumerate(_BULLETINS):
            # Only the closing bulletin tells the day's rate: the others are off on purpose.
            off = Decimal(0) if bulletin.startswith("Fechamento") else Decimal("0.5")
            rows.append(
                {
                    "paridadeCompra": 1,
                    "paridadeVenda": 1,
                    "cotacaoCompra": row["cotacaoCompra"] + off,
                    "cotacaoVenda": sale + off,
                    "dataHoraCotacao": moment % position,
                    "tipoBoletim": bulletin,
                }
            )
    return json_reply({"@odata.context": "https://invented$metadata", "value": rows})


def _month_first(text: str) -> date:
    month, day, year = text.split("-")
    return date(int(year), int(month), int(day))
