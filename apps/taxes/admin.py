"""The law, edited here; what people keep and what is derived, only read."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from apps.common.admin import ExitusAdmin, ReadOnlyAdmin
from apps.engine.taxes.rules import RuleBook
from apps.taxes.models import (
    Assessment,
    AssessmentBuild,
    DueNotice,
    HolderTaxSettings,
    MonthClosing,
    TaxLink,
    TaxOpening,
    TaxOpeningItem,
    TaxRule,
)
from apps.taxes.services import rules_changed


class TaxRuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A rule whose value is an object that holds no binary fraction."""

    class Meta:
        model = TaxRule
        fields = ("rule_id", "valid_from", "valid_to", "value", "law", "status", "source")

    def clean_value(self) -> dict[str, Any]:
        """Refuses lists, plain values and numbers with a fraction: decimals are text."""
        value = self.cleaned_data.get("value")
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise forms.ValidationError(_('Use um objeto JSON, por exemplo {"rate": "0.15"}.'))
        if _has_float(value):
            raise forms.ValidationError(_('Escreva decimais entre aspas: "0.15".'))
        return value

    def clean(self) -> dict[str, Any]:
        """Refuses a value without what the engine asks for, and an end before the start (here: the
        database could not even compare the days)."""
        cleaned: dict[str, Any] = super().clean() or {}
        missing = _shipped_names(cleaned.get("rule_id")) - (cleaned.get("value") or {}).keys()
        if missing and "value" in cleaned:
            names = ", ".join(sorted(missing))
            self.add_error("value", _("Faltam nomes que o cálculo usa: %s.") % names)
        start, end = cleaned.get("valid_from"), cleaned.get("valid_to")
        if start and end and end < start:
            self.add_error("valid_to", _("O fim da vigência vem antes do início."))
        return cleaned


def _shipped_names(rule_id: str | None) -> set[str]:
    """Names that every shipped value of a rule has: the engine asks for them."""
    values = [rule.value.keys() for rule in RuleBook.shipped().rules() if rule.id == rule_id]
    return set.intersection(*map(set, values)) if values else set()


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_float(each) for each in value.values())
    if isinstance(value, list):
        return any(_has_float(each) for each in value)
    return isinstance(value, float)


@admin.register(TaxRule)
class TaxRuleAdmin(ExitusAdmin):
    """Rules of the law. Whoever is assessed by them is assessed again after a change."""

    form = TaxRuleForm
    list_display = ("rule_id", "valid_from", "valid_to", "value", "law", "status", "edited")
    list_filter = ("status", "edited")
    search_fields = ("rule_id", "law", "source")
    date_hierarchy = "valid_from"
    readonly_fields = ("edited", "created_at", "updated_at")

    def save_model(self, request: HttpRequest, obj: TaxRule, form: Any, change: bool) -> None:
        """Saves as an administrator's own: no later seeding touches it."""
        obj.edited = True
        super().save_model(request, obj, form, change)
        rules_changed()

    def delete_model(self, request: HttpRequest, obj: TaxRule) -> None:
        """Deletes, and has everybody assessed again."""
        super().delete_model(request, obj)
        rules_changed()

    def has_delete_permission(self, request: HttpRequest, obj: TaxRule | None = None) -> bool:
        """A rule of the program is ended by its date: deleted, the next start would bring it."""
        if obj is None or obj.seed_key is not None:
            return False
        return super().has_delete_permission(request, obj)


@admin.register(HolderTaxSettings)
class HolderTaxSettingsAdmin(ReadOnlyAdmin):
    """Choices where the law is open."""

    list_display = ("holder", "values", "updated_at")
    list_select_related = ("holder",)
    search_fields = ("holder__name",)


class OpeningItemInline(TabularInline):
    """Balances of an opening by bucket."""

    model = TaxOpeningItem
    extra = 0


@admin.register(TaxOpening)
class TaxOpeningAdmin(ReadOnlyAdmin):
    """What holders brought from before."""

    list_display = ("holder", "date", "darf", "updated_at")
    list_select_related = ("holder",)
    search_fields = ("holder__name",)
    inlines = (OpeningItemInline,)


@admin.register(MonthClosing)
class MonthClosingAdmin(ReadOnlyAdmin):
    """Months people closed."""

    list_display = ("holder", "month", "closed_at", "closed_by", "reopened_at")
    list_filter = (("reopened_at", admin.EmptyFieldListFilter),)
    list_select_related = ("holder", "closed_by")
    search_fields = ("holder__name",)
    date_hierarchy = "month"


@admin.register(TaxLink)
class TaxLinkAdmin(ReadOnlyAdmin):
    """Secret addresses; their tokens are not kept."""

    list_display = ("holder", "purpose", "name", "workspace", "expires_at", "revoked_at")
    list_filter = ("purpose", ("workspace", AutocompleteSelectFilter))
    list_select_related = ("holder", "workspace")
    search_fields = ("name", "holder__name")
    exclude = ("token_hash",)


@admin.register(AssessmentBuild)
class AssessmentBuildAdmin(ReadOnlyAdmin):
    """From what each holder was assessed."""

    list_display = ("holder", "workspace", "version", "ledger_version", "built_at", "took_ms")
    list_filter = (("workspace", AutocompleteSelectFilter),)
    list_select_related = ("holder", "workspace")
    search_fields = ("holder__name",)
    date_hierarchy = "built_at"


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    """Months and years as assessed."""

    list_display = ("holder", "year", "month")
    list_filter = ("year",)
    list_select_related = ("holder",)
    search_fields = ("holder__name",)


@admin.register(DueNotice)
class DueNoticeAdmin(ReadOnlyAdmin):
    """Warnings already given."""

    list_display = ("holder", "key", "due_date", "sent_at")
    list_select_related = ("holder",)
    search_fields = ("holder__name",)
    date_hierarchy = "due_date"
