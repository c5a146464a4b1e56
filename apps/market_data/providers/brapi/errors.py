"""brapi's refusals.

402 is the plan's budget and not a payment page; 400 is a plan limit when it names the range;
a 200 may hold an error, and so may each result of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.market_data.providers.base import (
    AuthFailed,
    BadShape,
    PlanRestricted,
    ProviderError,
    QuotaExhausted,
    RateLimited,
    SymbolNotFound,
    Upstream,
)
from apps.market_data.providers.http import Reply


def raise_for_reply(reply: Reply, *, now: datetime) -> dict[str, Any]:
    """The body of a good answer; the matching ``ProviderError`` is raised for any other."""
    body = reply.json_or_none()
    if isinstance(body, dict) and isinstance(body.get("results"), list) and reply.status == 200:
        return body
    message = str(body.get("message", "")) if isinstance(body, dict) else ""
    error = classify(message, reply.status)
    if isinstance(error, RateLimited):
        error.retry_after = reply.retry_after(now)
    raise error


def classify(message: str, status: int) -> ProviderError:
    """What a message of brapi's means; the status decides where the text does not."""
    text = message.casefold()
    detail = message[:200] or f"status {status}"
    if "limite de requisi" in text or status == 402:
        return QuotaExhausted(detail)
    if "token" in text or status == 401:
        return AuthFailed(detail)
    if text.startswith("não encontramos") or "not found" in text or status == 404:
        return SymbolNotFound(detail)
    if status == 429:
        return RateLimited(detail)
    if status == 403 or "plano" in text or ("range" in text and "inválido" in text):
        return PlanRestricted(detail)
    if status >= 500 or "something went wrong" in text:
        return Upstream(detail)
    return BadShape(detail)
