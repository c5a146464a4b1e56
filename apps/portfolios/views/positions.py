"""Positions, the page of an asset and the explanation of its figures."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.accounts.kept import Written, page_kept
from apps.assets.selectors import asset_get
from apps.common.errors import Invalid
from apps.common.forms import add_domain_errors
from apps.market_data.services import price_record_manual
from apps.portfolios import pages, refreshing
from apps.portfolios.export import positions_file
from apps.portfolios.forms import ManualPriceForm, PositionsForm
from apps.portfolios.selectors import explanation, figures_versions


@workspace_view()
@require_safe
def positions(request: WorkspaceRequest) -> HttpResponse:
    """Everything held on a day, grouped, in one currency."""

    def write() -> Written:
        form = PositionsForm(request.GET)
        context = pages.positions_page(access=request.access, **form.choices())
        return "portfolios/positions.html", {**context, "form": form}

    versions = figures_versions(access=request.access)
    choices = ("on", "currency", "group", "sort", "closed")
    return page_kept(request, versions=versions, choices=choices, write=write)


@workspace_view()
@require_safe
def positions_export(request: WorkspaceRequest, form: str) -> HttpResponse:
    """The positions of a day as CSV or XLSX, by account where they are grouped so."""
    chosen = PositionsForm(request.GET).choices()
    body, media, name = positions_file(
        access=request.access,
        currency=chosen["currency"],
        on=chosen["on"],
        form=form,
        by=pages.detail_of(chosen["group"]),
    )
    response = HttpResponse(body, content_type=media)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@workspace_view("editor")
@require_POST
def refresh(request: WorkspaceRequest) -> HttpResponse:
    """Asks the worker for fresh quotes of what is held."""
    refreshing.quotes_refresh_held(access=request.access)
    messages.success(request, _("Buscando cotações; o aviso aparece quando terminar."))
    return redirect("portfolios:positions", request.access.workspace.pk)


@workspace_view()
@require_safe
def asset(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """One asset: what is held, its price with my trades, its rows."""
    found = asset_get(access=request.access, asset_id=asset_id)
    chosen = PositionsForm(request.GET).choices()
    context = pages.asset_page(
        access=request.access, asset=found, currency=chosen["currency"], on=chosen["on"]
    )
    return render(request, "portfolios/asset.html", {**context, "price_form": ManualPriceForm()})


@workspace_view()
@require_safe
def explain(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """How quantity, average price and gains came to be, line by line."""
    found = asset_get(access=request.access, asset_id=asset_id)
    chosen = PositionsForm(request.GET).choices()
    trails = explanation(
        access=request.access,
        asset=found,
        holder_id=request.GET.get("holder") or None,
        currency=chosen["currency"] if "currency" in request.GET else None,
        on=chosen["on"],
    )
    worths = pages.worths_of(
        access=request.access,
        asset=found,
        holder_id=request.GET.get("holder") or None,
        account_id=request.GET.get("account") or None,
        currency=chosen["currency"],
        on=chosen["on"],
    )
    context = {
        "asset": found,
        "trails": [pages.trail_lines(t) for t in trails],
        "worths": worths,
    }
    return render(request, "portfolios/explain.html", context)


@workspace_view()
@require_safe
def explain_total(request: WorkspaceRequest, figure: str) -> HttpResponse:
    """The positions that a sum of them is made of."""
    chosen = PositionsForm(request.GET).choices()
    context = pages.total_page(
        access=request.access, figure=figure, key=request.GET.get("key"), **chosen
    )
    return render(request, "portfolios/explain_total.html", context)


@workspace_view("editor")
@require_POST
def manual_price(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Records a price typed for this workspace."""
    found = asset_get(access=request.access, asset_id=asset_id)
    form = ManualPriceForm(request.POST)
    if form.is_valid():
        try:
            price_record_manual(
                access=request.access,
                asset=found,
                date=form.cleaned_data["date"],
                price=form.cleaned_data["price"],
            )
            messages.success(request, _("Preço gravado."))
            return redirect("portfolios:asset", request.access.workspace.pk, found.pk)
        except Invalid as error:
            add_domain_errors(form, error)
    context = pages.asset_page(access=request.access, asset=found, currency="BRL", on=None)
    context = {**context, "price_form": form}
    return render(request, "portfolios/asset.html", context, status=422)
