"""How a page opened by a secret address finds out whose taxes it shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.common.errors import NotFound
from apps.taxes.models import TaxLink
from apps.taxes.selectors import Opened, link_of_id, link_open
from apps.taxes.services import link_used

View = Callable[..., HttpResponse]


#: Signs the cookies that stand for an address already shown.
_SALT = "taxes.shared"
COOKIE = "contador"
_USUAL = dt.timedelta(days=30)


class SharedRequest(HttpRequest):
    """A request that passed :func:`shared_tax_view` or :func:`shared_page`."""

    access: Access
    holder: Holder
    link: TaxLink


def shared_tax_view(purpose: str) -> Callable[[View], View]:
    """Lets in whoever brings the token of a live address, to look at one holder; others get 404."""

    def decorate(view: View) -> View:
        @require_safe
        @wraps(view)
        def inner(request: Any, token: str, **kwargs: Any) -> HttpResponse:
            return _quiet(_shown(view, request, link_open(token=token, purpose=purpose), kwargs))

        return inner

    return decorate


def shared_page(view: View) -> View:
    """The same for pages, whose token stands in no address but the first.

    A token is exchanged for a signed cookie that only the pages of its address get, and whoever
    brought it is sent on to the address by the link's id, which opens nothing without the cookie.
    The link is looked up each time: revoked, it opens nothing from then on.
    """

    @require_safe
    @wraps(view)
    def inner(request: Any, token: str, **kwargs: Any) -> HttpResponse:
        key = _link_id(token)
        if key is None:
            opened = link_open(token=token, purpose=TaxLink.Purpose.PAGES)
            return _quiet(_exchanged(request, token, opened.link))
        said = request.get_signed_cookie(COOKIE, default="", salt=_SALT)
        if said != str(key):
            raise NotFound("not_found", _("Abra de novo o endereço que você recebeu."))
        opened = link_of_id(link_id=key, purpose=TaxLink.Purpose.PAGES)
        return _quiet(_shown(view, request, opened, kwargs))

    return inner


def _link_id(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None


def _exchanged(request: HttpRequest, token: str, link: TaxLink) -> HttpResponse:
    home = reverse("taxes_site:home", args=[link.pk])
    given = reverse("taxes_site:home", args=[token])
    response = HttpResponseRedirect(home + request.get_full_path().removeprefix(given))
    left = link.expires_at - timezone.now() if link.expires_at else _USUAL
    response.set_signed_cookie(
        COOKIE,
        str(link.pk),
        salt=_SALT,
        max_age=left,
        path=home,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _shown(view: View, request: Any, opened: Opened, kwargs: dict[str, Any]) -> HttpResponse:
    link_used(link=opened.link)
    request.access, request.holder, request.link = opened.access, opened.holder, opened.link
    return view(request, **kwargs)


def _quiet(response: HttpResponse) -> HttpResponse:
    """Kept by no cache, found by no search engine, its address told to no other site."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
