"""What the installation tells its watchers; counts only, of no one in particular."""

from __future__ import annotations

from django.db.models import Count, F
from django.utils import timezone

from apps.accounts.models import TaskRun
from apps.market_data.models import DataSource
from apps.portfolios.models import Build


def stale_workspaces() -> int:
    """Workspaces whose figures are older than their ledger. One query."""
    return Build.objects.exclude(ledger_version=F("workspace__ledger_version")).count()


def task_runs_by_state() -> dict[str, int]:
    """Tasks by state; every state is present. One query."""
    counts: dict[str, int] = dict.fromkeys(TaskRun.State.values, 0)
    counts |= dict(TaskRun.objects.values_list("state").annotate(count=Count("pk")).order_by())
    return counts


def data_source_ages() -> dict[str, float]:
    """Seconds since each provider's last good answer; those that never gave one are left out."""
    now = timezone.now()
    rows = DataSource.objects.filter(last_ok_at__isnull=False).values_list("code", "last_ok_at")
    return {code: (now - seen).total_seconds() for code, seen in rows if seen is not None}
