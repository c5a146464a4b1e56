"""The law shipped with the engine as rows of ``TaxRule``.

Each shipped row is known by its rule and first day. It is made when missing and follows the program
while nobody changed it; what an administrator changed, and days an administrator's own row covers,
are left as they are.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from apps.common.seeding import Seeded
from apps.engine.taxes.rules import Rule, RuleBook
from apps.taxes.models import TaxRule
from apps.taxes.services import seed_periodic_tasks

_FIELDS = ("rule_id", "valid_from", "valid_to", "value", "law", "status", "source")


@transaction.atomic
def seed_reference() -> Seeded:
    """The law and this app's periodic tasks."""
    return seed_rules() + Seeded(seed_periodic_tasks())


@transaction.atomic
def seed_rules() -> Seeded:
    """Writes the shipped law. Safe to repeat."""
    known = {row.seed_key: row for row in TaxRule.objects.filter(seed_key__isnull=False)}
    created = updated = 0
    # Rows that end come before those that follow them: days never overlap on the way.
    for rule in sorted(RuleBook.shipped().rules(), key=lambda r: (r.id, r.start)):
        row = known.get(_key(rule))
        wanted = _values(rule)
        if row is None:
            created += _kept(TaxRule(seed_key=_key(rule), **wanted))
        elif not row.edited:
            changed = [name for name in _FIELDS if getattr(row, name) != wanted[name]]
            for name in changed:
                setattr(row, name, wanted[name])
            updated += bool(changed) and _kept(row)
    return Seeded(created, updated)


def _key(rule: Rule) -> str:
    return f"{rule.id}:{rule.start.isoformat()}"


def _values(rule: Rule) -> dict[str, Any]:
    end: dt.date | None = rule.end
    return {
        "rule_id": rule.id,
        "valid_from": rule.start,
        "valid_to": end,
        "value": dict(rule.value),
        "law": rule.law,
        "status": rule.status,
        "source": rule.source,
    }


def _kept(row: TaxRule) -> bool:
    """Stores a row unless days of an administrator's own already cover it."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return False
    return True
