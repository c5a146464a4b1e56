"""What expired is deleted, what did not stays."""

from __future__ import annotations

import datetime as dt

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from apps.accounts.idempotency import Answer, answer_store
from apps.accounts.models import IdempotencyKey
from apps.api.tasks import housekeeping
from testing import factories as make

pytestmark = pytest.mark.django_db


def test_housekeeping() -> None:
    user, now = make.make_user(), timezone.now()
    for jti, days in (("old", -1), ("new", 1)):
        expires = now + dt.timedelta(days)
        OutstandingToken.objects.create(user=user, jti=jti, token="t", expires_at=expires)
        answer_store(user=user, key=jti, fingerprint="f", answer=Answer(201, {}))
    IdempotencyKey.objects.filter(key="old").update(created_at=now - dt.timedelta(days=3))
    assert housekeeping() == 1
    assert IdempotencyKey.objects.get().key == "new"
    assert OutstandingToken.objects.get().jti == "new"


def test_it_is_scheduled() -> None:
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert housekeeping.name in tasks
