"""Warnings of what is due: in the bell, three business days before."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.accounts.access import Access
from apps.accounts.models import Holder, Membership, Role, User
from apps.accounts.services import task_run_finish, task_run_start
from apps.common.formatting import day as shown_day
from apps.market_data.services import periodic_ensure
from apps.taxes.darf_state import WARN_DAYS
from apps.taxes.models import AssessmentBuild, DueNotice
from apps.taxes.selectors.darfs import terms_of
from apps.taxes.selectors.dates import TaxDate, tax_dates

KIND = "tax_due"


def due_notices_send(*, today: dt.date | None = None) -> int:
    """Warns the owners and editors of every workspace of what is due within three business days
    and not paid, once each; tells how many dates."""
    today = today or timezone.localdate()
    sent = 0
    builds = AssessmentBuild.objects.select_related("holder", "workspace").order_by("pk")
    for build in builds.iterator(chunk_size=200):
        access = Access(build.workspace, Role.VIEWER, User())
        for date in tax_dates(access=access, holder=build.holder, today=today):
            if _is_near(date, build.holder, today):
                sent += _warn(build.holder, date)
    return sent


def _is_near(date: TaxDate, holder: Holder, today: dt.date) -> bool:
    if date.state in ("paid", "past", "late") or date.date < today:
        return False
    calendar = terms_of(holder=holder).calendar
    return today >= calendar.shift(date.date, -WARN_DAYS)


@transaction.atomic
def _warn(holder: Holder, date: TaxDate) -> bool:
    _notice, made = DueNotice.objects.get_or_create(holder=holder, key=date.key, due_date=date.date)
    if not made:
        return False
    people = Membership.objects.select_related("user").filter(
        workspace_id=holder.workspace_id, role__in=[Role.OWNER, Role.EDITOR]
    )
    for membership in people:
        with translation.override(membership.user.language):
            title = _("%(what)s vence em %(day)s") % {
                "what": date.title,
                "day": shown_day(date.date),
            }
            run = task_run_start(
                workspace_id=holder.workspace_id,
                user_id=membership.user_id,
                kind=KIND,
                title=title[:200],
                link=_link(holder),
            )
            task_run_finish(task_run_id=run.pk, message=f"{holder.name}: {date.text}")
    return True


def _link(holder: Holder) -> str:
    try:
        address = reverse("taxes:darfs", args=[holder.workspace_id])
    except NoReverseMatch:
        return ""
    return f"{address}?titular={holder.pk}"


@transaction.atomic
def seed_periodic_tasks() -> int:
    """Makes this app's periodic tasks; tells how many were missing."""
    made = [
        periodic_ensure(
            name="taxes: assessments left behind",
            task="taxes.sweep_stale",
            every=dt.timedelta(minutes=5),
        ),
        periodic_ensure(
            name="taxes: what is due", task="taxes.warn_of_dates", hour="9", minute="0"
        ),
    ]
    return sum(made)
