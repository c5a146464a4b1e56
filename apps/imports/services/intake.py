"""Taking a file in: kept, queued, read, planned."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
import uuid
from dataclasses import replace
from typing import Any

from django.db import OperationalError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_default
from apps.accounts.services import task_run_finish, task_run_start
from apps.brokers.models import Account
from apps.common.errors import Conflict, DomainError, Invalid
from apps.imports import formats
from apps.imports.formats import Format, FormatError, Limits, Mapping, Parsed
from apps.imports.models import Batch
from apps.imports.planning import Outcome, plan_lines
from apps.imports.selectors import mapping_saved
from apps.imports.services.lines import access_of, lines_store, task_of
from apps.imports.services.progress import advance
from apps.imports.services.waiting import waiting_for
from apps.imports.signals import batch_queued

logger = logging.getLogger(__name__)
STUCK = dt.timedelta(minutes=15)
STEPS = 3


def queue(batch_id: uuid.UUID, step: str) -> None:
    """Tell the workers after commit."""
    transaction.on_commit(lambda: batch_queued.send(sender=Batch, batch_id=batch_id, step=step))


@transaction.atomic
def batch_create(
    *,
    access: Access,
    file_name: str,
    data: bytes,
    format: str = "auto",
    account: Account | None = None,
    holder: Holder | None = None,
    mapping: Mapping | None = None,
    auto_apply: bool = False,
    dry_run: bool = False,
    queued: bool = True,
) -> Batch:
    """Keep a file and queue its reading. Raises :class:`Invalid` for one that is too big, empty
    or of an unknown format."""
    access.require_editor()
    limit = Limits().max_bytes
    if len(data) > limit:
        error = FormatError("too_big", limit=limit // (1024 * 1024))
        raise Invalid(error.code, error.message, field="file")
    if not data:
        raise Invalid("empty", FormatError("empty").message, field="file")
    if format != "auto" and format not in list(Format):
        raise Invalid("unknown_format", _("Formato desconhecido."), field="format")
    batch = Batch.objects.create(
        workspace=access.workspace,
        user=access.user,
        holder=holder or (account.holder if account else holder_default(access=access)),
        account=account,
        file_name=_plain_name(file_name),
        file=data,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        requested_format=format,
        mapping=mapping.to_dict() if mapping is not None else {},
        auto_apply=auto_apply,
        dry_run=dry_run,
    )
    batch.task_run = task_run_start(
        workspace_id=access.workspace.pk,
        user_id=access.user.pk,
        kind="import_parse",
        title=_t("Leitura de %(file)s") % {"file": batch.file_name},
        total=STEPS,
        link=_page(batch),
    )
    batch.save(update_fields=["task_run"])
    if queued:
        queue(batch.pk, "parse")
    return batch


def _plain_name(name: str) -> str:
    """The last part of a file's name, without what a browser or a system may prepend."""
    bare = name.replace("\\", "/").rpartition("/")[2]
    printable = "".join(c for c in bare if c.isprintable()).strip()
    return printable[-200:] or "arquivo"


def _page(batch: Batch) -> str:
    return reverse("imports:batch", args=[batch.workspace_id, batch.pk])


def batch_parse(*, batch_id: uuid.UUID) -> None:
    """Read a pending batch and plan its lines; a batch in any other state is left alone."""
    batch = (
        Batch.objects.select_related("user", "holder", "account__institution", "account__holder")
        .filter(pk=batch_id, status=Batch.Status.PENDING)
        .first()
    )
    if batch is None:
        return
    try:
        access = access_of(batch)
        advance(batch.task_run_id, 0, STEPS)
        parsed = _read(batch, access)
        advance(batch.task_run_id, 1, STEPS)
        _store(batch, access, parsed)
    except FormatError as error:
        batch_fail(batch=batch, error=error.to_dict(), message=error.message)
    except DomainError as error:
        detail = {"code": error.code, "message": str(error.message)}
        batch_fail(batch=batch, error=detail, message=str(error.message))
    except OperationalError:
        raise  # the database is away: the task is tried again
    except Exception:
        # A file that makes the reader fail would fail for ever: it is refused, and the error
        # goes on to the logs.
        unexpected = FormatError("unexpected")
        batch_fail(batch=batch, error=unexpected.to_dict(), message=unexpected.message)
        raise


