"""What every table of the admin shares, and the installation's settings.

People who administer see everything and change little: tables of record and derived tables are
read here and changed through the services; reference data is edited here.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from pghistory.admin import EventsAdmin as BaseEventsAdmin
from pghistory.models import Events
from unfold.admin import ModelAdmin

from apps.common import formatting
from apps.common.models import Setting

Column = Callable[[Any, Any], str]


class ExitusAdmin(ModelAdmin):
    """A table an administrator may edit."""

    list_per_page = 50
    list_filter_submit = True
    list_filter_sheet = False
    list_fullwidth = True
    show_full_result_count = False
    compressed_fields = True
    warn_unsaved_form = True
    object_history_template = "common/admin_history.html"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The row's own history as the database kept it, whoever changed it and from where."""
        context = {"events": None}
        if getattr(self.model, "pgh_event_model", None) is not None:
            found = self.get_object(request, unquote(object_id))
            if found is not None and not self.has_view_permission(request, found):
                raise PermissionDenied
            context["events"] = history_of(found) if found is not None else []
        return super().history_view(request, object_id, context | (extra_context or {}))


class ReadOnlyAdmin(ExitusAdmin):
    """A table of record or a derived one: looked at here, changed through the services."""

    warn_unsaved_form = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """None: not even the export of a selection changes anything."""
        return {}


def history_of(found: Model) -> list[dict[str, Any]]:
    """The last 200 changes of a row, newest first, with the person's name. Two queries."""
    names = {field.name: field for field in found._meta.concrete_fields}
    columns = {field.attname: field for field in found._meta.concrete_fields}
    events = list(Events.objects.tracks(found).order_by("-pgh_created_at")[:200])
    ids = {str((event.pgh_context or {}).get("user") or "") for event in events} - {""}
    people = {
        str(pk): name
        for pk, name in get_user_model().objects.filter(pk__in=ids).values_list("pk", "username")
    }
    rows = []
    for event in events:
        context = event.pgh_context or {}
        changes = [
            {
                "field": getattr(columns.get(name) or names.get(name), "verbose_name", name),
                "before": pair[0],
                "after": pair[1],
            }
            for name, pair in sorted((event.pgh_diff or {}).items())
            if name != "updated_at"
        ]
        rows.append(
            {
                "at": event.pgh_created_at,
                "label": LABELS.get(event.pgh_label, event.pgh_label),
                "user": people.get(str(context.get("user") or ""), ""),
                "url": context.get("url") or "",
                "request_id": context.get("request_id") or "",
                "changes": changes,
            }
        )
    return rows


class EventsAdmin(BaseEventsAdmin, ReadOnlyAdmin):  # type: ignore[misc]
    """The history of every table; choose one to begin with."""

    list_fullwidth = False


LABELS = {"insert": _("criação"), "update": _("alteração"), "delete": _("exclusão")}


def money_column(field: str, label: Any, currency: str = "currency") -> Column:
    """A column of money with its currency; unknown is a dash."""

    @admin.display(description=label, ordering=field)
    def column(_self: Any, row: Any) -> str:
        return formatting.money(getattr(row, field), attrgetter(currency)(row))

    return column


def quantity_column(field: str, label: Any) -> Column:
    """A column of units; unknown is a dash."""

    @admin.display(description=label, ordering=field)
    def column(_self: Any, row: Any) -> str:
        return formatting.quantity(getattr(row, field))

    return column


def price_column(field: str, label: Any) -> Column:
    """A column of unit prices or rates, with the decimals they carry; unknown is a dash."""

    @admin.display(description=label, ordering=field)
    def column(_self: Any, row: Any) -> str:
        return formatting.price(getattr(row, field))

    return column


class SettingForm(forms.ModelForm):  # type: ignore[type-arg]
    """A setting whose text must read as its type."""

    class Meta:
        model = Setting
        fields = ("key", "value_type", "value", "description")

    def clean(self) -> dict[str, Any]:
        """Refuses a value that is not of its type."""
        cleaned: dict[str, Any] = super().clean() or {}
        value, kind = str(cleaned.get("value", "")), cleaned.get("value_type")
        if not _reads_as(value, kind):
            self.add_error("value", _("O valor não é do tipo escolhido."))
        return cleaned


def _reads_as(value: str, kind: Any) -> bool:
    if kind == Setting.Type.BOOLEAN:
        return value in ("true", "false")
    try:
        if kind == Setting.Type.INTEGER:
            int(value)
        elif kind == Setting.Type.DECIMAL:
            return Decimal(value).is_finite()
    except (ValueError, InvalidOperation):
        return False
    return True


@admin.register(Setting)
class SettingAdmin(ExitusAdmin):
    """Settings of the installation."""

    form = SettingForm
    list_display = ("key", "value", "value_type", "description", "updated_at")
    list_filter = ("value_type",)
    search_fields = ("key", "description")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """The key names the row and stays."""
        return ("key",) if obj else ()
