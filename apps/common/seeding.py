"""Writing the installation's reference rows again and again to the same effect."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.utils import timezone


@dataclass(frozen=True, slots=True)
class Seeded:
    """How many rows a seed made and how many it changed."""

    created: int = 0
    updated: int = 0

    def __add__(self, other: Seeded) -> Seeded:
        return Seeded(self.created + other.created, self.updated + other.updated)


# Seeds of the apps above the one whose command runs them all: they add theirs when Django starts.
LATER: list[Callable[[], Seeded]] = []


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a seed file (UTF-8, comma, header), as text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def upsert(
    rows: models.QuerySet[Any], wanted: Iterable[Mapping[str, Any]], *, key: Sequence[str]
) -> Seeded:
    """Makes the rows that miss and changes those that differ, in place; ids stay.

    ``rows`` are those the seed may touch. An empty value says that the seed does not know: it
    never replaces what somebody filled in.
    """
    known = {tuple(getattr(row, name) for name in key): row for row in rows}
    made: list[models.Model] = []
    changed: list[models.Model] = []
    fields: set[str] = set()
    for values in wanted:
        row = known.get(tuple(values[name] for name in key))
        if row is None:
            made.append(rows.model(**values))
            continue
        different = [n for n, v in values.items() if v not in ("", None) and getattr(row, n) != v]
        for name in different:
            setattr(row, name, values[name])
        if different:
            if hasattr(row, "updated_at"):
                row.updated_at = timezone.now()
                different.append("updated_at")
            fields.update(different)
            changed.append(row)
    rows.model._default_manager.bulk_create(made, batch_size=2000)
    if changed:
        names = [rows.model._meta.get_field(name).name for name in fields]
        rows.model._default_manager.bulk_update(changed, names, batch_size=500)
    return Seeded(len(made), len(changed))
