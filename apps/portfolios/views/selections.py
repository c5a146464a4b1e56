"""Portfolios: what they choose, what they aim at; and the tags of an asset."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.assets.selectors import asset_get
from apps.common.errors import DomainError
from apps.common.forms import add_domain_errors
from apps.portfolios import selection_pages, services
from apps.portfolios.forms import PortfolioForm, TagsForm, TargetsForm
from apps.portfolios.models import Portfolio
from apps.portfolios.selectors import portfolio_get


def _sent(request: WorkspaceRequest) -> QueryDict | None:
    """What was posted, even if nothing was ticked or typed."""
    return request.POST if request.method == "POST" else None


@workspace_view()
@require_safe
def portfolios(request: WorkspaceRequest) -> HttpResponse:
    """Every portfolio, with what it is worth and how far from its targets."""
    context = selection_pages.portfolios_page(access=request.access)
    return render(request, "portfolios/portfolios.html", context)


def _form_page(
    request: WorkspaceRequest, form: PortfolioForm, portfolio: Portfolio | None = None
) -> HttpResponse:
    context = {"form": form, "portfolio": portfolio}
    status = 422 if form.errors else 200
    return render(request, "portfolios/portfolio_form.html", context, status=status)


def _selection(form: PortfolioForm) -> services.Selection:
    chosen = form.cleaned_data
    return services.Selection(
        accounts=[uuid.UUID(key) for key in chosen["accounts"]],
        classes=chosen["classes"],
        tags=chosen["tags"],
        assets=[uuid.UUID(key) for key in chosen["assets"]],
    )


@workspace_view("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def portfolio_new(request: WorkspaceRequest) -> HttpResponse:
    """A new selection; its weights come next."""
    choices = selection_pages.choices_of(access=request.access)
    form = PortfolioForm(_sent(request), choices=choices)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form)
    try:
        made = services.portfolio_create(
            access=request.access,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            selection=_selection(form),
        )
    except DomainError as error:
        add_domain_errors(form, error)
        return _form_page(request, form)
    messages.success(request, _("Carteira criada. Se quiser, dê metas a ela."))
    return redirect("portfolios:portfolio_targets", request.access.workspace.pk, made.pk)


@workspace_view("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def portfolio_edit(request: WorkspaceRequest, portfolio_id: uuid.UUID) -> HttpResponse:
    """Renames a selection or chooses anew."""
    portfolio = portfolio_get(access=request.access, portfolio_id=portfolio_id)
    choices = selection_pages.choices_of(access=request.access, portfolio=portfolio)
    initial = selection_pages.selection_initial(portfolio=portfolio)
    form = PortfolioForm(_sent(request), choices=choices, initial=initial)
    if request.method != "POST" or not form.is_valid():
        return _form_page(request, form, portfolio)
    try:
        services.portfolio_update(
            access=request.access,
            portfolio=portfolio,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            selection=_selection(form),
        )
    except DomainError as error:
        add_domain_errors(form, error)
        return _form_page(request, form, portfolio)
    messages.success(request, _("Carteira gravada."))
    return redirect("portfolios:portfolios", request.access.workspace.pk)


@workspace_view("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def portfolio_targets(request: WorkspaceRequest, portfolio_id: uuid.UUID) -> HttpResponse:
    """The weights aimed at, by class or by asset."""
    portfolio = portfolio_get(access=request.access, portfolio_id=portfolio_id)
    page = selection_pages.targets_page(
        access=request.access, portfolio=portfolio, by=request.GET.get("por")
    )
    form = TargetsForm(
        _sent(request),
        lines=page.lines,
        others=page.others,
        spare=selection_pages.SPARE_LINES,
    )
    if request.method == "POST" and form.is_valid() and _targets_set(request, page, form):
        messages.success(request, _("Metas gravadas."))
        return redirect("portfolios:portfolios", request.access.workspace.pk)
    context = {"page": page, "form": form, "portfolio": portfolio}
    status = 422 if form.errors else 200
    return render(request, "portfolios/portfolio_targets.html", context, status=status)


def _targets_set(
    request: WorkspaceRequest, page: selection_pages.TargetsPage, form: TargetsForm
) -> bool:
    """Whether the weights were kept; what is wrong is written on the form."""
    try:
        weights = selection_pages.weights_given(
            access=request.access, by=page.by, weights=form.weights, extra=form.extra
        )
        services.portfolio_targets_set(
            access=request.access, portfolio=page.portfolio, by=page.by, weights=weights
        )
    except DomainError as error:
        add_domain_errors(form, error)
        return False
    return True


@workspace_view("editor")
@require_http_methods(["GET", "HEAD", "POST"])
def portfolio_delete(request: WorkspaceRequest, portfolio_id: uuid.UUID) -> HttpResponse:
    """Asks, then forgets a selection; nothing it selected is touched."""
    portfolio = portfolio_get(access=request.access, portfolio_id=portfolio_id)
    if request.method != "POST":
        return render(request, "portfolios/portfolio_delete.html", {"portfolio": portfolio})
    services.portfolio_delete(access=request.access, portfolio=portfolio)
    messages.success(request, _("Carteira excluída. Os lançamentos continuam onde estavam."))
    return redirect("portfolios:portfolios", request.access.workspace.pk)


@workspace_view("editor")
@require_POST
def asset_tags(request: WorkspaceRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Replaces the workspace's tags of an asset."""
    found = asset_get(access=request.access, asset_id=asset_id)
    form = TagsForm(request.POST)
    try:
        if form.is_valid():
            services.asset_tags_set(access=request.access, asset=found, names=form.names)
            messages.success(request, _("Etiquetas gravadas."))
        else:
            messages.error(request, _("São etiquetas demais."))
    except DomainError as error:
        messages.error(request, str(error.message))
    return redirect("portfolios:asset", request.access.workspace.pk, found.pk)
