"""What selling would cost. Nothing here writes: what is asked stands in the address."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.taxes import pages
from apps.taxes.views.answer import page


@workspace_view()
@require_safe
def simulate(request: WorkspaceRequest) -> HttpResponse:
    """If I sell."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    found = pages.simulate_page(frame=frame, given=request.GET)
    return page(request, "taxes/simulate.html", frame, found)


@workspace_view()
@require_safe
def raise_cash(request: WorkspaceRequest) -> HttpResponse:
    """The cheapest way to raise an amount."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    found = pages.raise_page(frame=frame, given=request.GET)
    return page(request, "taxes/raise.html", frame, found)


@workspace_view()
@require_safe
def harvest(request: WorkspaceRequest) -> HttpResponse:
    """Losses worth taking."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    return page(request, "taxes/harvest.html", frame, pages.harvest_page(frame=frame))


@workspace_view()
@require_safe
def after_tax(request: WorkspaceRequest) -> HttpResponse:
    """Everything after tax."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    return page(request, "taxes/after_tax.html", frame, pages.after_tax_page(frame=frame))


@workspace_view()
@require_safe
def asset(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The tax of selling one asset today: a part of its page."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    found = pages.asset_page(frame=frame, asset_id=str(asset_id))
    return page(request, "taxes/_asset.html", frame, found)
