"""Every URL of Exitus. Apps are named by string; a workspace's pages hang under /w/<uuid>/."""

from __future__ import annotations

import sys
from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

WORKSPACE_APPS = (
    "accounts",
    "brokers",
    "ledger",
    "portfolios",
    "imports",
    "market_data",
    "dashboard",
)


def _included(route: str, module: str) -> list[URLResolver]:
    try:
        return [path(route, include(module))] if find_spec(module) else []
    except ModuleNotFoundError as error:  # TODO(skeleton): gone when every app is there
        print(f"urls: {module} left out: {error}", file=sys.stderr)
        return []


urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("conta/", include("allauth.urls")),
    *_included("", "apps.api.urls"),
    *_included("", "apps.accounts.site_urls"),
    *_included("", "apps.dashboard.site_urls"),
]
for _app in WORKSPACE_APPS:
    urlpatterns += _included("w/<uuid:workspace_id>/", f"apps.{_app}.urls")
