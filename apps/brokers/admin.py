"""Institutions and accounts in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.brokers.models import Account, Institution, InstitutionAlias
from apps.common.admin import ExitusAdmin, ReadOnlyAdmin


class AliasInline(TabularInline):
    """Other spellings, as files write them."""

    model = InstitutionAlias
    extra = 0


@admin.register(Institution)
class InstitutionAdmin(ExitusAdmin):
    """The registry. Those without a workspace are read by everyone."""

    list_display = ("name", "short_name", "cnpj", "country", "workspace")
    list_filter = (("workspace", admin.EmptyFieldListFilter), "country")
    list_select_related = ("workspace",)
    search_fields = ("name", "short_name", "cnpj", "aliases__normalised")
    readonly_fields = ("workspace", "created_at", "updated_at")
    inlines = (AliasInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only an institution nobody has an account with."""
        return super().has_delete_permission(request, obj) and (
            obj is not None and not obj.accounts.exists()
        )


@admin.register(Account)
class AccountAdmin(ReadOnlyAdmin):
    """Accounts of workspaces."""

    list_display = ("name", "institution", "holder", "workspace", "currency", "is_active")
    list_filter = (
        "is_active",
        "currency",
        ("workspace", AutocompleteSelectFilter),
        ("institution", AutocompleteSelectFilter),
    )
    list_select_related = ("institution", "holder", "workspace")
    search_fields = ("name", "institution__name", "holder__name", "workspace__name")
    date_hierarchy = "created_at"
