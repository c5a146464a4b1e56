"""Institutions of the file as accounts of the workspace; unknown ones are proposed."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from apps.accounts.models import Holder
from apps.accounts.selectors import holders_of
from apps.brokers.models import Account, Institution
from apps.brokers.selectors import accounts_of, institution_index
from apps.common.text import normalise_name
from apps.imports.planning.model import Outcome, Task
from apps.imports.selectors import institutions_chosen_before

CREATE = "create"


def account_name(name: str, holder: Holder) -> str:
    """What an account is called where another holder's already has its name."""
    return f"{name} ({holder.name})"[:80]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()


class Places:
    """Finds the account a line belongs to. Accounts that would be made are unsaved."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._index = institution_index(access=task.access)
        self._everyone = list(accounts_of(access=task.access))
        self._accounts = [a for a in self._everyone if a.is_active]
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
        self._told: dict[str, dict[str, str]] = task.told.get("accounts", {})
        self._holders = {_plain(h.name): h for h in holders_of(access=task.access)}
        self._institutions: dict[str, Institution] = {}

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
            # Accounts that the file describes are told apart as it spells them.
            plain = name if name in self._told else normalise_name(name)
            key = self._keys[name] = plain if name else ""
        return key

    def _account(self, where: tuple[str, bool], name: str, currency: str) -> Account:
        task, (key, by_account) = self._task, where
        if task.account is not None:
            return task.account
        chosen = self._chosen.get(key, "")
        if chosen in self._by_id:
            return self._by_id[chosen]
        if by_account and name in self._told:
            return self._described(key, name, currency)
        if by_account and (same := [a for a in self._everyone if a.name == name]):
            return same[0]
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

    def _described(self, key: str, name: str, currency: str) -> Account:
        """The account of an export: the holder's of that name, else a new one as it says."""
        said = self._told[name]
        holder = self._holder(said.get("holder", ""))
        names = (name, account_name(name, holder))
        own = [a for a in self._everyone if a.holder_id == holder.pk and a.name in names]
        if own:
            return own[0]
        if key not in self._unsaved:
            spelt = said.get("institution") or name
            institution = self._index.get(normalise_name(spelt))
            self._proposed[key] = (name, institution)
            self._unsaved[key] = Account(
                workspace=self._task.access.workspace,
                holder=holder,
                institution=institution or self._new_institution(spelt),
                name=name,
                currency=said.get("currency") or currency or "BRL",
            )
        return self._unsaved[key]

    def _holder(self, name: str) -> Holder:
        """The taxpayer of a name, unsaved where there is none; the file's own for no name."""
        if not name:
            return self._task.holder
        workspace = self._task.access.workspace
        return self._holders.setdefault(_plain(name), Holder(workspace=workspace, name=name))

    def _new_institution(self, name: str) -> Institution:
        """An unsaved institution, the same for every account that names it."""
        workspace = self._task.access.workspace
        return self._institutions.setdefault(
            normalise_name(name), Institution(workspace=workspace, name=name)
        )

    def _unsaved_account(
        self, name: str, institution: Institution | None, currency: str
    ) -> Account:
        task = self._task
        return Account(
            workspace=task.access.workspace,
            holder=task.holder,
            institution=institution or self._new_institution(name),
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
                "holder": self._unsaved[key].holder.name if name in self._told else "",
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
