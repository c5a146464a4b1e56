"""Pages of an accountant's address: the same reading of one holder, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.views.decorators.vary import vary_on_headers

from apps.taxes import pages
from apps.taxes.forms import code_of, day_of
from apps.taxes.http import SharedRequest, shared_page
from apps.taxes.pages import Frame
from apps.taxes.throttle import too_many
from apps.taxes.views.answer import page
from apps.taxes.views.sheets import darf_file, file_of

Show = Callable[..., dict[str, Any]]


def _opened(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes the frame of its address; who asks too often waits."""

    @wraps(view)
    def throttled(request: Any, token: str, **kwargs: Any) -> HttpResponse:
        if too_many(request):
            return HttpResponse(status=429, headers={"Retry-After": "60"})
        return framed(request, token=token, **kwargs)

    def with_frame(request: SharedRequest, year: int | None = None, **kwargs: Any) -> HttpResponse:
        frame = pages.shared_frame(
            access=request.access,
            holder=request.holder,
            token=str(request.link.pk),
            year=year,
        )
        return view(request, frame, **kwargs)

    framed = shared_page(with_frame)
    return throttled


def shown(template: str, show: Show) -> Callable[..., HttpResponse]:
    """The page that ``show`` tells of a frame."""

    def view(request: SharedRequest, frame: Frame, **kwargs: Any) -> HttpResponse:
        return page(request, template, frame, show(frame=frame, **kwargs))

    return _opened(view)


year = shown("taxes/year.html", pages.year_page)
month = shown("taxes/month.html", pages.month_page)
explain = vary_on_headers("HX-Request")(shown("taxes/explain.html", pages.explain_page))
annual = shown("taxes/annual.html", pages.annual_page)
abroad = shown("taxes/abroad.html", pages.abroad_page)
income = shown("taxes/income.html", pages.income_page)
fixed = shown("taxes/fixed.html", pages.fixed_page)
crypto = shown("taxes/crypto.html", pages.crypto_page)


@_opened
def darfs(request: SharedRequest, frame: Frame) -> HttpResponse:
    """Every form."""
    found = pages.darfs_page(frame=frame, on=day_of(request.GET))
    return page(request, "taxes/darfs.html", frame, found)


@_opened
def darf(request: SharedRequest, frame: Frame, month_number: int) -> HttpResponse:
    """One form."""
    found = pages.darf_page(
        frame=frame, month=month_number, on=day_of(request.GET), code=code_of(request.GET)
    )
    return page(request, "taxes/darf.html", frame, found)


@_opened
def darf_pdf(request: Any, frame: Frame, month_number: int) -> HttpResponse:
    """A form to print."""
    return darf_file(request, frame, month_number)


@_opened
def file(request: SharedRequest, frame: Frame, document: str) -> HttpResponse:
    """A file of the year."""
    return file_of(frame, document)
