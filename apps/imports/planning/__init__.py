"""From lines that were read to what each becomes, seen against the ledger as it stands."""

from apps.imports.planning.model import Outcome, Plan
from apps.imports.planning.plan import plan_lines

__all__ = ["Outcome", "Plan", "plan_lines"]
