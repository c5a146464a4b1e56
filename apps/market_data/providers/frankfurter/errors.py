"""Frankfurter's refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apps.market_data.providers.base import (
    BadShape,
    RateLimited,
    SymbolNotFound,
    Upstream,
)
from apps.market_data.providers.http import Reply


def body_of(reply: Reply, *, now: datetime) -> dict[str, Any]:
    """The body of a good answer; raises ``ProviderError`` for any other."""
    body = reply.json_or_none()
    if isinstance(body, dict) and isinstance(body.get("rates"), dict):
        return body
    if reply.status == 404 or (isinstance(body, dict) and body.get("message") == "not found"):
        raise SymbolNotFound("not found")
    if reply.status == 429:
        raise RateLimited("status 429", retry_after=reply.retry_after(now))
    if reply.status >= 500:
        raise Upstream(f"status {reply.status}")
    raise BadShape(f"status {reply.status}: not the documented JSON")
