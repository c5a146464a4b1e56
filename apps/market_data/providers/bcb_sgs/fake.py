"""SGS's shapes with invented figures: JSON under the content type of a web page."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from decimal import Decimal

from apps.market_data.providers.base import day_first
from apps.market_data.providers.fake_market import FakeMarket, walk
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply

_DAILY = (11, 12, 432)
_MONTHLY = (433, 189)
_TOO_LONG = (
    "O sistema aceita uma janela de consulta de, no máximo, 10 anos em séries de periodicidade "
    "diária"
)
_NO_DATA = "br.gov.bcb.pec.sgs.comum.excecoes.SGSNegocioException: Value(s) not found"


def respond(request: FakeRequest, market: FakeMarket) -> FakeReply:
    """``/dados/serie/bcdata.sgs.{code}/dados``."""
    code = int(request.path.split("bcdata.sgs.")[1].split("/")[0])
    if request.scenario == "429":
        return FakeReply(429, "text/html", "<html>Too Many Requests</html>")
    if code not in _DAILY + _MONTHLY:
        return FakeReply(200, "text/html", "<html><h1>Requisição inválida!</h1></html>")
    start = day_first(request.query["dataInicial"])
    end = day_first(request.query["dataFinal"])
    if code in _DAILY and (end - start).days > 3660:
        return json_reply({"error": _TOO_LONG, "message": _TOO_LONG}, 406)
    rows = _daily(code, start, end) if code in _DAILY else _monthly(code, start, end)
    today = market.now().date()
    rows = [(day, value) for day, value in rows if day < today or code == 432]
    if not rows or request.scenario == "404":
        return json_reply({"erro": {"statusCode": 404, "detail": _NO_DATA}}, 404)
    body = [{"data": f"{day:%d/%m/%Y}", "valor": str(value)} for day, value in rows]
    if request.scenario == "nulls":
        body[0]["valor"] = ""
        body.append(dict(body[-1], valor="0.5"))
    return json_reply(body, content_type="text/html; charset=utf-8")


def _daily(code: int, start: date, end: date) -> list[tuple[date, Decimal]]:
    days, _ = walk("SGS", "BVMF")
    # One invented rate a year, between 0.020 and 0.055 percent a day.
    return [
        (day, _draw(f"{code}:{day.year}", 20, 55) / 1000) for day in days if start <= day <= end
    ]


def _monthly(code: int, start: date, end: date) -> list[tuple[date, Decimal]]:
    found = []
    day = start.replace(day=1)
    while day <= end:
        if day >= start:
            found.append((day, _draw(f"{code}:{day:%Y-%m}", -10, 95) / 100))
        day = (day + timedelta(days=32)).replace(day=1)
    return found


def _draw(key: str, low: int, high: int) -> Decimal:
    digest = int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big")
    return Decimal(low + digest % (high - low + 1))
