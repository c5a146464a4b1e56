"""How a page finds out who is asking and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from apps.accounts.access import Access
from apps.accounts.selectors import access_get

View = Callable[..., HttpResponse]
YEAR = 31_536_000  # seconds


def remember_language(response: HttpResponse, language: str) -> None:
    """Keeps the choice in this browser, where the next request reads it without a query."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax", httponly=True
    )


class WorkspaceRequest(HttpRequest):
    """A request that passed :func:`workspace_view`."""

    access: Access
    htmx: HtmxDetails


def workspace_view(role: str = "viewer") -> Callable[[View], View]:
    """Lets members in with at least ``role``; strangers get 404, the anonymous the login page."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def inner(request: Any, workspace_id: object, **kwargs: Any) -> HttpResponse:
            access = access_get(user=request.user, workspace_id=workspace_id)
            access.require(role)
            request.access = access
            return view(request, **kwargs)

        inner.workspace_role = role  # type: ignore[attr-defined]
        return inner

    return decorate
