"""The HTTP API under /api/v1/, and the addresses machines look at."""

from __future__ import annotations

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from apps.api import health
from apps.api.exports import ArchiveView, ExportsView, ExportView
from apps.api.metrics import metrics
from apps.api.routes import gather
from apps.api.views import SchemaView, UnknownView

_router, _loose = gather()

v1 = [
    *_loose,
    path("exports/", ExportsView.as_view(), name="exports"),
    path("exports/all.zip", ArchiveView.as_view(), name="export_all"),
    path("exports/<slug:kind>.csv", ExportView.as_view(), name="export"),
    path("schema/", SchemaView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    path("", include(_router.urls)),
]

urlpatterns = [
    path("api/v1/", include((v1, "api"))),
    re_path(r"^api(/.*)?$", UnknownView.as_view(), name="api-unknown"),
    path("health/live", health.live, name="health-live"),
    path("health/ready", health.ready, name="health-ready"),
    path("metrics", metrics, name="metrics"),
]
