"""How a page of taxes is answered, to members and to whoever brings an accountant's address."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.taxes.pages import Frame

OWN, SHARED = "base.html", "taxes/shared_base.html"


def page(
    request: HttpRequest, template: str, frame: Frame, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The page within its frame."""
    base = SHARED if frame.token else OWN
    # What an overlay asks for is its inside only; opened by itself it has the frame of its address.
    panel = "panel.html" if getattr(request, "htmx", False) else base
    whole = {**context, "frame": frame, "page_base": base, "panel_base": panel}
    return render(request, template, whole, status=status)


def back(frame: Frame, name: str, *args: Any, **query: Any) -> HttpResponse:
    """To another page of the same holder, after a write."""
    return redirect(frame.url(name, *args, **query))
