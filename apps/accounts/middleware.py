"""Guards of a sign-in that many people share."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.services import refuse_shared
from apps.common.errors import Forbidden

PREFIX = "/conta/"
OPEN = ("/conta/login/", "/conta/logout/", "/conta/signup/")


class SharedLoginMiddleware:
    """Nobody changes the password, mail or keys of a shared sign-in.

    Only writes under the account pages are looked at: other requests pay nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_args: object) -> HttpResponse | None:
        """Answers 403 to a write of a shared sign-in to its own account."""
        watched = request.method == "POST" and request.path_info.startswith(PREFIX)
        if not watched or request.path_info in OPEN or not request.user.is_authenticated:
            return None
        try:
            refuse_shared(request.user)
        except Forbidden as error:
            return render(request, "403.html", {"message": str(error.message)}, status=403)
        return None
