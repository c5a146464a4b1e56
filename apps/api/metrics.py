"""Counters for Prometheus. With several web processes, set ``PROMETHEUS_MULTIPROC_DIR``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client import REGISTRY as PROCESS_REGISTRY
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from apps.api import health, selectors

REQUESTS = Counter("exitus_http_requests", "Requests answered.", ["method", "view", "status"])
SECONDS = Histogram(
    "exitus_http_request_seconds",
    "Time to answer.",
    ["view"],
    buckets=(0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def observe(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Counts one answer. Labels are names of addresses, never addresses: they hold no ids."""
    match = request.resolver_match
    view = (match.view_name or "unnamed") if match else "unresolved"
    method = request.method if request.method in _METHODS else "OTHER"
    REQUESTS.labels(method, view, str(response.status_code)).inc()
    SECONDS.labels(view).observe(seconds)


class Installation(Collector):
    """What the tables and the worker tell, asked at the moment of the scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The gauges."""
        stale = GaugeMetricFamily("exitus_workspaces_stale", "Workspaces waiting to be rebuilt.")
        stale.add_metric([], selectors.stale_workspaces())
        yield stale
        tasks = GaugeMetricFamily("exitus_task_runs", "Tasks by state.", labels=["state"])
        for state, count in selectors.task_runs_by_state().items():
            tasks.add_metric([state], count)
        yield tasks
        sources = GaugeMetricFamily(
            "exitus_data_source_age_seconds", "Since the last good answer.", labels=["source"]
        )
        for source, seconds in selectors.data_source_ages().items():
            sources.add_metric([source], seconds)
        yield sources
        age = health.worker_age()
        if age is not None:
            worker = GaugeMetricFamily("exitus_worker_age_seconds", "Since the worker's last sign.")
            worker.add_metric([], age)
            yield worker


def metrics(request: HttpRequest) -> HttpResponse:
    """Everything in Prometheus' text format; 404 for whoever is not of the house."""
    if not is_internal(request):
        raise Http404
    counted = PROCESS_REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        counted = CollectorRegistry()
        MultiProcessCollector(counted)
    installation = CollectorRegistry()
    installation.register(Installation())
    body = generate_latest(counted) + generate_latest(installation)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)


def is_internal(request: HttpRequest) -> bool:
    """Whether every address the request passed through is allowed (``METRICS_ALLOWED``).

    A proxy appends the address it saw, so a stranger may add names to the list but never take
    his own out.
    """
    networks = [ip_network(item) for item in settings.METRICS_ALLOWED]
    passed = [request.META.get("REMOTE_ADDR", "")]
    forwarded = request.headers.get("X-Forwarded-For", "")
    passed += [item.strip() for item in forwarded.split(",")] if forwarded else []
    try:
        addresses = [ip_address(item) for item in passed]
    except ValueError:
        return False
    return all(any(address in network for network in networks) for address in addresses)
