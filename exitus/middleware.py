"""Middleware that belongs to delivery: content policy by path, audit context."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse
from pghistory.middleware import HistoryMiddleware

# django-unfold runs Alpine's eval build and writes inline styles and scripts without nonces;
# Swagger UI writes inline styles. Nothing else may.
RELAXED: dict[str, dict[str, list[Any]]] = {
    "/admin/": {
        "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
        "style-src": [SELF, UNSAFE_INLINE],
    },
    "/api/v1/docs/": {"style-src": [SELF, UNSAFE_INLINE]},
}


class CspByPathMiddleware:
    """Relaxes the content policy under the few paths that need it.

    It must stand right below CSPMiddleware in MIDDLEWARE: it sets the attribute that one reads on
    the way out.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for prefix, directives in RELAXED.items():
            if request.path_info.startswith(prefix):
                response._csp_replace = directives  # type: ignore[attr-defined]
                break
        return response


class AuditMiddleware(HistoryMiddleware):
    """Every write of a request is audited with its user, path and request id."""

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request)
        context["request_id"] = getattr(request, "request_id", None)
        return context
