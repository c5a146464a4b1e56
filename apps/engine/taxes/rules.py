"""The law as dated data: which value of a rule holds on which day."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

LAW_FILE = Path(__file__).with_name("law.json")


class RuleMissing(LookupError):
    """No value of a rule holds on a day; ``rule_id`` and ``day`` say which."""

    def __init__(self, rule_id: str, day: date) -> None:
        super().__init__(f"no rule {rule_id!r} in force on {day.isoformat()}")
        self.rule_id = rule_id
        self.day = day


@dataclass(frozen=True, slots=True)
class Rule:
    """One value of a rule, in force from ``start`` to ``end`` inclusive (None = still)."""

    id: str
    start: date
    end: date | None
    value: Mapping[str, Any]
    law: str = ""
    status: str = ""
    source: str = ""

    def decimal(self, name: str) -> Decimal:
        """A figure of the value, exactly as written."""
        return Decimal(str(self.value[name]))

    def text(self, name: str) -> str:
        """A word or code of the value."""
        return str(self.value[name])


def _rule(row: Mapping[str, Any]) -> Rule:
    end = row.get("to")
    return Rule(
        str(row["id"]),
        date.fromisoformat(str(row["from"])),
        date.fromisoformat(str(end)) if end else None,
        dict(row.get("value") or {}),
        str(row.get("law") or ""),
        str(row.get("status") or ""),
        str(row.get("source") or ""),
    )


def _fits(name: str, value: Any, samples: Sequence[Any]) -> bool:
    """Whether a value is of the kind its samples are: a figure, a date, a word, or a list or table
    of those. Codes are words, though they look like figures."""
    if value is None:
        return None in samples
    sample = next((each for each in samples if each is not None), None)
    if isinstance(sample, Mapping):
        known = [each for each in samples if isinstance(each, Mapping)]
        return isinstance(value, Mapping) and all(
            _fits(key, value.get(key), [each.get(key) for each in known]) for key in sample
        )
    if isinstance(sample, list):
        parts = [part for each in samples for part in each]
        return isinstance(value, list) and all(_fits(name, part, parts) for part in value)
    if isinstance(value, (Mapping, list, bool)):
        return False
    if name.endswith("code"):
        return True
    for read in (_finite, date.fromisoformat):
        try:
            read(str(sample))
        except ValueError:
            continue
        try:
            read(str(value))
        except ValueError:
            return False
        return True
    return True


def _finite(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not found.is_finite():
        raise ValueError(text)
    return found


class RuleBook:
    """Every rule with its values by date. Of two values for a day the one that starts later
    holds."""

    __slots__ = ("_by_id", "_seen")

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._by_id: dict[str, list[Rule]] = {}
        for rule in rules:
            self._by_id.setdefault(rule.id, []).append(rule)
        for values in self._by_id.values():
            values.sort(key=lambda rule: rule.start, reverse=True)
        self._seen: dict[tuple[str, date], Rule | None] = {}

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping[str, Any]]) -> RuleBook:
        """Rules from plain rows: ``id, from, to, value, law, status, source``."""
        return cls(_rule(row) for row in rows)

    @classmethod
    def from_json(cls, text: str) -> RuleBook:
        """Rules from JSON: a list of rows, or an object that has them under ``rules``.

        Raises ``ValueError`` for text that is not that.
        """
        data = json.loads(text)
        rows = data.get("rules") if isinstance(data, dict) else data
        if not isinstance(rows, list):
            raise ValueError("the rules are neither a list nor under 'rules'")
        try:
            return cls.from_rows(rows)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"a rule cannot be read: {error!r}") from error

    @classmethod
    def shipped(cls) -> RuleBook:
        """The law that comes with the engine."""
        return cls.from_json(LAW_FILE.read_text(encoding="utf-8"))

    def find(self, rule_id: str, day: date) -> Rule | None:
        """The value in force on a day, or None."""
        key = (rule_id, day)
        try:
            return self._seen[key]
        except KeyError:
            values = self._by_id.get(rule_id, [])
            found = self._seen[key] = next(
                (
                    rule
                    for rule in values
                    if rule.start <= day and (rule.end is None or day <= rule.end)
                ),
                None,
            )
            return found

    def on(self, rule_id: str, day: date) -> Rule:
        """The value in force on a day. Raises ``RuleMissing`` where there is none."""
        found = self.find(rule_id, day)
        if found is None:
            raise RuleMissing(rule_id, day)
        return found

    def starting(self, prefix: str) -> list[Rule]:
        """All values of the rules whose id starts with ``prefix``."""
        return [
            rule
            for key in sorted(self._by_id)
            if key.startswith(prefix)
            for rule in self._by_id[key]
        ]

    def unreadable(self, sample: RuleBook) -> tuple[Rule, str] | None:
        """The first value that lacks a figure which every value of that rule has in ``sample``, or
        has something else in its place, with the name of the figure; None where all can be used."""
        for rule in self.rules():
            alike = [each.value for each in sample._by_id.get(rule.id, ())]
            for name in alike[0] if alike else ():
                known = [value[name] for value in alike if name in value]
                if len(known) == len(alike) and not _fits(name, rule.value.get(name), known):
                    return rule, name
        return None

    def rules(self) -> list[Rule]:
        """Every value of every rule, by id and start."""
        return sorted(
            (rule for values in self._by_id.values() for rule in values),
            key=lambda rule: (rule.id, rule.start),
        )
