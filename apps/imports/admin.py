"""Imported files in the admin: what came in and what became of each line."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter

from apps.common.admin import ReadOnlyAdmin
from apps.imports.models import Batch, ColumnMapping, Line


@admin.register(Batch)
class BatchAdmin(ReadOnlyAdmin):
    """Files handed in. The file itself is never loaded here."""

    list_display = ("file_name", "format", "status", "size", "workspace", "user", "created_at")
    list_filter = (
        ("status", ChoicesDropdownFilter),
        ("workspace", AutocompleteSelectFilter),
        "format",
        "dry_run",
    )
    list_select_related = ("workspace", "user")
    search_fields = ("file_name", "sha256", "workspace__name")
    date_hierarchy = "created_at"
    exclude = ("file",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the bytes of the files."""
        return super().get_queryset(request).defer("file", "proposals", "mapping")


@admin.register(Line)
class LineAdmin(ReadOnlyAdmin):
    """Rows of the files as they stood."""

    list_display = ("batch", "sheet", "number", "state", "kind", "reason", "created_transaction")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("batch", AutocompleteSelectFilter),
        "created_transaction",
    )
    list_select_related = ("batch",)
    search_fields = ("batch__file_name", "kind", "reason", "content_key")
    ordering = ("-batch__created_at", "number")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without the bytes of the files."""
        return super().get_queryset(request).defer("batch__file")


@admin.register(ColumnMapping)
class ColumnMappingAdmin(ReadOnlyAdmin):
    """How people's own files read."""

    list_display = ("name", "workspace", "created_at", "updated_at")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("workspace",)
    search_fields = ("name", "workspace__name")
