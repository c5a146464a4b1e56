"""The year, the month, and closing it."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import Conflict
from apps.taxes import pages, services
from apps.taxes.views.answer import back, kept


@workspace_view()
@require_safe
def year(request: WorkspaceRequest, year: int | None = None) -> HttpResponse:
    """The months of a year."""
    return kept(request, "taxes/year.html", pages.year_page, year=year)


@workspace_view()
@require_safe
def month(request: WorkspaceRequest, year: int, month_number: int) -> HttpResponse:
    """A month down to each sale."""
    return kept(request, "taxes/month.html", pages.month_page, year=year, month_number=month_number)


@workspace_view()
@require_safe
@vary_on_headers("HX-Request")
def explain(request: WorkspaceRequest, year: int, month_number: int, bucket: str) -> HttpResponse:
    """How one bucket of a month was settled."""
    return kept(
        request,
        "taxes/explain.html",
        pages.explain_page,
        year=year,
        month_number=month_number,
        bucket=bucket,
    )


@workspace_view(role="editor")
@require_POST
def close(request: WorkspaceRequest, year: int, month_number: int) -> HttpResponse:
    """Closes a month with its figures of now; says what is missing where it cannot."""
    frame = pages.frame_of(access=request.access, given=request.GET, year=year)
    first = dt.date(year, month_number, 1)
    try:
        services.month_close(access=request.access, holder=frame.holder, month=first)
        messages.success(request, _("Mês fechado."))
    except Conflict as error:
        messages.error(request, str(error.message))
    return back(frame, "month", year, month_number)


@workspace_view(role="editor")
@require_POST
def reopen(request: WorkspaceRequest, year: int, month_number: int) -> HttpResponse:
    """Opens a closed month again."""
    frame = pages.frame_of(access=request.access, given=request.GET, year=year)
    first = dt.date(year, month_number, 1)
    services.month_reopen(access=request.access, holder=frame.holder, month=first)
    messages.success(request, _("Mês reaberto. O que foi pago continua registrado."))
    return back(frame, "month", year, month_number)


@workspace_view()
@require_safe
def tile(request: WorkspaceRequest) -> HttpResponse:
    """The tax of this month, a part of the overview."""
    return kept(request, "taxes/_tile.html", pages.tile_page)
