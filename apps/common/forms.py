"""What forms of every app share."""

from __future__ import annotations

from django import forms

from apps.common.errors import DomainError


def add_domain_errors(form: forms.BaseForm, error: DomainError) -> None:
    """Shows a service's refusal on ``form``: beside the field it names, else above the form."""
    for item in error.errors:
        form.add_error(item.field if item.field in form.fields else None, str(item.message))
    if not error.errors:
        form.add_error(None, str(error.message))
