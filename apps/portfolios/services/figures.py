"""Writes of derived figures: load, fold, store."""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Min, Q
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Role, User, Workspace
from apps.engine.holdings import Fold
from apps.market_data.services import history_missing, periodic_ensure
from apps.portfolios.folding import By, fold_in, fold_native
from apps.portfolios.loading import FUNDING_KINDS, Ledger, ledger_load
from apps.portfolios.models import Build, CashBalance, Position
from apps.portfolios.selectors.dashboard import (
    EVOLUTION_SECONDS,
    dashboard_figures,
    evolution_key,
)
from apps.portfolios.selectors.positions import built_version
from apps.portfolios.series import evolution_series
from apps.portfolios.signals import figures_rebuilt
from apps.portfolios.store import Row, positions_replace, rows_of

LOG = logging.getLogger(__name__)
REPORT_CURRENCIES = ("BRL", "USD")
QUOTES_BATCH = 40
METRICS_DEBOUNCE_SECONDS = 15
EVOLUTION_REST = 60


@transaction.atomic
def workspace_rebuild(*, workspace_id: uuid.UUID, force: bool = False) -> bool:
    """Folds the ledger and stores positions, cash and issues; tells whether it had to.

    One rebuild of a workspace runs at a time. The ledger version noted before reading is the one
    stored: a write that comes meanwhile leaves the versions different and the next call folds
    again.
    """
    build, _created = Build.objects.get_or_create(workspace_id=workspace_id)
    build = Build.objects.select_for_update().get(pk=build.pk)
    version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
    if build.ledger_version == version and not force:
        return False
    started = time.perf_counter()
    ledger = ledger_load(workspace_id=workspace_id)
    native, by_account = fold_native(ledger)
    _positions_store(workspace_id, ledger, native, by_account)
    _cash_store(workspace_id, ledger, native)
    build.ledger_version = version
    build.built_at = timezone.now()
    build.rows = len(ledger.rows)
    build.issues = _issues(native)
    build.took_ms = int((time.perf_counter() - started) * 1000)
    build.save()
    Workspace.objects.filter(pk=workspace_id, ledger_version=version).update(stale_since=None)
    transaction.on_commit(
        lambda: figures_rebuilt.send(sender=Build, workspace_id=workspace_id), robust=True
    )
    return True


def _positions_store(
    workspace_id: uuid.UUID, ledger: Ledger, legal: Fold, by_account: Fold
) -> None:
    rows: list[Row] = []
    folds: tuple[tuple[Fold, By], ...] = ((legal, "asset"), (by_account, "account"))
    for native, by in folds:
        brl, usd = (fold_in(ledger, currency, by, native) for currency in REPORT_CURRENCIES)
        rows += rows_of(workspace_id, native.holdings, brl, usd)
    positions_replace(workspace_id, rows)


def _cash_store(workspace_id: uuid.UUID, ledger: Ledger, native: Fold) -> None:
    # A file of trades alone tells nothing of the money that paid for them: only an account whose
    # deposits, withdrawals or exchange are recorded has a balance worth counting.
    funded = {row.account for row in ledger.rows if row.kind in FUNDING_KINDS}
    balances = [
        CashBalance(
            workspace_id=workspace_id,
            account_id=account,
            currency=currency,
            amount=amount,
            is_tracked=account in funded and (account, currency) not in native.cash_incomplete,
        )
        for (account, currency), amount in native.cash.items()
    ]
    CashBalance.objects.filter(workspace_id=workspace_id).delete()
    CashBalance.objects.bulk_create(balances)


def _issues(native: Fold) -> list[dict[str, object]]:
    """The fold's issues as plain JSON."""
    return [
        {"code": issue.code, "where": issue.where, "params": dict(issue.params)}
        for issue in native.issues
    ]


