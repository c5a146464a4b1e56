"""What selling would cost. Nothing here writes: what is asked stands in the address."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.assets.selectors import asset_get
from apps.taxes import pages
from apps.taxes.forms import RaiseForm, sale_forms, sales_asked
from apps.taxes.views.answer import kept, page


@workspace_view()
@require_safe
def simulate(request: WorkspaceRequest) -> HttpResponse:
    """If I sell."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    held = pages.held_page(frame=frame)
    rows = sale_forms(given=request.GET, choices=held["choices"])
    found = pages.simulate_page(frame=frame, sales=sales_asked(rows))
    return page(request, "taxes/simulate.html", frame, {**held, **found, "forms": rows})


@workspace_view()
@require_safe
def raise_cash(request: WorkspaceRequest) -> HttpResponse:
    """The cheapest way to raise an amount."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    form = RaiseForm(request.GET if "valor" in request.GET else None)
    found = {}
    if form.is_valid():
        found = pages.raise_page(frame=frame, amount=form.cleaned_data["valor"])
    return page(request, "taxes/raise.html", frame, {**found, "form": form})


@workspace_view()
@require_safe
def harvest(request: WorkspaceRequest) -> HttpResponse:
    """Losses worth taking."""
    return kept(request, "taxes/harvest.html", pages.harvest_page)


@workspace_view()
@require_safe
def after_tax(request: WorkspaceRequest) -> HttpResponse:
    """Everything after tax."""
    return kept(request, "taxes/after_tax.html", pages.after_tax_page)


@workspace_view()
@require_safe
def asset(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """The tax of selling one asset today: a part of its page."""
    asset_get(access=request.access, asset_id=asset_id)
    return kept(request, "taxes/_asset.html", pages.asset_page, asset_id=str(asset_id))
