"""A private installation with invented prices."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exitus import embedded, env
from exitus.embedded import reach
from exitus.process import spawn

QUEUES = ("default", "figures", "market", "history")
ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def vendors(environment: dict[str, str]) -> Iterator[None]:
    """Invented prices on this machine: no benchmark depends on somebody else's server."""
    child = spawn(
        [sys.executable, "manage.py", "fakeproviders", "--port", str(free_port())],
        output=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert child.stdout is not None
        for raw in child.stdout:
            line = raw.decode()
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").strip().partition("=")
                environment[name] = value
            if "Ctrl-C" in line:
                break
        yield
    finally:
        child.terminate()
        child.wait()


class Installation:
    """A supervisor on a private data directory."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root = root
        self.port = free_port()
        self.log = root / "supervisor.log"
        self.environment = {
            **environment,
            "EXITUS_DATA_DIR": str(root),
            "PORT": str(self.port),
            "HOST": "127.0.0.1",
            "EXITUS_DEMO": "0",
            "EXITUS_SIGNUP_OPEN": "1",
        }
        for scope in ("ANON", "USER", "LOGIN", "REGISTER", "IMPORT"):
            self.environment[f"THROTTLE_{scope}"] = "1000000/min"
        for name in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"):
            self.environment.pop(name, None)

    def start(self) -> float:
        """Starts; seconds until it answers."""
        began = time.perf_counter()
        with self.log.open("wb") as log:
            self.child = spawn(
                [sys.executable, "-m", "exitus.supervisor"],
                output=log,
                env=self.environment,
                cwd=ROOT,
            )
        while "ready in" not in self.log.read_text(errors="replace"):
            if self.child.poll() is not None or time.perf_counter() - began > 300:
                raise SystemExit(self.log.read_text(errors="replace"))
            time.sleep(0.05)
        took = time.perf_counter() - began
        self.give_time_back()
        return took

    def give_time_back(self) -> None:
        """Lets the invented vendors be asked as fast as they answer.

        The product spares real ones: sixty histories a minute would run beside every measurement.
        """
        command = "from apps.market_data.models import DataSource as D; "
        command += "D.objects.update(per_minute=60000, per_day=None)"
        subprocess.run(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", command],
            env=self.environment,
            cwd=ROOT,
            check=True,
        )

    def assessed_ms(self, workspace: str) -> int:
        """What the last assessment of a workspace's one holder took, as stored beside it."""
        query = "SELECT took_ms FROM taxes_assessmentbuild WHERE workspace_id = %s"
        with reach.connect(embedded.Layout(self.root), "exitus") as connection:
            found = connection.execute(query, [workspace]).fetchone()
        assert found is not None
        return int(found[0])

    def rest(self, limit: float = 900) -> None:
        """Waits until for five seconds no task was queued or under way."""
        broker = self.redis(0)
        deadline = time.perf_counter() + limit
        quiet = 0
        while quiet < 5:
            if time.perf_counter() > deadline:
                raise SystemExit("the background did not come to rest")
            time.sleep(1)
            waiting = sum(broker.llen(f"exitus:{queue}") for queue in QUEUES)
            waiting += broker.hlen("exitus:unacked")
            quiet = quiet + 1 if waiting == 0 else 0

    def redis(self, number: int) -> Any:
        """One of the installation's Redis databases."""
        import redis

        url = embedded.Layout(self.root).redis_url
        return redis.Redis.from_url(env.redis_database(url, number))

    def cache(self) -> Any:
        """Where pages and figures are kept."""
        return self.redis(1)

    def stop(self) -> None:
        """Stops and waits."""
        self.child.send_signal(signal.SIGTERM)
        self.child.wait(timeout=60)

    def memory(self) -> dict[str, tuple[int, int]]:
        """Name -> resident and proportional megabytes (proportional shares what is shared)."""
        found: dict[str, list[tuple[int, int]]] = {}
        parents = {self.child.pid: "supervisor"}
        for _ in range(4):  # children, their children, ...
            for folder in Path("/proc").iterdir():
                if folder.name.isdigit() and int(folder.name) not in parents:
                    try:
                        status = (folder / "stat").read_text().rpartition(")")[2].split()
                        parent = int(status[1])
                        if parent in parents:
                            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                            parents[int(folder.name)] = self._name(line, parents[parent])
                    except OSError:
                        continue
        for pid, name in parents.items():
            try:
                text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue
            numbers = {
                key: int(value) for key, value in re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.M)
            }
            if numbers:
                found.setdefault(name, []).append((numbers["Rss"] // 1024, numbers["Pss"] // 1024))
        return {
            f"{name} x{len(sizes)}": (sum(s[0] for s in sizes), sum(s[1] for s in sizes))
            for name, sizes in sorted(found.items())
        }

    @staticmethod
    def _name(line: str, parent: str) -> str:
        for part, name in (
            ("gunicorn", "web"),
            ("worker@", "worker"),
            ("market@", "market worker"),
            ("celery --quiet -A exitus.celery beat", "beat"),
            ("redis-server", "redis"),
            ("postgres", "postgres"),
        ):
            if part in line:
                return name + (
                    " child"
                    if parent == name and name in {"web", "worker", "market worker"}
                    else ""
                )
        return parent
