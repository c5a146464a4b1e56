"""One embedded PostgreSQL and Redis for the whole test session, xdist workers included."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_SERVERS = pytest.StashKey[Any]()


def pytest_configure(config: pytest.Config) -> None:
    """Starts the servers in the controller; workers find them through the environment."""
    if hasattr(config, "workerinput") or not config.pluginmanager.hasplugin("django"):
        return  # `pytest -p no:django apps/engine` needs neither
    if config.option.collectonly or config.option.help:
        return
    from exitus import testing

    testing.reserve()
    config.stash[_SERVERS] = testing.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the servers and removes their data."""
    servers = config.stash.get(_SERVERS, None)
    if servers is not None:
        from exitus import embedded

        servers.stop()
        embedded.remove_tree(servers.layout.root)
        if servers.layout.sockets.exists():
            embedded.remove_tree(servers.layout.sockets)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests one by one to whichever process is free, but some together: the browser's, which share
    one site, and those of a class, which share what it sets up.

    xdist's own groups (`loadgroup`) do nothing with pytest 9.2.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path, *names = nodeid.split("::", 2)
            if path.startswith("tests/browser/"):
                return "tests/browser"
            return f"{path}::{names[0]}" if len(names) > 1 else nodeid

    config.option.loadscopereorder = False  # as collected: the browser's first
    return Scheduling(config, log)


def pytest_collection_finish() -> None:
    """What was collected and imported stays to the end: nobody looks for garbage in it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real files outside of the repository; a test that needs it skips without it."""
    found = os.environ.get("EXITUS_SHARED")
    if not found:
        pytest.skip("EXITUS_SHARED is unset: the real files it would name are not in a clone")
    return Path(found)


@pytest.fixture
def clean_cache() -> Iterator[None]:
    """An empty Redis cache before the test and after it; the database of this process only."""
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def celery_worker_process(
    transactional_db: None, tmp_path: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A real Celery worker on this test's database and Redis; tasks go through the broker."""
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connection

    from exitus import env
    from exitus.celery import WORKER_HEARTBEAT, app

    url = env.database_named(settings.DATABASE_URL, str(connection.settings_dict["NAME"]))
    cache.delete(WORKER_HEARTBEAT)
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen(
            [
                *[sys.executable, "-m", "celery", "--quiet", "-A", "exitus.celery", "worker"],
                *[
                    "--concurrency",
                    "1",
                    "--loglevel",
                    "INFO",
                    "-Q",
                    "default,figures,market,history",
                ],
                *["--without-gossip", "--without-mingle"],
            ],
            cwd=Path(__file__).parent,
            env={
                **os.environ,
                "DATABASE_URL": url,
                "DJANGO_SETTINGS_MODULE": "exitus.settings.test",
                "EXITUS_TEST_EAGER": "0",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    eager = app.conf.task_always_eager
    app.conf.task_always_eager = False
    try:
        deadline = time.monotonic() + 90
        while cache.get(WORKER_HEARTBEAT) is None:
            words = (tmp_path / "worker.log").read_text(errors="replace")
            assert worker.poll() is None, words
            assert time.monotonic() < deadline, words
            time.sleep(0.1)
        yield worker
    finally:
        app.conf.task_always_eager = eager
        worker.send_signal(signal.SIGTERM)
        try:
            worker.wait(timeout=30)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
