"""The embedded servers: data survive crashes, nothing survives its owner, nobody starts twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from exitus import embedded, env
from exitus.process import Lock, can_reach, spawn

ROOT = Path(__file__).resolve().parent.parent

# Starts the servers, says so, and waits to be killed.
OWNER = """
import sys, time
from pathlib import Path
from exitus.embedded import EmbeddedError, Servers
servers = Servers(Path(sys.argv[1]), durable=False)
try:
    servers.start()
except EmbeddedError as error:
    sys.exit(str(error))
print("ready", flush=True)
time.sleep(120)
"""


@pytest.fixture
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data directory whose socket folder is removed too."""
    root = tmp_path_factory.mktemp("data")
    yield root
    sockets = embedded.Layout(root).sockets
    if sockets.exists():
        embedded.remove_tree(sockets)


@pytest.fixture
def owner(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns running servers."""
    child = start_owner(data_dir)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    yield child
    child.kill()
    child.wait()
    until(lambda: not living(data_dir))


def start_owner(data_dir: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", OWNER, str(data_dir)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def living(data_dir: Path) -> list[str]:
    """Command lines of processes (zombies aside) that name the directory and are not its owner."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # it ended while we looked
            continue
        places = (str(data_dir), str(embedded.Layout(data_dir).sockets))
        if any(place in line for place in places) and OWNER.strip()[:20] not in line:
            found.append(line)
    return found


def until(condition: Callable[[], bool], timeout: float = 60) -> None:
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def connect(data_dir: Path) -> psycopg.Connection[tuple[object, ...]]:
    layout = embedded.Layout(data_dir)
    return psycopg.connect(
        host=str(layout.sockets), user=embedded.ROLE, dbname=embedded.DATABASE, autocommit=True
    )


def test_servers_are_the_promised_ones(owner: subprocess.Popen[str], data_dir: Path) -> None:
    with connect(data_dir) as connection:
        version = connection.execute("SHOW server_version").fetchone()
        accents = connection.execute("SELECT upper('ação'), 'É' = upper('é')").fetchone()
        listening = connection.execute("SHOW listen_addresses").fetchone()
    assert version is not None
    assert str(version[0]).startswith(embedded.POSTGRES_MAJOR)
    assert accents == ("AÇÃO", True)
    assert listening == ("",)
    client = redis.Redis(unix_socket_path=str(embedded.Layout(data_dir).redis_socket))
    assert client.set("a", "1")


def test_killed_owner_leaves_no_process_and_the_data(
    owner: subprocess.Popen[str], data_dir: Path
) -> None:
    with connect(data_dir) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (42)")
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    # At once: the start itself waits for what is still ending.
    with embedded.servers(data_dir) as layout, connect(data_dir) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (42,)
        assert layout.database_url.startswith("postgresql://")
    assert living(data_dir) == []


def test_second_owner_is_told_who_runs(owner: subprocess.Popen[str], data_dir: Path) -> None:
    second = start_owner(data_dir)
    _, message = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"process {owner.pid}" in message
    assert "already running" in message
    with connect(data_dir) as connection:  # and the first one is unharmed
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_command_uses_the_servers_that_run(owner: subprocess.Popen[str], data_dir: Path) -> None:
    before = living(data_dir)
    with embedded.servers(data_dir), connect(data_dir) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    until(lambda: sorted(living(data_dir)) == sorted(before))  # its connection ends meanwhile
    assert owner.poll() is None


def test_owning_command_waits_for_its_guests(data_dir: Path) -> None:
    guest = (
        "import sys, time; from pathlib import Path; from exitus import embedded\n"
        "with embedded.servers(Path(sys.argv[1])):\n"
        "    print('in', flush=True); time.sleep(0.7)\n"
        "    embedded.connect(embedded.Layout(Path(sys.argv[1]))).close(); print('ok')\n"
    )
    with embedded.servers(data_dir):
        child = subprocess.Popen(
            [sys.executable, "-c", guest, str(data_dir)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "in\n"
    assert child.communicate(timeout=60)[0] == "ok\n"
    assert living(data_dir) == []


def test_half_made_cluster_is_made_again(data_dir: Path) -> None:
    draft = data_dir / "postgres.new"
    draft.mkdir()
    (draft / "PG_VERSION").write_text("18\n")
    with embedded.servers(data_dir), connect(data_dir) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not draft.exists()


def test_other_major_version_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("16\n")
    if os.getuid() == 0:
        os.chown(data_dir / "postgres", 65534, 65534)
    with pytest.raises(embedded.EmbeddedError, match="PostgreSQL 16"), embedded.servers(data_dir):
        pass
    assert living(data_dir) == []


def test_long_data_dir_gets_a_short_socket_folder(tmp_path: Path) -> None:
    root = tmp_path / ("d" * 60) / ("e" * 60)
    layout = embedded.Layout(root)
    assert len(str(layout.sockets / ".s.PGSQL.5432.lock")) < 108
    try:
        with embedded.servers(root), connect(root) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        embedded.remove_tree(layout.sockets)


def test_closed_folders_above_are_walked_through(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    if os.getuid() == 0:
        assert not can_reach(closed, 65534, 65534)
    with embedded.servers(closed / "data"), connect(closed / "data") as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert closed.stat().st_mode & 0o777 == 0o700  # nobody opened it


def test_child_dies_with_its_parent(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time; from exitus.process import spawn\n"
        "child = spawn(['sleep', '120'], output=subprocess.DEVNULL)\n"
        "print(child.pid, flush=True); time.sleep(120)\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    until(lambda: state(pid) in {"", "Z"})


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return ""


def test_lock_is_held_until_the_last_child_ends(tmp_path: Path) -> None:
    lock = Lock(tmp_path / "lock")
    assert lock.acquire()
    child = spawn(["sleep", "120"], output=subprocess.DEVNULL, keep_open=[lock.fileno()])
    lock.release()
    other = Lock(tmp_path / "lock")
    assert not other.acquire()
    child.kill()
    child.wait()
    assert other.acquire(timeout=20)
    other.release()


def test_urls_survive_the_way_through_the_environment(tmp_path: Path) -> None:
    layout = embedded.Layout(tmp_path / "a b")
    config = env.database_config(layout.database_url)
    assert config["HOST"] == str(layout.sockets)
    assert config["NAME"] == embedded.DATABASE
    assert env.redis_number(env.redis_database("redis://h:6379/0", 3)) == 3
    assert env.redis_database("unix:///a/b.sock?db=0", 5) == "unix:///a/b.sock?db=5"
    assert env.broker_url("unix:///a/b.sock?db=2") == "redis+socket:///a/b.sock?virtual_host=2"
    assert env.broker_url("rediss://h/1") == "rediss://h/1"


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_unknown_flag_spelling_is_an_error(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXITUS_DEMO", value)
    with pytest.raises(ValueError, match="EXITUS_DEMO"):
        env.flag("EXITUS_DEMO", False)


def test_secret_key_is_made_once_and_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    first = env.secret_key(tmp_path)
    assert len(first) > 50
    assert env.secret_key(tmp_path) == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
