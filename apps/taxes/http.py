"""How a page opened by a secret address finds out whose taxes it shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.taxes.models import TaxLink
from apps.taxes.selectors import link_open
from apps.taxes.services import link_used

View = Callable[..., HttpResponse]


class SharedRequest(HttpRequest):
    """A request that passed :func:`shared_tax_view`."""

    access: Access
    holder: Holder


def shared_tax_view(purpose: str = TaxLink.Purpose.PAGES) -> Callable[[View], View]:
    """Lets in whoever brings the token of a live address, to look at one holder; others get 404.

    What is shown is kept by no cache, found by no search engine, and its address told to no other
    site.
    """

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def inner(request: Any, token: str, **kwargs: Any) -> HttpResponse:
            opened = link_open(token=token, purpose=purpose)
            link_used(link=opened.link)
            request.access, request.holder = opened.access, opened.holder
            response = view(request, **kwargs)
            response.headers["Cache-Control"] = "private, no-store"
            response.headers["Referrer-Policy"] = "no-referrer"
            response.headers["X-Robots-Tag"] = "noindex, nofollow"
            return response

        return inner

    return decorate
