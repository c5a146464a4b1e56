"""Keeps vendors from being asked too often, or at all while they are down.

A token bucket, a daily budget and a circuit breaker for each vendor, shared by every process
through Redis; each is one Lua script, so that two workers never both take the last token. The
time comes from the caller, in milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.market_data.providers.base import (
    AuthFailed,
    ProviderError,
    QuotaExhausted,
    RateLimited,
)
from apps.market_data.store import PREFIX, client

# After so many failures in a row the vendor is left alone, for longer each time.
THRESHOLD = 5
OPEN_SECONDS = 60
MAX_OPEN_SECONDS = 30 * 60
# While the circuit is half open one request at a time tries; a lost one gives way after this.
PROBE_SECONDS = 60
# A refused key, or a budget whose end the vendor does not tell.
LONG_SECONDS = 60 * 60
UNKNOWN_SECONDS = 6 * 60 * 60

_TAKE = """
local rate, capacity, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local state = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(state[1]) or capacity, tonumber(state[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * rate / 1000)
if tokens >= 1 then
  if tonumber(ARGV[4]) > 0 then
    local used = tonumber(redis.call('GET', KEYS[2]) or '0')
    if used >= tonumber(ARGV[4]) then return -1 end
    redis.call('INCR', KEYS[2])
    redis.call('EXPIRE', KEYS[2], 172800)
  end
  redis.call('HSET', KEYS[1], 'tokens', tostring(tokens - 1), 'at', tostring(math.max(at, now)))
  redis.call('EXPIRE', KEYS[1], 86400)
  return 0
end
return math.ceil((1 - tokens) * 1000 / rate)
"""

_ALLOW = """
local now = tonumber(ARGV[1])
local state = redis.call('HMGET', KEYS[1], 'open_until', 'probe_until')
local open_until, probe_until = tonumber(state[1]) or 0, tonumber(state[2]) or 0
if open_until == 0 then return 0 end
if now < open_until then return open_until - now end
if now < probe_until then return probe_until - now end
if ARGV[2] ~= '' then redis.call('HSET', KEYS[1], 'probe_until', ARGV[2]) end
return 0
"""

_FAILED = """
local now, forced = tonumber(ARGV[1]), tonumber(ARGV[5])
local failures = redis.call('HINCRBY', KEYS[1], 'failures', 1)
redis.call('HDEL', KEYS[1], 'probe_until')
redis.call('PEXPIRE', KEYS[1], 86400000 + forced)
if forced > 0 then
  redis.call('HSET', KEYS[1], 'open_until', tostring(now + forced))
elseif failures >= tonumber(ARGV[2]) then
  local times = redis.call('HINCRBY', KEYS[1], 'times', 1)
  local open = math.min(tonumber(ARGV[3]) * 2 ^ (times - 1), tonumber(ARGV[4]))
  redis.call('HSET', KEYS[1], 'open_until', tostring(now + open))
end
return failures
"""


class Unavailable(ProviderError):
    """The vendor was not asked: its circuit is open, its budget spent or its queue too long."""

    code = "unavailable"


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a vendor may be asked; ``per_day`` of ``None`` is no budget."""

    per_minute: int = 60
    per_day: int | None = None


class Guard:
    """The guard of one vendor."""

    def __init__(self, source: str, limits: Limits) -> None:
        self.source = source
        self._limits = limits
        redis = client()
        self._take = redis.register_script(_TAKE)
        self._allow = redis.register_script(_ALLOW)
        self._failed = redis.register_script(_FAILED)

    def admit(self, now: datetime) -> float:
        """Seconds to wait before asking; 0 means go, and a token is taken.

        Raises ``Unavailable`` while the circuit is open or the day's budget is spent.
        """
        stamp = _ms(now)
        # First a look, so that a vendor that is down costs no token; once the token is there, the
        # right to be the one that tries.
        self._check(stamp, "")
        per_minute = max(1, self._limits.per_minute)
        wait = int(
            self._take(
                keys=[self._key("bucket"), self._key("day", f"{now:%Y%m%d}")],
                # A tenth of a minute's worth may go at once.
                args=[per_minute / 60, max(1, per_minute // 10), stamp, self._limits.per_day or 0],
            )
        )
        if wait < 0:
            raise Unavailable("daily budget spent")
        if wait == 0:
            self._check(stamp, stamp + PROBE_SECONDS * 1000)
        return wait / 1000

    def _check(self, stamp: int, probe_until: int | str) -> None:
        closed_for = int(self._allow(keys=[self._key("breaker")], args=[stamp, probe_until]))
        if closed_for > 0:
            raise Unavailable(f"circuit open for {closed_for / 1000:.0f} s")

    def succeeded(self) -> None:
        """The vendor answered: its circuit closes."""
        client().delete(self._key("breaker"))

    def failed(self, error: ProviderError, now: datetime) -> None:
        """Counts what speaks against the vendor. An error about one symbol speaks for it."""
        if not error.unhealthy:
            self.succeeded()
            return
        self._failed(
            keys=[self._key("breaker")],
            args=[
                _ms(now),
                THRESHOLD,
                OPEN_SECONDS * 1000,
                MAX_OPEN_SECONDS * 1000,
                int(_forced(error, now) * 1000),
            ],
        )

    def is_unknown(self, what: str) -> bool:
        """Whether the vendor lately said that it does not have ``what``."""
        return bool(client().exists(self._key("unknown", what)))

    def mark_unknown(self, what: str) -> None:
        """Spares the vendor the same question for some hours."""
        client().set(self._key("unknown", what), "1", ex=UNKNOWN_SECONDS)

    def reset(self) -> None:
        """Forgets all that is held against the vendor (its key or address changed)."""
        redis = client()
        redis.delete(self._key("breaker"), self._key("bucket"))
        for key in redis.scan_iter(self._key("unknown", "*")):
            redis.delete(key)

    def _key(self, kind: str, what: str = "") -> str:
        return f"{PREFIX}{kind}:{self.source}" + (f":{what}" if what else "")


def _forced(error: ProviderError, now: datetime) -> float:
    if isinstance(error, QuotaExhausted):
        reset = error.reset_at or now + timedelta(seconds=LONG_SECONDS)
        return max(1.0, (reset - now).total_seconds())
    if isinstance(error, AuthFailed):
        return LONG_SECONDS
    if isinstance(error, RateLimited) and error.retry_after:
        return error.retry_after
    return 0.0


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
