"""What every import needs: the exchanges that new assets are listed on."""

from __future__ import annotations

import pytest

from testing import factories as make


@pytest.fixture(autouse=True)
def exchanges(request: pytest.FixtureRequest) -> None:
    """B3 and the US exchange, for the tests that use the database."""
    if request.node.get_closest_marker("django_db") is None:
        return
    request.getfixturevalue("db")
    make.make_exchange()
    make.make_exchange("XNYS", country="US", timezone="America/New_York")
