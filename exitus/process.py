"""Child processes that cannot outlive their parent, and locks that children keep held.

The kernel does the work: PR_SET_PDEATHSIG signals a child when the thread that made it dies, so a
supervisor killed with -9 leaves nothing behind. Call `spawn` from the main thread only.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

LINUX = sys.platform == "linux"
_LIBC = ctypes.CDLL(None, use_errno=True) if LINUX else None

_PR_SET_PDEATHSIG = 1
_PR_SET_SECUREBITS = 28
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAP_DAC_READ_SEARCH = 2
_SECBIT_NO_SETUID_FIXUP = 1 << 2
_CAPABILITY_VERSION_3 = 0x20080522


class _CapHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapData(ctypes.Structure):
    _fields_ = [
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    ]


@dataclass(frozen=True, slots=True)
class RunAs:
    """An unprivileged identity.

    `search` keeps the one capability to walk through closed folders (a clone under /root): the
    files themselves are still owned and written as that user.
    """

    uid: int
    gid: int
    search: bool = False

    @property
    def name(self) -> str:
        """The user's name, or its number where it has none."""
        try:
            return pwd.getpwuid(self.uid).pw_name
        except KeyError:
            return str(self.uid)


def _checked(result: int, what: str) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), what)


def _become(run_as: RunAs) -> None:
    """Turns this process (a fresh fork) into `run_as`."""
    if run_as.search and _LIBC is not None:
        # Keeps capabilities over setuid(), and keeps access() from ignoring them: PostgreSQL asks
        # that about its own binaries.
        _checked(
            _LIBC.prctl(_PR_SET_SECUREBITS, _SECBIT_NO_SETUID_FIXUP, 0, 0, 0),
            "prctl(PR_SET_SECUREBITS)",
        )
    os.setgroups([])
    os.setgid(run_as.gid)
    os.setuid(run_as.uid)
    if run_as.search and _LIBC is not None:
        bit = 1 << _CAP_DAC_READ_SEARCH
        header = _CapHeader(_CAPABILITY_VERSION_3, 0)
        data = (_CapData * 2)(_CapData(bit, bit, bit), _CapData(0, 0, 0))
        _checked(_LIBC.capset(ctypes.byref(header), ctypes.byref(data)), "capset")
        _checked(
            _LIBC.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH, 0, 0),
            "prctl(PR_CAP_AMBIENT)",
        )


def _before_exec(parent: int, death_signal: int, run_as: RunAs | None) -> Callable[[], None]:
    def prepare() -> None:
        os.umask(0o077 if run_as else 0o022)
        if run_as is not None:
            _become(run_as)
        # After the change of user: that one clears the signal.
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            if os.getppid() != parent:  # it died between fork and prctl: the signal will not come
                os._exit(1)

    return prepare


def spawn(
    command: Sequence[str | Path],
    *,
    output: int | IO[bytes],
    env: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    run_as: RunAs | None = None,
    keep_open: Sequence[int] = (),
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts a child in its own session (Ctrl-C reaches only us), tied to our life."""
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(os.environ if env is None else env),
        pass_fds=tuple(keep_open),
        cwd=cwd,
        start_new_session=True,
        preexec_fn=_before_exec(os.getpid(), death_signal, run_as),
    )


def stop(child: subprocess.Popen[bytes], number: signal.Signals, timeout: float) -> None:
    """Asks a child to end, and ends it when it does not in time."""
    if child.poll() is not None:
        return
    child.send_signal(number)
    try:
        child.wait(timeout)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def can_reach(path: Path, uid: int, gid: int) -> bool:
    """Whether a user may walk down to `path` (which exists) by permission bits alone."""
    for folder in (*reversed(path.parents), path):
        found = folder.stat()
        if found.st_uid == uid:
            mask = 0o100
        elif found.st_gid == gid:
            mask = 0o010
        else:
            mask = 0o001
        if folder.is_dir() and not found.st_mode & mask:
            return False
    return True


class Lock:
    """An advisory lock on a file. The kernel frees it when its last holder is gone, -9 or not.

    With `fileno` passed to children it stays held until the last of them has ended.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def fileno(self) -> int:
        """The descriptor to hand to children; only while held."""
        if self._fd is None:
            raise RuntimeError(f"{self.path} is not held")
        return self._fd

    def acquire(self, *, shared: bool = False, timeout: float = 0) -> bool:
        """Takes the lock, waiting up to `timeout` seconds; says whether it worked."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + timeout
        while True:
            try:
                fcntl.flock(fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    os.close(fd)
                    return False
                time.sleep(0.02)
            else:
                self._fd = fd
                return True

    def release(self) -> None:
        """Gives the lock up (children that inherited it keep it)."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
