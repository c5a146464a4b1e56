"""A whole Exitus for the browser: gunicorn, a Celery worker and invented quotes.

It runs with the settings of `bin/run` on its own database of the test session's PostgreSQL and its
own numbered databases of the session's Redis, so that it shares nothing with other tests.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from psycopg import sql

from exitus import env, process, supervisor, testing

SEEDED = "exitus_browser"  # migrated, with reference data and demonstration; copied for each worker
QUEUES = "default,figures,market,history"
COLLECTED = env.BASE_DIR / "staticfiles"
FIRST_REDIS = 32  # below are those of the other tests
# The address of a running Exitus to use instead of starting one, while writing these tests.
RUNNING = os.environ.get("EXITUS_BROWSER_URL", "")
START = 120.0  # seconds; a machine busy with other tests is slow


class Site:
    """The running parts and where they are."""

    def __init__(self, folder: Path, worker: str) -> None:
        self.folder = folder
        self.database = f"{SEEDED}_{worker}"
        base = os.environ["DATABASE_URL"]
        number = FIRST_REDIS + 2 * int(worker.removeprefix("gw") or 0 if worker != "main" else 0)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
            "DJANGO_SETTINGS_MODULE": "exitus.settings.embedded",
            "DATABASE_URL": env.database_named(base, self.database),
            "REDIS_URL": env.redis_database(os.environ["REDIS_URL"], number),
            "EXITUS_DATA_DIR": str(folder),
            "EXITUS_DEMO": "1",
            "EXITUS_SIGNUP_OPEN": "1",
            # Each journey is another person, all from one address.
            "THROTTLE_ANON": "6000/min",
            "THROTTLE_LOGIN": "6000/min",
            "THROTTLE_REGISTER": "6000/min",
            # A copy: whoever builds assets meanwhile replaces the folder that a server reads.
            "STATIC_ROOT": str(folder / "static"),
            "WEB_WORKERS": "1",
            "PYTHONUNBUFFERED": "1",
        }
        self.redis_urls = [
            self.environment["REDIS_URL"],
            env.redis_database(os.environ["REDIS_URL"], number + 1),
        ]

    def start(self) -> None:
        """Database, then the processes; returns once a page and a task are answered."""
        if RUNNING:
            self.url = RUNNING.rstrip("/")
            return
        for url in self.redis_urls:
            with redis.Redis.from_url(url) as client:
                client.flushdb()
        shutil.copytree(COLLECTED, self.environment["STATIC_ROOT"], copy_function=os.link)
        seed(self)
        with database_server() as server:
            drop(server, self.database)
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(self.database), sql.Identifier(SEEDED)
                )
            )
        self._quotes()
        self._spawn(supervisor.web("127.0.0.1", self.port))
        # One worker for every queue; two processes, so that an import never waits for quotes.
        self._spawn(supervisor.worker("worker", QUEUES, "2"))
        self._wait("web", self._answers)
        self._wait("worker", self._worker_beats)

    def _quotes(self) -> None:
        """The vendors' stand-in: nothing here asks a machine other than this one."""
        command = [sys.executable, "manage.py", "fakeproviders", "--port", "0"]
        child = self._run("quotes", command)
        self._wait("quotes", lambda: "Ctrl-C" in self.log("quotes"))
        for line in self.log("quotes").splitlines():
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").partition("=")
                self.environment[name] = value
        assert child.poll() is None

    def _spawn(self, program: supervisor.Program) -> None:
        self._run(program.name, [str(part) for part in program.command])

    def _run(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with (self.folder / f"{name}.log").open("wb") as log:
            self.children[name] = process.spawn(
                command,
                output=log,
                env=self.environment,
                death_signal=signal.SIGKILL,
                cwd=env.BASE_DIR,
            )
        return self.children[name]

    def log(self, name: str) -> str:
        """What a process has said so far; nothing when it is not ours."""
        if RUNNING:
            return ""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _wait(self, name: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START
        while not ready():
            assert self.children[name].poll() is None, self.log(name)
            assert time.monotonic() < deadline, f"{name} does not answer: {self.log(name)}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health/live", timeout=10) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _worker_beats(self) -> bool:
        with redis.Redis.from_url(self.redis_urls[1]) as client:
            return bool(client.keys("*worker*"))

    def stop(self) -> None:
        """Ends the processes and drops the database."""
        if RUNNING:
            return
        for name, child in self.children.items():
            # Nobody needs what is left of a worker's tasks; its pool ends with it.
            child.send_signal(signal.SIGTERM if name == "web" else signal.SIGKILL)
        for child in self.children.values():
            process.stop(child, signal.SIGKILL, 15)
        with database_server() as server:
            drop(server, self.database)


@contextmanager
def database_server() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    """A connection to the session's PostgreSQL, outside any test database."""
    url = env.database_named(os.environ["DATABASE_URL"], "postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def drop(server: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    """Drops a database, connections and all."""
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def seed(site: Site) -> None:
    """Makes the database the others copy, once for all processes of the session."""
    done = Path(os.environ[testing.MARK]) / "browser-seeded"
    done.parent.mkdir(parents=True, exist_ok=True)
    with done.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return
        with database_server() as server:
            drop(server, SEEDED)
            template = testing.template() or "template0"
            server.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(SEEDED), sql.Identifier(template)
                )
            )
        subprocess.run(
            [sys.executable, "-m", "exitus.prepare"],
            cwd=env.BASE_DIR,
            env={
                **site.environment,
                "DATABASE_URL": env.database_named(os.environ["DATABASE_URL"], SEEDED),
            },
            check=True,
            stdout=subprocess.DEVNULL,
        )
        done.touch()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
