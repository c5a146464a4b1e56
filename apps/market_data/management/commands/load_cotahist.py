"""``manage.py load_cotahist FILE``: B3's own closes, without internet."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.market_data.providers.base import BadShape
from apps.market_data.services import cotahist_load


class Command(BaseCommand):
    help = (
        "Reads a COTAHIST file of B3 (a day, a month or a year; text, .zip or .gz) and stores the "
        "closes of the assets known here. They replace any vendor's and are not replaced by them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            loaded = cotahist_load(path=file)
        except (BadShape, OSError) as error:
            raise CommandError(f"{file.name}: {error}") from error
        self.stdout.write(
            f"{loaded.stored} closes of {loaded.assets} assets stored; "
            f"{loaded.unknown} of papers not known here left out."
        )
