"""The exemption while a sale is being typed, as a part of the ledger's form."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.taxes import pages, services
from apps.taxes.forms import MeterForm


@workspace_view()
@require_safe
def meter(request: WorkspaceRequest) -> HttpResponse:
    """Sales of the month with the one being typed; nothing where it is no sale of shares."""
    services.assessments_ensure(workspace_id=request.access.workspace.pk)
    found = pages.meter_page(access=request.access, typed=MeterForm(request.GET).typed())
    return render(request, "taxes/_meter_live.html", found)
