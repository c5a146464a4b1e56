"""Brokerage fees by note and day."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.brokers.selectors import account_get
from apps.common.errors import DomainError, NotFound
from apps.common.forms import add_domain_errors
from apps.ledger import selectors, services
from apps.ledger.forms import NoteForm
from apps.ledger.models import BrokerageNote, Transaction
from apps.ledger.parsing import parse_date

PAGE_SIZE = 50


@workspace_view()
@require_safe
def fees(request: WorkspaceRequest) -> HttpResponse:
    """Days that wait for a note, and the notes recorded."""
    days = selectors.days_without_fees(access=request.access)
    notes = selectors.notes_with_totals(access=request.access)
    context = {
        "page": Paginator(days, PAGE_SIZE).get_page(request.GET.get("page")),
        "notes": Paginator(notes, PAGE_SIZE).get_page(request.GET.get("notas")),
    }
    return render(request, "ledger/fees.html", context)


def _day_of(request: WorkspaceRequest) -> dict[str, Any]:
    """The account, day and trades that the address names. Raises :class:`NotFound`."""
    account = account_get(access=request.access, account_id=request.GET.get("conta"))
    try:
        day = parse_date(request.GET.get("data", ""))
    except ValueError:
        raise NotFound("not_found", _t("Não encontramos negócios neste dia.")) from None
    rows = selectors.trades_of_day(access=request.access, account=account, trade_date=day)
    return {"account": account, "day": day, "rows": rows}


def _lines(form: NoteForm, rows: list[Transaction]) -> list[dict[str, Any]]:
    """The day's trades, which are ticked and, once the form says enough, what each would get."""
    parts: dict[str, dict[str, Any]] = {}
    ticked = form.ticked()
    if form.is_bound and form.is_valid():
        values = form.cleaned_data
        chosen = selectors.trades_among(rows, values["trades"])
        spread = services.spread(chosen, values["fees"], values["irrf"])
        parts = {str(row.pk): {"fees": fees, "irrf": irrf} for row, fees, irrf in spread}
    return [{"row": r, "ticked": str(r.pk) in ticked, **parts.get(str(r.pk), {})} for r in rows]


def _note_page(
    request: WorkspaceRequest, form: NoteForm, context: dict[str, Any], note: BrokerageNote | None
) -> HttpResponse:
    lines = _lines(form, context["rows"])
    status = 400 if form.is_bound and form.errors else 200
    shown = {**context, "form": form, "note": note, "lines": lines}
    return render(request, "ledger/note.html", shown, status=status)


def _values(form: NoteForm) -> dict[str, Any]:
    values = form.cleaned_data
    return {
        "fees": values["fees"],
        "irrf": values["irrf"],
        "number": values["number"],
        "trade_ids": values["trades"],
    }


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def note_new(request: WorkspaceRequest) -> HttpResponse:
    """A note for one account and day; the trades without fees are ticked."""
    context = _day_of(request)
    waiting = [str(row.pk) for row in context["rows"] if row.fees is None]
    form = NoteForm(request.POST or None, rows=context["rows"], initial={"trades": waiting})
    if request.method == "GET" or request.POST.get("passo") == "conferir" or not form.is_valid():
        return _note_page(request, form, context, None)
    try:
        services.brokerage_note_record(
            access=request.access,
            account=context["account"],
            trade_date=context["day"],
            **_values(form),
        )
    except DomainError as error:
        add_domain_errors(form, error)
        return _note_page(request, form, context, None)
    messages.success(request, _t("Taxas rateadas entre os negócios da nota."))
    return redirect("ledger:fees", workspace_id=request.access.workspace.pk)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def note_edit(request: WorkspaceRequest, note_id: uuid.UUID) -> HttpResponse:
    """A recorded note."""
    note, context, form = _stored(request, note_id)
    if request.method == "GET" or request.POST.get("passo") == "conferir" or not form.is_valid():
        return _note_page(request, form, context, note)
    try:
        services.brokerage_note_update(access=request.access, note=note, **_values(form))
    except DomainError as error:
        add_domain_errors(form, error)
        return _note_page(request, form, context, note)
    messages.success(request, _t("Nota alterada."))
    return redirect("ledger:fees", workspace_id=request.access.workspace.pk)


def _stored(
    request: WorkspaceRequest, note_id: object
) -> tuple[BrokerageNote, dict[str, Any], NoteForm]:
    note = selectors.note_get(access=request.access, note_id=note_id)
    rows = selectors.trades_of_day(
        access=request.access, account=note.account, trade_date=note.trade_date, note=note
    )
    mine = [str(row.pk) for row in rows if row.brokerage_note_id == note.pk]
    initial = {"number": note.number, "fees": note.fees, "irrf": note.irrf, "trades": mine}
    form = NoteForm(request.POST or None, rows=rows, initial=initial)
    return note, {"account": note.account, "day": note.trade_date, "rows": rows}, form


@workspace_view(role="editor")
@require_POST
def note_preview(request: WorkspaceRequest) -> HttpResponse:
    """The spreading as the form stands, as a fragment of its page."""
    if request.GET.get("nota"):
        _note, context, form = _stored(request, request.GET["nota"])
    else:
        context = _day_of(request)
        form = NoteForm(request.POST, rows=context["rows"])
    lines = _lines(form, context["rows"])
    return render(request, "ledger/_note_trades.html", {"lines": lines, "form": form})


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def note_delete(request: WorkspaceRequest, note_id: uuid.UUID) -> HttpResponse:
    """Asks before taking a note back."""
    note = selectors.note_get(access=request.access, note_id=note_id)
    if request.method == "POST":
        services.brokerage_note_delete(access=request.access, note=note)
        messages.success(request, _t("Nota excluída; as taxas dos negócios voltam a faltar."))
        return redirect("ledger:fees", workspace_id=request.access.workspace.pk)
    return render(request, "ledger/note_delete.html", {"note": note})
