"""The list, the form and its preview."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.assets.selectors import asset_search
from apps.brokers.selectors import accounts_of
from apps.common.errors import Conflict, Invalid, NotFound
from apps.common.forms import add_domain_errors
from apps.ledger import selectors, services
from apps.ledger.forms import FilterForm, TransactionForm
from apps.ledger.models import Transaction
from apps.ledger.selectors import Preview

PAGE_SIZE = 50


def _to_list(request: WorkspaceRequest) -> HttpResponse:
    return redirect("ledger:list", workspace_id=request.access.workspace.pk)


@workspace_view()
@require_safe
def transaction_list(request: WorkspaceRequest) -> HttpResponse:
    """Every row, newest first, narrowed by the filters of the address."""
    form = FilterForm(request.GET, access=request.access)
    filters = form.filters()
    rows = selectors.transactions_search(access=request.access, filters=filters)
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(
        request, "ledger/list.html", {"form": form, "page": page, "filtered": not filters.is_empty}
    )


def _preview_of(form: TransactionForm) -> Preview | None:
    """What the typed row would do; ``None`` while it does not say enough."""
    if not form.is_valid() or form.transaction_input is None:
        return None
    try:
        return selectors.transaction_preview(
            access=form.access, data=form.transaction_input, row=form.row
        )
    except Invalid as error:
        add_domain_errors(form, error)
        return None


def _stored(request: WorkspaceRequest, form: TransactionForm) -> Transaction | None:
    """Records a valid form; ``None`` when the service refuses, with its reasons on the form."""
    if not form.is_valid() or form.transaction_input is None:
        return None
    try:
        return services.transaction_enter(
            access=request.access,
            data=form.transaction_input,
            row=form.row,
            unchanged_since=form.cleaned_data["unchanged_since"],
        )
    except (Invalid, Conflict) as error:
        add_domain_errors(form, error)
        return None


def _form_page(
    request: WorkspaceRequest, form: TransactionForm, preview: Preview | None = None
) -> HttpResponse:
    has_accounts = bool(form.row) or accounts_of(access=request.access).exists()
    context = {"form": form, "row": form.row, "preview": preview, "has_accounts": has_accounts}
    return render(request, "ledger/form.html", context, status=400 if form.errors else 200)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def transaction_new(request: WorkspaceRequest) -> HttpResponse:
    """The form of a new row; the address may fill it in."""
    access = request.access
    if request.method == "GET":
        last = selectors.account_last_used(access=access)
        initial = {"account": last.pk if last else None, **request.GET.dict()}
        return _form_page(request, TransactionForm(access=access, initial=initial))
    form = TransactionForm(request.POST, access=access)
    if request.POST.get("passo") == "conferir":
        return _form_page(request, form, _preview_of(form))
    stored = _stored(request, form)
    if stored is None:
        return _form_page(request, form)
    messages.success(request, _t("Lançamento gravado."))
    if request.POST.get("passo") == "outro":
        query = {
            "kind": stored.kind,
            "account": stored.account_id,
            "trade_date": form["trade_date"].value(),
        }
        return redirect(reverse("ledger:new", args=[access.workspace.pk], query=query))
    return _to_list(request)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def transaction_edit(request: WorkspaceRequest, transaction_id: uuid.UUID) -> HttpResponse:
    """The form of a stored row."""
    access = request.access
    try:
        row = selectors.transaction_get(access=access, transaction_id=transaction_id)
    except NotFound:
        return _deleted_meanwhile(request, transaction_id)
    if request.method == "GET":
        return _form_page(
            request, TransactionForm(access=access, row=row, initial=request.GET.dict())
        )
    form = TransactionForm(request.POST, access=access, row=row)
    if request.POST.get("passo") == "conferir":
        return _form_page(request, form, _preview_of(form))
    if _stored(request, form) is None:
        return _form_page(request, form)
    messages.success(request, _t("Lançamento alterado."))
    return _to_list(request)


def _deleted_meanwhile(request: WorkspaceRequest, transaction_id: uuid.UUID) -> HttpResponse:
    """Says that a row was deleted, with what was typed kept. Raises :class:`NotFound`."""
    if not selectors.transaction_was_deleted(access=request.access, transaction_id=transaction_id):
        raise NotFound("not_found", _t("Não encontramos este lançamento."))
    context = {"form": TransactionForm(request.POST or None, access=request.access)}
    return render(request, "ledger/deleted.html", context, status=409)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def transaction_delete(request: WorkspaceRequest, transaction_id: uuid.UUID) -> HttpResponse:
    """Asks before deleting a row, showing what goes with it."""
    access = request.access
    try:
        row = selectors.transaction_get(access=access, transaction_id=transaction_id)
    except NotFound:
        return _deleted_meanwhile(request, transaction_id)
    if request.method == "POST":
        services.transaction_delete(access=access, row=row)
        messages.success(request, _t("Lançamento excluído."))
        return _to_list(request)
    preview = selectors.transaction_preview(access=access, data=None, row=row)
    return render(request, "ledger/delete.html", {"row": row, "preview": preview})


@workspace_view(role="editor")
@require_POST
def transactions_delete(request: WorkspaceRequest) -> HttpResponse:
    """Deletes the rows ticked in the list, after asking."""
    ids = request.POST.getlist("ids")
    rows = selectors.transactions_by_ids(access=request.access, ids=ids)
    if not rows:
        messages.warning(request, _t("Marque ao menos um lançamento para excluir."))
        return _to_list(request)
    if request.POST.get("passo") != "confirmar":
        return render(request, "ledger/delete_many.html", {"rows": rows})
    count = services.transactions_delete_bulk(access=request.access, ids=[r.pk for r in rows])
    text = ngettext("{count} lançamento excluído.", "{count} lançamentos excluídos.", count)
    messages.success(request, text.format(count=count))
    return _to_list(request)


@workspace_view(role="editor")
@require_POST
def transaction_preview(request: WorkspaceRequest) -> HttpResponse:
    """The effect of the form as it stands, as a fragment of its page."""
    access, row = request.access, None
    if request.POST.get("lancamento"):
        row = selectors.transaction_get(
            access=access, transaction_id=request.POST.get("lancamento")
        )
    form = TransactionForm(request.POST, access=access, row=row)
    context = {"preview": _preview_of(form), "form": form, "row": row, "fragment": True}
    return render(request, "ledger/_preview.html", context)


@workspace_view()
@require_safe
def assets_search(request: WorkspaceRequest) -> HttpResponse:
    """Codes that begin with what is being typed, as options of a list."""
    # One box is typed in at a time, whatever its form calls it.
    text = str(next(iter(request.GET.values()), ""))
    found = asset_search(access=request.access, text=text[:60])
    return render(request, "ledger/_asset_options.html", {"assets": found})
