"""People and workspaces in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from apps.accounts.models import Holder, Membership, TaskRun, User, Workspace
from apps.accounts.services import workspace_create
from apps.common.admin import ExitusAdmin, ReadOnlyAdmin

# Django's groups give nothing here: roles belong to workspaces, and the admin to superusers.
admin.site.unregister(Group)


class MembershipInline(TabularInline):
    """Who takes part, shown only: owners manage people in the settings of their workspace."""

    model = Membership
    extra = 0
    fields = ("user", "workspace", "role", "created_at")
    readonly_fields = fields
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """With the names both columns show."""
        return super().get_queryset(request).select_related("user", "workspace")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ExitusAdmin):  # type: ignore[type-arg]
    """Whoever signs in. A person is set inactive rather than deleted: records name them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "email", "is_active", "is_superuser", "last_login", "date_joined")
    list_filter = ("is_active", "is_superuser", ("date_joined", RangeDateTimeFilter))
    search_fields = ("username", "email", "first_name", "last_name")
    ordering = ("username",)
    date_hierarchy = "date_joined"
    inlines = (MembershipInline,)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        (_("Pessoa"), {"fields": ("first_name", "last_name", "email")}),
        (_("Preferências"), {"fields": ("language", "theme", "default_workspace")}),
        (_("Administração"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Datas"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("username", "email", "password1", "password2")}),
    )
    readonly_fields = ("default_workspace", "last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Saves the person; a new one gets a workspace as whoever signs up does."""
        super().save_model(request, obj, form, change)
        if not change:
            workspace_create(user=obj, name=str(_("Minha carteira")))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: set inactive instead."""
        return False


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnlyAdmin):
    """Tenants."""

    list_display = ("name", "base_currency", "is_demo", "ledger_version", "stale_since", "id")
    list_filter = ("is_demo", "base_currency")
    search_fields = ("name", "id", "memberships__user__username")
    date_hierarchy = "created_at"
    inlines = (MembershipInline,)


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    """Roles."""

    list_display = ("user", "workspace", "role", "created_at")
    list_filter = ("role", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("user", "workspace")
    search_fields = ("user__username", "workspace__name")
    date_hierarchy = "created_at"


@admin.register(Holder)
class HolderAdmin(ReadOnlyAdmin):
    """Taxpayers. The CPF never comes here, not even encrypted."""

    list_display = ("name", "workspace", "is_default", "has_cpf", "created_at")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace",)
    search_fields = ("name", "workspace__name")
    fields = ("name", "workspace", "is_default", "has_cpf", "created_at", "updated_at")
    readonly_fields = fields

    @admin.display(boolean=True, description=_("CPF informado"))
    def has_cpf(self, holder: Holder) -> bool:
        """Whether a CPF is kept."""
        return bool(holder.cpf_encrypted)


@admin.register(TaskRun)
class TaskRunAdmin(ReadOnlyAdmin):
    """Work people were told about in the bell."""

    list_display = ("title", "kind", "state", "done", "total", "workspace", "user", "created_at")
    list_filter = ("state", "kind", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("workspace", "user")
    search_fields = ("title", "kind", "message")
    date_hierarchy = "created_at"
