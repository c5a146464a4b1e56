"""Pages of returns, risk, allocation and income, and why each figure is what it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.accounts.kept import Written, page_kept
from apps.assets.selectors import asset_get
from apps.performance import pages
from apps.performance.asked import PARAMETERS, Asked, asked_of


def _kept(
    request: WorkspaceRequest, template: str, asked: Asked, page: Callable[..., dict[str, Any]]
) -> HttpResponse:
    """The page as it was kept for these figures, or written now; one that waits is never kept."""
    access = request.access

    def write() -> Written:
        context = page(access=access, asked=asked)
        return render(request, template, context) if "building" in context else (template, context)

    versions = pages.page_versions(access=access, currency=asked.query.currency)
    return page_kept(request, versions=versions, choices=PARAMETERS, write=write)


@workspace_view()
@require_safe
def returns(request: WorkspaceRequest) -> HttpResponse:
    """What the period returned, from what, and beside what."""
    asked = asked_of(request.GET)
    return _kept(request, "performance/returns.html", asked, pages.returns_page)


@workspace_view()
@require_safe
def risk(request: WorkspaceRequest) -> HttpResponse:
    """How uneven the returns were."""
    asked = asked_of(request.GET)
    return _kept(request, "performance/risk.html", asked, pages.risk_page)


@workspace_view()
@require_safe
def allocation(request: WorkspaceRequest) -> HttpResponse:
    """Where the worth is, against the targets."""
    asked = asked_of(request.GET, group_by="class")
    return _kept(request, "performance/allocation.html", asked, pages.allocation_page)


@workspace_view()
@require_safe
def income(request: WorkspaceRequest) -> HttpResponse:
    """What was paid, by month and asset."""
    asked = asked_of(request.GET)
    return _kept(request, "performance/income.html", asked, pages.income_page)


@workspace_view()
@require_safe
@vary_on_headers("HX-Request")
def asset(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The return of one asset; its own page shows the same as a part."""
    found = asset_get(access=request.access, asset_id=asset_id)
    asked = asked_of(request.GET)
    context = pages.asset_page(access=request.access, asked=asked, asset=found)
    return render(request, "performance/asset.html", context)


@workspace_view()
@require_safe
@vary_on_headers("HX-Request")
def explain(request: WorkspaceRequest, code: str) -> HttpResponse:
    """The parts of one figure."""
    context = pages.explain_page(access=request.access, asked=asked_of(request.GET), code=code)
    return render(request, "performance/explain.html", context)


@workspace_view()
@require_safe
def state(request: WorkspaceRequest) -> HttpResponse:
    """Whether the figures are of now, polled; tells the page when newer ones are there."""
    currency = asked_of(request.GET).query.currency
    found = pages.state_of(access=request.access, currency=currency)
    response = render(request, "performance/_state.html", {"ready": found, "asked": currency})
    if found.is_ready and request.GET.get("was") != pages.state_mark(found):
        trigger_client_event(response, "analysis-updated", after="settle")
    return response
