"""Pages of imports."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import Conflict, DomainError, Invalid
from apps.common.forms import add_domain_errors
from apps.imports import selectors, services
from apps.imports.forms import (
    DecisionForm,
    MappingForm,
    PositionForm,
    ProposalsForm,
    UndoForm,
    UploadForm,
)
from apps.imports.models import Batch, Line

PAGE_SIZE = 50
DECIDE_SIZE = 20
WORKING = (Batch.Status.PENDING, Batch.Status.APPLYING)


def _to_batch(request: WorkspaceRequest, batch: Batch) -> HttpResponse:
    return redirect("imports:batch", request.access.workspace.pk, batch.pk)


def _sent(request: WorkspaceRequest) -> tuple[Any, Any]:
    """What a form is bound to: nothing when the page is only shown."""
    return (request.POST, request.FILES) if request.method == "POST" else (None, None)


@workspace_view()
@require_http_methods(["GET", "POST"])
def batch_list(request: WorkspaceRequest) -> HttpResponse:
    """Imports made, and handing files in."""
    form = UploadForm(*_sent(request), access=request.access)
    if request.method == "POST":
        request.access.require_editor()
        if form.is_valid():
            return _taken(request, form)
    found = selectors.batches_of(access=request.access)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "working": any(b.status in WORKING for b in page)}
    return render(request, "imports/list.html", context, status=400 if form.errors else 200)


def _taken(request: WorkspaceRequest, form: UploadForm) -> HttpResponse:
    made = [
        services.batch_create(
            access=request.access,
            file_name=file.name,
            data=file.read(),
            account=form.cleaned_data["account"],
            holder=form.cleaned_data.get("holder"),
        )
        for file in form.cleaned_data["files"]
    ]
    if len(made) == 1:
        return _to_batch(request, made[0])
    messages.success(request, _t("Arquivos recebidos. Abra cada um para conferir."))
    return redirect("imports:list", request.access.workspace.pk)


@workspace_view()
@require_safe
def batch_page(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """What every row becomes, and what waits for the person."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    return _page(request, batch)


