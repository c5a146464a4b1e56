"""Payment forms and their payments."""

from __future__ import annotations

import datetime as dt
import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import Invalid
from apps.common.forms import add_domain_errors
from apps.taxes import pages, services
from apps.taxes.forms import PaymentForm, code_of, day_of
from apps.taxes.pages import Frame
from apps.taxes.views.answer import back, kept, page


@workspace_view()
@require_safe
def darfs(request: WorkspaceRequest) -> HttpResponse:
    """Every form, those that wait first."""
    return kept(request, "taxes/darfs.html", pages.darfs_page, on=day_of(request.GET))


@workspace_view()
@require_http_methods(["GET", "HEAD", "POST"])
def darf(request: WorkspaceRequest, year: int, month_number: int) -> HttpResponse:
    """One form, what it costs on a day, and the record of a payment."""
    frame = pages.frame_of(access=request.access, given=request.GET, year=year)
    if request.method == "POST":
        return _pay(request, frame, month_number)
    found = pages.darf_page(
        frame=frame, month=month_number, on=day_of(request.GET), code=code_of(request.GET)
    )
    initial = {"date": timezone.localdate(), "amount": found["cost"]}
    form = PaymentForm(access=request.access, holder=frame.holder, initial=initial)
    return page(request, "taxes/darf.html", frame, {**found, "form": form})


def _pay(request: WorkspaceRequest, frame: Frame, month: int) -> HttpResponse:
    request.access.require_editor()
    form = PaymentForm(request.POST, access=request.access, holder=frame.holder)
    code = code_of(request.GET)
    found = pages.darf_page(frame=frame, month=month, on=None, code=code)
    if form.is_valid():
        try:
            services.darf_pay(
                access=request.access,
                holder=frame.holder,
                month=dt.date(frame.year, month, 1),
                code=code,
                **form.cleaned_data,
            )
            messages.success(request, _("Pagamento registrado."))
            return back(frame, "darf", frame.year, month, codigo=code)
        except Invalid as error:
            add_domain_errors(form, error)
    return page(request, "taxes/darf.html", frame, {**found, "form": form}, status=400)


@workspace_view(role="editor")
@require_POST
def payment_delete(request: WorkspaceRequest, payment_id: uuid.UUID) -> HttpResponse:
    """Takes back a payment recorded by mistake."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    services.darf_payment_delete(access=request.access, payment_id=payment_id)
    messages.success(request, _("Pagamento excluído."))
    return back(frame, "darfs")
