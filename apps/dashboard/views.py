"""Overview, start, data health, bell, search, and the front door."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import trigger_client_event

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.accounts.kept import Written, page_kept
from apps.accounts.services import task_runs_seen
from apps.dashboard import selectors
from apps.dashboard.forms import PERIODS, OverviewForm, SearchForm
from apps.dashboard.sample import SAMPLE
from apps.portfolios.selectors import figures_versions


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """The front door: to one's workspace, or what Exitus is."""
    if not request.user.is_authenticated:
        return render(request, "dashboard/landing.html", {"sample": SAMPLE})
    workspace_id = selectors.home_of(user=request.user)
    if workspace_id is None:
        return redirect("profile:workspaces")
    return redirect("dashboard:overview", workspace_id)


@workspace_view()
@require_safe
def overview(request: WorkspaceRequest) -> HttpResponse:
    """What the person owns, what it did, and what is missing to know it."""

    def write() -> Written:
        chosen = OverviewForm(request.GET).choices()
        figures = selectors.overview_figures(
            access=request.access, currency=chosen["currency"], on=chosen["on"]
        )
        if figures is None:
            return redirect("dashboard:start", request.access.workspace.pk)
        return "dashboard/overview.html", {"f": figures, "chosen": chosen, "periods": PERIODS}

    versions = figures_versions(access=request.access)
    return page_kept(request, versions=versions, choices=("currency", "on", "period"), write=write)


@workspace_view()
@require_safe
def evolution(request: WorkspaceRequest) -> HttpResponse:
    """Worth and contributions for the chart; 202 while the worker has yet to build them."""
    chosen = OverviewForm(request.GET).choices()
    chosen.pop("on")
    points = selectors.evolution_points(access=request.access, **chosen)
    if points is None:
        return JsonResponse({"dates": [], "pending": True}, status=202)
    etag = quote_etag(selectors.etag_of(chosen, points))
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    return JsonResponse(selectors.evolution_chart(points=points), headers=headers)


@workspace_view()
@require_safe
def evolution_table(request: WorkspaceRequest) -> HttpResponse:
    """The chart as a table, for reading and copying."""
    chosen = OverviewForm(request.GET).choices()
    chosen.pop("on")
    points = selectors.evolution_points(access=request.access, **chosen)
    rows = selectors.evolution_table(points=points) if points else []
    context = {"rows": rows, "points": points, "chosen": chosen, "periods": PERIODS}
    return render(request, "dashboard/evolution.html", context)


@workspace_view()
@require_safe
def start(request: WorkspaceRequest) -> HttpResponse:
    """Three ways to begin."""
    return render(request, "dashboard/start.html")


@workspace_view()
@require_safe
def issues(request: WorkspaceRequest) -> HttpResponse:
    """What keeps figures from being whole, and where to put it right."""
    groups = selectors.issue_groups(access=request.access)
    return render(request, "dashboard/issues.html", {"groups": groups})


@workspace_view()
@require_safe
def notifications(request: WorkspaceRequest) -> HttpResponse:
    """Everything the bell told; looking at it marks it as seen."""
    found = selectors.bell(access=request.access, limit=60)
    response = render(request, "dashboard/notifications.html", {"bell": found})
    task_runs_seen(access=request.access)
    return response


@workspace_view()
@require_safe
def bell(request: WorkspaceRequest) -> HttpResponse:
    """The bell's list, polled; tells the page when figures became fresh again."""
    found = selectors.bell(access=request.access)
    response = render(request, "dashboard/_bell.html", {"bell": found})
    if found.fresh and request.GET.get("was") == "stale":
        trigger_client_event(response, "figures-updated", after="settle")
    return response


@workspace_view()
@require_safe
@vary_on_headers("HX-Request")
def search(request: WorkspaceRequest) -> HttpResponse:
    """Assets and pages by what is typed; the fragment serves the box of the top bar."""
    query = SearchForm(request.GET).choices()["q"]
    context = {"query": query, "hits": selectors.search_hits(access=request.access, text=query)}
    template = "dashboard/_suggestions.html" if request.htmx else "dashboard/search.html"
    return render(request, template, context)