def _page(
    request: WorkspaceRequest,
    batch: Batch,
    decision: DecisionForm | None = None,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    shown = request.GET.get("mostrar", "")
    states = [shown] if shown in Line.State.values else []
    lines = selectors.lines_of(batch=batch, states=states)
    page = Paginator(lines, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "batch": batch,
        "error": selectors.error_message(batch),
        "working": batch.status in WORKING,
        "page": page,
        "views": selectors.line_views(page.object_list),
        "tabs": selectors.state_tabs(batch=batch, shown=shown),
        "shown": shown,
        "before": selectors.same_file_before(batch=batch),
        **_review(request, batch, decision),
        **forms,
    }
    return render(request, "imports/batch.html", context, status=status)


def _review(
    request: WorkspaceRequest, batch: Batch, decision: DecisionForm | None
) -> dict[str, Any]:
    """The forms of a batch under review."""
    if batch.status != Batch.Status.PARSED or not request.access.can_edit:
        return {}
    waiting = selectors.lines_waiting(batch=batch, limit=DECIDE_SIZE)
    forms = [
        decision
        if decision is not None and decision.line.id == view.id
        else DecisionForm(line=view, alike=alike)
        for view, alike in waiting
    ]
    review: dict[str, Any] = {"decisions": forms, "more": len(forms) == DECIDE_SIZE}
    if selectors.has_proposals(batch=batch):
        review["proposals"] = ProposalsForm(batch=batch, access=request.access)
    if (batch.proposals.get("meta") or {}).get("fingerprint"):
        review["mapping"] = MappingForm(batch=batch)
    return review


@workspace_view()
@require_safe
def batch_progress(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The bar while a worker is at it; the whole page again once it is done."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    response = render(request, "imports/_progress.html", {"batch": batch, "working": True})
    if batch.status not in WORKING:
        response["HX-Refresh"] = "true"
    return response


@workspace_view(role="editor")
@require_POST
def line_decide(request: WorkspaceRequest, batch_id: uuid.UUID, line_id: int) -> HttpResponse:
    """What the person says a line was."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    line = selectors.line_get(batch=batch, line_id=line_id)
    alike = selectors.lines_alike(batch=batch, line=line).count()
    form = DecisionForm(request.POST, line=selectors.line_view(line), alike=alike)
    if not form.is_valid():
        return _page(request, batch, form, status=400)
    try:
        services.line_decide(
            access=request.access,
            batch=batch,
            line=line,
            kind=form.cleaned_data["kind"],
            values=form.values(),
            alike=form.cleaned_data.get("alike", False),
        )
    except Invalid as error:
        add_domain_errors(form, error)
        return _page(request, batch, form, status=400)
    return _to_part(request, batch, "decidir")


def _to_part(request: WorkspaceRequest, batch: Batch, name: str) -> HttpResponse:
    address = reverse("imports:batch", args=[request.access.workspace.pk, batch.pk])
    return redirect(f"{address}#{name}")


@workspace_view(role="editor")
@require_POST
def line_ignore(request: WorkspaceRequest, batch_id: uuid.UUID, line_id: int) -> HttpResponse:
    """Leaves a line out, or takes that (or a decision) back."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    line = selectors.line_get(batch=batch, line_id=line_id)
    if request.POST.get("volta"):
        services.line_reopen(access=request.access, batch=batch, line=line)
    else:
        services.line_decide(
            access=request.access, batch=batch, line=line, kind="ignore", values={}
        )
    return _to_part(request, batch, "linhas")


@workspace_view(role="editor")
@require_POST
def proposals(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Answers to what the file would make."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    form = ProposalsForm(request.POST, batch=batch, access=request.access)
    if not form.is_valid():
        return _page(request, batch, proposals=form, status=400)
    services.proposals_answer(
        access=request.access,
        batch=batch,
        institutions=form.answers("inst"),
        assets=form.answers("asset"),
    )
    messages.success(request, _t("Propostas guardadas."))
    return _to_batch(request, batch)


@workspace_view(role="editor")
@require_POST
def mapping(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """What each column of a CSV is; the file is read again."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    if not (batch.proposals.get("meta") or {}).get("fingerprint"):
        raise Conflict("not_generic", _t("Este arquivo não precisa de mapa de colunas."))
    form = MappingForm(request.POST, batch=batch)
    if not form.is_valid():
        return _page(request, batch, mapping=form, status=400)
    services.mapping_set(
        access=request.access,
        batch=batch,
        mapping=form.mapping(),
        save_as=form.cleaned_data["save_as"],
    )
    return _to_batch(request, batch)


@workspace_view(role="editor")
@require_POST
def batch_apply(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Records what was reviewed."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    try:
        services.batch_apply(access=request.access, batch=batch)
    except Conflict as error:
        messages.error(request, str(error))
    return _to_batch(request, batch)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def batch_undo(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Takes an applied batch back, after saying what that removes."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    form = UndoForm(_sent(request)[0])
    if request.method == "POST" and form.is_valid():
        edited = form.cleaned_data["edited"] or "ask"
        try:
            services.batch_undo(access=request.access, batch=batch, edited=edited)
        except DomainError as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Importação desfeita."))
            return _to_batch(request, batch)
    effect = selectors.undo_effect(batch=batch)
    context = {"batch": batch, "form": form, "effect": effect}
    return render(request, "imports/undo.html", context, status=400 if form.errors else 200)


@workspace_view(role="editor")
@require_POST
def batch_discard(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Forgets a file that recorded nothing."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    try:
        services.batch_delete(access=request.access, batch=batch)
    except Conflict as error:
        messages.error(request, str(error))
        return _to_batch(request, batch)
    messages.success(request, _t("Arquivo descartado; nada foi lançado."))
    return redirect("imports:list", request.access.workspace.pk)


@workspace_view()
@require_http_methods(["GET", "POST"])
def reconcile(request: WorkspaceRequest) -> HttpResponse:
    """Position files handed in, and handing one in."""
    form = PositionForm(*_sent(request))
    if request.method == "POST":
        request.access.require_editor()
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = services.batch_create(
                    access=request.access,
                    file_name=file.name,
                    data=file.read(),
                    format="b3_posicao",
                )
            except Invalid as error:
                add_domain_errors(form, error)
            else:
                return redirect("imports:reconciliation", request.access.workspace.pk, batch.pk)
    found = selectors.positions_files_of(access=request.access)[:PAGE_SIZE]
    context = {"form": form, "batches": found}
    return render(request, "imports/reconcile.html", context, status=400 if form.errors else 200)


@workspace_view()
@require_safe
def reconciliation(request: WorkspaceRequest, batch_id: uuid.UUID) -> HttpResponse:
    """A position beside the ledger."""
    batch = selectors.batch_get(access=request.access, batch_id=batch_id)
    context: dict[str, Any] = {
        "batch": batch,
        "working": batch.status in WORKING,
        "error": selectors.error_message(batch),
    }
    if batch.status == Batch.Status.PARSED:
        context["result"] = selectors.reconciliation_of(
            access=request.access,
            batch=batch,
            on=selectors.day_asked(request.GET.get("em", "")),
        )
    return render(request, "imports/reconciliation.html", context)
