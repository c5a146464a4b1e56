"""Every URL of Exitus. Apps are named by string; a workspace's pages hang under /w/<uuid>/."""

from __future__ import annotations

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("conta/", include("allauth.urls")),
    path("", include("apps.api.urls")),
    path("", include("apps.accounts.site_urls")),
    path("", include("apps.dashboard.site_urls")),
    path("", include("apps.taxes.site_urls")),
]
for _app in (
    "accounts",
    "brokers",
    "ledger",
    "portfolios",
    "taxes",
    "performance",
    "imports",
    "dashboard",
):
    urlpatterns.append(path("w/<uuid:workspace_id>/", include(f"apps.{_app}.urls")))
