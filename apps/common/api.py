"""What every endpoint shares: errors as RFC 9457 problems, pages, decimals as strings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.common.errors import DomainError

PROBLEM_JSON = "application/problem+json"

TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Pagination(PageNumberPagination):
    """Pages of 100 rows, up to 1,000 by ``page_size``."""

    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"


class DecimalString(serializers.DecimalField):
    """A decimal as a plain string without trailing zeros: ``"100.5"``, never ``1.005E+2``."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 30)
        kwargs.setdefault("decimal_places", 12)
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str | None:
        """The value as text; ``None`` stays unknown."""
        if value is None:
            return None
        return plain(value if isinstance(value, Decimal) else Decimal(str(value)))


def plain(value: Decimal) -> str:
    """``value`` without exponent and without trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def problem(
    status_code: int,
    *,
    code: str,
    detail: str,
    request: Any = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An RFC 9457 answer."""
    django_request = getattr(request, "_request", request)
    body = {
        "type": f"urn:exitus:problem:{code}",
        "title": TITLES.get(status_code, "Error"),
        "status": status_code,
        "detail": detail,
        "code": code,
        "errors": errors or [],
        "request_id": getattr(django_request, "request_id", ""),
    }
    return Response(body, status=status_code, headers=headers, content_type=PROBLEM_JSON)


def problem_handler(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every error becomes a problem; unknown ones are left to Django."""
    request = context.get("request")
    if isinstance(exc, DomainError):
        set_rollback()
        return problem(
            exc.status,
            code=exc.code,
            detail=str(exc.message),
            request=request,
            errors=[
                {"field": e.field, "code": e.code, "message": str(e.message)} for e in exc.errors
            ],
        )
    if isinstance(exc, Http404):
        exc = exceptions.NotFound()
    elif isinstance(exc, PermissionDenied):
        exc = exceptions.PermissionDenied()
    if not isinstance(exc, exceptions.APIException):
        return None
    set_rollback()
    headers: dict[str, str] = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))  # type: ignore[attr-defined]
    if isinstance(exc, exceptions.ValidationError):
        return problem(
            status.HTTP_400_BAD_REQUEST,
            code="invalid",
            detail=_("Há campos a corrigir."),
            request=request,
            errors=list(_flatten(exc.detail)),
            headers=headers,
        )
    return problem(
        exc.status_code,
        code=_code(exc),
        detail=_detail(exc.detail),
        request=request,
        headers=headers,
    )


def _code(exc: exceptions.APIException) -> str:
    codes = exc.get_codes()
    if isinstance(codes, str):
        return codes
    # A wrong token comes as {"detail": ..., "code": "token_not_valid", "messages": [...]}.
    named = exc.detail.get("code") if isinstance(exc.detail, Mapping) else None
    return str(named or exc.default_code)


def _detail(detail: Any) -> str:
    if isinstance(detail, Mapping):
        return str(detail.get("detail", next(iter(detail.values()), "")))
    if isinstance(detail, list):
        return " ".join(str(item) for item in detail)
    return str(detail)


def _flatten(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _flatten(value, f"{path}.{key}" if path else str(key))
    elif isinstance(detail, list):
        for index, item in enumerate(detail):
            nested = isinstance(item, Mapping | list)
            yield from _flatten(item, f"{path}.{index}" if nested else path)
    else:
        yield {
            "field": path,
            "code": str(getattr(detail, "code", "invalid")),
            "message": str(detail),
        }
