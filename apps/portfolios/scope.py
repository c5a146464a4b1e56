"""Which assets a rebuild has to fold again.

The average and the lots of an asset depend on its own rows and on those of the assets that events,
options and conversions link it to, on nothing else. So a workspace whose changes since the last
build are all known needs only those assets folded; whenever anything else may have moved under the
figures, it is folded whole.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict

from django.db.models import Count, Sum

from apps.assets.models import Asset
from apps.brokers.models import Account
from apps.corporate_events.models import CorporateEvent
from apps.ledger.models import Change, Transaction
from apps.market_data.models import FxRate
from apps.portfolios.models import Build, Position

# Raised when the engine answers otherwise for the same rows, or other columns are stored.
LAYOUT = 2
# Said once for a whole ledger, not once for each asset: their place depends on all rows.
SHARED_ISSUES = frozenset({"fx_rate_stale", "account_unknown", "asset_unknown"})
# Beyond this part of the assets, linking and replacing costs more than folding everything.
LARGEST_PART = 3

Assets = frozenset[uuid.UUID | None]


def stale_assets(build: Build, version: int) -> Assets | None:
    """Assets to fold again to follow the ledger up to ``version`` (``None`` among them: rows of
    no asset); ``None`` instead when everything must be."""
    if build.layout != LAYOUT or build.built_at is None or build.rates_until is None:
        return None
    changes = list(
        Change.objects.filter(
            workspace_id=build.workspace_id,
            version__gt=build.ledger_version,
            version__lte=version,
        ).values_list("assets", "without_asset")
    )
    if not changes or len(changes) != version - build.ledger_version:
        return None
    if rates_moved(build):
        return None
    if any(issue["code"] in SHARED_ISSUES for issue in build.issues):
        return None
    touched = {asset for assets, _without in changes for asset in assets}
    held = set(
        Position.objects.filter(workspace_id=build.workspace_id, account__isnull=True)
        .values_list("asset_id", flat=True)
        .distinct()
    )
    found = linked_assets(build.workspace_id, touched, held)
    if len(found) * LARGEST_PART > len(held | found):
        return None
    if _moved_otherwise(build.workspace_id, build.built_at, held - found):
        return None
    without = any(without for _assets, without in changes)
    return frozenset(found | {None}) if without else frozenset(found)


def rates_moved(build: Build) -> bool:
    """Whether rates that figures are converted at came or changed since they were built."""
    return build.rates_until is not None and build.rates != rates_mark(build.rates_until)


def rates_mark(until: dt.date) -> str:
    """Tells apart the exchange rates known for the days until ``until``."""
    known = FxRate.objects.filter(date__lte=until).aggregate(n=Count("pk"), total=Sum("rate"))
    return f"{known['n']}:{known['total'] or 0}"


def linked_assets(
    workspace_id: uuid.UUID, touched: set[uuid.UUID], held: set[uuid.UUID]
) -> set[uuid.UUID]:
    """``touched`` and every asset that rows, options or events join to them, however far."""
    named = touched | held
    pairs: list[tuple[uuid.UUID | None, uuid.UUID | None]] = []
    pairs += (
        Transaction.objects.of(workspace_id)
        .filter(asset__isnull=False, to_asset__isnull=False)
        .values_list("asset_id", "to_asset_id")
    )
    pairs += Asset.objects.filter(pk__in=named, underlying__isnull=False).values_list(
        "pk", "underlying_id"
    )
    pairs += (
        CorporateEvent.objects.visible_to(workspace_id)
        .filter(asset_id__in=named, to_asset__isnull=False)
        .values_list("asset_id", "to_asset_id")
    )
    beside: defaultdict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for one, other in pairs:
        if one is not None and other is not None:
            beside[one].add(other)
            beside[other].add(one)
    found = set(touched)
    edge = list(touched)
    while edge:
        new = beside[edge.pop()] - found
        found |= new
        edge += new
    return found


def _moved_otherwise(workspace_id: uuid.UUID, since: dt.datetime, kept: set[uuid.UUID]) -> bool:
    """Whether what figures rest on beside rows was written since: assets, events, accounts."""
    return (
        Asset.objects.filter(pk__in=kept, updated_at__gte=since).exists()
        or CorporateEvent.objects.visible_to(workspace_id)
        .filter(asset_id__in=kept, updated_at__gte=since)
        .exists()
        or Account.objects.filter(
            workspace_id=workspace_id, updated_at__gte=since, created_at__lt=since
        ).exists()
    )
