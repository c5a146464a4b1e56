"""Yahoo's chart with invented figures, in the widened 32-bit floats Yahoo really sends."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from apps.market_data.providers.fake_market import SPLITS, FakeMarket, currency, root, zone
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply

_NOT_FOUND = {"code": "Not Found", "description": "No data found, symbol may be delisted"}


def respond(request: FakeRequest, market: FakeMarket) -> FakeReply:
    """``/v8/finance/chart/{symbol}`` and the crumb the package asks for first."""
    if request.path.endswith("/getcrumb"):
        return FakeReply(200, "text/plain", "invented")
    if request.scenario == "429":
        return FakeReply(429, "text/plain", "Too Many Requests\r\n")
    if not request.path.startswith("/v8/finance/chart/"):
        return FakeReply(404, "text/plain", "")
    symbol = request.path.removeprefix("/v8/finance/chart/")
    if request.scenario in ("404", "200_error") or symbol.startswith("ZZZZ"):
        status = 200 if request.scenario == "200_error" else 404
        return json_reply({"chart": {"result": None, "error": _NOT_FOUND}}, status)
    if request.scenario == "401":
        error = {"code": "Unauthorized", "description": "Invalid Crumb"}
        return json_reply({"chart": {"result": None, "error": error}}, 401)
    return json_reply({"chart": {"result": [_chart(symbol, request, market)], "error": None}})


def _chart(symbol: str, request: FakeRequest, market: FakeMarket) -> dict[str, Any]:
    start, end = _window(symbol, request, market)
    bars = [] if request.scenario == "empty" else market.bars(symbol, start, end)
    stamps, closes = [], []
    for position, bar in enumerate(bars):
        opens = datetime.combine(bar.date, time(10), zone(symbol))
        stamps.append(int(opens.timestamp()))
        hole = request.scenario == "nulls" and position % 2 == 1
        closes.append(None if hole else _widened(bar.close * _pence(symbol)))
    chart: dict[str, Any] = {"meta": _meta(symbol, request, market)}
    if not bars:
        # Yahoo leaves the key out instead of sending an empty list.
        chart["indicators"] = {"quote": [{}], "adjclose": [{}]}
        return chart
    chart["timestamp"] = stamps
    chart["indicators"] = {
        "quote": [
            {
                "open": closes,
                "high": closes,
                "low": closes,
                "close": closes,
                "volume": [None if close is None else 1000 for close in closes],
            }
        ],
        "adjclose": [{"adjclose": closes}],
    }
    events = _events(symbol, start, end)
    if events:
        chart["events"] = events
    return chart


def _meta(symbol: str, request: FakeRequest, market: FakeMarket) -> dict[str, Any]:
    before, last = market.last_two(symbol)
    place = zone(symbol)
    meta: dict[str, Any] = {
        "currency": currency(symbol),
        "symbol": symbol,
        "exchangeName": "FAKE",
        "fullExchangeName": "Preço inventado (fakeproviders)",
        "instrumentType": "EQUITY",
        "firstTradeDate": 946900800,
        "regularMarketTime": int(market.as_of(symbol).timestamp()),
        "gmtoffset": int(datetime.now(place).utcoffset().total_seconds()),  # type: ignore[union-attr]
        "timezone": "XXX",
        "exchangeTimezoneName": place.key,
        "regularMarketPrice": _widened(last.close * _pence(symbol)),
        "chartPreviousClose": _widened(before.close * _pence(symbol)),
        "priceHint": 2,
        "dataGranularity": "1d",
        "range": request.query.get("range", ""),
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }
    if request.scenario == "no_currency":
        meta["currency"] = None
    if request.scenario == "nulls":
        meta["regularMarketPrice"] = None
    return meta


def _window(symbol: str, request: FakeRequest, market: FakeMarket) -> tuple[date, date]:
    if "period1" in request.query:
        ends = (int(request.query[key]) for key in ("period1", "period2"))
        start, end = (datetime.fromtimestamp(end, UTC).date() for end in ends)
        return start, end
    today = market.now().astimezone(zone(symbol)).date()
    return today - timedelta(days=7), today


def _events(symbol: str, start: date, end: date) -> dict[str, Any]:
    if root(symbol) not in SPLITS:
        return {}
    day, ratio, _ = SPLITS[root(symbol)]
    if not start <= day <= end:
        return {}
    stamp = int(datetime.combine(day, time(10), zone(symbol)).timestamp())
    numerator, denominator = (int(ratio), 1) if ratio >= 1 else (1, int(1 / ratio))
    split = {
        "date": stamp,
        "numerator": numerator,
        "denominator": denominator,
        "splitRatio": f"{numerator}:{denominator}",
    }
    return {"splits": {str(stamp): split}}


def _pence(symbol: str) -> Decimal:
    return Decimal(100) if currency(symbol) == "GBp" else Decimal(1)


def _widened(price: Decimal) -> float:
    return float(struct.unpack("f", struct.pack("f", float(price)))[0])
