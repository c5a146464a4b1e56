"""Errors under /api/ are problems even where they never reach a view."""

from __future__ import annotations

import json
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.api import metrics
from apps.common.api import PROBLEM_JSON, TITLES

GetResponse = Callable[[HttpRequest], HttpResponse]


class ApiMiddleware:
    """Counts requests, and turns the framework's own error pages into problems under /api/.

    A body too large, a bad header or an exception nobody foresaw answers as HTML by default.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        start = perf_counter()
        response = self.get_response(request)
        if response.status_code >= 400 and request.path_info.startswith("/api/"):
            response = _as_problem(request, response)
        metrics.observe(request, response, perf_counter() - start)
        return response


def _as_problem(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    if response.get("Content-Type", "").startswith(PROBLEM_JSON):
        return response
    status = response.status_code
    code = "server_error" if status >= 500 else "bad_request"
    body = {
        "type": f"urn:exitus:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": _("Algo deu errado do nosso lado; o registro já foi feito.")
        if status >= 500
        else _("O pedido não pôde ser lido."),
        "code": code,
        "errors": [],
        "request_id": getattr(request, "request_id", ""),
    }
    problem = HttpResponse(
        json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_JSON
    )
    for name in ("Allow", "Retry-After", "WWW-Authenticate"):
        if name in response:
            problem[name] = response[name]
    return problem
