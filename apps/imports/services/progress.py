"""Progress that is seen while a long transaction runs."""

from __future__ import annotations

import logging
import threading
import uuid

from django.db import DatabaseError, connection, transaction

from apps.accounts.services import task_run_advance

logger = logging.getLogger(__name__)


def advance(task_run_id: uuid.UUID | None, done: int, total: int) -> None:
    """Move the progress bar. Inside a transaction it is done beside it, on another connection,
    since what the transaction writes is seen by nobody before its end."""
    if task_run_id is None:
        return
    if not connection.in_atomic_block:
        task_run_advance(task_run_id=task_run_id, done=done, total=total)
        return
    beside = threading.Thread(target=_advance, args=(task_run_id, done, total), daemon=True)
    beside.start()
    beside.join(timeout=2)


def _advance(task_run_id: uuid.UUID, done: int, total: int) -> None:
    try:
        with transaction.atomic():
            # A bar that does not move is better than work that waits for it.
            connection.cursor().execute("SET LOCAL lock_timeout = '1s'")
            task_run_advance(task_run_id=task_run_id, done=done, total=total)
    except DatabaseError:
        logger.info("progress of task %s was not shown", task_run_id)
    finally:
        connection.close()
