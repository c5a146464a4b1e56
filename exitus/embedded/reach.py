"""Asking the embedded servers whether they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from exitus.embedded.layout import (
    DATABASE,
    ROLE,
    Layout,
)

if TYPE_CHECKING:
    from psycopg import Connection


def postgres_answers(layout: Layout) -> bool:
    """Whether PostgreSQL takes connections."""
    import psycopg

    try:
        connect(layout).close()
    except psycopg.OperationalError:
        return False
    return True


def connect(layout: Layout, database: str = "postgres") -> Connection[tuple[Any, ...]]:
    """A connection to the embedded PostgreSQL (psycopg is loaded only here: it costs time)."""
    import psycopg

    return psycopg.connect(
        host=str(layout.sockets), user=ROLE, dbname=database, autocommit=True, connect_timeout=5
    )


def create_database(layout: Layout) -> None:
    """Makes the application's database where it is missing."""
    with connect(layout) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
        ).fetchone():
            connection.execute(f'CREATE DATABASE "{DATABASE}"')


def redis_answers(layout: Layout) -> bool:
    """Whether Redis answers a ping."""
    import redis

    client = redis.Redis(unix_socket_path=str(layout.redis_socket), socket_timeout=5)
    try:
        return bool(client.ping())
    except redis.exceptions.RedisError:
        return False
    finally:
        client.close()
