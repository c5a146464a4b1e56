"""Time as a thing that can be handed in, so that a test never waits."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol

from django.utils import timezone


class Clock(Protocol):
    """Tells the time and lets it pass."""

    def now(self) -> datetime:
        """The present moment, aware."""

    def sleep(self, seconds: float) -> None:
        """Returns ``seconds`` later."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, aware."""
        return timezone.now()

    def sleep(self, seconds: float) -> None:
        """Waits."""
        time.sleep(seconds)
