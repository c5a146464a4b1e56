"""One embedded PostgreSQL and Redis for the whole test session, xdist workers included."""

from __future__ import annotations

import os
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


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """The folder of real files outside of the repository; a test that needs it skips without it."""
    found = os.environ.get("EXITUS_SHARED")
    if not found:
        pytest.skip("EXITUS_SHARED is unset: the real files it would name are not in a clone")
    return Path(found)


@pytest.fixture
def clean_cache() -> None:
    """An empty Redis cache before the test; the database of this process only."""
    from django.core.cache import cache

    cache.clear()
