"""Writes the demonstration workspace and its login."""

from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common.errors import DomainError
from apps.market_data.services import periodic_ensure
from apps.portfolios.demo.build import LOGIN, demo_ensure


class Command(BaseCommand):
    help = "Makes the demonstration where it is missing; --rebuild writes it anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="write everything anew")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EXITUS_DEMO:
            raise CommandError("EXITUS_DEMO is off: this installation has no demonstration")
        started = time.perf_counter()
        try:
            workspace, written = demo_ensure(rebuild=options["rebuild"])
        except DomainError as error:
            raise CommandError(str(error.message)) from error
        periodic_ensure(
            name="portfolios: demonstration",
            task="portfolios.extend_demo",
            hour="18",
            minute="20",
        )
        what = "written" if written else "up to date"
        self.stdout.write(
            f"Demonstration: {what}, login {LOGIN}/{LOGIN}, workspace {workspace.pk} "
            f"in {time.perf_counter() - started:.1f} s"
        )
