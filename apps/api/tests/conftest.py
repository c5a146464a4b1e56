"""Clients of the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from apps.accounts.models import User

Sign = Callable[[User], APIClient]


@pytest.fixture(autouse=True)
def _no_throttle_left() -> Iterator[None]:
    """Throttles count in Redis, which outlives a test's transaction."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def signed() -> Sign:
    """Makes a client for a person."""

    def make(user: User) -> APIClient:
        client = APIClient()
        client.force_authenticate(user)
        return client

    return make
