"""The plan of a whole file."""

from __future__ import annotations

from collections.abc import Sequence

from apps.imports.formats import Action
from apps.imports.planning.build import build
from apps.imports.planning.catalogue import Catalogue
from apps.imports.planning.events import resolve_context
from apps.imports.planning.known import mark_known, mark_same_rows
from apps.imports.planning.model import IGNORE, Outcome, Plan, State, Task
from apps.imports.planning.places import Places
from apps.imports.planning.settlements import (
    date_settlements,
    match_earlier_settlements,
    resolve_settlements,
)


class Planner:
    """Plans a file's lines; ``places`` and ``catalogue`` then hold what would be made."""

    def __init__(self, task: Task, outcomes: Sequence[Outcome]) -> None:
        self.task = task
        self.outcomes = list(outcomes)
        self.places = Places(task)
        self.catalogue = Catalogue(task)

    def run(self) -> Plan:
        """Settle every outcome and gather the proposals."""
        for outcome in self.outcomes:
            self._first(outcome)
        date_settlements(self.outcomes)
        matched = mark_known(self.task, self.outcomes)
        for outcome in self.outcomes:
            self._record(outcome)
        mark_same_rows(self.task, self.outcomes, matched)
        match_earlier_settlements(self.task, self.outcomes, self.catalogue)
        resolve_settlements(self.task, self.outcomes, self.catalogue)
        resolve_context(self.task, self.outcomes, self.catalogue)
        for outcome in self.outcomes:
            if outcome.state != State.NEW:
                continue
            if outcome.data is None:
                outcome.to_decide("needs_details", *outcome.line.choices)
            else:
                self.places.count(outcome)
                self.catalogue.count(outcome.data.asset)
                self.catalogue.count(outcome.data.to_asset)
        proposals = {
            "institutions": self.places.proposals(),
            "assets": self.catalogue.proposals(),
        }
        return Plan(self.outcomes, proposals)

    def _first(self, outcome: Outcome) -> None:
        """The verdict of the file alone, with the person's word over it."""
        line = outcome.line
        self.places.place(outcome)
        outcome.kind, outcome.reason = str(line.kind or ""), line.reason
        outcome.params = dict(line.params)
        if line.action is Action.POSITION:
            outcome.settle(State.IGNORED, "position_row")
        elif outcome.decision.get("kind") == IGNORE:
            outcome.settle(State.IGNORED, "ignored_by_person")
        elif line.action is Action.IGNORE:
            outcome.settle(State.IGNORED)
        elif outcome.decision:
            outcome.state = State.NEW
        elif line.action is Action.DECIDE:
            outcome.state = State.DECIDE
        else:
            outcome.state = State.NEW

    def _record(self, outcome: Outcome) -> None:
        """Rows that need nothing but themselves."""
        if outcome.state != State.NEW:
            return
        if outcome.decision:
            build(outcome, outcome.decision["kind"], self.task, self.catalogue)
            if outcome.state == State.NEW:
                outcome.reason, outcome.params = "decided", {}
        elif outcome.line.action is Action.RECORD:
            build(outcome, outcome.kind, self.task, self.catalogue)


def plan_lines(task: Task, outcomes: Sequence[Outcome]) -> tuple[Plan, Planner]:
    """Plan the lines of a file; the planner knows what the proposals would make."""
    planner = Planner(task, outcomes)
    return planner.run(), planner
