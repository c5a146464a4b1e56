"""The HTTP API under /api/v1/, and the addresses machines look at."""

from __future__ import annotations

from django.urls import include, path, re_path

from apps.api.routes import gather
from apps.api.views import UnknownView

_router, _loose = gather()

v1 = [*_loose, path("", include(_router.urls))]

urlpatterns = [
    path("api/v1/", include((v1, "api"))),
    re_path(r"^api(/.*)?$", UnknownView.as_view(), name="api-unknown"),
]
