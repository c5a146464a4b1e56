"""Background work of the API."""

from __future__ import annotations

from celery import shared_task
from django.db import OperationalError

from apps.api import services


@shared_task(
    name="api.housekeeping",
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    max_retries=5,
)
def housekeeping() -> int:
    """Deletes what expired. Once a day."""
    return services.housekeeping()
