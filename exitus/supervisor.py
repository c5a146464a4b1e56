"""`python -m exitus.supervisor`: embedded servers, web, worker and beat as one thing.

Children die with us (see exitus/process.py), their output is prefixed, and one that falls over is
started again with growing pauses; one that keeps falling stops everything, because a half-running
Exitus would look alive.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from exitus import env
from exitus.embedded import EmbeddedError, Program, Servers, complain
from exitus.process import stop

STABLE_AFTER = 60.0  # seconds a child must live for its earlier falls to be forgotten
MOST_FALLS = 5
GRACE = 20.0
COLOURS = {
    "postgres": 34,
    "redis": 31,
    "prepare": 37,
    "web": 32,
    "worker": 35,
    "market": 33,
    "beat": 36,
}
# What Redis says at every start; the first is about forking snapshots, which we do not take.
NOISE = ("overcommit_memory", "Redis is starting", "Redis version=", "Configuration loaded")


@dataclass(slots=True)
class Managed:
    """One child and its recent falls."""

    program: Program
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    falls: deque[float] = field(default_factory=deque)
    restart_at: float | None = None


class Supervisor:
    """Starts, watches and stops the children of one data directory."""

    def __init__(self, root: Path, *, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.servers = Servers(
            root, postgres=not env.env("DATABASE_URL"), redis=not env.env("REDIS_URL")
        )
        self.selector = selectors.DefaultSelector()
        self.managed: dict[str, Managed] = {}
        self.stopping = False
        self.hurry = False
        self.colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        self.lines: dict[str, bytes] = {}

    # Output ---------------------------------------------------------------------------------------

    def say(self, name: str, text: str) -> None:
        """One prefixed line."""
        prefix = f"{name:<8} |"
        if self.colour:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        print(prefix, text, flush=True)

    def pipe(self, name: str) -> int:
        """The writing end of a pipe whose lines are printed with the child's name."""
        reading, writing = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(reading, False)
        self.selector.register(reading, selectors.EVENT_READ, name)
        return writing

    def read(self, fd: int, name: str) -> None:
        """Prints what a child wrote; forgets the pipe at its end."""
        try:
            chunk = os.read(fd, 65536)
        except BlockingIOError:
            return
        if not chunk:
            self.selector.unregister(fd)
            os.close(fd)
        *lines, rest = (self.lines.pop(name, b"") + chunk).split(b"\n")
        if rest and chunk:
            self.lines[name] = rest
        elif rest:
            lines.append(rest)
        for line in lines:
            text = line.decode("utf-8", "replace").rstrip()
            if text and not any(noise in text for noise in NOISE):
                self.say(name, text)

    def pump(self, timeout: float) -> None:
        """Handles output (and signals, through the wake-up pipe) for up to `timeout` seconds."""
        for key, _events in self.selector.select(timeout):
            if key.data is None:
                os.read(key.fd, 4096)
            else:
                self.read(key.fd, key.data)

    # Children -------------------------------------------------------------------------------------

    def launch(self, program: Program) -> Managed:
        """Starts a child with its output on a pipe."""
        managed = self.managed.setdefault(program.name, Managed(program))
        writing = self.pipe(program.name)
        try:
            managed.child = program.spawn(writing, [self.servers.lock.fileno()])
        finally:
            os.close(writing)
        managed.started = time.monotonic()
        managed.restart_at = None
        return managed

    def wait_until(self, managed: Managed, condition: Callable[[], bool], timeout: float) -> None:
        """Pumps output until a condition holds; the child's end or the time-out is an error."""
        deadline = time.monotonic() + timeout
        while not self.stopping and not condition():
            child = managed.child
            if child is None or child.poll() is not None or time.monotonic() > deadline:
                self.pump(0.2)
                status = None if child is None else child.poll()
                raise EmbeddedError(f"{managed.program.name} did not start (status {status}).")
            self.pump(0.02)

    def run_once(self, program: Program) -> None:
        """Runs a child to its end, which must be a success."""
        managed = self.launch(program)
        child = managed.child
        while child is not None and child.poll() is None:
            if self.stopping:
                stop(child, signal.SIGTERM, 10)
            self.pump(0.05)
        self.pump(0)
        del self.managed[program.name]
        if child is not None and child.returncode != 0 and not self.stopping:
            raise EmbeddedError(f"{program.name} failed (exit status {child.returncode}).")

    def watch(self) -> None:
        """Until told to stop: prints output, starts fallen children again."""
        while not self.stopping:
            now = time.monotonic()
            for managed in self.managed.values():
                if managed.restart_at is not None:
                    if now >= managed.restart_at:
                        self.launch(managed.program)
                elif managed.child is not None and managed.child.poll() is not None:
                    self.fell(managed, now)
            self.pump(0.5)

    def fell(self, managed: Managed, now: float) -> None:
        """Plans the restart of a child that ended by itself; gives up when it keeps ending."""
        name, child = managed.program.name, managed.child
        status = child.returncode if child else None
        while managed.falls and now - managed.falls[0] > STABLE_AFTER:
            managed.falls.popleft()
        managed.falls.append(now)
        if len(managed.falls) > MOST_FALLS:
            raise EmbeddedError(f"{name} keeps ending (last exit status {status}); giving up.")
        pause = 0.5 * 2 ** (len(managed.falls) - 1)
        self.say(name, f"ended with status {status}; starting it again in {pause:g} s")
        managed.restart_at = now + pause

    def stop_all(self) -> None:
        """Stops web, worker and beat, then Redis and PostgreSQL, printing their last lines."""
        order = [
            [n for n in self.managed if n not in {"postgres", "redis"}],
            ["redis"],
            ["postgres"],
        ]
        for names in order:
            living = []
            for name in names:
                managed = self.managed.get(name)
                if managed and managed.child and managed.child.poll() is None:
                    managed.child.send_signal(managed.program.stop_signal)
                    living.append(managed.child)
            deadline = time.monotonic() + GRACE
            while living and time.monotonic() < deadline and not self.hurry:
                self.pump(0.05)
                living = [child for child in living if child.poll() is None]
            for child in living:
                child.kill()
                child.wait()
        self.pump(0)

    # Run ------------------------------------------------------------------------------------------

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """First signal: an orderly stop. Second: an impatient one."""
        self.hurry = self.stopping
        self.stopping = True

    def run(self) -> None:
        """The whole life."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        waking, woken = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        self.selector.register(waking, selectors.EVENT_READ, None)

        self.servers.claim()
        try:
            check_port(self.host, self.port)
            self.start()
            self.watch()
        finally:
            self.stopping = True
            self.stop_all()
            self.servers.stop()
        self.say("exitus", "stopped; the data stay where they were")

    def start(self) -> None:
        """Servers, database, then web, worker and beat; prints the address when it answers."""
        began = time.monotonic()
        for program in self.servers.programs():
            self.launch(program)
        for name in self.servers.wanted:
            managed = self.managed[name]
            self.wait_until(managed, managed.program.ready, 60)
        if self.stopping:
            return
        address = f"http://{self.host}:{self.port}/"
        self.servers.after_start("run", address)
        os.environ.update(self.servers.environment())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exitus.settings.embedded")
        os.environ.setdefault("EXITUS_DEMO", "1" if env.on_loopback() else "0")
        os.environ["PYTHONUNBUFFERED"] = "1"
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self.fresh_metrics())
        self.run_once(python("prepare", "-m", "exitus.prepare"))
        if self.stopping:
            return
        # Web alone first: three interpreters loading at once on two cores make everybody wait.
        managed = self.launch(web(self.host, self.port))
        self.wait_until(managed, lambda: answers(self.host, self.port), 120)
        if self.stopping:
            return
        self.launch(worker("worker", "default,figures", env.env("WORKER_CONCURRENCY", "2")))
        self.launch(worker("market", "market,history", env.env("MARKET_CONCURRENCY", "1")))
        self.launch(beat())
        self.greet(address, time.monotonic() - began)

    def fresh_metrics(self) -> Path:
        """An empty folder where the web processes add up what they count."""
        directory = self.servers.layout.root / "metrics"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        return directory

    def greet(self, address: str, seconds: float) -> None:
        """Says where it is and what to do first."""
        self.say("exitus", f"ready in {seconds:.1f} s")
        self.say("exitus", "")
        self.say("exitus", f"  Open          {address}")
        if env.flag("EXITUS_DEMO", False):
            self.say("exitus", "  Look round    user demo, password demo (read only)")
        self.say("exitus", "  Administrator .venv/bin/python manage.py createsuperuser")
        self.say("exitus", f"  Data          {self.servers.layout.root}")
        self.say("exitus", "  Stop          Ctrl-C")
        self.say("exitus", "")


def python(name: str, *arguments: str) -> Program:
    """A child on our own interpreter."""
    return Program(name, [sys.executable, *arguments], signal.SIGTERM)


def web(host: str, port: int) -> Program:
    """Gunicorn. Loaded before the fork: the processes share most of their memory."""
    arguments = ["-m", "gunicorn", "exitus.wsgi:application", "--preload", "--no-control-socket"]
    arguments += ["--worker-class", "gthread", "--bind", f"{host}:{port}"]
    arguments += [
        "--workers",
        env.env("WEB_WORKERS", "2"),
        "--threads",
        env.env("WEB_THREADS", "4"),
    ]
    arguments += ["--timeout", "60", "--graceful-timeout", "8", "--keep-alive", "5"]
    arguments += ["--max-requests", "20000", "--max-requests-jitter", "2000"]
    arguments += ["--log-level", "warning"]
    memory = Path("/dev/shm")  # noqa: S108
    if memory.is_dir():  # the heartbeat file must not wait for a disk
        arguments += ["--worker-tmp-dir", str(memory)]
    return python("web", *arguments)


def worker(name: str, queues: str, concurrency: str) -> Program:
    """A Celery worker: finishes its tasks when stopped, drops them at our sudden end."""
    arguments = ["-m", "celery", "--quiet", "-A", "exitus.celery", "worker"]
    arguments += ["--hostname", f"{name}@%h", "--queues", queues, "--concurrency", concurrency]
    arguments += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
    arguments += ["--max-memory-per-child", "400000"]
    program = python(name, *arguments)
    # Asked to stop without a broker it would wait for it for ever. Killed, it loses nothing: tasks
    # are acknowledged late and run again; its pool goes with it (exitus/celery.py).
    program.death_signal = signal.SIGKILL
    return program


def beat() -> Program:
    """The clock of periodic tasks; its schedule is in the database."""
    arguments = ["-m", "celery", "--quiet", "-A", "exitus.celery", "beat", "--loglevel", "WARNING"]
    program = python("beat", *arguments, "--pidfile", "")
    program.death_signal = signal.SIGKILL
    return program


def check_port(host: str, port: int) -> None:
    """Complains before anything is started when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError as error:
            raise EmbeddedError(
                f"Cannot listen on {host}:{port} ({error.strerror}). "
                f"Choose another port: PORT={port + 1} bin/run"
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether the web server accepts connections (it binds after it has loaded the application)."""
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host).strip("[]")  # noqa: S104
    try:
        with socket.create_connection((target, port), timeout=1):
            return True
    except OSError:
        return False


def main() -> None:
    """Runs until told to stop."""
    try:
        Supervisor(env.data_dir(), host=env.host(), port=env.port()).run()
    except EmbeddedError as error:
        complain(error)


if __name__ == "__main__":
    main()
