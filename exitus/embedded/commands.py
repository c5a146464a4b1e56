"""Running servers for a command or a test: somebody else's, else our own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from exitus import env
from exitus.embedded.layout import (
    EmbeddedError,
    Layout,
)
from exitus.embedded.programs import Servers
from exitus.embedded.reach import postgres_answers, redis_answers
from exitus.embedded.runtime import already_running, read_runtime
from exitus.process import Lock


@contextmanager
def servers(root: Path, *, postgres: bool = True, redis: bool = True) -> Iterator[Layout]:
    """Running servers for a while: somebody else's when there are, else our own."""
    layout = Layout(root)
    own = Servers(root, postgres=postgres, redis=redis)
    guest = Lock(root / "guests.lock")
    deadline = time.monotonic() + 60
    while True:
        try:
            own.start()
        except EmbeddedError:
            if own.owner.acquire():  # free, so the error was not about a second start
                own.owner.release()
                raise
        else:
            break
        if guest.acquire(shared=True):
            if _alive(layout, postgres=postgres, redis=redis):
                break
            guest.release()
        if time.monotonic() > deadline:
            raise EmbeddedError(already_running(layout))
        time.sleep(0.1)
    try:
        yield layout
    finally:
        guest.release()
        if own.children:
            # Others may be using them; new ones find the owner's lock held and wait for ours.
            own.layout.runtime.unlink(missing_ok=True)
            while not guest.acquire(timeout=1):
                pass
            own.stop()
            guest.release()


def _alive(layout: Layout, *, postgres: bool, redis: bool) -> bool:
    if read_runtime(layout) is None:
        return False
    return (not postgres or postgres_answers(layout)) and (not redis or redis_answers(layout))


# Commands that only read or write source files: no server is started for them.
OFFLINE_COMMANDS = frozenset(
    {
        "check",
        "collectstatic",
        "compilemessages",
        "diffsettings",
        "fakeproviders",
        "findstatic",
        "help",
        "makemessages",
        "startapp",
        "startproject",
        "version",
    }
)


@contextmanager
def for_command(argv: Sequence[str]) -> Iterator[None]:
    """The environment of one manage.py command: what is unset points to embedded servers."""
    postgres, redis = not env.env("DATABASE_URL"), not env.env("REDIS_URL")
    command = argv[1] if len(argv) > 1 else "help"
    offline = command in OFFLINE_COMMANDS or command.startswith("-") or "--help" in argv
    if offline or not (postgres or redis):
        yield
        return
    with servers(env.data_dir(), postgres=postgres, redis=redis) as layout:
        if postgres:
            os.environ["DATABASE_URL"] = layout.database_url
        if redis:
            os.environ["REDIS_URL"] = layout.redis_url
        yield


def complain(error: EmbeddedError) -> None:
    """Prints an error the way a command does and leaves with status 1."""
    print(f"exitus: {error}", file=sys.stderr)
    raise SystemExit(1)
