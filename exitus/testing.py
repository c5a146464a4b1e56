"""The test session's servers: one embedded PostgreSQL and Redis for every process of it.

`reserve()` only chooses names (the settings need them at import); the pytest controller starts the
servers (`start()`), xdist workers inherit the environment and use the same ones.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from exitus import embedded, env
from exitus.process import Lock

MARK = "EXITUS_TEST_SERVERS"  # the private data directory; set = this session has its own servers
PREFIX = "exitus-test-"
TEMPLATE = "exitus_template"  # migrated once, copied for every test process
CACHE = env.BASE_DIR / ".pytest_cache" / "exitus-clusters"


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


def template() -> str | None:
    """The database to copy, when the session's PostgreSQL is our own."""
    layout = embedded.Layout(Path(os.environ[MARK]))
    return TEMPLATE if os.environ["DATABASE_URL"] == layout.database_url else None


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
    if not wants_postgres:
        servers.start()
        return servers
    cached = CACHE / fingerprint()
    if cached.exists():
        shutil.copytree(cached, layout.postgres)
    servers.start()
    if not cached.exists():
        make_template(servers, cached)
    return servers


def make_template(servers: embedded.Servers, cached: Path) -> None:
    """Migrates once into the database the tests copy, and keeps the cluster for later sessions."""
    layout = servers.layout
    with embedded.connect(layout) as connection:
        connection.execute(f'CREATE DATABASE "{TEMPLATE}"')
    url = env.database_named(layout.database_url, TEMPLATE)
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "exitus.settings.test",
    }
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=env.BASE_DIR,
            env=environment,
            check=True,
        )
        servers.stop()  # a cluster may only be copied at rest
        CACHE.mkdir(parents=True, exist_ok=True)
        draft = CACHE / f".{cached.name}.{os.getpid()}"
        shutil.copytree(layout.postgres, draft)
        if cached.exists():  # another session was faster
            embedded.remove_tree(draft)
        else:
            draft.rename(cached)
        for old in CACHE.iterdir():
            if old != cached and time.time() - old.stat().st_mtime > 3600:
                embedded.remove_tree(old)
    except BaseException:
        servers.stop()
        raise
    servers.start()


def fingerprint() -> str:
    """Changes with whatever decides what an empty, migrated database looks like."""
    digest = hashlib.sha256()
    files = [
        env.BASE_DIR / "requirements.txt",
        *sorted(env.BASE_DIR.glob("apps/*/migrations/*.py")),
    ]
    for file in files:
        digest.update(str(file.relative_to(env.BASE_DIR)).encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


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
