"""Splits and bonuses of the seeded assets since 2015, as far as they are certain.

The list is not complete: what a company did later arrives with a B3 file or is typed. The cost
declared for a bonus is left empty unless certain; the fold says so with an issue.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from apps.assets.models import Asset
from apps.common.seeding import Seeded, read_rows, upsert
from apps.corporate_events.models import CorporateEvent

_FILE = Path(__file__).parent / "events.csv"


@transaction.atomic
def seed_events() -> Seeded:
    """Writes the installation's events; assets must have been seeded. Safe to repeat."""
    rows = read_rows(_FILE)
    ids = {
        (ticker, market): pk
        for pk, ticker, market in Asset.objects.filter(
            workspace=None, ticker__in={row["ticker"] for row in rows}
        ).values_list("id", "ticker", "market")
    }
    wanted = [
        {
            "asset_id": ids[row["ticker"], row["market"]],
            "kind": row["kind"],
            "ex_date": dt.date.fromisoformat(row["ex_date"]),
            "ratio": Decimal(row["ratio"]),
            "source": row["source"],
        }
        for row in rows
    ]
    return upsert(
        CorporateEvent.objects.filter(workspace=None), wanted, key=["asset_id", "kind", "ex_date"]
    )
