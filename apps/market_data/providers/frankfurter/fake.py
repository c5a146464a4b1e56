"""Frankfurter's shape with invented figures."""

from __future__ import annotations

from datetime import date, timedelta

from apps.market_data.providers.fake_market import FakeMarket, rate
from apps.market_data.providers.fake_reply import FakeReply, FakeRequest, json_reply


def respond(request: FakeRequest, market: FakeMarket) -> FakeReply:
    """``/v1/{start}..{end}``."""
    if request.scenario == "429":
        return json_reply({"message": "too many requests"}, 429, {"Retry-After": "2"})
    base, quote = request.query.get("base", "EUR"), request.query.get("symbols", "")
    if request.scenario == "404" or not request.path.startswith("/v1/"):
        return json_reply({"message": "not found"}, 404)
    day, end = (date.fromisoformat(text) for text in request.path[4:].split(".."))
    rates = {}
    end = min(end, market.now().date())
    while day <= end:
        value = rate(base, quote, day)
        if value is not None:
            rates[day.isoformat()] = {quote: value}
        day += timedelta(days=1)
    if not rates:
        return json_reply({"message": "not found"}, 404)
    return json_reply(
        {
            "amount": 1.0,
            "base": base,
            "start_date": min(rates),
            "end_date": max(rates),
            "rates": rates,
        }
    )
