"""Pages of accounts, among the settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.http import WorkspaceRequest, workspace_view
from apps.brokers import selectors, services
from apps.brokers.forms import AccountEditForm, AccountForm
from apps.common.errors import Conflict, Invalid
from apps.common.forms import add_domain_errors


def _back(request: WorkspaceRequest) -> HttpResponse:
    return redirect("brokers:accounts", workspace_id=request.access.workspace.pk)


@workspace_view()
@require_http_methods(["GET", "POST"])
def accounts(request: WorkspaceRequest) -> HttpResponse:
    """The workspace's accounts, and opening one."""
    form = AccountForm(request.POST or None, access=request.access)
    if request.method == "POST":
        request.access.require_editor()
    if request.method == "POST" and form.is_valid():
        try:
            services.account_open(access=request.access, **form.cleaned_data)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Conta incluída."))
            return _back(request)
    found = selectors.accounts_of(access=request.access)
    context = {"page": "broker_accounts", "form": form, "accounts": found}
    return render(request, "brokers/accounts.html", context, status=400 if form.errors else 200)


@workspace_view(role="editor")
@require_http_methods(["GET", "POST"])
def account_edit(request: WorkspaceRequest, account_id: str) -> HttpResponse:
    """Renames an account or sets it aside."""
    account = selectors.account_get(access=request.access, account_id=account_id)
    initial = {"name": account.name, "is_active": account.is_active}
    form = AccountEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.account_update(access=request.access, account=account, **form.cleaned_data)
        except Invalid as error:
            add_domain_errors(form, error)
        else:
            messages.success(request, _t("Conta guardada."))
            return _back(request)
    context = {"page": "broker_accounts", "form": form, "account": account}
    return render(request, "brokers/account_edit.html", context, status=400 if form.errors else 200)


@workspace_view(role="editor")
@require_POST
def account_delete(request: WorkspaceRequest, account_id: str) -> HttpResponse:
    """Removes an account that never recorded anything."""
    account = selectors.account_get(access=request.access, account_id=account_id)
    try:
        services.account_delete(access=request.access, account=account)
    except Conflict as error:
        messages.error(request, str(error))
        return redirect("brokers:account_edit", request.access.workspace.pk, account.pk)
    messages.success(request, _t("Conta excluída."))
    return _back(request)
