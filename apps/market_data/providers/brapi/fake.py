"""brapi's shapes with invented figures."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from apps.market_data.providers.fake_market import SPLITS, FakeMarket, currency, zone
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply

DAYS = {"5d": 7, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 366, "2y": 731, "5y": 1827, "10y": 3653}
_NAME = "Preço inventado (fakeproviders)"


def respond(request: FakeRequest, market: FakeMarket) -> FakeReply:
    """``/api/quote/{tickers}``."""
    refusal = _refusal(request)
    if refusal is not None:
        return refusal
    if not request.path.startswith("/api/quote/"):
        return json_reply({"error": True, "message": "Não encontramos a página"}, 404)
    tickers = request.path.removeprefix("/api/quote/").split(",")
    unknown = next((t for t in tickers if t.startswith(("ERRO404", "ZZZZ"))), None)
    if unknown:
        return json_reply({"error": True, "message": f"Não encontramos a ação {unknown}"}, 404)
    results = [_result(ticker, request, market) for ticker in tickers]
    return json_reply({"results": results, "requestedAt": _iso(market.now()), "took": "12ms"})


def _refusal(request: FakeRequest) -> FakeReply | None:
    texts = {
        "401": "O seu token é inválido, por favor, verifique o seu token em brapi.dev/dashboard",
        "402": "Você atingiu o limite de requisições para o seu plano. Por favor, considere fazer "
        "um upgrade para um plano melhor em brapi.dev/dashboard",
        "404": "Não encontramos a ação ZZZZ9",
        "400": "Campo 'range' inválido. Ranges válidos: 1d, 5d, 1mo, 3mo",
    }
    if request.scenario in texts:
        body = {"error": True, "message": texts[request.scenario]}
        return json_reply(body, int(request.scenario))
    if request.scenario == "429":
        body = {"error": True, "message": "Too many requests"}
        return json_reply(body, 429, {"Retry-After": "1"})
    if request.scenario == "item_error":
        body = {"results": [{"symbol": "ZZZZ9", "error": True, "message": "Não encontramos"}]}
        return json_reply(body)
    return None


def _result(ticker: str, request: FakeRequest, market: FakeMarket) -> dict[str, Any]:
    before, last = market.last_two(ticker)
    nulls = request.scenario == "nulls"
    result: dict[str, Any] = {
        "symbol": ticker,
        "requestedSymbol": ticker,
        "currency": None if request.scenario == "no_currency" else currency(ticker),
        "shortName": _NAME,
        "longName": _NAME,
        "marketCap": None,
        "regularMarketPrice": None if nulls else last.close,
        "regularMarketTime": _iso(market.as_of(ticker)),
        "regularMarketPreviousClose": before.close,
        "regularMarketVolume": 1000,
    }
    if "range" in request.query:
        result |= _history(ticker, request, market)
    if request.query.get("dividends") == "true" and request.scenario != "no_dividends":
        result["dividendsData"] = _events(ticker)
    return result


def _history(ticker: str, request: FakeRequest, market: FakeMarket) -> dict[str, Any]:
    window = request.query["range"]
    today = market.now().astimezone(zone(ticker)).date()
    start = today - timedelta(days=DAYS.get(window, 8000))
    rows: list[dict[str, Any]] = []
    for bar in market.bars(ticker, start, today) if request.scenario != "empty" else []:
        stamp = datetime.combine(bar.date, time(10), zone(ticker))
        hole = request.scenario == "nulls" and len(rows) % 2 == 1
        close = None if hole else bar.close
        rows.append(
            {
                "date": int(stamp.timestamp()),
                "open": close,
                "high": close,
                "low": close,
                "close": close,
                "volume": None if hole else 1000,
                "adjustedClose": close,
            }
        )
    return {"usedInterval": "1d", "usedRange": window, "historicalDataPrice": rows}


def _events(ticker: str) -> dict[str, Any]:
    if ticker.startswith("^"):
        return {}
    stock: list[dict[str, Any]] = []
    if ticker in SPLITS:
        day, ratio, text = SPLITS[ticker]
        stock.append(
            {
                "assetIssued": f"BR{ticker[:4]}ACNOR0",
                "factor": ratio,
                "completeFactor": text,
                "label": "DESDOBRAMENTO" if ratio > 1 else "GRUPAMENTO",
                "lastDatePrior": f"{day - timedelta(days=1):%Y-%m-%d}T03:00:00.000Z",
                "exDate": f"{day:%Y-%m-%d}T03:00:00.000Z",
                "remarks": "",
            }
        )
    return {"cashDividends": [], "stockDividends": stock, "subscriptions": []}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
