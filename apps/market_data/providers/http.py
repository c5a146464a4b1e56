"""One HTTP GET with honest limits: time to connect, to read, in all, and size."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from apps.market_data.providers.base import BadShape, ProviderConfig, Timeout, Upstream

MAX_BYTES = 30 * 1024 * 1024
USER_AGENT = "Exitus/1 (+portfolio manager; requests)"


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer. ``headers`` are looked up without regard to case."""

    status: int
    text: str
    headers: Mapping[str, str]

    def json(self) -> Any:
        """The body as JSON with every decimal as ``Decimal``; ``NaN`` and the like are null.

        Raises ``BadShape`` when it is anything else, whatever the content type claims.
        """
        try:
            return json.loads(self.text, parse_float=Decimal, parse_constant=lambda _: None)
        except (ValueError, RecursionError) as error:
            kind = "HTML" if self.text.lstrip()[:1] == "<" else "text"
            raise BadShape(f"status {self.status}: {kind} instead of JSON") from error

    def json_or_none(self) -> Any:
        """As :meth:`json`, ``None`` when the body is not JSON."""
        try:
            return self.json()
        except BadShape:
            return None

    def retry_after(self, now: datetime) -> float | None:
        """Seconds of the ``Retry-After`` header, given as a number or as a date."""
        raw = (self.headers.get("Retry-After") or "").strip()
        if not raw:
            return None
        if raw.isdigit():
            return float(raw)
        try:
            moment = parsedate_to_datetime(raw)
        except (TypeError, ValueError):
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())


class Transport:
    """A session to one vendor. Not shared between threads."""

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._session = requests.Session()
        self._session.headers["User-Agent"] = USER_AGENT
        self._session.headers["Accept"] = "application/json"

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """GET ``path`` under the vendor's address.

        Raises ``Timeout`` and ``Upstream`` for what happens below HTTP; every status is
        returned, since it means something else at each vendor. Redirects are not followed:
        none of the vendors sends one unless something is wrong.
        """
        config = self._config
        deadline = time.monotonic() + config.total_timeout
        try:
            with self._session.get(
                config.base_url.rstrip("/") + path,
                params=params,
                headers=headers,
                timeout=(config.connect_timeout, config.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = bytearray()
                for chunk in response.iter_content(65536):
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise BadShape("answer above 30 MB")
                    # The read time-out restarts with every byte; a dripping server must end too.
                    if time.monotonic() > deadline:
                        raise Timeout("no complete answer in time")
                return Reply(
                    status=response.status_code,
                    text=bytes(body).decode("utf-8", errors="replace"),
                    headers=response.headers,
                )
        except requests.Timeout as error:
            raise Timeout("no answer in time") from error
        except requests.RequestException as error:
            # The exception's text holds the address and its query; only its kind is kept.
            raise Upstream(f"could not be reached ({type(error).__name__})") from error
