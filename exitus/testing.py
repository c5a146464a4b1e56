"""The test session's servers: one embedded PostgreSQL and Redis for every process of it.

`reserve()` only chooses names (the settings need them at import); the pytest controller starts the
servers (`start()`), xdist workers inherit the environment and use the same ones.
"""

from __future__ import annotations

import os
import secrets
import stat
import tempfile
import time
from pathlib import Path

from exitus import embedded, env
from exitus.process import Lock

MARK = "EXITUS_TEST_SERVERS"  # the private data directory; set = this session has its own servers
PREFIX = "exitus-test-"


def reserve() -> None:
    """Chooses the session's data directory and URLs; the environment's own URLs win."""
    if MARK not in os.environ:
        directory = Path(tempfile.gettempdir()) / f"{PREFIX}{os.getpid()}-{secrets.token_hex(3)}"
        os.environ[MARK] = str(directory)
        os.environ["EXITUS_DATA_DIR"] = str(directory)
        os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
        layout = embedded.Layout(directory)
        os.environ.setdefault("DATABASE_URL", layout.database_url)
        os.environ.setdefault("REDIS_URL", layout.redis_url)
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if worker and not os.environ.get("EXITUS_TEST_WORKER"):
        # Two numbered databases for each worker: the broker's and the cache's.
        os.environ["EXITUS_TEST_WORKER"] = worker
        number = 2 + 2 * int(worker.removeprefix("gw"))
        os.environ["REDIS_URL"] = env.redis_database(os.environ["REDIS_URL"], number)


def start() -> embedded.Servers | None:
    """Starts the servers the environment does not name; returns them for stopping."""
    directory = Path(os.environ[MARK])
    layout = embedded.Layout(directory)
    wants_postgres = os.environ["DATABASE_URL"] == layout.database_url
    wants_redis = os.environ["REDIS_URL"] == layout.redis_url
    if not wants_postgres and not wants_redis:
        return None
    sweep()
    servers = embedded.Servers(directory, postgres=wants_postgres, redis=wants_redis, durable=False)
    servers.start()
    return servers


def sweep() -> None:
    """Removes what test sessions killed with -9 left behind (their locks are free)."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        found = directory.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
        # A minute of grace: a session makes its folder a moment before it holds the lock.
        if not ours or time.time() - found.st_mtime < 60:
            continue
        lock = Lock(directory / "servers.lock")
        if lock.acquire():
            embedded.remove_tree(directory)
            lock.release()
