"""Writes of imports."""

from apps.imports.services.apply import batch_apply, batch_apply_run
from apps.imports.services.decide import (
    batches_replan,
    line_decide,
    line_reopen,
    mapping_set,
    proposals_answer,
)
from apps.imports.services.intake import batch_create, batch_delete, batch_parse, batches_sweep
from apps.imports.services.undo import batch_undo

__all__ = [
    "batch_apply",
    "batch_apply_run",
    "batch_create",
    "batch_delete",
    "batch_parse",
    "batch_undo",
    "batches_replan",
    "batches_sweep",
    "line_decide",
    "line_reopen",
    "mapping_set",
    "proposals_answer",
]
