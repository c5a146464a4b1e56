"""PTAX's refusals. An empty list is a weekend, a holiday or an early morning, not an error."""

from __future__ import annotations

from typing import Any

from apps.market_data.providers.base import BadShape, RateLimited, Upstream
from apps.market_data.providers.http import Reply


def value_of(reply: Reply, *, limit: int) -> list[dict[str, Any]]:
    """The rows of an answer; raises ``ProviderError``. As many rows as the limit means that
    some were cut off, which must not pass for a complete window."""
    body = reply.json_or_none()
    if isinstance(body, dict) and isinstance(body.get("value"), list):
        rows = [row for row in body["value"] if isinstance(row, dict)]
        if len(rows) >= limit:
            raise BadShape("answer cut off at its limit")
        return rows
    if reply.status == 429:
        raise RateLimited("status 429")
    if reply.status >= 500:
        raise Upstream(f"status {reply.status}")
    raise BadShape(f"status {reply.status}: not the documented JSON")
