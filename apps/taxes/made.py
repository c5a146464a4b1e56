"""From what a holder's assessments were made, and whether that is still what there is."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

from apps.accounts.models import Holder
from apps.taxes.models import AssessmentBuild


class Made(NamedTuple):
    """Versions of rows, rules, rates and choices, and the form of what is stored."""

    ledger: int
    rules: str
    market: str
    choices: str
    layout: int


def made_from(build: AssessmentBuild) -> Made:
    """What stored assessments were made from."""
    return Made(
        build.ledger_version,
        build.rules_version,
        build.market_version,
        build.choices_version,
        build.layout,
    )


def choices_mark(holder: Holder) -> str:
    """Tells apart what a holder chose and brought from before."""
    settings = getattr(holder, "tax_settings", None)
    opening = getattr(holder, "tax_opening", None)
    said: list[object] = [sorted(settings.values.items()) if settings else []]
    if opening is not None:
        items = sorted((i.bucket, str(i.loss), str(i.withheld)) for i in opening.items.all())
        said += [opening.date.isoformat(), str(opening.darf), items]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:40]
