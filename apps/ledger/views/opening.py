"""Positions held before the ledger begins: typed or pasted, reviewed, then all or nothing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import Invalid
from apps.common.forms import add_domain_errors
from apps.ledger import selectors, services
from apps.ledger.forms import OpeningForm, OpeningRows, opening_date, rows_data


def _rows(request: WorkspaceRequest, data: dict[str, str] | None = None) -> Any:
    lookup = selectors.asset_lookup(access=request.access)
    kwargs = {"access": request.access, "lookup": lookup}
    return OpeningRows(data, prefix="linha", form_kwargs=kwargs)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def opening(request: WorkspaceRequest) -> HttpResponse:
    """The form, its review and its application."""
    access = request.access
    if request.method == "GET":
        last = selectors.account_last_used(access=access)
        day = opening_date(selectors.first_trade_date(access=access))
        initial = {"account": last.pk if last else None, "date": day}
        form = OpeningForm(initial=initial, access=access)
        return _page(request, form, _rows(request), reviewed=False)
    form = OpeningForm(request.POST, access=access)
    ready = form.is_valid()
    rows = _rows(request, rows_data(request.POST, form.lines))
    ready = rows.is_valid() and ready
    if not ready or request.POST.get("passo") != "gravar" or form.lines:
        return _page(request, form, rows, reviewed=True)
    return _apply(request, form, rows)


def _apply(request: WorkspaceRequest, form: OpeningForm, rows: Any) -> HttpResponse:
    values = form.cleaned_data
    try:
        count = services.opening_positions_record(
            access=request.access,
            account=values["account"],
            date=values["date"],
            positions=rows.positions,
        )
    except Invalid as error:
        rows.add_domain_errors(error)
        if not error.errors:
            add_domain_errors(form, error)
        return _page(request, form, rows, reviewed=True)
    text = ngettext(
        "{count} posição de abertura gravada.", "{count} posições de abertura gravadas.", count
    )
    messages.success(request, text.format(count=count))
    return redirect("ledger:list", workspace_id=request.access.workspace.pk)


def _page(
    request: WorkspaceRequest, form: OpeningForm, rows: Any, *, reviewed: bool
) -> HttpResponse:
    wrong = bool(form.errors) or (reviewed and not rows.is_valid())
    context = {
        "form": form,
        "rows": rows,
        "reviewed": reviewed,
        "ready": reviewed and not wrong and bool(rows.positions),
    }
    refused = wrong and request.POST.get("passo") == "gravar"
    return render(request, "ledger/opening.html", context, status=400 if refused else 200)