def metrics_refresh(*, workspace_id: uuid.UUID) -> int:
    """Computes the overview and the evolution into Redis, so that no page has to.

    The evolution is costly and moves little: during a back-fill it is drawn at once and then again
    only after ``EVOLUTION_REST`` seconds. Answers how long to wait before asking again, 0 when
    nothing was put off.
    """
    workspace = Workspace.objects.get(pk=workspace_id)
    access = Access(workspace, Role.VIEWER, User())
    for currency in REPORT_CURRENCIES:
        dashboard_figures(access=access, currency=currency)
    version = built_version(workspace_id=workspace_id)
    today = timezone.localdate()
    if cache.add(f"evolution-rest:{workspace_id}:{version}:{today}", 1, EVOLUTION_REST):
        for currency in REPORT_CURRENCIES:
            evolution_build(workspace_id=workspace_id, currency=currency)
        return 0
    asked = cache.add(f"evolution-asked:{workspace_id}:{version}", 1, EVOLUTION_REST)
    return EVOLUTION_REST + 1 if asked else 0


def evolution_build(*, workspace_id: uuid.UUID, currency: str) -> dict[str, Any]:
    """Daily worth and net contributions of the whole history, kept in Redis by ledger version."""
    version = built_version(workspace_id=workspace_id)
    ledger = ledger_load(workspace_id=workspace_id)
    today = timezone.localdate()
    series = evolution_series(workspace_id=workspace_id, ledger=ledger, currency=currency)
    cache.set(evolution_key(workspace_id, version, currency, today), series, EVOLUTION_SECONDS)
    cache.set(f"evolution:{workspace_id}:last:{currency}", series, EVOLUTION_SECONDS)
    return series


def workspaces_stale() -> list[uuid.UUID]:
    """Workspaces whose stored figures are older than their ledger."""
    return list(
        Workspace.objects.filter(
            Q(build__isnull=True) | ~Q(build__ledger_version=F("ledger_version"))
        ).values_list("pk", flat=True)
    )


def workspaces_active() -> list[uuid.UUID]:
    """Workspaces that hold something, whose overview follows the market."""
    return list(
        Position.objects.filter(account__isnull=True)
        .exclude(quantity=0)
        .values_list("workspace_id", flat=True)
        .distinct()
    )


@dataclass(frozen=True, slots=True)
class HistoryNeed:
    """Daily history a workspace wants: since when, and from which day each asset misses it."""

    start: dt.date | None
    missing: dict[uuid.UUID, dt.date]


def history_needed(*, workspace_id: uuid.UUID) -> HistoryNeed:
    """What history the workspace's positions, held or once held, still lack."""
    first = dict(
        Position.objects.filter(
            workspace_id=workspace_id, account__isnull=True, first_date__isnull=False
        )
        .values("asset_id")
        .annotate(first=Min("first_date"))
        .values_list("asset_id", "first")
    )
    if not first:
        return HistoryNeed(None, {})
    return HistoryNeed(min(first.values()), history_missing(starts=first))


def held_batches() -> list[list[str]]:
    """Ids of every asset held by anybody, in batches small enough for one task."""
    ids = sorted(
        str(pk)
        for pk in Position.objects.filter(account__isnull=True, asset__is_demo=False)
        .exclude(quantity=0)
        .values_list("asset_id", flat=True)
        .distinct()
    )
    return [ids[i : i + QUOTES_BATCH] for i in range(0, len(ids), QUOTES_BATCH)]


def metrics_refresh_due() -> bool:
    """Whether overviews should be queued now: many changes within seconds count as one."""
    return bool(cache.add("metrics:refresh-queued", 1, METRICS_DEBOUNCE_SECONDS))


@transaction.atomic
def seed_periodic_tasks() -> int:
    """Makes the periodic tasks of what is held; tells how many were missing."""
    made = [
        periodic_ensure(
            name="portfolios: quotes of what is held",
            task="portfolios.refresh_held_quotes",
            every=dt.timedelta(minutes=15),
        ),
        periodic_ensure(
            name="portfolios: stale figures",
            task="portfolios.sweep_stale",
            every=dt.timedelta(minutes=2),
        ),
        periodic_ensure(
            name="portfolios: overviews",
            task="portfolios.refresh_all_metrics",
            hour="0,6,12,18",
            minute="5",
        ),
    ]
    return sum(made)
