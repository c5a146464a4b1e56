"""Writes the reference data of the installation: run at every start, changes only what differs."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from apps.assets.seeds import seed_assets
from apps.brokers.seeds import seed_institutions
from apps.common.seeding import LATER, Seeded
from apps.corporate_events.seeds import seed_events
from apps.market_data.seeds import seed_history
from apps.market_data.services import seed_periodic_tasks, seed_sources
from apps.portfolios import services as portfolios
from apps.portfolios.demo.build import demo_login_close


class Command(BaseCommand):
    help = (
        "Seeds currencies, exchanges, calendars, institutions, assets, events, rates and sources."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.perf_counter()
        with transaction.atomic():
            done = seed_assets() + seed_institutions() + seed_events() + seed_history()
            done += Seeded(
                seed_sources() + seed_periodic_tasks() + portfolios.seed_periodic_tasks()
            )
            done = sum((seed() for seed in LATER), done)
        if not settings.EXITUS_DEMO:
            demo_login_close()  # it may have been on when the login was made
        self.stdout.write(
            f"Reference data: {done.created} created, {done.updated} updated "
            f"in {time.perf_counter() - started:.1f} s"
        )
