"""What a batch that was to apply by itself still needs from the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.imports.planning import Plan

SHOWN = 5


def waiting_for(*, plan: Plan, meta: Mapping[str, Any]) -> dict[str, Any]:
    """The error that says so, by code as those of refused files; empty where nothing waits."""
    if meta.get("lacks"):
        return {"code": "waits_columns"}
    if plan.undecided:
        return {"code": "waits_decisions"}
    if plan.unclassed:
        return classes_wanted(codes=plan.unclassed)
    return {"code": "waits_answers"} if plan.unsettled else {}


def classes_wanted(*, codes: list[str]) -> dict[str, Any]:
    """Which assets have no class yet, the first by name."""
    more = "…" if len(codes) > SHOWN else ""
    return {"code": "waits_classes", "params": {"codes": ", ".join(codes[:SHOWN]) + more}}
