"""Tasks through the real broker and a real worker."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from celery.result import AsyncResult, allow_join_result
from django.core.cache import cache
from django.db import connection

from exitus import env
from exitus.celery import WORKER_HEARTBEAT, app


@pytest.mark.slow
def test_task_goes_through_broker_and_worker(
    celery_worker_process: subprocess.Popen[bytes],
) -> None:
    result: AsyncResult[int] = app.send_task("portfolios.sweep_stale")
    with allow_join_result():  # an eager task of an earlier test leaves its mark on the thread
        assert result.get(timeout=60) == 0
    assert time.time() - float(cache.get(WORKER_HEARTBEAT)) < 60
    with connection.cursor() as cursor:
        cursor.execute("SELECT status FROM django_celery_results_taskresult")
        assert cursor.fetchall() == [("SUCCESS",)]

    # Killed like by the kernel when memory runs out: its pool must not stay behind.
    pool = children(celery_worker_process.pid)
    assert pool
    celery_worker_process.send_signal(signal.SIGKILL)
    celery_worker_process.wait()
    deadline = time.monotonic() + 60
    while any(alive(pid) for pid in pool):
        assert time.monotonic() < deadline, "pool processes outlived their worker"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and folder.name != str(os.getpid()):
            try:
                stat = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if stat[1] == str(pid):
                found.append(int(folder.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_other_database_of_the_same_server() -> None:
    url = "postgresql://exitus@/exitus?host=/a/b"
    assert env.database_named(url, "test_x") == "postgresql://exitus@/test_x?host=/a/b"
    assert env.database_named("postgresql://u:p@h:1/a", "b") == "postgresql://u:p@h:1/b"


def test_every_registered_task_is_named_after_its_app() -> None:
    app.loader.import_default_modules()
    own = [name for name, task in app.tasks.items() if task.__module__.startswith("apps.")]
    assert own
    for name in own:
        assert app.tasks[name].__module__ == f"apps.{name.split('.')[0]}.tasks", name


def test_people_do_not_wait_behind_vendors() -> None:
    app.loader.import_default_modules()
    route = app.amqp.router.route
    for name in ("imports.apply_batch", "imports.parse_batch", "portfolios.rebuild_workspace"):
        assert route({}, name)["queue"].name == "default", name
    assert route({}, "portfolios.refresh_metrics")["queue"].name == "figures"
    assert route({}, "market_data.refresh_quotes")["queue"].name == "market"
    assert route({}, "market_data.fill_history")["queue"].name == "history"


def test_scheduled_tasks_exist() -> None:
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
