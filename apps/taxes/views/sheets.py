"""Sheets of a year and the annual return, as pages and as files."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import NotFound
from apps.taxes import documents, pages, selectors, services
from apps.taxes.forms import code_of, day_of
from apps.taxes.pages import Frame
from apps.taxes.views.answer import kept

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PDF = "application/pdf"
JSON = "application/json"


@workspace_view()
@require_safe
def annual(request: WorkspaceRequest, year: int) -> HttpResponse:
    """The annual return of a calendar year."""
    return kept(request, "taxes/annual.html", pages.annual_page, year=year)


@workspace_view()
@require_safe
def abroad(request: WorkspaceRequest, year: int) -> HttpResponse:
    """The year abroad."""
    return kept(request, "taxes/abroad.html", pages.abroad_page, year=year)


@workspace_view()
@require_safe
def income(request: WorkspaceRequest, year: int) -> HttpResponse:
    """Dividends, JCP and the minimum tax."""
    return kept(request, "taxes/income.html", pages.income_page, year=year)


@workspace_view()
@require_safe
def fixed(request: WorkspaceRequest, year: int) -> HttpResponse:
    """What was withheld at source."""
    return kept(request, "taxes/fixed.html", pages.fixed_page, year=year)


@workspace_view()
@require_safe
def crypto(request: WorkspaceRequest, year: int) -> HttpResponse:
    """Months of coins."""
    return kept(request, "taxes/crypto.html", pages.crypto_page, year=year)


@workspace_view()
@require_safe
def file(request: WorkspaceRequest, year: int, document: str) -> HttpResponse:
    """The return as PDF, XLSX or JSON, or the whole year as a workbook."""
    frame = pages.frame_of(access=request.access, given=request.GET, year=year)
    return file_of(frame, document)


@workspace_view()
@require_safe
def darf_pdf(request: WorkspaceRequest, year: int, month_number: int) -> HttpResponse:
    """A form to print."""
    frame = pages.frame_of(access=request.access, given=request.GET, year=year)
    return darf_file(request, frame, month_number)


def darf_file(request: WorkspaceRequest, frame: Frame, month: int) -> HttpResponse:
    """The sheet of one form, as paid on the day that ``em`` names."""
    body = documents.darf_pdf(
        access=frame.access,
        holder=frame.holder,
        year=frame.year,
        month=month,
        on=day_of(request.GET),
        code=code_of(request.GET),
    )
    return sent(body, PDF, f"darf-{frame.year}-{month:02}.pdf")


def file_of(frame: Frame, document: str) -> HttpResponse:
    """One file of a year. Raises ``NotFound`` for a name of none."""
    if document not in FILES:
        raise NotFound("not_found", "")
    make, kind, name = FILES[document]
    services.annual_ensure(access=frame.access, holder=frame.holder, year=frame.year)
    return sent(make(frame), kind, name.format(year=frame.year, filing=frame.filing_year))


def sent(body: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep; no cache holds it."""
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _annual_json(frame: Frame) -> bytes:
    found = selectors.annual_whole(access=frame.access, holder=frame.holder, year=frame.year)
    return json.dumps(found.get("annual"), ensure_ascii=False, indent=2).encode()


def _made(make: Callable[..., bytes]) -> Callable[[Frame], bytes]:
    return lambda frame: make(access=frame.access, holder=frame.holder, year=frame.year)


FILES: dict[str, tuple[Callable[[Frame], bytes], str, str]] = {
    "declaracao.pdf": (_made(documents.annual_pdf), PDF, "declaracao-{filing}.pdf"),
    "declaracao.xlsx": (_made(documents.annual_xlsx), XLSX, "declaracao-{filing}.xlsx"),
    "declaracao.json": (_annual_json, JSON, "declaracao-{filing}.json"),
    "declaracao-tabelas.json": (
        _made(documents.annual_tables_json),
        JSON,
        "declaracao-{filing}-tabelas.json",
    ),
    "impostos.json": (_made(documents.year_json), JSON, "impostos-{year}.json"),
    "impostos.pdf": (_made(documents.year_pdf), PDF, "impostos-{year}.pdf"),
    "impostos.xlsx": (_made(documents.year_xlsx), XLSX, "impostos-{year}.xlsx"),
}
