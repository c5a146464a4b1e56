"""Writes of assessments: load, assess, store what changed."""

from __future__ import annotations

import hashlib
import json
import time
import uuid

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, JSONField, Q, TextField, Value
from django.db.models.functions import Cast
from django.utils import timezone

from apps.accounts.access import Access
from apps.accounts.models import Holder, Workspace
from apps.accounts.selectors import holder_get
from apps.engine.taxes.rules import RuleMissing
from apps.ledger.models import Transaction
from apps.taxes.assessing import LAYOUT, Assessed, Piece, annual_piece, inputs_load, uncollected
from apps.taxes.law import market_mark, rules_mark
from apps.taxes.made import Made, choices_mark, made_from
from apps.taxes.models import Assessment, AssessmentBuild
from apps.taxes.services.closing import closings_review
from apps.taxes.services.stale import taxes_changed

ASSESS_DEBOUNCE_SECONDS = 60
#: Ledgers up to this many rows are assessed at once for whoever looks first.
INLINE_ROWS = 1500


def workspace_assess(*, workspace_id: uuid.UUID, force: bool = False) -> int:
    """Assesses the holders whose assessments are older than what they rest on; tells how many.

    The versions noted before reading are those stored: a write that comes meanwhile leaves them
    different, and the next call assesses again.
    """
    with transaction.atomic(), uncollected():
        # One assessment of a workspace at a time.
        builds = _builds(workspace_id)
        version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
        rules, market = rules_mark(), market_mark(workspace_id=workspace_id)
        holders = Holder.objects.filter(workspace_id=workspace_id).select_related(
            "tax_settings", "tax_opening"
        )
        stale: list[tuple[AssessmentBuild, Holder, str]] = []
        for holder in holders.prefetch_related("tax_opening__items"):
            build, choices = builds[holder.pk], choices_mark(holder)
            wanted = Made(version, rules, market, choices, LAYOUT)
            if force or wanted != made_from(build):
                stale.append((build, holder, choices))
        if not stale:
            return 0
        began = time.perf_counter()
        inputs = inputs_load(workspace_id=workspace_id)
        loading = time.perf_counter() - began
        for build, holder, choices in stale:
            began = time.perf_counter() - loading
            assessed = inputs.assess(holder=holder)
            build.ledger_version, build.rules_version = version, rules
            build.market_version, build.choices_version = market, choices
            build.layout = LAYOUT
            store(build=build, assessed=assessed)
            build.took_ms = int((time.perf_counter() - began) * 1000)
            build.save()
            closings_review(holder_id=holder.pk)
    return len(stale)


def _builds(workspace_id: uuid.UUID) -> dict[uuid.UUID, AssessmentBuild]:
    holders = Holder.objects.filter(workspace_id=workspace_id).values_list("pk", flat=True)
    AssessmentBuild.objects.bulk_create(
        [AssessmentBuild(holder_id=pk, workspace_id=workspace_id) for pk in holders],
        ignore_conflicts=True,
    )
    found = AssessmentBuild.objects.select_for_update().filter(workspace_id=workspace_id)
    return {build.holder_id: build for build in found.order_by("pk")}


def store(*, build: AssessmentBuild, assessed: Assessed) -> None:
    """Swaps a holder's stored months and years for ``assessed``; those that did not change stay.

    Runs inside the caller's transaction; the caller saves ``build``.
    """
    known = {
        (year, month): (pk, digest)
        for pk, year, month, digest in Assessment.objects.filter(
            holder_id=build.holder_id
        ).values_list("pk", "year", "month", "digest")
    }
    rows = [_row(build.holder_id, piece) for piece in assessed.pieces]
    changed = [r for r in rows if known.get((r.year, r.month), (0, ""))[1] != r.digest]
    wanted = {(row.year, row.month) for row in rows}
    fresh = {(row.year, row.month) for row in changed}
    gone = [pk for key, (pk, _d) in known.items() if key not in wanted or key in fresh]
    Assessment.objects.filter(pk__in=gone).delete()
    Assessment.objects.bulk_create(changed, batch_size=200)
    build.issues = [
        {"code": issue.code, "where": issue.where, "params": dict(issue.params)}
        for issue in assessed.issues
    ]
    build.built_at = timezone.now()
    build.version += 1


def _row(holder_id: uuid.UUID, piece: Piece) -> Assessment:
    figures, detail = (json.dumps(each, sort_keys=True) for each in (piece.figures, piece.detail))
    return Assessment(
        holder_id=holder_id,
        year=piece.year,
        month=piece.month,
        figures=_written(figures),
        detail=_written(detail),
        digest=hashlib.sha256(f"{figures}\n{detail}".encode()).hexdigest(),
    )


def _written(text: str) -> Cast:
    """JSON as it is stored. As a value many rows would be sent as one array of escaped texts, which
    takes both sides many times longer."""
    return Cast(Value(text, TextField()), JSONField())


@transaction.atomic
def annual_ensure(*, access: Access, holder: Holder, year: int) -> None:
    """Makes the annual return of a year that has none stored: the worker makes those of the last
    years only. Raises :class:`NotFound` for a holder of another workspace. One query when stored.
    """
    holder = holder_get(access=access, holder_id=holder.pk)
    rows = Assessment.objects.filter(holder=holder, year=year)
    if rows.returns().exists() or not rows.years().exists():
        return
    free = AssessmentBuild.objects.select_for_update(skip_locked=True).filter(pk=holder.pk)
    if not list(free.values_list("pk")):
        return
    with uncollected():
        inputs = inputs_load(workspace_id=access.workspace.pk)
        try:
            piece = annual_piece(inputs.ledger_of(holder=holder), year, inputs)
        except RuleMissing:
            return
    Assessment.objects.bulk_create([_row(holder.pk, piece)], ignore_conflicts=True)


def assess_all_due() -> bool:
    """Whether everybody should be queued now: many changes within a minute count as one."""
    return bool(cache.add("taxes:assess-queued", 1, ASSESS_DEBOUNCE_SECONDS))


def workspaces_assessed() -> list[uuid.UUID]:
    """Workspaces that were ever assessed."""
    return list(AssessmentBuild.objects.values_list("workspace_id", flat=True).distinct())


def workspaces_behind() -> list[uuid.UUID]:
    """Workspaces whose assessments are older than their positions, or that have none yet."""
    return list(
        Workspace.objects.filter(build__isnull=False)
        .filter(
            Q(tax_builds__isnull=True)
            | ~Q(tax_builds__ledger_version=F("ledger_version"))
            | ~Q(tax_builds__layout=LAYOUT)
        )
        .values_list("pk", flat=True)
        .distinct()
    )


def assessments_ensure(*, workspace_id: uuid.UUID) -> bool:
    """Has assessments that are behind the ledger made: at once for a small one, otherwise by the
    worker. Tells whether they follow it now. Two queries when they do."""
    version = Workspace.objects.values_list("ledger_version", flat=True).get(pk=workspace_id)
    built = set(
        AssessmentBuild.objects.filter(workspace_id=workspace_id).values_list(
            "ledger_version", "layout"
        )
    )
    if built == {(version, LAYOUT)}:
        return True
    if Transaction.objects.of(workspace_id).count() <= INLINE_ROWS:
        workspace_assess(workspace_id=workspace_id)
        return True
    if cache.add(f"taxes:asked:{workspace_id}:{version}", 1, ASSESS_DEBOUNCE_SECONDS):
        taxes_changed(workspace_id=workspace_id)
    return False
