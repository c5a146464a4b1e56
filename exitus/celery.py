"""The Celery application: `celery -A exitus.celery worker`."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery
from celery.platforms import SecurityWarning
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "exitus.settings.embedded")

# Only JSON is accepted, so the warning's reason (unpickling as root) does not exist here.
warnings.filterwarnings("ignore", category=SecurityWarning)

app = Celery("exitus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _die_with_the_worker(**_kwargs: Any) -> None:
    """A pool process whose worker is killed with -9 must not stay behind holding its task."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None, use_errno=True).prctl(pr_set_pdeathsig, signal.SIGKILL)
