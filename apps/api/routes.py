"""Gathers what each app's ``api`` module offers."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.urls import URLPattern, URLResolver
from rest_framework.routers import DefaultRouter

# Each app's `api` may offer `routes` (prefix, viewset, basename) and `urlpatterns`.
APPS = (
    "accounts",
    "assets",
    "brokers",
    "market_data",
    "corporate_events",
    "ledger",
    "portfolios",
    "performance",
    "taxes",
    "imports",
)


def gather() -> tuple[DefaultRouter, list[URLPattern | URLResolver]]:
    """The router with every viewset, and the addresses that are not viewsets."""
    router = DefaultRouter()
    router.include_format_suffixes = False
    loose: list[URLPattern | URLResolver] = []
    for app in APPS:
        name = f"apps.{app}.api"
        if find_spec(name) is None:
            continue
        module: Any = import_module(name)
        for prefix, viewset, basename in getattr(module, "routes", []):
            router.register(prefix, viewset, basename=basename)
        loose += getattr(module, "urlpatterns", [])
    return router, loose
