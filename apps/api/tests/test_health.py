"""Health and metrics tell the truth, to those who may ask."""

from __future__ import annotations

import time

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory, override_settings
from pytest_django import DjangoAssertNumQueries

from apps.api import health
from apps.api.metrics import is_internal
from testing import factories as make

DEAD_CACHE = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
}


def test_live_asks_no_database(client: Client) -> None:
    """Without the db mark a query would fail."""
    response = client.get("/health/live")
    assert response.status_code == 200
    assert response.json() == {"status": "ok"}


def test_the_key_is_the_workers() -> None:
    from exitus.celery import WORKER_HEARTBEAT

    assert health.WORKER_HEARTBEAT == WORKER_HEARTBEAT


@pytest.mark.django_db
def test_ready_names_each_part(client: Client) -> None:
    cache.set(health.WORKER_HEARTBEAT, time.time(), 60)
    response = client.get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "redis": "ok", "worker": "ok"},
    }


@pytest.mark.django_db
@pytest.mark.parametrize("ago", [None, 31])
def test_ready_misses_a_silent_worker(client: Client, ago: int | None) -> None:
    if ago is not None:
        cache.set(health.WORKER_HEARTBEAT, time.time() - ago, 60)
    response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": "ok",
        "redis": "ok",
        "worker": "unavailable",
    }


@pytest.mark.django_db
def test_ready_misses_redis(client: Client) -> None:
    with override_settings(CACHES=DEAD_CACHE):
        response = client.get("/health/ready")
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "database": "ok",
        "redis": "unavailable",
        "worker": "unavailable",
    }


@pytest.mark.django_db
def test_ready_is_cheap(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        client.get("/health/ready")


@pytest.mark.django_db
def test_metrics_count_requests_and_state(client: Client) -> None:
    make.make_workspace()
    cache.set(health.WORKER_HEARTBEAT, time.time(), 60)
    client.get("/health/live")
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    text = response.content.decode()
    assert 'exitus_http_requests_total{method="GET",status="200",view="health-live"}' in text
    assert "exitus_workspaces_stale " in text
    assert 'exitus_task_runs{state="failed"} 0.0' in text
    assert "exitus_worker_age_seconds " in text


@pytest.mark.parametrize(
    ("remote", "forwarded", "internal"),
    [
        ("127.0.0.1", "", True),
        ("::1", "", True),
        ("203.0.113.9", "", False),
        ("127.0.0.1", "203.0.113.9", False),
        ("127.0.0.1", "127.0.0.1, 203.0.113.9", False),
        ("127.0.0.1", "nonsense", False),
        ("", "", False),
    ],
)
def test_who_is_internal(remote: str, forwarded: str, internal: bool) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/metrics", REMOTE_ADDR=remote, headers=headers)
    assert is_internal(request) is internal


@pytest.mark.django_db
def test_strangers_find_no_metrics(client: Client) -> None:
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
