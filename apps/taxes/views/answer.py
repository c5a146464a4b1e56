"""How a page of taxes is answered, to members and to whoever brings an accountant's address."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.http import WorkspaceRequest
from apps.accounts.kept import Written, page_kept
from apps.taxes import pages, selectors, services
from apps.taxes.pages import Frame

OWN, SHARED = "base.html", "taxes/shared_base.html"
#: Parameters of an address that make few pages: whose taxes, and tables whole.
CHOICES = ("titular", "linhas")


def page(
    request: HttpRequest, template: str, frame: Frame, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """The page within its frame."""
    return render(request, template, _whole(request, frame, context), status=status)


def kept(
    request: WorkspaceRequest,
    template: str,
    show: Callable[..., Mapping[str, Any]],
    *,
    year: int | None = None,
    choices: Collection[str] = (),
    **terms: Any,
) -> HttpResponse:
    """The page that ``show`` tells of a frame, as it was kept for these figures, or written now.
    One that waits for the worker is never kept."""
    access = request.access
    ready = services.assessments_ensure(workspace_id=access.workspace.pk)

    def write() -> Written:
        frame = pages.frame_of(access=access, given=request.GET, year=year)
        context = show(frame=frame, **terms)
        if not (ready and frame.is_ready):
            return page(request, template, frame, context)
        return template, _whole(request, frame, context)

    versions = (ready, selectors.pages_mark(access=access), year, repr(terms))
    return page_kept(request, versions=versions, choices=(*CHOICES, *choices), write=write)


def _whole(request: HttpRequest, frame: Frame, context: Mapping[str, Any]) -> dict[str, Any]:
    base = SHARED if frame.token else OWN
    # What an overlay asks for is its inside only; opened by itself it has the frame of its address.
    panel = "panel.html" if getattr(request, "htmx", False) else base
    return {**context, "frame": frame, "page_base": base, "panel_base": panel}


def back(frame: Frame, name: str, *args: Any, **query: Any) -> HttpResponse:
    """To another page of the same holder, after a write."""
    return redirect(frame.url(name, *args, **query))
