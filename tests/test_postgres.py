"""A kept database connection is looked at without a question, and a dead one is noticed."""

from __future__ import annotations

import time

import pytest
from django.db import connection, connections


@pytest.mark.django_db(transaction=True)
def test_a_connection_the_server_closed_is_noticed() -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = cursor.fetchone()[0]
        asked: list[str] = []

        def note(execute, sql, *rest):
            asked.append(sql)
            return execute(sql, *rest)

        with other.execute_wrapper(note):
            assert other.is_usable()
        assert asked == []
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        deadline = time.monotonic() + 5
        while other.is_usable() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not other.is_usable()
    finally:
        other.close()
