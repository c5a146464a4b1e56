"""SGS's refusals: 404 with JSON is an empty window, 200 with HTML an unknown series."""

from __future__ import annotations

from typing import Any

from apps.market_data.providers.base import (
    BadShape,
    RateLimited,
    SymbolNotFound,
    Upstream,
)
from apps.market_data.providers.http import Reply


def body_of(reply: Reply) -> list[dict[str, Any]]:
    """The rows of an answer, whatever its content type; raises ``ProviderError``."""
    body = reply.json_or_none()
    if isinstance(body, list):
        return [row for row in body if isinstance(row, dict)]
    if isinstance(body, dict):
        detail = str((body.get("erro") or {}).get("detail", ""))
        if "not found" in detail.casefold() or (reply.status == 404 and body.get("erro")):
            return []
        message = str(body.get("error") or body.get("message") or detail)
        if message and reply.status < 500:
            raise BadShape(message[:200])
    if reply.status in (429, 503):
        raise RateLimited(f"status {reply.status}")
    if reply.status >= 500:
        raise Upstream(f"status {reply.status}")
    if "requisição inválida" in reply.text.casefold():
        raise SymbolNotFound("unknown series")
    raise BadShape(f"status {reply.status}: not the documented JSON")
