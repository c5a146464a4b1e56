"""Closing a month, and what a later change of its figures does to the closing."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.access import Access
from apps.accounts.models import Holder
from apps.accounts.selectors import holder_get
from apps.common.errors import Conflict, FieldError, NotFound
from apps.taxes.closings import differences, snapshot_of
from apps.taxes.models import Assessment, AssessmentBuild, MonthClosing


def _month(holder: Holder, month: dt.date) -> Mapping[str, Any]:
    found = (
        Assessment.objects.filter(holder=holder, year=month.year, month=month.month)
        .values_list("figures", flat=True)
        .first()
    )
    if found is None:
        raise NotFound("month_not_assessed", _("Este mês ainda não foi apurado."))
    figures: Mapping[str, Any] = found
    return figures


@transaction.atomic
def month_close(*, access: Access, holder: Holder, month: dt.date) -> MonthClosing:
    """Closes a month that ended, with its figures of now.

    Raises :class:`Conflict` while the month runs, while its figures are being made again, and while
    anything it needs is missing: ``errors`` then name each thing by its issue code.
    """
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    month = month.replace(day=1)
    build = AssessmentBuild.objects.select_for_update().filter(holder=holder).first()
    if build is None or build.ledger_version != access.workspace.ledger_version:
        raise Conflict("figures_stale", _("Os números estão sendo recalculados; tente já já."))
    if month >= timezone.localdate().replace(day=1):
        raise Conflict("month_open", _("Só um mês que já acabou pode ser fechado."))
    figures = _month(holder, month)
    missing = figures.get("issues") or []
    if missing:
        errors = [
            FieldError(str(each.get("where", "")), str(each["code"]), str(each["code"]))
            for each in missing
        ]
        message = _("Faltam dados para fechar este mês.")
        raise Conflict("month_incomplete", message, errors=errors, params={"missing": missing})
    closing, _made = MonthClosing.objects.update_or_create(
        holder=holder,
        month=month,
        defaults={
            "closed_at": timezone.now(),
            "closed_by": access.user,
            "snapshot": snapshot_of(figures),
            "reopened_at": None,
        },
    )
    _touch(holder.pk)
    return closing


@transaction.atomic
def month_reopen(*, access: Access, holder: Holder, month: dt.date) -> None:
    """Opens a closed month again; what was paid is in the ledger and stays. Raises
    :class:`NotFound` for one that was never closed."""
    access.require_editor()
    holder = holder_get(access=access, holder_id=holder.pk)
    gone, _each = MonthClosing.objects.filter(holder=holder, month=month.replace(day=1)).delete()
    if not gone:
        raise NotFound("not_found", _("Este mês não está fechado."))
    _touch(holder.pk)


def closings_review(*, holder_id: uuid.UUID) -> int:
    """Reopens closed months whose figures changed, and closes again those whose figures are once
    more as they were; tells how many it touched. Runs inside the caller's transaction."""
    closings = {c.month: c for c in MonthClosing.objects.filter(holder_id=holder_id)}
    if not closings:
        return 0
    figures = {
        dt.date(year, month, 1): found
        for year, month, found in Assessment.objects.filter(holder_id=holder_id)
        .months()
        .values_list("year", "month", "figures")
        if dt.date(year, month, 1) in closings
    }
    touched = 0
    for month, closing in closings.items():
        differs = bool(differences(closing.snapshot, figures.get(month, {})))
        if differs != (closing.reopened_at is not None):
            closing.reopened_at = timezone.now() if differs else None
            closing.save(update_fields=["reopened_at", "updated_at"])
            touched += 1
    return touched


def _touch(holder_id: uuid.UUID) -> None:
    AssessmentBuild.objects.filter(holder_id=holder_id).update(version=F("version") + 1)
