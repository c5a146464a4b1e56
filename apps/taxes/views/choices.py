"""Choices of a holder, what they bring from before, rules, secret addresses, dates."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.common.errors import DomainError, Invalid
from apps.common.forms import add_domain_errors
from apps.taxes import pages, selectors, services
from apps.taxes.forms import LinkForm, OpeningForm, settings_posted
from apps.taxes.models import TaxLink
from apps.taxes.pages import Frame
from apps.taxes.views.answer import back, kept, page


@workspace_view()
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: WorkspaceRequest) -> HttpResponse:
    """What the holder chose where the law is open."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    if request.method == "POST":
        request.access.require_editor()
        asked = selectors.settings_described(access=request.access, holder=frame.holder)
        try:
            services.settings_update(
                access=request.access,
                holder=frame.holder,
                values=settings_posted(request.POST, asked),
            )
            messages.success(request, _("Ajustes gravados. Os meses são apurados de novo."))
        except Invalid as error:
            messages.error(request, str(error.message))
        return back(frame, "settings")
    return page(request, "taxes/settings.html", frame, pages.settings_page(frame=frame))


@workspace_view(role="editor")
@require_http_methods(["GET", "HEAD", "POST"])
def opening(request: WorkspaceRequest) -> HttpResponse:
    """Losses and withholding brought from before."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    initial = pages.opening_initial(frame=frame)
    form = OpeningForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.opening_set(access=request.access, holder=frame.holder, **form.values())
            messages.success(request, _("Abertura gravada. Os meses são apurados de novo."))
            return back(frame, "home")
        except Invalid as error:
            add_domain_errors(form, error)
    status = 400 if form.errors else 200
    return page(request, "taxes/opening.html", frame, {"form": form, "has": initial}, status)


@workspace_view(role="editor")
@require_POST
def opening_delete(request: WorkspaceRequest) -> HttpResponse:
    """Forgets what was brought from before."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    services.opening_delete(access=request.access, holder=frame.holder)
    messages.success(request, _("Abertura apagada."))
    return back(frame, "settings")


@workspace_view()
@require_safe
def rules(request: WorkspaceRequest) -> HttpResponse:
    """The rules in force."""
    return kept(request, "taxes/rules.html", pages.rules_page)


@workspace_view()
@require_http_methods(["GET", "HEAD", "POST"])
def links(request: WorkspaceRequest) -> HttpResponse:
    """Secret addresses for an accountant."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    form = LinkForm(request.POST or None)
    told = _create(request, frame, form, TaxLink.Purpose.PAGES) if request.POST else ""
    context = {**pages.links_page(frame=frame), "form": form, "told": told}
    return page(request, "taxes/links.html", frame, context, 400 if form.errors else 200)


@workspace_view()
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: WorkspaceRequest) -> HttpResponse:
    """Dates of tax and the feed for a calendar."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    form = LinkForm({"name": _("Calendário")})
    told = _create(request, frame, form, TaxLink.Purpose.CALENDAR) if request.POST else ""
    context = {**pages.calendar_page(frame=frame), "told": told}
    return page(request, "taxes/calendar.html", frame, context)


def _create(request: WorkspaceRequest, frame: Frame, form: LinkForm, purpose: str) -> str:
    """Makes an address and tells it, this once; empty where it was refused."""
    request.access.require_editor()
    if not form.is_valid():
        return ""
    try:
        _link, token = services.link_create(
            access=request.access, holder=frame.holder, purpose=purpose, **form.cleaned_data
        )
    except DomainError as error:
        add_domain_errors(form, error)
        return ""
    name = "home" if purpose == TaxLink.Purpose.PAGES else "calendar"
    return request.build_absolute_uri(reverse(f"taxes_site:{name}", args=[token]))


@workspace_view(role="editor")
@require_POST
def link_revoke(request: WorkspaceRequest, link_id: uuid.UUID) -> HttpResponse:
    """Closes an address for good."""
    frame = pages.frame_of(access=request.access, given=request.GET)
    link = services.link_revoke(access=request.access, link_id=link_id)
    messages.success(request, _("Endereço revogado."))
    return back(frame, "links" if link.purpose == TaxLink.Purpose.PAGES else "calendar")
