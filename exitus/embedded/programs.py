"""Starting, watching and stopping PostgreSQL and Redis."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import IO

from exitus.embedded.layout import (
    POSTGRES_MAJOR,
    ROLE,
    UNPRIVILEGED_USER,
    EmbeddedError,
    Layout,
    Output,
    Program,
    postgres_binary,
    redis_binary,
    remove_tree,
)
from exitus.embedded.reach import create_database, postgres_answers, redis_answers
from exitus.embedded.runtime import already_running, write_runtime
from exitus.process import Lock, RunAs, can_reach, stop

# SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
STOP_SIGNALS = {"postgres": signal.SIGINT, "redis": signal.SIGTERM}


class Servers:
    """PostgreSQL and Redis of one data directory, started by this process."""

    def __init__(
        self, root: Path, *, postgres: bool = True, redis: bool = True, durable: bool = True
    ) -> None:
        self.layout = Layout(root)
        self.durable = durable
        self.wanted = [name for name, on in (("postgres", postgres), ("redis", redis)) if on]
        self.owner = Lock(root / "owner.lock")
        self.lock = Lock(root / "servers.lock")
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self._run_as: RunAs | None = None

    # Life -------------------------------------------------------------------------------------

    def start(self, output: Output | None = None, *, kind: str = "command") -> None:
        """Takes the locks and starts what is wanted; returns when the servers answer."""
        self.claim()
        try:
            programs = self.programs()
            for program in programs:
                sink = output(program.name) if output else self._log(program.name)
                self.children[program.name] = program.spawn(sink, [self.lock.fileno()])
                if not output and not isinstance(sink, int):
                    sink.close()
            for program in programs:
                self.wait_ready(program)
            self.after_start(kind)
        except BaseException:
            self.stop()
            raise

    def claim(self) -> None:
        """Becomes the owner of the data directory, waiting for a killed owner's children to end."""
        self.layout.root.mkdir(parents=True, exist_ok=True)
        if not self.owner.acquire():
            raise EmbeddedError(already_running(self.layout))
        self.layout.runtime.unlink(missing_ok=True)
        if not self.lock.acquire(timeout=20):
            self.owner.release()
            raise EmbeddedError(
                f"Servers of an earlier run on {self.layout.root} are still ending; "
                "wait a little and start again."
            )

    def stop(self) -> None:
        """Stops the servers (data intact) and gives the directory up."""
        self.layout.runtime.unlink(missing_ok=True)
        for name in ("redis", "postgres"):
            child = self.children.pop(name, None)
            if child is not None:
                stop(child, STOP_SIGNALS[name], timeout=20)
        self.lock.release()
        self.owner.release()

    def after_start(self, kind: str, address: str = "") -> None:
        """Makes the database when missing and tells other commands where the servers are."""
        if "postgres" in self.wanted:
            create_database(self.layout)
        write_runtime(self.layout, kind=kind, wanted=self.wanted, address=address)

    def environment(self) -> dict[str, str]:
        """The variables that lead Django to these servers."""
        found = {}
        if "postgres" in self.wanted:
            found["DATABASE_URL"] = self.layout.database_url
        if "redis" in self.wanted:
            found["REDIS_URL"] = self.layout.redis_url
        return found

    # Programs ---------------------------------------------------------------------------------

    def programs(self) -> list[Program]:
        """What to run, with its folders made (and the cluster, the first time)."""
        self._run_as = self._identity()
        self._own(self.layout.sockets)
        programs = []
        if "postgres" in self.wanted:
            self._make_cluster()
            programs.append(self._postgres())
        if "redis" in self.wanted:
            self._own(self.layout.redis)
            programs.append(self._redis())
        return programs

    def wait_ready(self, program: Program, timeout: float = 60) -> None:
        """Waits until a program answers; its end or a time-out is an error."""
        deadline = time.monotonic() + timeout
        while not program.ready():
            child = self.children[program.name]
            if child.poll() is not None or time.monotonic() > deadline:
                raise EmbeddedError(
                    f"{program.name} did not start (exit status {child.poll()}). "
                    + self._last_words(program.name)
                )
            time.sleep(0.01)

    def _postgres(self) -> Program:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.layout.sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "shared_buffers": "128MB",
            "log_min_messages": "warning",
            "log_line_prefix": "",
            "log_checkpoints": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            # Tests: the data dies with the session, so nothing is worth a disk flush.
            settings |= {
                "fsync": "off",
                "synchronous_commit": "off",
                "full_page_writes": "off",
                "autovacuum": "off",
                "io_method": "sync",
                "max_wal_size": "4GB",
            }
        command: list[str | Path] = [postgres_binary("postgres"), "-D", self.layout.postgres]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return Program(
            "postgres",
            command,
            STOP_SIGNALS["postgres"],
            self._run_as,
            ready=lambda: postgres_answers(self.layout),
        )

    def _redis(self) -> Program:
        command: list[str | Path] = [redis_binary(), "--port", "0"]
        command += ["--unixsocket", self.layout.redis_socket, "--unixsocketperm", "700"]
        command += ["--dir", self.layout.redis, "--databases", "64", "--daemonize", "no"]
        command += ["--save", "", "--appendonly", "yes" if self.durable else "no"]
        command += ["--loglevel", "warning"]
        # A stale socket of a killed server is replaced; the locks keep live ones from being stolen.
        return Program(
            "redis",
            command,
            STOP_SIGNALS["redis"],
            self._run_as,
            ready=lambda: redis_answers(self.layout),
        )

    def _make_cluster(self) -> None:
        cluster = self.layout.postgres
        if (cluster / "PG_VERSION").exists():
            version = (cluster / "PG_VERSION").read_text().strip()
            if version != POSTGRES_MAJOR:
                raise EmbeddedError(
                    f"{cluster} was made by PostgreSQL {version}, this is {POSTGRES_MAJOR}. "
                    "Dump it with the old version or choose another EXITUS_DATA_DIR."
                )
            self._own(cluster)
            return
        # Made aside and renamed: a killed first start must not leave half a cluster.
        draft = cluster.with_name("postgres.new")
        remove_tree(draft)
        self._own(draft)
        command: list[str | Path] = [postgres_binary("initdb"), "-D", draft, "-U", ROLE]
        command += ["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-instructions"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        if not self.durable:
            command.append("--no-sync")
        with self._log("initdb") as log:
            program = Program("initdb", command, signal.SIGKILL, self._run_as)
            child = program.spawn(log, [self.lock.fileno()])
            if child.wait() != 0:
                raise EmbeddedError("PostgreSQL's initdb failed. " + self._last_words("initdb"))
        draft.rename(cluster)

    # Identity ---------------------------------------------------------------------------------

    def _identity(self) -> RunAs | None:
        """Who runs the servers: we, or an unprivileged user when we are root."""
        cluster = self.layout.postgres
        owner = cluster.stat().st_uid if cluster.exists() else None
        if os.getuid() != 0:
            if owner not in (None, os.getuid()):
                raise EmbeddedError(
                    f"{cluster} belongs to user {owner}, not to you: start as that user (or as "
                    "root), or choose another EXITUS_DATA_DIR."
                )
            return None
        user = pwd.getpwuid(owner) if owner else pwd.getpwnam(UNPRIVILEGED_USER)
        places = [self.layout.root, postgres_binary("postgres"), redis_binary()]
        search = not all(can_reach(place, user.pw_uid, user.pw_gid) for place in places)
        return RunAs(user.pw_uid, user.pw_gid, search)

    def _own(self, folder: Path) -> None:
        """Makes a private folder of the servers' user; refuses one prepared by somebody else."""
        uid = self._run_as.uid if self._run_as else os.getuid()
        gid = self._run_as.gid if self._run_as else os.getgid()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.getuid()}:
            raise EmbeddedError(f"{folder} belongs to somebody else; remove it and start again.")
        if found.st_uid != uid:  # copied by root, say
            for path in (folder, *folder.rglob("*")):
                os.chown(path, uid, gid, follow_symlinks=False)
        folder.chmod(0o700)

    # Logs -------------------------------------------------------------------------------------

    def _log(self, name: str) -> IO[bytes]:
        self.layout.logs.mkdir(parents=True, exist_ok=True)
        return (self.layout.logs / f"{name}.log").open("wb")

    def _last_words(self, name: str) -> str:
        try:
            text = (self.layout.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return "Its messages are above."
        return "Its last words: " + " / ".join(text.strip().splitlines()[-5:])
