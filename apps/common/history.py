"""History of the tables of record: who changed what, kept by database triggers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import pghistory
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(*, exclude: Sequence[str] | None = None) -> Callable[[M], M]:
    """Keeps every insert, update and delete of a model, except the columns in ``exclude``.

    Statement-level triggers, so that bulk writes stay fast; the trackers are made anew for each
    model because the library writes into them.
    """
    decorator: Callable[[M], M] = pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        level=pghistory.Statement,
        exclude=exclude,
    )
    return decorator
