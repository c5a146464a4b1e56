"""How a page finds out who is asking and what they may do."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django_htmx.middleware import HtmxDetails

from apps.accounts.access import Access
from apps.accounts.edits import workspace_edited
from apps.accounts.selectors import access_get, access_with_user

View = Callable[..., HttpResponse]
YEAR = 31_536_000  # seconds
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


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
        def enter(request: Any, access: Access, **kwargs: Any) -> HttpResponse:
            access.require(role)
            request.access = access
            response = view(request, **kwargs)
            if request.method not in SAFE_METHODS:
                workspace_edited(access.workspace.pk)
            return response

        @login_required
        def knock(request: Any, workspace_id: object, **kwargs: Any) -> HttpResponse:
            access = access_get(user=request.user, workspace_id=workspace_id)
            return enter(request, access, **kwargs)

        @wraps(view)
        def inner(request: Any, workspace_id: object, **kwargs: Any) -> HttpResponse:
            access = _access_of_session(request, workspace_id)
            if access is None:
                return knock(request, workspace_id, **kwargs)
            return enter(request, access, **kwargs)

        inner.workspace_role = role  # type: ignore[attr-defined]
        return inner

    return decorate


def _access_of_session(request: Any, workspace_id: object) -> Access | None:
    """The access of a signed-in member, person and workspace in one query.

    ``None`` wherever anything is not as usual (nobody signed in, a stranger, a changed password, a
    rotated key): Django's own way then decides.
    """
    session = request.session
    kept = session.get(HASH_SESSION_KEY)
    known = session.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS
    if not kept or not known or hasattr(request, "_cached_user"):
        return None
    access = access_with_user(user_id=session.get(SESSION_KEY), workspace_id=workspace_id)
    if access is None or not access.user.is_active:
        return None
    if not constant_time_compare(kept, access.user.get_session_auth_hash()):
        return None
    request._cached_user = access.user  # where AuthenticationMiddleware's request.user looks
    return access
