"""bin/run's supervisor in real life: started, started twice, killed with -9, started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from exitus import embedded, testing
from exitus.process import Lock

ROOT = Path(__file__).resolve().parent.parent
CHILDREN = {
    "postgres -D": 1,
    "redis-server": 1,
    "gunicorn": 3,
    "worker@": 3,
    "market@": 2,
    " beat": 1,
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(condition: Callable[[], bool], timeout: float, what: str) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


class Installation:
    """A data directory, a port, and the supervisor on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()
        self.log = root.parent / "supervisor.log"

    def environment(self, **more: str) -> dict[str, str]:
        dropped = {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", testing.MARK}
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        own = {
            "EXITUS_DATA_DIR": str(self.root),
            "PORT": str(self.port),
            "EXITUS_DEMO": "0",
            # Inherited by every child, so that the test can find them all.
            "EXITUS_TEST_TAG": str(self.root),
        }
        return {**kept, **own, **more}

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "exitus.supervisor"],
                cwd=ROOT,
                env=self.environment(**more),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def words(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_ready(self, child: subprocess.Popen[bytes], times: int = 1) -> None:
        def ready() -> bool:
            assert child.poll() is None, self.words()
            return self.words().count("ready in") >= times

        until(ready, 180, self.words())

    def living(self) -> list[str]:
        """Command lines of every living process of this installation.

        Found by the inherited variable, or by the folder (Redis writes its title over both).
        """
        tag = f"EXITUS_TEST_TAG={self.root}".encode()
        places = (os.fsencode(self.root), os.fsencode(embedded.Layout(self.root).sockets))
        found = []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit():
                continue
            try:
                line = (folder / "cmdline").read_bytes()
                if tag in (folder / "environ").read_bytes() or any(p in line for p in places):
                    found.append(line.replace(b"\0", b" ").decode(errors="replace"))
            except OSError:  # it ended while we looked
                continue
        return [line for line in found if line]

    def abandoned(self) -> bool:
        """Whether nobody is left: every child, PostgreSQL's own included, inherits this lock."""
        lock = Lock(self.root / "servers.lock")
        if self.living() or not lock.acquire():
            return False
        lock.release()
        return True

    def get(self, path: str) -> int:
        try:
            with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}{path}", timeout=30
            ) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    """A data directory whose database is migrated already (that is not what is tested here)."""
    root = tmp_path / "data"
    root.mkdir()
    cluster = testing.CACHE / testing.fingerprint()
    if cluster.exists():
        shutil.copytree(cluster, root / "postgres")
        with embedded.servers(root, redis=False) as layout, embedded.connect(layout) as connection:
            connection.execute(f"DROP DATABASE {embedded.DATABASE}")
            connection.execute(f"ALTER DATABASE {testing.TEMPLATE} RENAME TO {embedded.DATABASE}")
    made = Installation(root)
    yield made
    sockets = embedded.Layout(root).sockets
    if sockets.exists():
        embedded.remove_tree(sockets)


@pytest.mark.slow
def test_the_life_of_an_installation(installation: Installation, tmp_path: Path) -> None:
    first = installation.start()
    try:
        installation.wait_ready(first)
        assert installation.get("/health/live") == 200
        until(lambda: installation.get("/health/ready") == 200, 60, installation.words())
        for part, fewest in CHILDREN.items():
            until(
                lambda part=part, fewest=fewest: (
                    sum(part in line for line in installation.living()) >= fewest
                ),
                60,
                f"fewer than {fewest} of {part}",
            )

        # Again on the same data: refused, and told where it runs.
        again = subprocess.run(
            [sys.executable, "-m", "exitus.supervisor"],
            cwd=ROOT,
            env=installation.environment(PORT=str(free_port())),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert again.returncode == 1
        assert f"process {first.pid}" in again.stderr
        assert f":{installation.port}/" in again.stderr

        # On other data but the same port: refused before anything is started.
        other = subprocess.run(
            [sys.executable, "-m", "exitus.supervisor"],
            cwd=ROOT,
            env=installation.environment(EXITUS_DATA_DIR=str(tmp_path / "other")),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert other.returncode == 1
        assert f"PORT={installation.port + 1}" in other.stderr
        assert not (tmp_path / "other" / "postgres").exists()

        # A command beside it uses the running servers.
        command = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--check"],
            cwd=ROOT,
            env=installation.environment(),
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )
        assert command.returncode == 0, command.stderr
        assert first.poll() is None

        first.kill()
        first.wait()
        until(installation.abandoned, 60, "processes outlived the supervisor")
    finally:
        first.kill()
        first.wait()

    second = installation.start()
    try:
        installation.wait_ready(second, times=2)
        assert installation.get("/health/live") == 200
        second.send_signal(signal.SIGTERM)
        assert second.wait(timeout=90) == 0, installation.words()
        assert installation.abandoned()
    finally:
        second.kill()
        second.wait()
