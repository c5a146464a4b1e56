"""Where timelines are kept: in the memory of this process, in Redis, or in a file.

A timeline is keyed by what it was built from (ledger, market, day) and never patched. Everything
here can be lost: the worker builds it again. Small ones travel through Redis; a large one is a file
in the data directory, which all processes share, and Redis only says where it is.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import threading
import time
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.cache import cache

from apps.engine.returns import Timeline, from_bytes, to_bytes

# Raised when the engine lays the same ledger out otherwise.
LAYOUT = 2
KEEP_SECONDS = 3 * 24 * 3600
USED_SECONDS = 24 * 3600
REDIS_BYTES = 1_000_000
LOADED_BYTES = 128_000_000
FILE_SUFFIX = ".timeline"


@dataclass(frozen=True, slots=True)
class Version:
    """What a timeline was built from."""

    workspace_id: uuid.UUID
    currency: str
    ledger: int
    market: int
    day: dt.date

    @property
    def key(self) -> str:
        """Where it is kept."""
        return (
            f"timeline:{LAYOUT}:{self.workspace_id}:{self.currency}"
            f":{self.ledger}:{self.market}:{self.day}"
        )

    @property
    def last_key(self) -> str:
        """Where the newest version of the same workspace and currency is noted."""
        return last_key(self.workspace_id, self.currency)


def last_key(workspace_id: uuid.UUID, currency: str) -> str:
    """Where the newest version of a workspace's timeline in a currency is noted."""
    return f"timeline-last:{LAYOUT}:{workspace_id}:{currency}"


class _Loaded:
    """The timelines this process used last, up to ``LOADED_BYTES``."""

    def __init__(self) -> None:
        self._found: OrderedDict[str, Timeline] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> Timeline | None:
        """The timeline, which thereby becomes the last to be dropped."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: str, timeline: Timeline) -> None:
        """Keeps a timeline, dropping those not used for longest where it gets too much."""
        with self._lock:
            self._found[key] = timeline
            self._found.move_to_end(key)
            while len(self._found) > 1 and self._bytes() > LOADED_BYTES:
                self._found.popitem(last=False)

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._found.clear()

    def _bytes(self) -> int:
        return sum(timeline.values.nbytes for timeline in self._found.values())


loaded = _Loaded()


def save(version: Version, timeline: Timeline) -> None:
    """Keeps a timeline as the newest of its workspace and currency."""
    body = to_bytes(timeline)
    previous: Version | None = cache.get(version.last_key)
    if len(body) <= REDIS_BYTES:
        cache.set(version.key, body, KEEP_SECONDS)
    else:
        path = _path(version)
        _write(path, body)
        cache.set(version.key, str(path), KEEP_SECONDS)
    cache.set(version.last_key, version, KEEP_SECONDS)
    if previous is not None and previous.key != version.key:
        cache.delete(previous.key)
        _path(previous).unlink(missing_ok=True)


def load(version: Version) -> Timeline | None:
    """A timeline from wherever it is kept; ``None`` when nobody has it."""
    found = loaded.get(version.key)
    if found is not None:
        return found
    body: bytes | str | None = cache.get(version.key)
    if body is None:
        return None
    try:
        timeline = from_bytes(Path(body).read_bytes() if isinstance(body, str) else body)
    except (FileNotFoundError, ValueError):  # StoreError is one
        cache.delete(version.key)
        return None
    loaded.put(version.key, timeline)
    return timeline


def has(version: Version) -> bool:
    """Whether somebody built it and it is still there; reads nothing of it."""
    body: bytes | str | None = cache.get(version.key)
    return Path(body).exists() if isinstance(body, str) else body is not None


def last(workspace_id: uuid.UUID, currency: str) -> tuple[Version, Timeline] | None:
    """The newest timeline there is, however old."""
    version: Version | None = cache.get(last_key(workspace_id, currency))
    if version is None:
        return None
    timeline = load(version)
    return None if timeline is None else (version, timeline)


def forget_old(*, now: float | None = None) -> int:
    """Removes files nobody can be reading any more; tells how many."""
    limit = (now or time.time()) - KEEP_SECONDS
    gone = 0
    for path in _folder().glob(f"*{FILE_SUFFIX}"):
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "timelines"


def _path(version: Version) -> Path:
    # The prefix keeps installations and test runs that share a folder apart.
    name = f"{cache.make_key(version.key)}"
    return _folder() / f"{hashlib.sha256(name.encode()).hexdigest()[:40]}{FILE_SUFFIX}"


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}")
    partial.write_bytes(body)
    partial.chmod(0o600)
    partial.replace(path)
