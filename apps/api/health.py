"""Whether the process lives, and whether what it leans on does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache

# Written by the worker itself (exitus/celery.py): epoch seconds of its last heartbeat.
WORKER_HEARTBEAT = "health:worker"
WORKER_SILENT_AFTER = 30.0

logger = logging.getLogger(__name__)


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Database, Redis and worker, each by name; 503 when one is missing."""
    checks = {
        "database": _check(_database),
        "redis": _check(_redis),
        "worker": _check(_worker),
    }
    good = all(state == "ok" for state in checks.values())
    status = "ok" if good else "unavailable"
    return JsonResponse({"status": status, "checks": checks}, status=200 if good else 503)


def worker_age() -> float | None:
    """Seconds since the worker's last sign of life; ``None`` when there is none."""
    seen = cache.get(WORKER_HEARTBEAT)
    return None if seen is None else max(0.0, time.time() - float(seen))


def _check(probe: Callable[[], bool]) -> str:
    try:
        return "ok" if probe() else "unavailable"
    except Exception as error:  # whatever a dead server raises, the answer is the same
        logger.warning("health check failed: %s", type(error).__name__)
        return "unavailable"


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def _redis() -> bool:
    cache.set("health:probe", "1", 10)
    return cache.get("health:probe") == "1"


def _worker() -> bool:
    age = worker_age()
    return age is not None and age < WORKER_SILENT_AFTER
