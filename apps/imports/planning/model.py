"""What planning works on and answers with."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.brokers.models import Account
from apps.imports.formats import Format, ParsedLine
from apps.imports.models import Line
from apps.ledger.services import TransactionInput

State = Line.State
IGNORE = "ignore"


@dataclass(slots=True)
class Outcome:
    """What becomes of one line. ``found`` are values the ledger told, over those of the file;
    ``data`` is the row to record, where there is one; ``transaction_id`` the row it already is;
    ``suggested`` fills the form of a decision."""

    line: ParsedLine
    decision: dict[str, Any] = field(default_factory=dict)
    key: int | None = None
    state: str = State.NEW
    kind: str = ""
    reason: str = ""
    params: dict[str, str] = field(default_factory=dict)
    scope: str = ""
    account: Account | None = None
    data: TransactionInput | None = None
    transaction_id: uuid.UUID | None = None
    suggested: dict[str, str] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def settle(self, state: str, reason: str = "", **params: str) -> None:
        """Write the state, with its reason when it gets a new one."""
        self.state = state
        if reason:
            self.reason, self.params = reason, params
        if state != State.NEW:
            self.data = None

    def to_decide(self, reason: str, /, *choices: str, **params: str) -> None:
        """Leave the line to the person."""
        self.settle(State.DECIDE, reason, **params)
        if choices:
            self.line.choices = choices

    @property
    def is_open(self) -> bool:
        """Whether the line still may become a row."""
        return self.state in (State.NEW, State.DECIDE)


@dataclass(frozen=True, slots=True)
class Task:
    """Whose file it is and where it goes. ``checked`` says that recording will check the rows;
    ``told`` is what an export of Exitus says of its assets and accounts, by their codes."""

    access: Access
    holder: Holder
    account: Account | None
    batch_id: uuid.UUID
    format: str
    choices: dict[str, Any]
    checked: bool = False
    told: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ledger(self) -> bool:
        """Whether the file is a ledger of Exitus rather than a broker's report."""
        return self.format in (Format.EXITUS_CSV, Format.EXITUS_ZIP)


@dataclass(slots=True)
class Plan:
    """The outcomes in the order of the file, and what would be made along with them."""

    outcomes: list[Outcome]
    proposals: dict[str, Any]

    @property
    def undecided(self) -> int:
        """Lines that wait for the person."""
        return sum(1 for outcome in self.outcomes if outcome.state == State.DECIDE)

    @property
    def unclassed(self) -> list[str]:
        """Codes of new assets whose class nobody has said."""
        return [part["ticker"] for part in self.proposals["assets"].values() if part["unsettled"]]

    @property
    def unsettled(self) -> int:
        """Proposals that cannot be made without an answer."""
        parts = (*self.proposals["institutions"].values(), *self.proposals["assets"].values())
        return sum(1 for part in parts if part["unsettled"])

    def counts(self) -> dict[str, int]:
        """How many lines there are of each state."""
        found = {str(state): 0 for state in State.values}
        for outcome in self.outcomes:
            found[outcome.state] += 1
        found["total"] = len(self.outcomes)
        found["unsettled"] = self.unsettled
        return found
