"""Django's Redis cache, keeping the objects it makes for every operation."""

from __future__ import annotations

from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient


class KeptRedisClient(RedisCacheClient):
    """One client for each server: making it anew costs as much as asking Redis."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kept: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """The client of the server that this operation goes to."""
        index: int = self._get_connection_pool_index(write)  # type: ignore[attr-defined]
        if index not in self._kept:
            self._kept[index] = super().get_client(key, write=write)
        return self._kept[index]

    def count(self, key: str, last: str, timeout: int) -> tuple[int, int]:
        """Counts one more under ``key``; what it and ``last`` stand at. One round trip."""
        pipe = self.get_client(key, write=True).pipeline(transaction=False)
        current, _expires, before = pipe.incr(key).expire(key, timeout).get(last).execute()
        return int(current), int(before or 0)


class KeptRedisCache(RedisCache):
    """The cache of :class:`KeptRedisClient`."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = KeptRedisClient

    def count(self, key: str, last: str, timeout: int) -> tuple[int, int]:
        """Counts one more under ``key``; what it and ``last`` stand at."""
        client: KeptRedisClient = self._cache  # type: ignore[assignment]
        return client.count(
            self.make_and_validate_key(key), self.make_and_validate_key(last), timeout
        )
