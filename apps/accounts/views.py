"""Settings of a person and of a workspace."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import selectors, services
from apps.accounts.forms import (
    HolderForm,
    MemberForm,
    PreferencesForm,
    RoleForm,
    WorkspaceForm,
)
from apps.accounts.http import YEAR, WorkspaceRequest, remember_language, workspace_view
from apps.common.errors import Conflict, Invalid
from apps.common.forms import add_domain_errors


def _settings(request: WorkspaceRequest, page: str, status: int = 200, **ctx: Any) -> HttpResponse:
    return render(request, f"accounts/{page}.html", {"page": page, **ctx}, status=status)


def _back(request: WorkspaceRequest, name: str) -> HttpResponse:
    return redirect(reverse(f"accounts:{name}", args=[request.access.workspace.pk]))


def _remember(response: HttpResponse, language: str, theme: str) -> HttpResponse:
    remember_language(response, language)
    if theme == "system":
        response.delete_cookie("theme")
    else:
        response.set_cookie("theme", theme, max_age=YEAR, samesite="Lax")
    return response


@workspace_view()
@require_http_methods(["GET", "POST"])
def preferences(request: WorkspaceRequest) -> HttpResponse:
    """Language and theme of the person who asks."""
    user = request.access.user
    initial = {"language": get_language(), "theme": user.theme}
    form = PreferencesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        if not request.access.workspace.is_demo:  # its login is shared: only this browser changes
            services.preferences_update(user=user, **form.cleaned_data)
        messages.success(request, _t("Preferências guardadas."))
        return _remember(_back(request, "settings"), **form.cleaned_data)
    return _settings(request, "preferences", 400 if form.errors else 200, form=form)


@workspace_view()
@require_http_methods(["GET", "POST"])
def workspace(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's own name and currency; only its owner changes them."""
    current = request.access.workspace
    initial = {"name": current.name, "base_currency": current.base_currency}
    form = WorkspaceForm(request.POST or None, initial=initial)
    if request.method == "POST":
        request.access.require_owner()
    if request.method == "POST" and form.is_valid():
        services.workspace_update(access=request.access, **form.cleaned_data)
        messages.success(request, _t("Espaço guardado."))
        return _back(request, "workspace")
    return _settings(request, "workspace", 400 if form.errors else 200, form=form)


@workspace_view()
@require_http_methods(["GET", "POST"])
def members(request: WorkspaceRequest) -> HttpResponse:
    """Who takes part, and inviting someone."""
    form = MemberForm(request.POST or None)
    if request.method == "POST":
        request.access.require_owner()
    if request.method == "POST" and form.is_valid():
        try:
            services.member_add(access=request.access, **form.cleaned_data)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Pessoa incluída."))
            return _back(request, "members")
    return _settings(
        request,
        "members",
        400 if form.errors else 200,
        form=form,
        members=selectors.members_of(access=request.access),
        roles=RoleForm().fields["role"].choices,  # type: ignore[attr-defined]
    )


@workspace_view(role="owner")
@require_POST
def member_role(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    """Changes what a member may do."""
    form = RoleForm(request.POST)
    if form.is_valid():
        try:
            services.member_set_role(
                access=request.access, membership_id=membership_id, **form.cleaned_data
            )
        except Conflict as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _t("Papel alterado."))
    return _back(request, "members")


@workspace_view(role="owner")
@require_POST
def member_remove(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    """Takes a member out of the workspace."""
    try:
        services.member_remove(access=request.access, membership_id=membership_id)
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _t("Pessoa retirada do espaço."))
    return redirect("/") if not _still_in(request) else _back(request, "members")


def _still_in(request: WorkspaceRequest) -> bool:
    memberships = selectors.workspaces_of(user=request.access.user)
    return any(m.workspace_id == request.access.workspace.pk for m in memberships)


@workspace_view()
@require_http_methods(["GET", "POST"])
def holders(request: WorkspaceRequest) -> HttpResponse:
    """The taxpayers, and adding one."""
    form = HolderForm(request.POST or None)
    if request.method == "POST":
        request.access.require_editor()
    if request.method == "POST" and form.is_valid():
        try:
            services.holder_create(access=request.access, **form.cleaned_data)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Titular incluído."))
            return _back(request, "holders")
    found = selectors.holders_of(access=request.access)
    return _settings(request, "holders", 400 if form.errors else 200, form=form, holders=found)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def holder_edit(request: WorkspaceRequest, holder_id: str) -> HttpResponse:
    """Renames a taxpayer or replaces the CPF."""
    holder = selectors.holder_get(access=request.access, holder_id=holder_id)
    form = HolderForm(request.POST or None, initial={"name": holder.name})
    if request.method == "POST" and form.is_valid():
        name, cpf = form.cleaned_data["name"], form.cleaned_data["cpf"] or None
        try:
            services.holder_update(access=request.access, holder=holder, name=name, cpf=cpf)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Titular guardado."))
            return _back(request, "holders")
    return _settings(request, "holder_edit", 400 if form.errors else 200, form=form, holder=holder)


@workspace_view()
@require_GET
def switcher(request: WorkspaceRequest) -> HttpResponse:
    """The person's workspaces, as items of the top bar's menu."""
    memberships = selectors.workspaces_of(user=request.access.user)
    return render(request, "accounts/_switcher.html", {"memberships": memberships})


@login_required
@require_http_methods(["GET", "POST"])
def workspaces(request: HttpRequest) -> HttpResponse:
    """Every workspace the person takes part in, and making another."""
    form = WorkspaceForm(request.POST or None, initial={"base_currency": "BRL"})
    if request.method == "POST" and form.is_valid():
        made = services.workspace_create(user=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        return redirect(reverse("dashboard:start", args=[made.pk]))
    memberships = selectors.workspaces_of(user=request.user)  # type: ignore[arg-type]
    context = {"form": form, "memberships": memberships}
    return render(request, "accounts/workspaces.html", context, status=400 if form.errors else 200)
