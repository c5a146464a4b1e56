"""Vendors and periodic work as first installed. What an administrator changed stays changed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from apps.common.crypto import encrypt
from apps.market_data.guard import Guard
from apps.market_data.models import DataSource, MarketState
from apps.market_data.sources import source_of

# Limits are modest on purpose: none of these vendors owes anything to a free user.
SOURCES: tuple[dict[str, object], ...] = (
    {"code": "brapi", "name": "brapi.dev", "priority": 10, "per_minute": 60, "per_day": 450},
    {"code": "yahoo", "name": "Yahoo Finance", "priority": 20, "per_minute": 60},
    {"code": "bcb_sgs", "name": "Banco Central (SGS)", "priority": 30, "per_minute": 60},
    {"code": "ptax", "name": "Banco Central (PTAX)", "priority": 40, "per_minute": 60},
    {"code": "frankfurter", "name": "Frankfurter (BCE)", "priority": 50, "per_minute": 60},
)


@transaction.atomic
def seed_sources() -> int:
    """Makes the vendors' rows that are missing and the market's version; tells how many."""
    MarketState.objects.get_or_create(pk=1)
    made = 0
    for values in SOURCES:
        defaults = {key: value for key, value in values.items() if key != "code"}
        if values["code"] in ("bcb_sgs", "ptax"):
            # Long windows of a slow public service.
            defaults["timeout_seconds"] = Decimal(30)
        _row, created = DataSource.objects.get_or_create(code=values["code"], defaults=defaults)
        made += created
    return made


def periodic_ensure(
    *,
    name: str,
    task: str,
    every: timedelta | None = None,
    hour: str = "*",
    minute: str = "0",
    day_of_week: str = "*",
) -> bool:
    """Makes a periodic task that is missing, by interval or by the clock of São Paulo; tells
    whether it had to. An existing one is an administrator's to change."""
    if PeriodicTask.objects.filter(name=name).exists():
        return False
    schedule: dict[str, object] = {}
    if every is not None:
        schedule["interval"] = IntervalSchedule.objects.get_or_create(
            every=int(every.total_seconds()), period=IntervalSchedule.SECONDS
        )[0]
    else:
        schedule["crontab"] = CrontabSchedule.objects.get_or_create(
            minute=minute,
            hour=hour,
            day_of_week=day_of_week,
            day_of_month="*",
            month_of_year="*",
            timezone=timezone.get_default_timezone(),
        )[0]
    PeriodicTask.objects.create(name=name, task=task, **schedule)
    PeriodicTasks.update_changed()
    return True


@transaction.atomic
def seed_periodic_tasks() -> int:
    """Makes this app's periodic tasks; tells how many were missing. Refreshing what is held is
    seeded by the app that knows what is held."""
    made = [
        periodic_ensure(
            name="market_data: rates",
            task="market_data.top_up_rates",
            hour="7,10,14,20",
            minute="10",
        ),
        periodic_ensure(
            name="market_data: histories",
            task="market_data.top_up_histories",
            hour="1,7,19,22",
            minute="35",
        ),
    ]
    return sum(made)


@transaction.atomic
def source_key_set(*, source: DataSource, token: str) -> DataSource:
    """Stores a vendor's key encrypted and forgets what was held against the old one."""
    source.token_encrypted = encrypt(token.strip())
    source.last_error = ""
    source.save(update_fields=["token_encrypted", "last_error", "updated_at"])
    transaction.on_commit(lambda: source_forgive(source=source))
    return source


def source_forgive(*, source: DataSource) -> None:
    """Closes the vendor's circuit: its next request is tried at once."""
    found = source_of(source)
    if found is not None:
        Guard(found.key, found.limits).reset()
