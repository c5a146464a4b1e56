"""The shared registry of institutions, with the spellings B3's files use.

A CNPJ that is not certain is left empty.
"""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from apps.brokers.models import Institution, InstitutionAlias
from apps.common.seeding import Seeded, read_rows, upsert
from apps.common.text import normalise_name

_FILE = Path(__file__).parent / "institutions.csv"


@transaction.atomic
def seed_institutions() -> Seeded:
    """Writes institutions and their aliases; safe to repeat."""
    rows = read_rows(_FILE)
    done = upsert(
        Institution.objects.filter(workspace=None),
        [{name: row[name] for name in ("name", "short_name", "cnpj", "country")} for row in rows],
        key=["name"],
    )
    ids = dict(Institution.objects.filter(workspace=None).values_list("name", "id"))
    wanted = {
        (ids[row["name"]], normalise_name(spelling))
        for row in rows
        for spelling in (row["name"], row["short_name"], *row["aliases"].split(";"))
    }
    aliases = upsert(
        InstitutionAlias.objects.all(),
        [{"institution_id": pk, "normalised": text} for pk, text in sorted(wanted)],
        key=["institution_id", "normalised"],
    )
    return done + aliases
