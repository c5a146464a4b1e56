"""Tables of the libraries in the admin: what helps is dressed like the rest, the rest is hidden."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django_celery_beat.admin import PeriodicTaskAdmin as BeatTaskAdmin
from django_celery_beat.admin import PeriodicTaskForm, TaskSelectWidget
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from django_celery_results.models import GroupResult, TaskResult
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from apps.common.admin import ExitusAdmin, ReadOnlyAdmin

# Secrets (tokens, second factors) and what nobody needs to look at.
for _hidden in (
    Authenticator,
    BlacklistedToken,
    ClockedSchedule,
    EmailAddress,
    GroupResult,
    OutstandingToken,
    SocialAccount,
    SocialApp,
    SocialToken,
    SolarSchedule,
):
    if admin.site.is_registered(_hidden):
        admin.site.unregister(_hidden)
for _dressed in (CrontabSchedule, IntervalSchedule, PeriodicTask, TaskResult):
    admin.site.unregister(_dressed)


class UnfoldTaskSelectWidget(UnfoldAdminSelectWidget, TaskSelectWidget):
    """The registered tasks in the admin's clothes."""


class TaskForm(PeriodicTaskForm):  # type: ignore[misc]
    """A periodic task in the admin's clothes."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = UnfoldTaskSelectWidget()


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(BeatTaskAdmin, ExitusAdmin):  # type: ignore[misc]
    """What runs by the clock."""

    form = TaskForm
    list_select_related = ("interval", "crontab")


@admin.register(IntervalSchedule)
class IntervalScheduleAdmin(ExitusAdmin):
    """Every so often."""

    list_display = ("every", "period")


@admin.register(CrontabSchedule)
class CrontabScheduleAdmin(ExitusAdmin):
    """At given times."""

    list_display = ("minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")


@admin.register(TaskResult)
class TaskResultAdmin(ReadOnlyAdmin):
    """What the worker did lately."""

    list_display = ("task_name", "status", "date_created", "date_done", "worker", "task_id")
    list_filter = ("status",)
    search_fields = ("task_name", "task_id")
    date_hierarchy = "date_done"
