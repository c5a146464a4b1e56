"""How often a person or an address may ask the API."""

from __future__ import annotations

import time
from typing import Any

from django.core.cache import cache
from rest_framework.throttling import AnonRateThrottle, SimpleRateThrottle, UserRateThrottle


class _Counted(SimpleRateThrottle):
    """Counts requests in fixed windows, the last one weighed by how much of it still counts.

    One question to Redis and two numbers, where the framework keeps a list of every request's time
    and reads and writes it whole on each.
    """

    num_requests: int
    duration: int

    def allow_request(self, request: Any, view: Any) -> bool:
        """Whether the person or address still may."""
        key = None if self.rate is None else self.get_cache_key(request, view)
        if key is None:
            return True
        window, gone = divmod(time.time(), self.duration)
        names = [f"{key}:{int(window)}", f"{key}:{int(window) - 1}"]
        current, last = cache.count(*names, timeout=2 * self.duration)  # type: ignore[attr-defined]
        return bool(current + last * (1 - gone / self.duration) <= self.num_requests)

    def wait(self) -> float:
        """Seconds until the next window."""
        return float(self.duration - time.time() % self.duration)


class UserThrottle(_Counted, UserRateThrottle):
    """Requests of a person."""


class AnonThrottle(_Counted, AnonRateThrottle):
    """Requests of an address nobody signed in from."""
