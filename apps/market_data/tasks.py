"""Background work of market data: ids in, one service called."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from celery import shared_task
from django.db import OperationalError, transaction

from apps.accounts.access import Access
from apps.accounts.models import TaskRun
from apps.market_data import services
from apps.market_data.store import RedisError

RETRY = {
    "autoretry_for": (OperationalError, RedisError),
    "retry_backoff": True,
    "retry_jitter": True,
    "max_retries": 5,
}


class StillBusy(Exception):
    """Another process is filling the series; this request may ask for more than it does."""


@shared_task(name="market_data.refresh_quotes", **RETRY)
def refresh_quotes(asset_ids: list[str], only_open: bool = False) -> int:
    """Refreshes the quotes that are not fresh; tells how many changed hands."""
    ids = [uuid.UUID(pk) for pk in asset_ids]
    return len(services.quotes_refresh(asset_ids=ids, only_open=only_open).updated)


@shared_task(name="market_data.refresh_quotes_run", **RETRY)
def refresh_quotes_run(task_run_id: str, asset_ids: list[str]) -> int:
    """The refresh a person asked for, with its progress bar."""
    ids = [uuid.UUID(pk) for pk in asset_ids]
    report = services.quotes_refresh_run(task_run_id=uuid.UUID(task_run_id), asset_ids=ids)
    return len(report.updated)


@shared_task(
    name="market_data.fill_history",
    autoretry_for=(OperationalError, RedisError, StillBusy),
    retry_backoff=15,
    retry_jitter=True,
    max_retries=6,
)
def fill_history(asset_id: str, start: str) -> int:
    """Back-fills one asset: small, so that a worker that dies loses little."""
    [*outcomes] = services.history_ensure(
        asset_ids=[uuid.UUID(asset_id)], start=dt.date.fromisoformat(start)
    )
    if any(outcome.busy for outcome in outcomes):
        raise StillBusy(asset_id)
    return sum(outcome.stored for outcome in outcomes)


@shared_task(name="market_data.fill_rates", **RETRY)
def fill_rates(start: str, currencies: list[str] | None = None) -> int:
    """Back-fills indexes and exchange rates."""
    day = dt.date.fromisoformat(start)
    outcomes = services.indexes_ensure(start=day)
    outcomes += services.fx_ensure(
        start=day, currencies=currencies if currencies is not None else services.CURRENCIES
    )
    return sum(outcome.stored for outcome in outcomes)


@shared_task(name="market_data.top_up_rates", **RETRY)
def top_up_rates() -> int:
    """Brings indexes and exchange rates up to date."""
    return sum(outcome.stored for outcome in services.rates_top_up())


@shared_task(name="market_data.top_up_histories", **RETRY)
def top_up_histories() -> int:
    """Queues the assets whose last close is not known yet."""
    return histories_queue(services.history_known())


def histories_queue(starts: Mapping[uuid.UUID, dt.date]) -> int:
    """Queues a back-fill for each asset, after the commit when inside a transaction."""
    for asset_id, start in starts.items():
        fill_history.delay_on_commit(str(asset_id), start.isoformat())
    return len(starts)


def quotes_refresh_start(*, access: Access, asset_ids: Iterable[uuid.UUID]) -> TaskRun:
    """What a "refresh" button calls: announces the work and queues it."""
    ids = sorted(str(pk) for pk in set(asset_ids))
    with transaction.atomic():
        run = services.quotes_refresh_request(
            access=access, asset_ids=[uuid.UUID(pk) for pk in ids]
        )
        refresh_quotes_run.delay_on_commit(str(run.pk), ids)
    return run
