"""Institutions of the file as accounts of the workspace; unknown ones are proposed."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from apps.brokers.models import Account, Institution
from apps.brokers.selectors import accounts_of, institution_index
from apps.common.text import normalise_name
from apps.imports.planning.model import Outcome, Task
from apps.imports.selectors import institutions_chosen_before

CREATE = "create"


class Places:
    """Finds the account a line belongs to. Accounts that would be made are unsaved."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._index = institution_index(access=task.access)
        self._accounts = [a for a in accounts_of(access=task.access) if a.is_active]
        self._by_id = {str(account.pk): account for account in self._accounts}
        self._chosen = institutions_chosen_before(access=task.access, holder=task.holder)
        self._chosen |= {
            key: part["choice"]
            for key, part in task.choices.get("institutions", {}).items()
            if part.get("choice")
        }
        self._found: dict[tuple[str, bool], Account] = {}
        self._counts: Counter[str] = Counter()
        self._keys: dict[str, str] = {}
        self._scopes: dict[uuid.UUID, str] = {}
        self._unsaved: dict[str, Account] = {}
        self._proposed: dict[str, tuple[str, Institution | None]] = {}

    def place(self, outcome: Outcome) -> None:
        """Give a line its account and the scope in which its duplicates are sought."""
        line = outcome.line
        name = line.account or line.institution
        key = self._key(name)
        where = (key, bool(line.account))
        account = self._found.get(where)
        if account is None:
            account = self._found[where] = self._account(where, name, line.currency)
        outcome.account = account
        outcome.scope = self.scope_of(account)

    def scope_of(self, account: Account) -> str:
        """Holder and institution, the latter by name: it has no id before it is made."""
        scope = self._scopes.get(account.pk)
        if scope is None:
            institution = normalise_name(account.institution.name)
            scope = self._scopes[account.pk] = f"{account.holder_id}:{institution}"[:120]
        return scope

    def _key(self, name: str) -> str:
        # Files name a handful of institutions thousands of times.
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = normalise_name(name) if name else ""
        return key

    def _account(self, where: tuple[str, bool], name: str, currency: str) -> Account:
        task, (key, by_account) = self._task, where
        if task.account is not None:
            return task.account
        chosen = self._chosen.get(key, "")
        if chosen in self._by_id:
            return self._by_id[chosen]
        # A file that names accounts may be of several holders; one that names institutions is
        # of the holder it was handed in for.
        mine = [a for a in self._accounts if a.holder_id == task.holder.pk]
        named = self._accounts if by_account else mine
        own = next((a for a in named if normalise_name(a.name) == key), None)
        institution = self._index.get(key)
        if own is None and institution is not None:
            own = next((a for a in mine if a.institution_id == institution.pk), None)
        if own is None and not key and len(mine) == 1:
            own = mine[0]
        if own is not None:
            return own
        self._proposed[key] = (name, institution)
        self._unsaved.setdefault(
            key,
            self._unsaved_account(name, institution, currency),
        )
        return self._unsaved[key]

    def _unsaved_account(
        self, name: str, institution: Institution | None, currency: str
    ) -> Account:
        task = self._task
        return Account(
            workspace=task.access.workspace,
            holder=task.holder,
            institution=institution or Institution(workspace=task.access.workspace, name=name),
            name=str(institution) if institution else name,
            currency=currency or "BRL",
        )

    def count(self, outcome: Outcome) -> None:
        """Note that a line that will be recorded needs its place."""
        self._counts[self._key(outcome.line.account or outcome.line.institution)] += 1

    def proposals(self) -> dict[str, Any]:
        """Accounts, and institutions where they too are new, that the lines to record need."""
        return {
            key: {
                "name": name,
                "institution": str(institution.pk) if institution is not None else "",
                "known_as": institution.name if institution is not None else "",
                "lines": self._counts[key],
                "choice": self._chosen.get(key, "") if key in self._by_id else CREATE,
                "unsettled": not name,
            }
            for key, (name, institution) in self._proposed.items()
            if self._counts[key]
        }

    @property
    def proposed(self) -> dict[str, Account]:
        """The unsaved account of each proposal."""
        return {key: account for key, account in self._unsaved.items() if self._counts[key]}
