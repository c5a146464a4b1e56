"""Reads of what a holder chose and brought from before."""

from __future__ import annotations

from typing import Any

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.engine.taxes.settings import TaxSettings
from apps.ledger.models import LOSS_BUCKETS
from apps.taxes.choices import described, parsed
from apps.taxes.models import HolderTaxSettings, TaxOpening
from apps.taxes.selectors.state import ZERO, require_holder


def settings_of(*, access: Access, holder: Holder) -> TaxSettings:
    """The holder's choices, defaults included. One query."""
    require_holder(access, holder)
    row = HolderTaxSettings.objects.filter(pk=holder.pk).first()
    return parsed(row.values if row else {})


def settings_described(*, access: Access, holder: Holder) -> list[dict[str, Any]]:
    """Every choice with its words, value, default and the values it may take. One query."""
    return described(settings_of(access=access, holder=holder))


def opening_of(*, access: Access, holder: Holder) -> dict[str, Any] | None:
    """What the holder brings from before; None where everything is in the ledger. Two queries."""
    require_holder(access, holder)
    found = TaxOpening.objects.filter(pk=holder.pk).prefetch_related("items").first()
    if found is None:
        return None
    items = {item.bucket: item for item in found.items.all()}
    names = [each.value for each in LOSS_BUCKETS]
    losses = {b: items[b].loss if b in items else ZERO for b in names}
    withheld = {b: items[b].withheld if b in items else ZERO for b in names}
    return {"date": found.date, "darf": found.darf, "losses": losses, "withheld": withheld}
