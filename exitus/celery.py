"""The Celery application: `celery -A exitus.celery worker`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import (
    before_task_publish,
    heartbeat_sent,
    task_postrun,
    task_prerun,
    worker_process_init,
)
from django.utils import translation

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exitus.settings.embedded")

# Only JSON is accepted, so the warning's reason (unpickling as root) does not exist here.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("exitus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


WORKER_HEARTBEAT = "health:worker"  # cache key: epoch seconds of the last sign of life


@heartbeat_sent.connect
def _note_heartbeat(sender: Any, **_kwargs: Any) -> None:
    """Leaves a sign of life where /health/ready finds it without asking the worker."""
    if str(sender.eventer.hostname).startswith("market@"):
        return  # people wait for the other one
    from django.core.cache import cache

    cache.set(WORKER_HEARTBEAT, time.time(), timeout=60)


_LOADED_BY = os.getpid()  # the worker itself: its pool is forked after this module is loaded


@worker_process_init.connect
def _die_with_the_worker(**_kwargs: Any) -> None:
    """A pool process whose worker is killed with -9 must not stay behind holding its task."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
        if os.getppid() != _LOADED_BY:  # it died before the line above: the signal will not come
            os._exit(1)


# What a task writes for whoever asked for it, it writes in the language they read.


@before_task_publish.connect
def _send_language(headers: dict[str, Any], **_kwargs: Any) -> None:
    headers["language"] = translation.get_language()


@task_prerun.connect
def _speak_language(task: Any, **_kwargs: Any) -> None:
    language = task.request.get("language")
    if language and not task.request.is_eager:
        translation.activate(language)


@task_postrun.connect
def _forget_language(task: Any, **_kwargs: Any) -> None:
    if not task.request.is_eager:
        translation.deactivate()