def _read(batch: Batch, access: Access) -> Parsed:
    data = bytes(batch.file or b"")
    given = Mapping.from_dict(batch.mapping) if batch.mapping else None
    parsed = formats.read(data, batch.file_name, format=batch.requested_format, mapping=given)
    if parsed.format is Format.GENERIC_CSV and given is None:
        saved = mapping_saved(access=access, fingerprint=parsed.meta["fingerprint"])
        if saved is not None:
            parsed = formats.read(
                data,
                batch.file_name,
                format=Format.GENERIC_CSV,
                mapping=Mapping.from_dict(saved.mapping),
            )
            parsed.meta["saved_as"] = saved.name
    return parsed


def _store(batch: Batch, access: Access, parsed: Parsed) -> None:
    batch.format = parsed.format
    originals = parsed.lines
    stored = [line.to_dict() for line in originals]
    task = replace(task_of(batch=batch, access=access), told=parsed.meta.get("told", {}))
    outcomes = [Outcome(line=line) for line in originals]
    plan, _planner = plan_lines(task, outcomes)
    advance(batch.task_run_id, 2, STEPS)
    answered = batch.proposals.get("answered", {})
    counts: dict[str, Any] = plan.counts()
    with transaction.atomic():
        claimed = Batch.objects.filter(pk=batch.pk, status=Batch.Status.PENDING).update(
            status=Batch.Status.PARSED,
            format=parsed.format,
            counts=counts,
            proposals={**plan.proposals, "answered": answered, "meta": parsed.meta},
            error={},
            updated_at=timezone.now(),
        )
        if not claimed:
            return
        batch.lines.all().delete()
        lines_store(batch, outcomes, stored)
        waits = waiting_for(plan=plan, meta=parsed.meta)
        alone = batch.auto_apply and not batch.dry_run
        if alone and waits:
            Batch.objects.filter(pk=batch.pk).update(error=waits)
        elif alone and counts["new"] + counts["duplicate"]:
            Batch.objects.filter(pk=batch.pk, status=Batch.Status.PARSED).update(
                status=Batch.Status.APPLYING
            )
            queue(batch.pk, "apply")
    if batch.task_run_id is not None:
        task_run_finish(
            task_run_id=batch.task_run_id, message=_summary(counts, bool(parsed.meta.get("lacks")))
        )


def _summary(counts: dict[str, Any], lacks: bool) -> str:
    if lacks:
        return _t("Diga o que é cada coluna do arquivo.")
    return _t("%(new)s a lançar, %(duplicate)s já lançadas, %(decide)s para decidir.") % counts


def batch_fail(*, batch: Batch, error: dict[str, Any], message: str) -> None:
    """Refuse a batch as a whole with one message; nothing of it is kept but its file's name."""
    with transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(
            status=Batch.Status.FAILED, error=error, file=None, updated_at=timezone.now()
        )
        batch.lines.all().delete()
    if batch.task_run_id is not None:
        task_run_finish(task_run_id=batch.task_run_id, message=message, failed=True)


@transaction.atomic
def batch_delete(*, access: Access, batch: Batch) -> None:
    """Forget a batch that recorded nothing. Raises :class:`Conflict` for one that did."""
    access.require_editor()
    deleted, _by_model = Batch.objects.filter(
        pk=batch.pk,
        workspace=access.workspace,
        status__in=[Batch.Status.PARSED, Batch.Status.FAILED, Batch.Status.PENDING],
    ).delete()
    if not deleted:
        raise Conflict(
            "batch_applied", _("Esta importação já foi aplicada; desfaça em vez de descartar.")
        )


def batches_sweep() -> int:
    """Queue again the batches that wait for a worker longer than any work takes."""
    before = timezone.now() - STUCK
    found = Batch.objects.filter(
        status__in=[Batch.Status.PENDING, Batch.Status.APPLYING], updated_at__lt=before
    ).values_list("pk", "status")
    steps = {Batch.Status.PENDING: "parse", Batch.Status.APPLYING: "apply"}
    count = 0
    for batch_id, status in found:
        batch_queued.send(sender=Batch, batch_id=batch_id, step=steps[Batch.Status(status)])
        count += 1
    return count
