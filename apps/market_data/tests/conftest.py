from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from apps.market_data.chain import Chain
from apps.market_data.models import DataSource
from apps.market_data.providers.fake_market import FakeMarket
from apps.market_data.providers.fake_server import FakeServer
from apps.market_data.services import seed_sources
from apps.market_data.sources import chain_load, env_token_name, env_url_name
from apps.market_data.store import PREFIX, client

# A Thursday, 15:30 in São Paulo: the exchange is open. Friday 20 November is a holiday.
NOW = dt.datetime(2026, 11, 19, 18, 30, tzinfo=dt.UTC)


class StoppedClock:
    """A clock that moves when told, or when someone sleeps on it."""

    def __init__(self, now: dt.datetime = NOW) -> None:
        self.moment = now
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        self.moment += dt.timedelta(seconds=seconds)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def redis() -> Iterator[None]:
    """Nothing of market data in this process's Redis, before and after."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    for key in client().scan_iter(f"{PREFIX}*"):
        client().delete(key)


@pytest.fixture
def server(clock: StoppedClock) -> Iterator[FakeServer]:
    with FakeServer(FakeMarket(now=clock.now)) as running:
        yield running


@pytest.fixture
def sources(
    db: None,
    redis: None,
    server: FakeServer,
    clock: StoppedClock,
    monkeypatch: pytest.MonkeyPatch,
) -> FakeServer:
    """The seeded vendors, all of them at the local server, on the day of the stopped clock."""
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    seed_sources()
    DataSource.objects.update(per_minute=6000, per_day=None)
    DataSource.objects.filter(pk="brapi").update(batch_size=20)
    for code in DataSource.objects.values_list("pk", flat=True):
        monkeypatch.setenv(env_url_name(code), server.url(code))
    monkeypatch.setenv(env_token_name("brapi"), "invented")
    return server


@pytest.fixture
def chain(sources: FakeServer, clock: StoppedClock) -> Chain:
    return chain_load(clock)
