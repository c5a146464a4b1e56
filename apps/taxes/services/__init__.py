"""Writes of the taxes."""

from apps.taxes.services.assess import (
    ASSESS_DEBOUNCE_SECONDS,
    annual_ensure,
    assess_all_due,
    assessments_ensure,
    workspace_assess,
    workspaces_assessed,
    workspaces_behind,
)
from apps.taxes.services.choices import opening_delete, opening_set, settings_update
from apps.taxes.services.closing import month_close, month_reopen
from apps.taxes.services.links import link_create, link_revoke, link_used
from apps.taxes.services.notices import due_notices_send, seed_periodic_tasks
from apps.taxes.services.payments import darf_pay, darf_payment_delete
from apps.taxes.services.stale import rules_changed, taxes_changed

__all__ = [
    "ASSESS_DEBOUNCE_SECONDS",
    "annual_ensure",
    "assess_all_due",
    "assessments_ensure",
    "darf_pay",
    "darf_payment_delete",
    "due_notices_send",
    "link_create",
    "link_revoke",
    "link_used",
    "month_close",
    "month_reopen",
    "opening_delete",
    "opening_set",
    "rules_changed",
    "seed_periodic_tasks",
    "settings_update",
    "taxes_changed",
    "workspace_assess",
    "workspaces_assessed",
    "workspaces_behind",
]
