"""The timeline figures are taken from: which one, how old, and whether it is being built."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Workspace
from apps.engine.returns import Timeline
from apps.market_data.selectors import market_version
from apps.performance import store
from apps.performance.signals import timeline_missing
from apps.performance.store import Version

#: The stages of a build a person is told about: ledger, prices, days, keeping.
STEPS = 4
#: Once for all who wait: pages ask again every few seconds.
ASK_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Building:
    """Nobody has built the timeline yet; the worker was asked to. ``step`` of ``steps``, 0 while it
    waits in the queue."""

    step: int
    steps: int = STEPS
    is_ready: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A timeline and what it tells of. ``is_stale``: the ledger changed since; ``is_behind``: only
    the market or the day did. Either way a newer one is on its way."""

    timeline: Timeline
    version: Version
    is_stale: bool
    is_behind: bool
    is_ready: bool = True


def progress_key(workspace_id: uuid.UUID, currency: str) -> str:
    """Where a build tells how far it is."""
    return f"timeline-progress:{workspace_id}:{currency}"


def used_key(workspace_id: uuid.UUID) -> str:
    """Where the currencies somebody looked at lately are noted."""
    return f"timeline-used:{workspace_id}"


def version_now(*, workspace_id: uuid.UUID, currency: str, ledger: int | None = None) -> Version:
    """What a timeline of now is built from. At most two queries."""
    if ledger is None:
        ledger = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
    return Version(workspace_id, currency, ledger, market_version(), timezone.localdate())


def timeline_of(*, access: Access, currency: str) -> Ready | Building:
    """The workspace's timeline in a currency: the newest there is, while a newer one is built."""
    workspace = access.workspace
    version = version_now(
        workspace_id=workspace.pk, currency=currency, ledger=workspace.ledger_version
    )
    _note_use(workspace.pk, currency)
    found = store.load(version)
    if found is None and _ask(version):
        found = store.load(version)
    if found is not None:
        return Ready(found, version, is_stale=False, is_behind=False)
    last = store.last(workspace.pk, currency)
    if last is not None:
        older, timeline = last
        return Ready(timeline, older, older.ledger != version.ledger, is_behind=True)
    return Building(cache.get(progress_key(workspace.pk, currency)) or 0)


def _ask(version: Version) -> bool:
    """Has the worker asked, once for all who wait; tells whether it was asked now."""
    if not cache.add(f"timeline-asked:{version.key}", 1, ASK_SECONDS):
        return False
    timeline_missing.send(sender=None, workspace_id=version.workspace_id, currency=version.currency)
    return True


def _note_use(workspace_id: uuid.UUID, currency: str) -> None:
    key = used_key(workspace_id)
    used: frozenset[str] = cache.get(key) or frozenset()
    if currency not in used:
        cache.set(key, used | {currency}, store.USED_SECONDS)
