"""The import wizard, headless."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.access import Access
from apps.accounts.models import User
from apps.accounts.selectors import access_default, access_get
from apps.brokers.selectors import account_get
from apps.common.errors import DomainError
from apps.imports import selectors, services
from apps.imports.formats import Format
from apps.imports.models import Batch, Line


class Command(BaseCommand):
    """Reads a file, shows what each row becomes and records it."""

    help = "Imports a B3, Exitus or other CSV file into a person's workspace."

    def add_arguments(self, parser: CommandParser) -> None:
        """The command's arguments."""
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--user", required=True, metavar="NAME")
        parser.add_argument("--account", metavar="ID", help="account that takes every row")
        parser.add_argument("--workspace", metavar="ID", help="default: the person's first one")
        parser.add_argument("--format", default="auto", choices=["auto", *map(str, Format)])
        parser.add_argument("--dry-run", action="store_true", help="show, record nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs in this process: no worker is needed."""
        try:
            self._import(options)
        except DomainError as error:
            raise CommandError(str(error)) from error

    def _import(self, options: dict[str, Any]) -> None:
        access = self._access(options["user"], options["workspace"])
        path: Path = options["file"]
        try:
            data = path.read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        given = options["account"]
        batch = services.batch_create(
            access=access,
            file_name=path.name,
            data=data,
            format=options["format"],
            account=account_get(access=access, account_id=given) if given else None,
            dry_run=options["dry_run"],
            queued=False,
        )
        services.batch_parse(batch_id=batch.pk)
        batch = selectors.batch_get(access=access, batch_id=batch.pk)
        if batch.status == Batch.Status.FAILED:
            raise CommandError(selectors.error_message(batch))
        self._show(batch)
        if options["dry_run"]:
            services.batch_delete(access=access, batch=batch)
            return
        services.batch_apply(access=access, batch=batch, queued=False)
        services.batch_apply_run(batch_id=batch.pk)
        batch = selectors.batch_get(access=access, batch_id=batch.pk)
        if batch.status != Batch.Status.APPLIED:
            raise CommandError(selectors.error_message(batch))
        applied, known = batch.counts["applied"], batch.counts["duplicate"]
        self.stdout.write(f"{batch.pk}: {applied} recorded, {known} already there")

    def _access(self, username: str, workspace: str | None) -> Access:
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"no user named {username}")
        if workspace:
            return access_get(user=user, workspace_id=workspace)
        return access_default(user=user)

    def _show(self, batch: Batch) -> None:
        counts = ", ".join(f"{name} {number}" for name, number in batch.counts.items() if number)
        self.stdout.write(f"{batch.file_name}: {batch.format} ({counts})")
        lacks = (batch.proposals.get("meta") or {}).get("lacks")
        if lacks:
            self.stdout.write(f"  columns still to be said: {', '.join(lacks)}")
        for kind in ("institutions", "assets"):
            for key, part in (batch.proposals.get(kind) or {}).items():
                said = part.get("asset_class") or part.get("name") or "?"
                self.stdout.write(f"  will make {kind[:-1]} {key}: {said}")
        waiting = selectors.lines_of(batch=batch, states=[Line.State.DECIDE])
        for view in selectors.line_views(waiting):
            self.stdout.write(f"  line {view.number} waits: {view.message}")
