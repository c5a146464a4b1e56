"""What the local server hands to a vendor's ``fake`` module, and gets back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass
class FakeRequest:
    """A request: ``path`` is without the vendor's prefix, ``scenario`` how to misbehave."""

    source: str
    path: str
    query: Mapping[str, str]
    raw_query: str
    headers: Mapping[str, str]
    scenario: str = "ok"


@dataclass(frozen=True)
class FakeReply:
    """An answer."""

    status: int
    content_type: str
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(
    body: Any,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    content_type: str = "application/json; charset=utf-8",
) -> FakeReply:
    """``body`` as JSON, decimals as plain numbers."""
    return FakeReply(
        status, content_type, json.dumps(body, default=_plain, ensure_ascii=False), headers or {}
    )


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(str(value))
    raise TypeError(type(value).__name__)
