"""The backend: see :mod:`exitus.postgres`."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):  # type: ignore[misc]
    """A kept connection is looked at before each request without asking the server anything.

    An idle connection has nothing to read. Where there is something, the server closed it or says
    that it is going away; only then is it asked, as Django otherwise does every time.
    """

    def is_usable(self) -> bool:
        """Whether the connection can take the next query."""
        connection: Any = self.connection
        if connection is None or connection.closed:
            return False
        poll = select.poll()
        poll.register(connection.fileno(), select.POLLIN | select.POLLPRI)
        return not poll.poll(0) or bool(super().is_usable())
