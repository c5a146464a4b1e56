"""What market data keeps in Redis: fresh quotes, flights under way, the health of vendors.

Everything here can be lost: quotes are in the database as well, and the rest is learnt again.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

import redis
from django.conf import settings

PREFIX = "exitus:md:"
FRESH_SECONDS = 15 * 60
# A flight that died with its process must not keep the asset waiting for long.
FLIGHT_SECONDS = 120

RedisError = redis.RedisError


@lru_cache(maxsize=4)
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)


def client() -> redis.Redis:
    """The connection pool of this process (safe across forks). Not the cache's database: that one
    is flushed as a whole."""
    return _client(settings.REDIS_URL)


@dataclass(frozen=True, slots=True)
class CachedQuote:
    """A quote as served while fresh."""

    price: Decimal
    currency: str
    previous_close: Decimal | None
    as_of: datetime
    fetched_at: datetime
    source: str


def quotes_put(quotes: Mapping[uuid.UUID, CachedQuote]) -> None:
    """Keeps quotes for as long as they count as fresh."""
    pipe = client().pipeline(transaction=False)
    for asset_id, quote in quotes.items():
        body = {
            "price": str(quote.price),
            "currency": quote.currency,
            "previous_close": None if quote.previous_close is None else str(quote.previous_close),
            "as_of": quote.as_of.isoformat(),
            "fetched_at": quote.fetched_at.isoformat(),
            "source": quote.source,
        }
        pipe.set(f"{PREFIX}quote:{asset_id}", json.dumps(body), ex=FRESH_SECONDS)
    pipe.execute()


def quotes_get(asset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, CachedQuote]:
    """Those of the assets whose quote is fresh; one round trip. Without Redis, none: the caller
    reads the database."""
    ids = list(asset_ids)
    if not ids:
        return {}
    try:
        bodies = client().mget([f"{PREFIX}quote:{asset_id}" for asset_id in ids])
    except RedisError:
        return {}
    found: dict[uuid.UUID, CachedQuote] = {}
    for asset_id, body in zip(ids, bodies, strict=True):  # type: ignore[arg-type]
        if body is None:
            continue
        raw = json.loads(body)
        previous = raw["previous_close"]
        found[asset_id] = CachedQuote(
            price=Decimal(raw["price"]),
            currency=raw["currency"],
            previous_close=None if previous is None else Decimal(previous),
            as_of=datetime.fromisoformat(raw["as_of"]),
            fetched_at=datetime.fromisoformat(raw["fetched_at"]),
            source=raw["source"],
        )
    return found


def quotes_forget(asset_ids: Iterable[uuid.UUID]) -> None:
    """Drops the quotes, so that the next refresh asks a vendor."""
    keys = [f"{PREFIX}quote:{asset_id}" for asset_id in asset_ids]
    if keys:
        client().delete(*keys)


class Flight:
    """The right to refresh some things, each held by one at a time (single flight).

    Use as a context manager; ``mine`` is what this flight got. What another holds is left to it.
    """

    def __init__(self, names: Iterable[str], seconds: int | None = None) -> None:
        self._names = list(dict.fromkeys(names))
        # A vendor that is asked one by one takes a second or two for each.
        self._seconds = seconds or min(600, FLIGHT_SECONDS + 2 * len(self._names))
        self._token = secrets.token_hex(8)
        self.mine: set[str] = set()

    def __enter__(self) -> Flight:
        pipe = client().pipeline(transaction=False)
        for name in self._names:
            pipe.set(f"{PREFIX}flight:{name}", self._token, nx=True, ex=self._seconds)
        if self._names:
            answers = pipe.execute()
            self.mine = {name for name, got in zip(self._names, answers, strict=True) if got}
        return self

    def __exit__(self, *_: object) -> None:
        release = client().register_script(_RELEASE)
        for name in self.mine:
            # Only if it is still ours: it may have run out and be another's by now.
            release(keys=[f"{PREFIX}flight:{name}"], args=[self._token])


_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""
